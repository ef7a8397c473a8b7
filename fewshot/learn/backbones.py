"""Residual encoders for gray crops, of basic or of depthwise blocks; fully convolutional, so any crop size works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fewshot.cores import usable_cores
from fewshot.learn.config import EncoderConfig
from fewshot.types import CROP_SIZE

if usable_cores() < torch.get_num_threads():
    torch.set_num_threads(usable_cores())  # torch does not see quotas

FLATTEST = 0.02
"""Contrast, as a standard deviation in [0, 1], below which an image is not amplified further: it shows nothing."""


def _conv_norm(inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    )


def _drop(branch: Tensor, share: float, training: bool) -> Tensor:
    """In training, leave the branch of a block out for a share of the images (Huang et al. 2016)."""
    if not training or share == 0:
        return branch
    keep = torch.rand(len(branch), 1, 1, 1, device=branch.device) >= share
    return branch * keep / (1 - share)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int, drop_path: float) -> None:
        """Map (b, inputs, h, w) to (b, outputs, h / stride, w / stride)."""
        super().__init__()
        self.first = _conv_norm(inputs, outputs, 3, stride)
        self.second = _conv_norm(outputs, outputs, 3, 1)
        self.shortcut = nn.Identity() if inputs == outputs and stride == 1 else _conv_norm(inputs, outputs, 1, stride)
        self.drop_path = drop_path

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's activation."""
        branch = _drop(self.second(F.relu(self.first(x))), self.drop_path, self.training)
        return F.relu(branch + self.shortcut(x))


class DepthwiseBlock(nn.Module):
    """A 3x3 convolution per channel, then a pointwise hidden layer three times as wide, beside a shortcut.

    The block of ConvNeXt (Liu et al. 2022) with batch norms, which fold into the convolutions when exported.
    """

    def __init__(self, channels: int, drop_path: float) -> None:
        """Map (b, channels, h, w) to the same shape."""
        super().__init__()
        self.spread = _conv_norm(channels, channels, 3, 1, groups=channels)
        self.widen = nn.Conv2d(channels, 3 * channels, 1)
        self.narrow = _conv_norm(3 * channels, channels, 1, 1)
        self.drop_path = drop_path

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's activation."""
        return x + _drop(self.narrow(F.relu(self.widen(self.spread(x)))), self.drop_path, self.training)


def _basic_stages(config: EncoderConfig, drop_paths: Iterator[float]) -> list[list[nn.Module]]:
    stages: list[list[nn.Module]] = []
    inputs = config.widths[0]
    for stage, (width, blocks) in enumerate(zip(config.widths, config.blocks, strict=True)):
        stages.append([])
        for i in range(blocks):
            stages[-1].append(BasicBlock(inputs, width, 2 if stage and i == 0 else 1, next(drop_paths)))
            inputs = width
    return stages


def _depthwise_stages(config: EncoderConfig, drop_paths: Iterator[float]) -> list[list[nn.Module]]:
    stages: list[list[nn.Module]] = []
    inputs = config.widths[0]
    for stage, (width, blocks) in enumerate(zip(config.widths, config.blocks, strict=True)):
        stages.append([_conv_norm(inputs, width, 3, 2), nn.ReLU()] if stage else [])
        stages[-1] += [DepthwiseBlock(width, next(drop_paths)) for _ in range(blocks)]
        inputs = width
    stages[-1] += [nn.BatchNorm2d(inputs), nn.ReLU()]
    return stages


@dataclass(frozen=True, eq=False)
class Scales:
    """What an encoder sees in n crops.

    Attributes:
        final: (n, d) float. The embedding, which tells emotions apart.
        early: (n, e) float. The layer before the last stage, averaged over the crop: it keeps more of the person, whom the
            last stage is trained to forget.
    """

    final: Tensor
    early: Tensor


class Backbone(nn.Module):
    """Gray crops in [0, 1] -> embeddings; the only thing that is shipped."""

    def __init__(self, config: EncoderConfig) -> None:
        """Build stem, stages and projection as ``config`` says; later blocks are dropped more often."""
        super().__init__()
        self.stem = nn.Sequential(
            _conv_norm(1, config.stem, 3, 1), nn.ReLU(), _conv_norm(config.stem, config.widths[0], 3, 2), nn.ReLU()
        )
        total = sum(config.blocks)
        drop_paths = (config.drop_path * block / max(1, total - 1) for block in range(total))
        stages = {"basic": _basic_stages, "depthwise": _depthwise_stages}[config.block](config, drop_paths)
        self.stages = nn.Sequential(*chain.from_iterable(stages))
        self._last_stage = len(self.stages) - len(stages[-1])
        self.project = nn.Linear(config.widths[-1], config.dimension)
        # squared distances start below 1, so that no random prototype is confidently wrong: the first hundred steps of a
        # run with torch's own scale only shrink the embedding again
        self.project.weight.data.mul_(0.3)

    def scales(self, images: Tensor) -> Scales:
        """Embed (b, 1, h, w) float images in [0, 1] at both scales.

        Each image is brought to its own mean and contrast, so that a darker room or a flatter picture changes nothing.
        """
        deviation, mean = torch.std_mean(images, dim=(1, 2, 3), correction=0, keepdim=True)
        early = self.stages[: self._last_stage](self.stem((images - mean) / (deviation + FLATTEST)))
        last = self.stages[self._last_stage :](early)
        return Scales(final=self.project(last.mean(dim=(2, 3))), early=early.mean(dim=(2, 3)))

    def forward(self, images: Tensor) -> Tensor:
        """Embed (b, 1, h, w) float images in [0, 1] as (b, dimension) float."""
        return self.scales(images).final


class CropEncoder(nn.Module):
    """The encoder with its preprocessing, as it is measured: uint8 crops -> embeddings.

    It sees the center of a crop at the size it was trained on; at another scale of the face it loses several points.
    """

    def __init__(self, encoder: Backbone, crop_px: int, mirror: bool) -> None:
        """Wrap ``encoder``; ``mirror`` averages a crop and its mirror image, at twice the cost."""
        super().__init__()
        self.encoder, self.crop_px, self.mirror = encoder, crop_px, mirror

    def scales(self, crops_gray: Tensor) -> Scales:
        """Embed (n, 48, 48) uint8 crops at both scales."""
        edge = (CROP_SIZE - self.crop_px) // 2
        center = crops_gray[:, None, edge : edge + self.crop_px, edge : edge + self.crop_px].float() / 255
        seen = self.encoder.scales(center)
        if not self.mirror:
            return seen
        mirrored = self.encoder.scales(center.flip(-1))
        return Scales((seen.final + mirrored.final) / 2, (seen.early + mirrored.early) / 2)

    def forward(self, crops_gray: Tensor) -> Tensor:
        """Embed (n, 48, 48) uint8 crops as (n, dimension) float."""
        return self.scales(crops_gray).final
