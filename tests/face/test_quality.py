from pathlib import Path

import cv2
import numpy as np
import pytest

from experiments.covered_eyes.covers import COVERS, glasses, patch
from fewshot.errors import Doubtful, Rejected
from fewshot.face.backend import load_backend
from fewshot.face.images import read_image
from fewshot.face.quality import USUAL_LIMITS, check_eyes, check_photo, measure_eyes
from fewshot.types import Face, UInt8
from tests.face.builders import face_at, faces_config, six_people_bgr
from tests.face.test_pose import seen_from


@pytest.fixture(scope="module")
def everyone() -> tuple[Face, ...]:
    return load_backend(faces_config(backend="builtin")).detect(six_people_bgr())


@pytest.fixture(scope="module")
def five_faces(everyone: tuple[Face, ...]) -> tuple[Face, ...]:
    """Those who look more or less into the camera; the fourth from the left in the photo looks at her neighbor."""
    return tuple(face for face in everyone if not is_aside(face))


def is_aside(face: Face) -> bool:
    return bool(abs(face.box_xyxy[0] - 906) < 10)


def changed(change: object) -> UInt8:
    return np.clip(change, 0, 255).astype(np.uint8)


def test_those_who_look_into_the_camera_pass_alone(five_faces: tuple[Face, ...]) -> None:
    for face in five_faces:
        assert check_photo(six_people_bgr(), [face], USUAL_LIMITS) is face


def test_the_one_who_looks_at_her_neighbor_does_not(everyone: tuple[Face, ...]) -> None:
    (aside,) = [face for face in everyone if is_aside(face)]
    with pytest.raises(Rejected, match=r"^turned {'found': 55.\d+, 'most': 45.0}$"):
        check_photo(six_people_bgr(), [aside], USUAL_LIMITS)


def test_no_face() -> None:
    with pytest.raises(Rejected, match="^no_face "):
        check_photo(six_people_bgr(), (), USUAL_LIMITS)


def test_six_faces(everyone: tuple[Face, ...]) -> None:
    with pytest.raises(Rejected, match="^many_faces {'found': 6}$"):
        check_photo(six_people_bgr(), everyone, USUAL_LIMITS)


def test_a_bystander_in_the_background_is_ignored(five_faces: tuple[Face, ...]) -> None:
    main = five_faces[0]
    bystander, neighbor = face_at(0, 0, main.width * 0.45), face_at(0, 0, main.width * 0.55)
    assert check_photo(six_people_bgr(), [bystander, main], USUAL_LIMITS) is main
    with pytest.raises(Rejected, match="^two_faces {'found': 2}$"):
        check_photo(six_people_bgr(), [neighbor, main], USUAL_LIMITS)


def test_a_small_face() -> None:
    with pytest.raises(Rejected, match="^small {'found': 41.0, 'need': 80.0}$"):
        check_photo(six_people_bgr(), [face_at(100, 100, 41)], USUAL_LIMITS)


def test_a_face_cut_off() -> None:
    with pytest.raises(Rejected, match="^cut_off "):
        check_photo(six_people_bgr(), [face_at(-60, 100, 100)], USUAL_LIMITS)


@pytest.mark.parametrize(
    ("angles", "reason"),
    [
        ((50, 0, 0), r"^turned {'found': (50.0|49.9)\d*, 'most': 45.0}$"),
        ((-50, 0, 0), r"^turned {'found': (50.0|49.9)\d*, 'most': 45.0}$"),
        ((0, 50, 0), r"^up {'found': (50.0|49.9)\d*, 'most': 40.0}$"),
        ((0, -50, 0), r"^down {'found': (50.0|49.9)\d*, 'most': 40.0}$"),
        ((0, 0, 60), r"^tilted {'found': (60.0|59.9)\d*, 'most': 45.0}$"),
    ],
)
def test_a_head_turned_away(angles: tuple[float, float, float], reason: str) -> None:
    face = Face(np.array([250, 250, 350, 370], np.float32), seen_from(*angles).landmarks_xy, 1.0)
    with pytest.raises(Rejected, match=reason):
        check_photo(six_people_bgr(), [face], USUAL_LIMITS)


def test_a_blurred_photo(five_faces: tuple[Face, ...]) -> None:
    for face in five_faces:
        blurred = changed(cv2.GaussianBlur(six_people_bgr(), (0, 0), 0.035 * face.width))
        with pytest.raises(Rejected, match=r"^blurred {'found': 0.0\d+, 'need': 0.015}$"):
            check_photo(blurred, [face], USUAL_LIMITS)


def test_a_face_whose_eye_is_at_the_edge(five_faces: tuple[Face, ...]) -> None:
    face = five_faces[0]
    (left, _), (right, _) = face.landmarks_xy[:2]
    at = int(left - 0.1 * (right - left))
    shifted = Face(face.box_xyxy - [at, 0, at, 0], face.landmarks_xy - np.float32([at, 0]), face.score)
    with pytest.raises(Rejected, match="^cut_off "):
        check_photo(six_people_bgr()[:, at:], [shifted], USUAL_LIMITS)


def test_eyes_that_are_seen_are_not_asked_about(five_faces: tuple[Face, ...]) -> None:
    for face in five_faces:
        check_eyes(six_people_bgr(), face, USUAL_LIMITS)


@pytest.mark.parametrize("name", [name for name in COVERS if not name.startswith(("cut", "hair", "tinted"))])
def test_covered_eyes_are_asked_about(five_faces: tuple[Face, ...], name: str) -> None:
    asked = 0
    for face in five_faces:
        eyes = measure_eyes(COVERS[name](six_people_bgr(), face), face)
        asked += min(eyes.left, eyes.right) < USUAL_LIMITS.min_eye_detail or eyes.bridge < USUAL_LIMITS.min_bridge
    assert asked >= len(five_faces) - 1


def test_the_sentence_says_which_eye(five_faces: tuple[Face, ...]) -> None:
    photo, face = six_people_bgr(), five_faces[0]
    with pytest.raises(Doubtful, match="^left_eye "):
        check_eyes(patch((0,))(photo, face), face, USUAL_LIMITS)
    with pytest.raises(Doubtful, match="^right_eye "):
        check_eyes(patch((1,))(photo, face), face, USUAL_LIMITS)
    with pytest.raises(Doubtful, match="^eyes "):
        check_eyes(glasses(0.0)(photo, face), face, USUAL_LIMITS)


def test_eyes_are_measured_alike_in_any_light(five_faces: tuple[Face, ...]) -> None:
    photo, face = six_people_bgr(), five_faces[0]
    bright, dim = measure_eyes(photo, face), measure_eyes(changed(photo * 0.5), face)
    assert (dim.left, dim.right, dim.bridge) == pytest.approx((bright.left, bright.right, bright.bridge), rel=0.05)


def test_bad_light(five_faces: tuple[Face, ...]) -> None:
    photo = six_people_bgr().astype(np.float32)
    face = five_faces[0]
    with pytest.raises(Rejected, match="^dark "):
        check_photo(changed(photo * 0.1), [face], USUAL_LIMITS)
    with pytest.raises(Rejected, match="^bright "):
        check_photo(changed(photo * 0.1 + 228), [face], USUAL_LIMITS)
    with pytest.raises(Rejected, match="^flat "):
        check_photo(changed(photo * 0.05 + 100), [face], USUAL_LIMITS)


@pytest.mark.parametrize("name", ["jaffe", "kdef", "ntu_tw"])
def test_photos_made_for_the_purpose_pass_and_blurred_they_do_not(shared_dir: Path, name: str) -> None:
    backend = load_backend(faces_config(backend="builtin"))
    for path in sorted((shared_dir / "data" / name / "img").iterdir())[::40]:
        photo = read_image(path)
        faces = backend.detect(photo)
        face = check_photo(photo, faces, USUAL_LIMITS)
        with pytest.raises(Rejected, match="^blurred "):
            check_photo(changed(cv2.GaussianBlur(photo, (0, 0), 0.045 * face.width)), [face], USUAL_LIMITS)
