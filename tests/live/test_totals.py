from __future__ import annotations

import pytest

from fewshot.live.totals import Totals
from tests.live.builders import make_emotion, make_match, make_reading, make_result


def test_seconds_by_person_and_emotion():
    totals = Totals()
    for k in range(21):
        label = "happy" if k <= 10 else None
        ada = make_reading(1, emotion=make_emotion(label, 0.8 if label else 0.2))
        stranger = [make_reading(2, match=make_match(None), emotion=make_emotion("sad"))] if k % 2 else []
        totals.add(make_result(ada, *stranger, time_s=k / 10))
    ada = totals.people["Ada"]
    assert (ada.seconds, ada.by_label_s["happy"], ada.unsure_s) == pytest.approx((2.0, 1.0, 1.0))
    assert totals.people["unknown"].seconds == pytest.approx(1.0)


def test_a_pause_or_a_clock_that_jumps_back_adds_little():
    totals = Totals()
    for time_s in (0.0, 500.0, 3.0, 3.5):
        totals.add(make_result(make_reading(), time_s=time_s))
    assert totals.people["Ada"].seconds == pytest.approx(1.0 + 0.0 + 0.5)


def test_a_frame_that_comes_rarely_stands_for_all_its_time():
    totals = Totals(analyze_fps=0.1)
    for time_s in (0.0, 10.0, 20.0, 500.0):
        totals.add(make_result(make_reading(), time_s=time_s))
    assert totals.people["Ada"].seconds == pytest.approx(10.0 + 10.0 + 15.0)


def test_table_has_a_line_a_person_and_strangers_last():
    totals = Totals()
    for time_s in (0.0, 1.0):
        readings = [
            make_reading(1, match=make_match("Zoë"), emotion=make_emotion("happy")),
            make_reading(2, match=make_match(None), emotion=make_emotion("sad")),
            make_reading(3, match=make_match("Ada"), emotion=make_emotion(None, 0.2)),
        ]
        totals.add(make_result(*readings, time_s=time_s))
    header, *lines = totals.table().splitlines()
    assert header.split() == [
        "student",
        "seconds",
        "angry",
        "disgust",
        "fear",
        "happy",
        "sad",
        "surprise",
        "neutral",
        "unsure",
    ]
    assert [line.split()[0] for line in lines] == ["Ada", "Zoë", "unknown"]
    assert lines[0].split()[1:] == ["1.0", "0%", "0%", "0%", "0%", "0%", "0%", "0%", "100%"]
    assert lines[1].split()[5] == "100%"


def test_a_single_frame_has_no_duration_and_an_empty_room_no_table():
    totals = Totals()
    assert totals.table() == ""
    totals.add(make_result(make_reading()))
    assert totals.table().splitlines()[1].split()[:3] == ["Ada", "0.0", "-"]


def test_account_counts_frames_and_faces():
    totals = Totals()
    totals.add(make_result())
    totals.add(make_result(make_reading(1), make_reading(2)))
    assert totals.account() == "frames: 2 analyzed, 1 of them without a face, at most 2 faces"


def test_mean_timing():
    totals = Totals()
    assert totals.mean_timing_ms() == {}
    totals.add(make_result())
    totals.add(make_result())
    assert totals.mean_timing_ms() == {"detect": 10.0, "embed": 2.0}
