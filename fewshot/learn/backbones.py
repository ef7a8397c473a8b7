"""Residual encoders (He et al. 2016, basic block) for gray crops; fully convolutional, so any crop size works."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fewshot.learn.config import EncoderConfig
from fewshot.types import CROP_SIZE

PIXEL_MEAN, PIXEL_STD = 0.508, 0.255
"""Of FER2013's Training split, in [0, 1]."""


def _conv_norm(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    )


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut; in training the branch is dropped for some images (Huang et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int, drop_path: float) -> None:
        """Map (b, inputs, h, w) to (b, outputs, h / stride, w / stride)."""
        super().__init__()
        self.first = _conv_norm(inputs, outputs, 3, stride)
        self.second = _conv_norm(outputs, outputs, 3, 1)
        self.shortcut = nn.Identity() if inputs == outputs and stride == 1 else _conv_norm(inputs, outputs, 1, stride)
        self.drop_path = drop_path

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's activation."""
        branch = self.second(F.relu(self.first(x)))
        if self.training and self.drop_path > 0:
            keep = torch.rand(len(x), 1, 1, 1, device=x.device) >= self.drop_path
            branch = branch * keep / (1 - self.drop_path)
        return F.relu(branch + self.shortcut(x))


class ResNetEncoder(nn.Module):
    """Gray crops in [0, 1] -> embeddings; the only thing that is shipped."""

    def __init__(self, config: EncoderConfig) -> None:
        """Build stem, stages and projection as ``config`` says."""
        super().__init__()
        self.stem = nn.Sequential(
            _conv_norm(1, config.stem, 3, 1), nn.ReLU(), _conv_norm(config.stem, config.widths[0], 3, 2), nn.ReLU()
        )
        stages: list[nn.Module] = []
        inputs, block, total = config.widths[0], 0, max(1, sum(config.blocks) - 1)
        for stage, (width, blocks) in enumerate(zip(config.widths, config.blocks, strict=True)):
            for i in range(blocks):
                stages.append(BasicBlock(inputs, width, 2 if stage and i == 0 else 1, config.drop_path * block / total))
                inputs, block = width, block + 1
        self.stages = nn.Sequential(*stages)
        self.project = nn.Linear(inputs, config.dimension)
        # squared distances start below 1, so that no random prototype is confidently wrong: the first hundred steps of a
        # run with torch's own scale only shrink the embedding again
        self.project.weight.data.mul_(0.3)

    def forward(self, images: Tensor) -> Tensor:
        """Embed (b, 1, h, w) float images in [0, 1] as (b, dimension) float."""
        x = (images - PIXEL_MEAN) / PIXEL_STD
        x = self.stages(self.stem(x))
        return self.project(x.mean(dim=(2, 3)))


class CropEncoder(nn.Module):
    """The encoder with its preprocessing, as it is measured and shipped: uint8 crops -> embeddings.

    It sees the center of a crop at the size it was trained on; at another scale of the face it loses several points.
    """

    def __init__(self, encoder: nn.Module, crop_px: int, mirror: bool) -> None:
        """Wrap ``encoder``; ``mirror`` averages the embeddings of a crop and its mirror image, at twice the cost."""
        super().__init__()
        self.encoder, self.crop_px, self.mirror = encoder, crop_px, mirror

    def forward(self, crops_gray: Tensor) -> Tensor:
        """Embed (n, 48, 48) uint8 crops as (n, dimension) float."""
        edge = (CROP_SIZE - self.crop_px) // 2
        center = crops_gray[:, None, edge : edge + self.crop_px, edge : edge + self.crop_px].float() / 255
        embeddings = self.encoder(center)
        return (embeddings + self.encoder(center.flip(-1))) / 2 if self.mirror else embeddings
