"""Emotion networks of others by their published layers, with random weights: what they cost, not what they know."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def _conv_norm(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(outputs)]


class Squeeze(nn.Module):
    """Weighs channels by what the whole image shows (Hu et al. 2018)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        layers = [nn.Conv2d(channels, squeezed, 1), nn.SiLU(), nn.Conv2d(squeezed, channels, 1), nn.Sigmoid()]
        self.weigh = nn.Sequential(nn.AdaptiveAvgPool2d(1), *layers)

    def forward(self, maps: Tensor) -> Tensor:
        return maps * self.weigh(maps)


class Sum(nn.Module):
    """A branch beside another or beside nothing, and what follows their sum."""

    def __init__(self, branch: nn.Module, beside: nn.Module, after: nn.Module) -> None:
        super().__init__()
        self.branch, self.beside, self.after = branch, beside, after

    def forward(self, maps: Tensor) -> Tensor:
        return self.after(self.branch(maps) + self.beside(maps))


def _inverted(inputs: int, outputs: int, expand: int, kernel: int, stride: int) -> nn.Module:
    wide = inputs * expand
    layers = [*_conv_norm(inputs, wide, 1), nn.SiLU()] if expand > 1 else []
    layers += [*_conv_norm(wide, wide, kernel, stride, groups=wide), nn.SiLU(), Squeeze(wide, max(1, inputs // 4))]
    branch = nn.Sequential(*layers, *_conv_norm(wide, outputs, 1))
    return Sum(branch, nn.Identity(), nn.Identity()) if stride == 1 and inputs == outputs else branch


def efficientnet(width: float, depth: float, classes: int) -> nn.Module:
    """Return EfficientNet (Tan and Le 2019, table 1), B0 by 1.0 and 1.0, B2 by 1.1 and 1.2."""

    def channels(base: int) -> int:
        rounded = max(8, int(base * width + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * base * width else rounded

    last = channels(32)
    layers: list[nn.Module] = [*_conv_norm(3, last, 3, 2), nn.SiLU()]
    for expand, kernel, stride, base, repeats in (
        (1, 3, 1, 16, 1),
        (6, 3, 2, 24, 2),
        (6, 5, 2, 40, 2),
        (6, 3, 2, 80, 3),
        (6, 5, 1, 112, 3),
        (6, 5, 2, 192, 4),
        (6, 3, 1, 320, 1),
    ):
        for i in range(math.ceil(repeats * depth)):
            layers.append(_inverted(last, channels(base), expand, kernel, stride if i == 0 else 1))
            last = channels(base)
    top = channels(1280)
    layers += [*_conv_norm(last, top, 1), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(top, classes)]
    return nn.Sequential(*layers)


def resnet34(classes: int) -> nn.Module:
    """Return ResNet-34 (He et al. 2016, table 1)."""
    layers: list[nn.Module] = [*_conv_norm(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    last = 64
    for outputs, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for i in range(blocks):
            stride = 2 if i == 0 and outputs > 64 else 1
            branch = [*_conv_norm(last, outputs, 3, stride), nn.ReLU(), *_conv_norm(outputs, outputs, 3)]
            beside = nn.Identity() if last == outputs else nn.Sequential(*_conv_norm(last, outputs, 1, stride))
            layers.append(Sum(nn.Sequential(*branch), beside, nn.ReLU()))
            last = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(last, classes))


def mini_xception(classes: int) -> nn.Module:
    """Return mini-Xception (Arriaga et al. 2017) for gray images of 64 x 64."""

    def separable(inputs: int, outputs: int) -> list[nn.Module]:
        spread = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
        return [spread, *_conv_norm(inputs, outputs, 1)]

    layers: list[nn.Module] = []
    for inputs in (1, 8):
        layers += [nn.Conv2d(inputs, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU()]
    last = 8
    for outputs in (16, 32, 64, 128):
        branch = [*separable(last, outputs), nn.ReLU(), *separable(outputs, outputs), nn.MaxPool2d(3, 2, 1)]
        layers.append(
            Sum(nn.Sequential(*branch), nn.Sequential(*_conv_norm(last, outputs, 1, 2)), nn.Identity()),
        )
        last = outputs
    return nn.Sequential(*layers, nn.Conv2d(last, classes, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def parameters(network: nn.Module) -> int:
    """Count the trainable numbers."""
    return sum(p.numel() for p in network.parameters())


def randomize_norms(network: nn.Module) -> nn.Module:
    """Give every norm statistics that keep the numbers of a network of random weights of ordinary size, ready to run."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.uniform_(-0.1, 0.1)
                module.running_var.uniform_(0.5, 1.5)
    return network.eval()
