"""Which passes a stream takes, and what they do to small faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fewshot.face.images import to_gray
from fewshot.live.locate import Locator
from fewshot.live.pace import Pace, Stopwatch
from fewshot.types import Track, UInt8
from tests.live.builders import make_config, make_face
from tests.live.stand_ins import ScriptedBackend

LARGE, SMALL, TINY = make_face(50, 60, 90), make_face(300, 60, 40), make_face(400, 400, 30)
UPPER, LOWER = (0, 540), (540, 1080)


def still_picture(seed: int) -> UInt8:
    """Spots in which every point can be followed, (1080, 1920, 3)."""
    spots = np.random.default_rng(seed).integers(0, 256, (120, 214, 3), np.uint8)
    return np.asarray(cv2.resize(spots, (1920, 1080), interpolation=cv2.INTER_CUBIC), np.uint8)


class Window:
    """A meeting of 1920x1080 on a hand clock, watched in every frame unless told otherwise."""

    def __init__(self, every_s: float = 0.2) -> None:
        self.backend = ScriptedBackend()
        config = make_config(detect_every_s=every_s)
        self.locator = Locator(self.backend, config, Pace(None, config.refresh_s))
        self.now_s = 0.0
        self.picture_bgr = still_picture(seed=0)

    def show(self, step_s: float = 0.2) -> tuple[Track, ...]:
        tracks = self.locator.locate(self.picture_bgr, to_gray(self.picture_bgr), self.now_s, Stopwatch(lambda: 0.0))
        self.now_s += step_s
        return tracks


def test_large_faces_cost_no_close_pass():
    window = Window()
    window.backend.faces = (LARGE,)
    for _ in range(6):
        window.show()
    assert window.backend.detections == 6
    assert window.backend.close_passes == []


def test_with_small_faces_the_frame_and_its_halves_take_turns():
    window = Window()
    window.backend.faces = (LARGE, SMALL)
    for _ in range(7):
        window.show()
    assert window.backend.detections == 3
    assert window.backend.close_passes == [UPPER, LOWER, UPPER, LOWER]
    window.backend.faces = (LARGE,)
    for _ in range(20):
        window.show()
    assert window.backend.close_passes[4:] == [UPPER, LOWER] * 2, "then nobody small is left for a close pass"


def test_a_face_that_only_close_passes_find_stays_between_them():
    window = Window()
    window.backend.faces, window.backend.tiny = (LARGE, SMALL), (TINY,)
    assert [len(window.show()) for _ in range(12)] == [2, 3, *[3] * 10]
    window.backend.tiny = ()
    window.backend.faces = (SMALL,)
    seen = [len(window.show()) for _ in range(12)]
    assert seen[-1] == 1, "and is gone when they do not"


def test_a_slow_machine_forgets_no_small_face_between_its_passes():
    window = Window(every_s=0.9)
    window.backend.faces, window.backend.tiny = (LARGE, SMALL), (TINY,)
    for _ in range(30):
        before = window.show(step_s=0.1)
    for _ in range(90):
        assert [track.track_id for track in window.show(step_s=0.1)] == [track.track_id for track in before]


@pytest.mark.parametrize("since_detection_s", [0.1, 0.2], ids=["between detections", "when one is due"])
@pytest.mark.parametrize("width", [1920, 1600], ids=["same size", "another size"])
def test_a_picture_that_changed_is_passed_over_as_a_whole_first(since_detection_s: float, width: int) -> None:
    window = Window()
    window.backend.faces = (LARGE, SMALL)
    window.show(step_s=since_detection_s)
    window.backend.faces = (make_face(700, 700, 90), make_face(900, 700, 40))
    window.picture_bgr = still_picture(seed=1)[:, :width]
    assert len(window.show()) == 2
    assert window.backend.detections == 2
    assert window.backend.close_passes == [UPPER, LOWER], "at once: the next picture may be another again"


def test_a_small_face_that_is_gone_does_not_stay_where_something_can_be_followed():
    for shown in range(4, 8):  # the last pass that found it was the whole one, or a close one
        window = Window()
        window.backend.faces = (LARGE, SMALL)
        for _ in range(shown):
            window.show()
        window.backend.faces = (LARGE,)
        assert [len(window.show()) for _ in range(9)][-1] == 1


@pytest.mark.parametrize("jump_s", [-60.0, 60.0])
def test_after_a_jump_of_the_clock_the_whole_picture_comes_first(jump_s: float) -> None:
    window = Window()
    window.backend.faces = (LARGE, SMALL)
    window.show(step_s=jump_s)
    assert len(window.show()) == 2
    assert window.backend.detections == 2
