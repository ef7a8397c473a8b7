"""Augmentation keeps images images, and does nothing where told to do nothing."""

import dataclasses

import pytest
import torch

from fewshot.learn.augment import augment
from fewshot.learn.config import AugmentConfig

STILL = AugmentConfig(
    crop_px=48,
    rotation_deg=0,
    scale=0,
    shift=0,
    shear=0,
    contrast=0,
    brightness=0,
    erase=0,
    low_resolution=0,
    lighting=0,
)


@pytest.fixture
def images() -> torch.Tensor:
    """Thirty-two smooth gray images."""
    small = torch.randint(0, 256, (32, 1, 6, 6), generator=torch.Generator().manual_seed(0)).float()
    return torch.nn.functional.interpolate(small, size=48, mode="bilinear").to(torch.uint8)


def test_zero_strength_only_flips(images: torch.Tensor) -> None:
    torch.manual_seed(0)
    result = augment(images, STILL)
    flipped = 0
    for image, before in zip(result, images.float() / 255, strict=True):
        same, mirrored = torch.allclose(image, before, atol=1e-4), torch.allclose(image, before.flip(-1), atol=1e-4)
        assert same or mirrored
        flipped += mirrored
    assert 4 < flipped < 28


@pytest.mark.parametrize(
    "change",
    [
        {"rotation_deg": 20},
        {"scale": 0.2},
        {"shift": 0.1},
        {"shear": 0.1},
        {"contrast": 0.5},
        {"brightness": 0.5},
        {"erase": 1.0},
        {"low_resolution": 1.0},
        {"lighting": 1.0},
    ],
)
def test_each_strength_changes_something_and_stays_in_range(images: torch.Tensor, change: dict[str, float]) -> None:
    torch.manual_seed(1)
    still = augment(images, STILL)
    torch.manual_seed(1)
    result = augment(images, dataclasses.replace(STILL, **change))
    assert result.shape == still.shape
    assert result.dtype == torch.float32
    assert float(result.min()) >= 0
    assert float(result.max()) <= 1
    assert float((result - still).abs().mean()) > 1e-3


def test_crop_size_and_seed(images: torch.Tensor) -> None:
    config = dataclasses.replace(STILL, crop_px=40, rotation_deg=10, erase=0.5)
    torch.manual_seed(5)
    first = augment(images, config)
    torch.manual_seed(5)
    assert first.shape == (32, 1, 40, 40)
    assert torch.equal(first, augment(images, config))
