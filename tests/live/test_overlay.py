from __future__ import annotations

import numpy as np
import pytest

from fewshot.live.overlay import describe, draw, place_labels, to_bgr
from fewshot.palette import COLORS_RGB, STATE_RGB, UNSURE_RGB, color_of
from fewshot.types import EMOTIONS
from tests.live.builders import make_emotion, make_face, make_match, make_reading, make_result


def has_color(image_bgr: np.ndarray, hex_rgb: str) -> bool:
    return bool((image_bgr == to_bgr(hex_rgb)).all(axis=2).any())


def test_every_emotion_has_its_own_color():
    assert set(COLORS_RGB) == set(EMOTIONS)
    assert len({*COLORS_RGB.values(), STATE_RGB, UNSURE_RGB}) == 9
    assert (color_of(None), color_of("confused")) == (UNSURE_RGB, STATE_RGB)
    assert to_bgr("#0A141E") == (30, 20, 10)


def test_draws_on_a_copy():
    frame_bgr = np.full((360, 640, 3), 90, np.uint8)
    drawn = draw(frame_bgr, make_result(make_reading()))
    assert (frame_bgr == 90).all()
    assert drawn.shape == frame_bgr.shape
    assert drawn.dtype == np.uint8
    assert (drawn != 90).any()


def test_without_faces_the_frame_is_unchanged():
    frame_bgr = np.random.default_rng(0).integers(0, 255, (50, 60, 3), np.uint8)
    np.testing.assert_array_equal(draw(frame_bgr, make_result()), frame_bgr)


@pytest.mark.parametrize("label", EMOTIONS)
def test_box_has_the_color_of_the_emotion(label):
    frame_bgr = np.full((360, 640, 3), 90, np.uint8)
    drawn = draw(frame_bgr, make_result(make_reading(emotion=make_emotion(label))))
    assert has_color(drawn, COLORS_RGB[label])


def test_unsure_is_gray_and_dashed():
    frame_bgr = np.full((360, 640, 3), 90, np.uint8)
    face = make_face(200, 150, 100)
    sure = draw(frame_bgr, make_result(make_reading(face=face)))
    unsure = draw(frame_bgr, make_result(make_reading(face=face, emotion=make_emotion(None, 0.2))))
    left_edge = slice(155, 245), 200
    assert (sure[left_edge] == to_bgr(COLORS_RGB["happy"])).all()
    gray = (unsure[left_edge] == to_bgr(UNSURE_RGB)).all(axis=1)
    assert gray.any()
    assert (unsure[left_edge] == 90).all(axis=1).any()


def test_says_who_what_how_sure_and_whose_prototypes():
    assert describe(make_reading(emotion=make_emotion("happy", 0.83, "personal"))) == ("Ada", "★ happy 83%")
    assert describe(make_reading(match=make_match(None), emotion=make_emotion("sad", 0.5))) == ("unknown", "○ sad 50%")
    assert describe(make_reading(emotion=make_emotion(None, 0.2))) == ("Ada", "○ unsure")


@pytest.mark.parametrize("size", [(40, 30), (160, 120), (1920, 1080), (3840, 2160)])
def test_any_frame_size_and_faces_that_reach_outside(size):
    width, height = size
    frame_bgr = np.full((height, width, 3), 90, np.uint8)
    faces = [make_face(-20, -30, 60), make_face(width - 10, height - 10, 80), make_face(width / 2, height / 2, 20)]
    drawn = draw(frame_bgr, make_result(*(make_reading(i, face) for i, face in enumerate(faces))))
    assert drawn.shape == frame_bgr.shape


def test_labels_hide_neither_faces_nor_each_other():
    """Three rows of a gallery, the first too near to the edge for a label above it."""
    boxes_xyxy = np.array([[40, 20, 120, 120], [40, 170, 120, 270], [40, 320, 120, 420]], np.float32)
    corners = place_labels(boxes_xyxy, np.full((3, 2), (90, 40)), (160, 430))
    assert corners.tolist() == [[35, 0], [35, 127], [35, 277]], "above, and in the first row as far as there is room"


def test_a_label_goes_below_where_another_face_is_above():
    boxes_xyxy = np.array([[40, 100, 120, 190], [40, 200, 120, 290]], np.float32)
    corners = place_labels(boxes_xyxy, np.full((2, 2), (80, 40)), (400, 400))
    assert corners.tolist() == [[40, 57], [40, 293]]


def test_text_grows_with_the_frame():
    heights = []
    for scale in (1, 3):
        frame_bgr = np.full((360 * scale, 640 * scale, 3), 255, np.uint8)
        face = make_face(200 * scale, 150 * scale, 100 * scale)
        drawn = draw(frame_bgr, make_result(make_reading(face=face)))
        plate = (drawn[: 150 * scale - 4 * scale] != 255).any(axis=(1, 2))
        heights.append(int(plate.sum()))
    assert heights[1] > 2 * heights[0]


def test_names_in_any_script():
    frame_bgr = np.full((360, 640, 3), 90, np.uint8)
    drawn = {
        name: draw(frame_bgr, make_result(make_reading(match=make_match(name)))).tobytes()
        for name in ("Zoë", "Zo?", "王小明", "???")
    }
    assert len(set(drawn.values())) == 4  # none was replaced by question marks
