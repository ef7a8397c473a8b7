"""Sharpness, by loops over the formula and on noise that light and blur change."""

import cv2
import numpy as np
import pytest

from fewshot.face.sharpness import measure_sharpness
from fewshot.types import UInt8


def noise(side: int, gain: float = 1.0, level: float = 120, sigma: float = 1.5) -> UInt8:
    pixels = np.random.default_rng(0).normal(0, 40, (side, side))
    return np.clip(gain * cv2.GaussianBlur(pixels, (0, 0), sigma) + level, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("side", [48, 112])
def test_it_is_the_variance_of_the_laplacian_over_that_of_the_gray_levels(side: int) -> None:
    crops = np.stack([noise(side), noise(side, sigma=3), noise(side, gain=0.5), np.full((side, side), 9, np.uint8)])
    found = measure_sharpness(crops)
    middle = slice(side // 8, side - side // 8)
    for crop, value in zip(crops[:3], found, strict=False):
        detail = cv2.Laplacian(crop.astype(np.float32), cv2.CV_32F)[middle, middle]
        assert value == pytest.approx(detail.var() / crop[middle, middle].var(), rel=1e-4)
    assert found[3] == 0.0


def test_it_does_not_depend_on_light_but_on_blur() -> None:
    sharp, bright, blurred = measure_sharpness(
        np.stack([noise(112), noise(112, gain=3, level=100), noise(112, sigma=3.4)])
    )
    assert bright == pytest.approx(sharp, rel=0.1)
    assert blurred < 0.5 * sharp
