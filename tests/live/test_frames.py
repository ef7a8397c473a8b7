"""What stands between a source and the session: checks that count, and thinning by time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.live.frames import Frame, checked, sample
from fewshot.live.mishaps import Mishaps


def gray(value: int, width: int = 64, height: int = 48) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def check(*images: object, times_s: list[float] | None = None) -> tuple[list[Frame], Mishaps]:
    """The frames that come through, and what was counted."""
    mishaps = Mishaps()
    frames = [Frame(k, times_s[k] if times_s else k / 10, image) for k, image in enumerate(images)]
    return list(checked(frames, mishaps)), mishaps


@pytest.mark.parametrize(
    "other",
    [
        np.full((48, 64), 90, np.uint8),
        np.full((48, 64, 1), 90, np.uint8),
        np.full((48, 64, 4), 90, np.uint8),
        np.full((48, 64, 3), 90 << 8, np.uint16),
        np.full((48, 64), (90 << 8) + 255, np.uint16),
    ],
)
def test_another_color_layout_is_converted_and_counted(other):
    frames, mishaps = check(gray(80), other, gray(100))
    assert [int(frame.image_bgr.max()) for frame in frames] == [80, 90, 100]
    assert all(frame.image_bgr.shape == (48, 64, 3) and frame.image_bgr.dtype == np.uint8 for frame in frames)
    assert mishaps.summary() == "1 pictures of another color layout converted"


@pytest.mark.parametrize(
    "garbage",
    [None, "picture", np.zeros((48, 64, 3)), np.zeros((0, 64, 3), np.uint8), np.zeros(9, np.uint8), gray(1)[None]],
)
def test_what_is_no_picture_is_passed_over_and_told(garbage):
    told: list[str] = []
    mishaps = Mishaps(tell=told.append)
    frames = checked([Frame(k, k / 10, image) for k, image in enumerate([gray(80), garbage, gray(100)])], mishaps)
    assert [frame.index for frame in frames] == [0, 2]
    assert mishaps.summary() == "1 unreadable pictures passed over"
    assert told[0].startswith("Frame 1 is passed over: a picture must be a uint8 array of shape (h, w, 3)")


def test_a_sick_stream_does_not_flood_who_waits():
    told: list[str] = []
    mishaps = Mishaps(tell=told.append)
    assert not list(checked([Frame(k, k, None) for k in range(100)], mishaps))
    assert (mishaps.unreadable, len(told)) == (100, 10)
    assert told[-1].endswith("Further ones are only counted.")


def test_size_darkness_and_clock_are_counted_and_let_through():
    frames, mishaps = check(gray(80), gray(80, 32, 24), gray(3), gray(80), times_s=[5.0, 5.1, 1.0, 1.1])
    assert len(frames) == 4
    assert (mishaps.resized, mishaps.black, mishaps.jumps_back) == (2, 1, 1)
    assert mishaps.summary() == "2 changes of size, 1 black pictures, 1 jumps back of the clock"


def test_a_sound_source_has_nothing_to_tell_and_is_not_copied():
    picture = gray(80)
    frames, mishaps = check(picture, picture)
    assert frames[1].image_bgr is picture
    assert mishaps.summary() == ""


def frames_at(times_s: list[float]) -> list[Frame]:
    return [Frame(i, time_s, gray(0)) for i, time_s in enumerate(times_s)]


@pytest.mark.parametrize(
    ("source_fps", "wanted_fps", "expected"),
    [(30, 15, 150), (30, 20, 200), (25, 10, 100), (15, 15, 150), (12, 15, 120)],
)
def test_sample_thins_evenly(source_fps, wanted_fps, expected):
    times_s = [round(k / source_fps, 3) for k in range(10 * source_fps)]
    kept = list(sample(frames_at(times_s), wanted_fps))
    assert len(kept) == pytest.approx(expected, abs=1)
    assert kept[0].index == 0


@given(st.lists(st.floats(0, 2), min_size=1, max_size=50), st.floats(0.5, 30))
def test_sample_never_exceeds_the_rate(steps_s, fps):
    kept = [frame.time_s for frame in sample(frames_at(list(np.cumsum(steps_s))), fps)]
    assert kept
    assert len(kept) <= (kept[-1] - kept[0] + 2e-3) * fps + 2


def test_sample_goes_on_after_a_gap_and_after_a_clock_that_jumped_back():
    kept = list(sample(frames_at([0, 0.5, 100, 100.5, 101, 3, 3.5, 4]), 1))
    assert [frame.time_s for frame in kept] == [0, 100, 101, 3, 4]


def test_losses_are_summed_up_in_a_line():
    assert Mishaps(reconnections=2, without_picture_s=14.25, unreadable=3).summary() == (
        "connected again 2 times, 14.2 s without a picture, 3 unreadable pictures passed over"
    )
