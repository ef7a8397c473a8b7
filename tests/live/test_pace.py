"""How much of its work a frame does: everything without a budget, what is affordable with one."""

from __future__ import annotations

import weakref

import pytest

from fewshot.live.pace import DETECT_SHARE, IDENTIFY_SHARE, STILL_HERE_S, Pace, Streams


def running(budget_ms: float | None = 50.0, interval_s: float = 0.1) -> Pace:
    """A stream of frames that lie ``interval_s`` apart."""
    pace = Pace(budget_ms, refresh_s=0.2)
    for k in range(20):
        pace.begin(k * interval_s)
    return pace


def test_without_a_budget_everything_is_done_whatever_it_costs():
    pace = running(budget_ms=None)
    pace.note("detect", 1, 5000.0)
    pace.note("identify", 1, 5000.0)
    assert pace.detect_every_s(0.2) == 0.2
    assert pace.identify_every_s(3.0, faces=49) == 3.0
    assert pace.affordable("read", 5000.0, at_least=0) is None


def test_slow_stages_happen_less_often_and_fast_ones_as_wanted():
    pace = running()
    pace.note("detect", 1, 100.0)
    pace.note("identify", 4, 40.0)
    assert pace.detect_every_s(0.2) == pytest.approx(0.1 / DETECT_SHARE)
    assert pace.detect_every_s(2.0) == 2.0
    assert pace.identify_every_s(3.0, faces=49) == pytest.approx(49 * 0.01 / IDENTIFY_SHARE)
    assert pace.identify_every_s(3.0, faces=1) == 3.0


def test_what_is_left_of_the_budget_is_spent_and_no_less_than_must_be():
    pace = running(budget_ms=50.0)
    assert pace.affordable("read", 0.0, at_least=1) is None, "nothing is known of its cost yet"
    pace.note("read", 10, 20.0)
    assert pace.affordable("read", 10.0, at_least=3) == 20
    assert pace.affordable("read", 49.0, at_least=3) == 3
    assert pace.affordable("read", 200.0, at_least=3) == 3


def test_a_stream_with_a_share_of_the_time_does_as_much_less():
    pace = running(budget_ms=50.0)
    pace.note("detect", 1, 100.0)
    pace.note("identify", 1, 10.0)
    pace.note("read", 1, 2.0)
    pace.begin(2.0, share=0.25)
    assert pace.detect_every_s(0.2) == pytest.approx(0.1 / DETECT_SHARE * 4)
    assert pace.identify_every_s(3.0, faces=9) == pytest.approx(0.09 / IDENTIFY_SHARE * 4)
    assert pace.affordable("read", 2.5, at_least=1) == 5
    pace.begin(2.1)
    assert pace.affordable("read", 10.0, at_least=1) == 20, "the others have ended"


def test_streams_share_the_cores_as_long_as_frames_come():
    streams, one = Streams(cores=2), object()
    assert [streams.share(stream, 0.0) for stream in (one, object(), object(), object())] == [1.0, 1.0, 2 / 3, 0.5]
    assert streams.share(one, STILL_HERE_S) == 0.5
    assert streams.share(one, STILL_HERE_S + 0.1) == 1.0, "the others have ended"


def test_a_stream_that_ended_is_not_kept():
    streams, one = Streams(cores=1), Pace(50.0, 0.2)
    gone = weakref.ref(one)
    streams.share(one, 0.0)
    del one
    streams.share(object(), STILL_HERE_S + 1.0)
    assert gone() is None


def test_every_face_has_its_turn_within_the_refresh_time():
    assert running(interval_s=0.1).fewest_to_read(49) == 25
    assert running(interval_s=0.05).fewest_to_read(8) == 2
    assert running(interval_s=1.0).fewest_to_read(49) == 49
    assert Pace(50.0, 0.2).fewest_to_read(49) == 49


def test_beside_others_every_face_has_its_turn_later():
    pace = Pace(50.0, refresh_s=0.2)
    for k in range(60):
        pace.begin(k * 0.2, share=0.25)
    assert pace.fewest_to_read(10) == 4, "each within half a second"
    for k in range(60, 120):
        pace.begin(k * 0.2, share=0.8)
    assert pace.fewest_to_read(10) == 8
    for k in range(120, 180):
        pace.begin(k * 0.2)
    assert pace.fewest_to_read(10) == 10


def test_a_clock_that_jumps_back_or_stands_still_changes_nothing():
    pace = running(interval_s=0.1)
    pace.begin(0.5)
    pace.begin(0.5)
    assert pace.fewest_to_read(10) == 5


def test_costs_follow_what_is_measured():
    pace = running(budget_ms=100.0)
    for _ in range(40):
        pace.note("read", 1, 1.0)
    for _ in range(40):
        pace.note("read", 1, 10.0)
    assert pace.affordable("read", 0.0, at_least=1) == 10
