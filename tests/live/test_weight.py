"""How much a reading counts, on crops whose flaws are made by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fewshot.errors import ConfigError
from fewshot.live.weight import reading_weights
from fewshot.types import Crop, Face, UInt8
from tests.live.builders import make_face, make_weight

RULES = make_weight()


def detailed(sigma: float = 0.0) -> UInt8:
    """A crop of shade and fine detail, blurred by ``sigma`` pixels."""
    detail = np.random.default_rng(0).integers(0, 40, (48, 48))
    crop = (np.linspace(50, 190, 48)[:, None] + detail).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), np.uint8) if sigma else crop


def weight(face: Face | None = None, crop_gray: UInt8 | None = None) -> float:
    crop = Crop(detailed() if crop_gray is None else crop_gray, face or make_face(size=100))
    return float(reading_weights([crop], RULES)[0])


def turned(share: float) -> Face:
    """A face whose nose has wandered to the side by a share of its width."""
    face = make_face(size=100)
    landmarks = face.landmarks_xy.copy()
    landmarks[2, 0] += share * 100
    return Face(face.box_xyxy, landmarks, face.score)


def test_a_large_sharp_frontal_face_counts_in_full():
    assert weight() == 1.0


def test_small_turned_and_blurred_faces_count_less_the_more_they_are():
    small = [weight(make_face(size=px)) for px in (50, 42, 35, 28, 20, 10)]
    assert small[0] == 1.0
    assert small[2] == pytest.approx(0.25 + 0.75 * 0.5)
    assert small[4:] == [0.25, 0.25]
    sideways = [weight(turned(share)) for share in (0.0, 0.1, 0.2)]
    assert sideways == pytest.approx([weight(turned(-share)) for share in (0.0, 0.1, 0.2)], rel=0.1)
    blurred = [weight(crop_gray=detailed(sigma)) for sigma in (0.5, 1.5, 2.5, 6)]
    for weights in (small[:5], sideways, blurred):
        assert weights == sorted(weights, reverse=True)
        assert weights[0] > weights[-1]


def test_a_face_poor_in_every_way_still_counts_a_little():
    assert weight(make_face(size=12), np.full((48, 48), 90, np.uint8)) == RULES.least


def test_no_crops_no_weights():
    assert reading_weights([], RULES).shape == (0,)


def test_impossible_ramps_are_refused():
    with pytest.raises(ConfigError, match=r"weight\.full_px must be larger than weight\.poor_px, got 20 and 50"):
        make_weight(poor_px=50, full_px=20)
    with pytest.raises(ConfigError, match="least must lie between 0 and 1, got 2"):
        make_weight(least=2.0)
