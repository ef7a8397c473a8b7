"""FER2013's images as live use would crop them: real faces, turned and moved in the picture, come to lie alike."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from insightface.data import get_image

from fewshot.face.align import MEAN_FACE_XY, fit_similarity, warp_all
from fewshot.face.builtin import BuiltinBackend
from fewshot.face.images import to_gray
from fewshot.learn.aligned import align_images, load_aligned
from fewshot.types import CROP_SIZE, UInt8


@pytest.fixture(scope="module")
def detector() -> BuiltinBackend:
    return BuiltinBackend()


@pytest.fixture(scope="module")
def askew(detector: BuiltinBackend) -> UInt8:
    """Six faces of a real photo, each turned by 12 degrees, a tenth too large and off the middle."""
    photo = get_image("t1")
    turn = np.deg2rad(12)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)
    place = ((MEAN_FACE_XY - 0.5) @ rotation.T * 1.1 + [0.54, 0.47]) * CROP_SIZE
    faces = detector.detect(photo)[:6]
    matrices = [fit_similarity(face.landmarks_xy, place.astype(np.float32)) for face in faces]
    return warp_all(to_gray(photo), np.stack(matrices), CROP_SIZE)


def test_faces_come_to_lie_upright_in_the_middle(detector: BuiltinBackend, askew: UInt8) -> None:
    aligned, found = align_images(askew, detector)
    assert found.sum() >= 5  # of so few pixels the detector misses some

    def away(images: UInt8) -> float:
        """How far the landmarks lie from where live use puts them, in units of the crop."""
        large = [cv2.resize(image, None, fx=8, fy=8) for image in images[found]]
        seen = [detector.detect(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)) for image in large]  # type: ignore[arg-type]
        return float(np.mean([np.abs(s[0].landmarks_xy / (8 * CROP_SIZE) - MEAN_FACE_XY).mean() for s in seen if s]))

    assert away(aligned) < 0.6 * away(askew)


def test_an_image_without_a_face_stays_as_it_is(detector: BuiltinBackend, askew: UInt8) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (CROP_SIZE, CROP_SIZE), np.uint8)
    corner = np.full((CROP_SIZE, CROP_SIZE), 128, np.uint8)
    # somebody, but not in the middle
    corner[:20, :20] = cv2.resize(askew[1], (20, 20), interpolation=cv2.INTER_AREA)
    aligned, found = align_images(np.stack([noise, askew[0], corner]), detector)
    assert found.tolist() == [False, True, False]
    np.testing.assert_array_equal(aligned[[0, 2]], [noise, corner])


def test_the_second_start_reads_what_the_first_wrote(
    askew: UInt8, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_aligned(askew, tmp_path)
    monkeypatch.setattr("fewshot.learn.aligned.align_images", None)  # must not be asked again
    np.testing.assert_array_equal(load_aligned(askew, tmp_path), first)
