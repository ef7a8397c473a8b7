"""The same picture is found through compression, a change of light and a mirror; another picture is not."""

import cv2
import numpy as np
import pytest

from fewshot.learn.near_duplicates import near_duplicates
from fewshot.types import UInt8


@pytest.fixture
def pictures() -> UInt8:
    """Twenty smooth pictures."""
    small = np.random.default_rng(0).integers(0, 256, (20, 6, 6), np.uint8)
    return np.stack([cv2.resize(picture, (48, 48), interpolation=cv2.INTER_CUBIC) for picture in small])


def test_other_pictures_are_no_duplicates(pictures: UInt8) -> None:
    assert not near_duplicates(pictures[:10], pictures[10:]).any()


def test_a_repeated_picture_is_found(pictures: UInt8) -> None:
    compressed = cv2.imdecode(
        cv2.imencode(".jpg", pictures[3], [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_GRAYSCALE
    )
    dimmed = (pictures[4] * 0.5 + 20).astype(np.uint8)
    mirrored = pictures[5][:, ::-1]
    found = near_duplicates(np.stack([compressed, dimmed, mirrored, pictures[15]]), pictures[:10])
    assert found.tolist() == [True, True, True, False]


def test_none_to_compare() -> None:
    assert near_duplicates(np.zeros((0, 48, 48), np.uint8), np.zeros((1, 48, 48), np.uint8)).shape == (0,)
