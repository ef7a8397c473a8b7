"""Augmentation of a whole batch at once, on its device: what a webcam and a turning head do to a crop.

Geometry is one affine resampling of the 48-px image onto the training size, so that a turn, a zoom and a shift cost one
interpolation. Randomness comes from torch's global generator, which the module seeds before each step.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from fewshot.learn.config import AugmentConfig


def augment(images: Tensor, config: AugmentConfig) -> Tensor:
    """Return a random variant of each image.

    Args:
        images: (b, 1, h, w) uint8.
        config: Strengths.

    Returns:
        (b, 1, crop_px, crop_px) float32 in [0, 1].
    """
    x = images.float() / 255
    x = _lower_resolution(x, config.low_resolution)
    x = _warp(x, config)
    x = _light(x, config)
    return _erase(x, config.erase)


def _uniform(n: int, low: float, high: float, like: Tensor) -> Tensor:
    return torch.rand(n, device=like.device) * (high - low) + low


def _warp(x: Tensor, config: AugmentConfig) -> Tensor:
    """Flip, rotate, zoom, shear and shift, reading the source at ``crop_px`` of its own pixels when nothing is drawn."""
    n, _, height, _ = x.shape
    angle = _uniform(n, -1, 1, x) * math.radians(config.rotation_deg)
    zoom = torch.exp(_uniform(n, -config.scale, config.scale, x)) * config.crop_px / height
    flip = torch.where(torch.rand(n, device=x.device) < 0.5, -1.0, 1.0)
    shear = _uniform(n, -config.shear, config.shear, x)
    shift = (torch.rand(n, 2, device=x.device) * 2 - 1) * 2 * config.shift
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    rows = [
        torch.stack([cos * flip, shear * zoom - sin, shift[:, 0]], 1),
        torch.stack([sin * flip, cos, shift[:, 1]], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), [n, 1, config.crop_px, config.crop_px], align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _light(x: Tensor, config: AugmentConfig) -> Tensor:
    """Change brightness, and contrast around the image's mean; in some images, light one side more than the other."""
    n, _, height, width = x.shape
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    contrast = torch.exp(_uniform(n, -config.contrast, config.contrast, x)).view(n, 1, 1, 1)
    brightness = _uniform(n, -config.brightness, config.brightness, x).view(n, 1, 1, 1)
    direction = _uniform(n, 0, 2 * math.pi, x).view(n, 1, 1, 1)
    strength = (_uniform(n, 0, 1, x) * (torch.rand(n, device=x.device) < config.lighting)).view(n, 1, 1, 1)
    across = torch.linspace(-0.5, 0.5, width, device=x.device).view(1, 1, 1, width)
    down = torch.linspace(-0.5, 0.5, height, device=x.device).view(1, 1, height, 1)
    slope = strength * (torch.cos(direction) * across + torch.sin(direction) * down)
    return ((x - mean) * contrast + mean + brightness * 0.5 + slope * 0.6).clamp(0, 1)


def _lower_resolution(x: Tensor, share: float) -> Tensor:
    """For about ``share`` of the images, keep only 16 to 32 pixels a side, as a face in a small tile has."""
    if share == 0:
        return x
    small = int(torch.randint(16, 33, (1,)))
    blurred = F.interpolate(x, size=small, mode="bilinear", antialias=True, align_corners=False)
    blurred = F.interpolate(blurred, size=x.shape[-2:], mode="bilinear", align_corners=False)
    chosen = (torch.rand(len(x), 1, 1, 1, device=x.device) < share).to(x.dtype)
    return x + chosen * (blurred - x)


def _erase(x: Tensor, share: float) -> Tensor:
    """Cover a rectangle of up to 40 % a side with noise in ``share`` of the images (Zhong et al. 2020)."""
    n, _, height, width = x.shape
    size = _uniform(2 * n, 0.1, 0.4, x).view(n, 2)
    corner = torch.rand(n, 2, device=x.device) * (1 - size)
    down = ((torch.arange(height, device=x.device) + 0.5) / height).view(1, height)
    across = ((torch.arange(width, device=x.device) + 0.5) / width).view(1, width)
    rows = (down >= corner[:, :1]) & (down < corner[:, :1] + size[:, :1])
    columns = (across >= corner[:, 1:]) & (across < corner[:, 1:] + size[:, 1:])
    chosen = (torch.rand(n, device=x.device) < share).view(n, 1, 1)
    covered = (rows[:, :, None] & columns[:, None, :] & chosen)[:, None]
    return torch.where(covered, torch.rand_like(x), x)
