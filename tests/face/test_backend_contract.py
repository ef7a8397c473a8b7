"""What every backend promises, on real faces."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from fewshot.face.backend import FaceBackend
from fewshot.face.images import read_image
from tests.face.builders import six_people_bgr

SIX_CENTERS = np.array([[112, 330], [318, 213], [516, 339], [798, 414], [955, 130], [1172, 335]])
"""Of the faces on the photo of six people, by eye."""


def test_it_says_what_it_is(backend: FaceBackend) -> None:
    assert backend.name in ("builtin", "insightface")
    assert str(backend.licence).endswith(".")
    assert len(backend.identity_fingerprint.split(":")[1]) == 16
    assert 0 < backend.match_margin < backend.match_threshold < 1


def test_six_people_are_found_where_they_are(backend: FaceBackend) -> None:
    faces = backend.detect(six_people_bgr())
    assert len(faces) == 6
    centers = np.array([(face.box_xyxy[:2] + face.box_xyxy[2:]) / 2 for face in faces])
    nearest = np.linalg.norm(centers[:, None] - SIX_CENTERS, axis=2).argmin(axis=1)
    assert sorted(nearest) == list(range(6))
    assert np.abs(centers - SIX_CENTERS[nearest]).max() < 25


def test_faces_come_best_first_with_landmarks_in_order(backend: FaceBackend) -> None:
    faces = backend.detect(six_people_bgr())
    scores = [face.score for face in faces]
    assert scores == sorted(scores, reverse=True)
    assert 0.6 <= min(scores) <= max(scores) <= 1
    for face in faces:
        left_eye, right_eye, nose, left_mouth, right_mouth = face.landmarks_xy
        assert left_eye[0] < right_eye[0]
        assert left_mouth[0] < right_mouth[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
        assert (face.landmarks_xy > face.box_xyxy[:2]).all()
        assert (face.landmarks_xy < face.box_xyxy[2:]).all()
        assert face.box_xyxy.dtype == face.landmarks_xy.dtype == np.float32


@pytest.mark.parametrize("zoom", [0.3, 1.0, 2.5])
def test_small_and_large_photos_show_the_same_faces(backend: FaceBackend, zoom: float) -> None:
    photo = cv2.resize(six_people_bgr(), None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    centers = np.array([(face.box_xyxy[:2] + face.box_xyxy[2:]) / 2 / zoom for face in backend.detect(photo)])
    assert len(centers) == 6
    assert np.linalg.norm(centers[:, None] - SIX_CENTERS, axis=2).min(axis=1).max() < 25


def test_a_close_pass_finds_the_small_faces_of_its_rows(backend: FaceBackend) -> None:
    zoom = 0.3  # the faces are about 40 px high
    small = cv2.resize(six_people_bgr(), None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    meeting = np.full((1080, 1920, 3), 128, np.uint8)
    meeting[540:, 960:][: len(small), : small.shape[1]] = small
    assert backend.detect_small(meeting, (0, 540)) == ()
    found = backend.detect_small(meeting, (540, 1080))
    centers = np.array([(face.box_xyxy[:2] + face.box_xyxy[2:]) / 2 for face in found])
    assert len(found) == 6
    assert np.linalg.norm(centers[:, None] - (SIX_CENTERS * zoom + (960, 540)), axis=2).min(axis=1).max() < 8


def test_a_face_that_fills_the_picture_is_one_face(backend: FaceBackend) -> None:
    close_up = cv2.resize(six_people_bgr()[220:460, 400:640], (1440, 1440), interpolation=cv2.INTER_CUBIC)
    faces = backend.detect(close_up)
    assert len(faces) == 1
    assert faces[0].width > 450


def test_no_face_is_an_empty_tuple(backend: FaceBackend) -> None:
    assert backend.detect(np.full((240, 320, 3), 128, np.uint8)) == ()
    assert backend.detect(np.zeros((1, 1, 3), np.uint8)) == ()
    none = backend.embed_identity(six_people_bgr(), ())
    some = backend.embed_identity(six_people_bgr(), backend.detect(six_people_bgr())[:1])
    assert none.shape == (0, some.shape[1])
    assert none.dtype == np.float32


@pytest.mark.parametrize(
    "bad", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3), np.float32)]
)
def test_what_is_no_color_frame_is_an_error(backend: FaceBackend, bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="frame_bgr must be a uint8 array"):
        backend.detect(bad)
    with pytest.raises(ValueError, match="frame_bgr must be a uint8 array"):
        backend.embed_identity(bad, ())


def test_an_identity_does_not_depend_on_who_else_is_asked_about(backend: FaceBackend) -> None:
    faces = backend.detect(six_people_bgr())
    together = backend.embed_identity(six_people_bgr(), faces)
    alone = np.concatenate([backend.embed_identity(six_people_bgr(), [face]) for face in faces])
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.allclose(together, alone, atol=1e-5)
    others = together @ together.T - np.eye(6)
    assert others.max() < backend.match_threshold


def test_the_threshold_tells_people_apart(backend: FaceBackend, shared_dir: Path) -> None:
    folder = shared_dir / "data" / "lfw_pairs"
    with (folder / "pairs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    same = [row for row in rows if row["same_person"] == "1"][::10]
    different = [row for row in rows if row["same_person"] == "0"][::10]

    def similarity(row: dict[str, str]) -> float:
        vectors = []
        for name in (row["image_a"], row["image_b"]):
            photo = read_image(folder / name)
            middle = np.array(photo.shape[1::-1]) / 2
            # The person meant stands in the middle; LFW's photos show bystanders too.
            faces = sorted(backend.detect(photo), key=lambda face: np.linalg.norm(face.landmarks_xy[2] - middle))
            vectors.append(backend.embed_identity(photo, faces[:1])[0])
        return float(vectors[0] @ vectors[1])

    assert np.mean([similarity(row) > backend.match_threshold for row in same]) >= 0.9
    assert np.mean([similarity(row) < backend.match_threshold for row in different]) == 1


def test_eight_threads_get_the_answers_of_one(backend: FaceBackend) -> None:
    photo = six_people_bgr()
    frames = [np.ascontiguousarray(photo[100:500, x : x + 320]) for x in range(0, 960, 120)]

    def look(frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        faces = backend.detect(frame)
        return np.array([face.box_xyxy for face in faces]), backend.embed_identity(frame, faces)

    expected = [look(frame) for frame in frames]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(look, frames))
    for (boxes, vectors), (boxes_too, vectors_too) in zip(expected, found, strict=True):
        assert np.allclose(boxes, boxes_too, atol=0.01)
        assert np.allclose(vectors, vectors_too, atol=1e-4)
