import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.face.images import to_gray
from fewshot.face.track import Tracker
from fewshot.types import Face, Track, UInt8
from tests.face.builders import face_at, six_people_bgr


def ids(tracks: tuple[Track, ...]) -> list[int]:
    return [track.track_id for track in tracks]


def window(x: int, y: int) -> UInt8:
    """What a camera sees of the photo of six people from (x, y)."""
    return to_gray(np.ascontiguousarray(six_people_bgr()[y : y + 600, x : x + 900]))


def in_window(face: Face, x: int, y: int) -> Face:
    shift = np.array([x, y], np.float32)
    return Face(face.box_xyxy - np.tile(shift, 2), face.landmarks_xy - shift, face.score)


def test_a_moving_face_keeps_its_id() -> None:
    tracker = Tracker()
    for step in range(10):
        (track,) = tracker.update([face_at(100 + 30 * step, 50)], step * 0.3)
    assert (track.track_id, track.found_s) == (1, 0.0)


def test_two_faces_side_by_side_do_not_swap() -> None:
    tracker = Tracker()
    tracker.update([face_at(100, 50), face_at(220, 50)], 0)
    # Each moves right by 60: the left one now lies exactly between the two old places.
    tracks = tracker.update([face_at(280, 50), face_at(160, 50)], 0.3)
    assert [(track.track_id, track.face.box_xyxy[0]) for track in tracks] == [(1, 160), (2, 280)]


def test_a_face_of_another_size_or_place_is_another_track() -> None:
    tracker = Tracker(hold_s=0)
    tracker.update([face_at(100, 100, 100)], 0)
    assert ids(tracker.update([face_at(310, 100, 100)], 0.1)) == [2]
    assert ids(tracker.update([face_at(310, 100, 280)], 0.2)) == [3]


def test_a_missed_detection_is_bridged_then_hidden_then_forgotten() -> None:
    face = face_at(100, 100)
    tracker = Tracker(max_gap_s=1.0, hold_s=0.4)
    tracker.update([face], 0.0)
    assert ids(tracker.update([], 0.3)) == [1]
    assert ids(tracker.update([], 0.6)) == [1]
    assert ids(tracker.update([], 0.8)) == []
    (back,) = tracker.update([face], 1.0)
    assert (back.track_id, back.found_s) == (1, 1.0)
    assert ids(tracker.update([], 2.5)) == []
    assert ids(tracker.update([face], 2.6)) == [2]


def test_ids_are_never_reused() -> None:
    tracker = Tracker(max_gap_s=0.1, hold_s=0)
    seen = [ids(tracker.update([face_at(10, 10)] if step % 2 else [], float(step))) for step in range(8)]
    assert [one for step in seen for one in step] == [1, 2, 3, 4]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 600), st.integers(0, 400), st.integers(30, 90)), max_size=6), max_size=6
    ),
    st.randoms(use_true_random=False),
)
def test_tracks_do_not_depend_on_the_order_of_detections(frames: list[list[tuple[int, int, int]]], random) -> None:
    one, other = Tracker(), Tracker()
    for step, places in enumerate(frames):
        shuffled = random.sample(places, len(places))
        tracks = one.update([face_at(*place) for place in places], step * 0.2)
        tracks_too = other.update([face_at(*place) for place in shuffled], step * 0.2)
        assert [(t.track_id, *t.face.box_xyxy) for t in tracks] == [(t.track_id, *t.face.box_xyxy) for t in tracks_too]
        assert len(set(ids(tracks))) == len(tracks) >= len(places)


@given(st.lists(st.tuples(st.floats(-100, 100), st.booleans()), max_size=20))
def test_any_clock_is_survived(steps: list[tuple[float, bool]]) -> None:
    tracker = Tracker()
    known = 0
    for time_s, there in steps:
        tracks = tracker.update([face_at(10, 10)] if there else [], time_s)
        assert len(tracks) == 1 or not there
        assert max(ids(tracks), default=known) >= known
        known = max(ids(tracks), default=known)


def test_a_small_step_back_keeps_the_track_and_a_jump_back_ends_it() -> None:
    tracker = Tracker()
    tracker.update([face_at(10, 10)], 30.0)
    assert ids(tracker.update([face_at(10, 10)], 29.9)) == [1]
    (track,) = tracker.update([face_at(10, 10)], 2.0)
    assert (track.track_id, track.found_s) == (2, 2.0)


@pytest.mark.parametrize("time_s", [float("nan"), float("inf")])
def test_a_time_that_is_no_number_is_an_error(time_s: float) -> None:
    with pytest.raises(ValueError, match="time_s must be a finite number of seconds"):
        Tracker().update([], time_s)


def test_a_negative_duration_is_an_error() -> None:
    with pytest.raises(ValueError, match="must be at least 0, got -1"):
        Tracker(max_gap_s=-1)


def test_faces_are_followed_through_a_pan() -> None:
    face = Face(
        np.array([466, 267, 568, 412], np.float32),
        np.array([[490, 322], [538, 318], [518, 348], [496, 376], [536, 373]], np.float32),
        0.9,
    )
    tracker = Tracker()
    tracker.follow(window(0, 0), 0.0)
    tracker.update([face], 0.0)
    for step in range(1, 8):
        x, y = 9 * step, 4 * step
        (track,) = tracker.follow(window(x, y), step / 25)
        expected = in_window(face, x, y)
        assert np.abs(track.face.landmarks_xy - expected.landmarks_xy).max() < 2.0
        assert np.abs(track.face.box_xyxy - expected.box_xyxy).max() < 3.0
    assert (track.track_id, track.found_s) == (1, 0.0)


def test_what_cannot_be_followed_is_hidden_until_found_again() -> None:
    face = face_at(466, 267, 100)
    tracker = Tracker()
    tracker.follow(window(0, 0), 0.0)
    tracker.update([face], 0.0)
    noise = np.random.default_rng(0).integers(0, 256, (600, 900), np.uint8)
    assert tracker.follow(noise, 0.04) == ()
    assert tracker.follow(window(0, 0), 0.08) == ()
    assert ids(tracker.update([face], 0.08)) == [1]


def test_without_a_frame_to_start_from_faces_stay() -> None:
    face = face_at(466, 267, 100)
    tracker = Tracker()
    tracker.update([face], 0.0)
    (track,) = tracker.follow(window(40, 0), 0.04)
    assert track.face is face
    (track,) = tracker.follow(window(40, 0)[:300], 0.08)
    assert track.face is face


def test_following_needs_a_gray_frame() -> None:
    with pytest.raises(ValueError, match="frame_gray must be a uint8 array"):
        Tracker().follow(np.zeros((9, 9, 3), np.uint8), 0.0)


def test_after_forgetting_all_the_same_face_is_a_new_track() -> None:
    tracker = Tracker()
    tracker.follow(window(0, 0), 0.0)
    tracker.update([face_at(10, 10)], 0.0)
    tracker.forget_all()
    assert tracker.follow(window(0, 0), 0.04) == ()
    assert ids(tracker.update([face_at(10, 10)], 0.08)) == [2]
