import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.face.align import ARCFACE_XY, MEAN_FACE_XY, align, align_all, align_identity, fit_similarity, warp_all
from fewshot.face.images import to_gray
from fewshot.types import Face
from tests.face.builders import face_at, six_people_bgr

ANGLES = st.floats(-3.0, 3.0)
SCALES = st.floats(0.05, 20.0)
SHIFTS = st.floats(-500.0, 500.0)


def similarity(angle: float, scale: float, x: float, y: float) -> np.ndarray:
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[c, -s, x], [s, c, y]])


def moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


@given(ANGLES, SCALES, SHIFTS, SHIFTS)
def test_an_exact_similarity_is_found_again(angle: float, scale: float, x: float, y: float) -> None:
    matrix = similarity(angle, scale, x, y)
    found = fit_similarity(ARCFACE_XY, moved(ARCFACE_XY, matrix))
    assert np.abs(found - matrix).max() < 1e-3 * max(1.0, scale)


def test_no_other_similarity_fits_noisy_points_better() -> None:
    rng = np.random.default_rng(0)
    source = (ARCFACE_XY + rng.normal(0, 5, (5, 2))).astype(np.float32)

    def error(matrix: np.ndarray) -> float:
        return float(((moved(source, matrix) - ARCFACE_XY) ** 2).sum())

    best = fit_similarity(source, ARCFACE_XY).astype(np.float64)
    for step in rng.normal(0, 0.01, (50, 4)):
        change = similarity(0, 1, 0, 0) + np.array(
            [[step[0], -step[1], 100 * step[2]], [step[1], step[0], 100 * step[3]]]
        )
        other = np.hstack([change[:, :2] @ best[:, :2], (change[:, :2] @ best[:, 2] + change[:, 2])[:, None]])
        assert error(other) >= error(best) - 1e-3


@pytest.mark.filterwarnings("ignore:`estimate` is deprecated:FutureWarning")
def test_identity_geometry_is_that_of_insightface() -> None:
    from insightface.utils.face_align import estimate_norm

    landmarks = face_at(300, 200, 90).landmarks_xy + np.random.default_rng(1).normal(0, 4, (5, 2)).astype(np.float32)
    assert np.allclose(fit_similarity(landmarks, ARCFACE_XY), estimate_norm(landmarks), atol=1e-3)


def test_coinciding_landmarks_cannot_be_aligned() -> None:
    face = Face(np.array([0, 0, 9, 9], np.float32), np.full((5, 2), 4, np.float32), 1.0)
    with pytest.raises(ValueError, match="landmarks must be distinct"):
        align(np.zeros((20, 20, 3), np.uint8), face)


@pytest.mark.parametrize("width", [30, 60, 300, 1200])
@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_landmarks_come_to_lie_on_the_template_at_any_size_and_tilt(width: int, angle: float) -> None:
    # Five white dots where the landmarks are: in the crop they must shine where FER2013's mean landmarks lie.
    size = int(2 * width)
    center = np.array([size / 2, size / 2])
    spread = moved((MEAN_FACE_XY - 0.5) * width / 0.8, similarity(angle, 1, *center))
    frame = np.zeros((size, size, 3), np.uint8)
    for x, y in spread:
        cv2.circle(frame, (round(x * 16), round(y * 16)), round(width * 0.04 * 16), (255, 255, 255), -1, cv2.LINE_AA, 4)
    face = Face(np.array([0, 0, size, size], np.float32), spread.astype(np.float32), 1.0)

    crop = align(frame, face).image_gray.astype(np.float64)

    for x, y in MEAN_FACE_XY * 48:
        rows, columns = np.mgrid[round(y) - 4 : round(y) + 5, round(x) - 4 : round(x) + 5]
        patch = crop[rows, columns]
        assert patch.max() > 100
        assert (columns * patch).sum() / patch.sum() == pytest.approx(x, abs=0.6)
        assert (rows * patch).sum() / patch.sum() == pytest.approx(y, abs=0.6)


def test_shrinking_averages_instead_of_sampling() -> None:
    # A fine checkerboard is gray from afar; sampled, it would stay black and white.
    board = np.where(np.add.outer(np.arange(960), np.arange(960)) % 2, 255, 0).astype(np.uint8)
    (crop,) = warp_all(board, np.array([[[0.05, 0, 0], [0, 0.05, 0]]], np.float32), 48)
    assert np.abs(crop[1:-1, 1:-1].astype(int) - 128).max() <= 2


def test_a_face_at_the_edge_repeats_the_border() -> None:
    frame = np.full((100, 100, 3), 77, np.uint8)
    assert (align(frame, face_at(-40, -40, 90)).image_gray == 77).all()


def test_crops_keep_the_order_of_faces() -> None:
    faces = (face_at(10, 10), face_at(50, 60), face_at(200, 90))
    frame_gray = to_gray(six_people_bgr())
    crops = align_all(frame_gray, faces)
    assert tuple(crop.face for crop in crops) == faces
    for face, crop in zip(faces, crops, strict=True):  # alone and from the color frame it is the same crop
        np.testing.assert_array_equal(align(six_people_bgr(), face).image_gray, crop.image_gray)
    assert align_all(frame_gray, ()) == ()


@pytest.mark.parametrize(
    "bad", [np.zeros((5, 5, 3), np.uint8), np.zeros((5, 5), np.float32), np.zeros((0, 5), np.uint8)]
)
def test_many_faces_are_cut_from_a_gray_frame(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"frame_gray must be a uint8 array of shape \(h, w\)"):
        align_all(bad, [face_at(0, 0)])


@pytest.mark.parametrize(
    "bad", [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3), np.float32), np.zeros((0, 5, 3), np.uint8)]
)
def test_only_color_frames_of_bytes_are_taken(bad: np.ndarray) -> None:
    for cut in (align, align_identity):
        with pytest.raises(ValueError, match=r"frame_bgr must be a uint8 array of shape \(h, w, 3\)"):
            cut(bad, face_at(0, 0))
