"""Mood and attention of small classes, with a clock moved by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fewshot.classroom.attention import find_attention, review_attention
from fewshot.classroom.mood import class_mood, valence_lines, valence_trend
from fewshot.classroom.timeline import Timeline
from fewshot.classroom.wording import notice_in_words
from fewshot.compose import load
from fewshot.config import ClassroomConfig, LiveConfig
from fewshot.face.align import MEAN_FACE_XY
from fewshot.face.pose import HEAD_XYZ
from fewshot.lesson import ABSENT, UNSURE
from fewshot.messages import messages
from fewshot.types import Emotion, Face, FrameResult, Match, Reading
from tests.lessons import make_seconds

RULES = load(LiveConfig, []).classroom
BOX = np.array([0, 0, 100, 100], np.float32)
FRONTAL = Face(BOX, (MEAN_FACE_XY * 100).astype(np.float32), 0.9)


def turned(yaw_deg: float) -> Face:
    """The mean head, turned."""
    yaw = np.radians(yaw_deg)
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    return Face(BOX, (HEAD_XYZ @ turn.T)[:, :2].astype(np.float32) * 100, 0.9)


class Class:
    """A timeline and the clock that it is fed by, four frames a second."""

    def __init__(self) -> None:
        self.timeline, self.now_s = Timeline(RULES.turned_deg, RULES.usual_s), 1000.0

    def show(self, seconds: float, face: Face = FRONTAL, **looks: str | None) -> None:
        """Let students, by name, look so for a while; whoever is not named is not in view."""
        readings = tuple(
            Reading(i, face, Match(name.lower(), name, 0.9), Emotion(label, {"happy": 1.0}, 0.0, "personal"))
            for i, (name, label) in enumerate(looks.items())
        )
        for _ in range(round(seconds * 4)):
            self.timeline.add(FrameResult(0, 0.0, 640, 480, readings), self.now_s)
            self.now_s += 0.25

    def codes(self, key: str) -> list[str]:
        """What each second says of a student."""
        self.timeline.add(FrameResult(0, 0.0, 640, 480, ()), self.now_s + 1)  # ends the current second
        seen = self.timeline.so_far()
        return [seen.legend[code] for code in seen.students[key].codes]

    def notices(self, rules: ClassroomConfig = RULES) -> list[tuple[str, str]]:
        """Who may need a look, and why."""
        return [
            (notice.name, notice_in_words(notice, messages()))
            for notice in find_attention(self.timeline.so_far(), rules)
        ]


def test_a_second_is_what_was_seen_most_often_in_it() -> None:
    lesson = Class()
    lesson.show(0.75, Ada="happy")
    lesson.show(0.25, Ada="sad")
    lesson.show(1, Ada=None)
    lesson.show(1, Bo="confused")
    assert lesson.codes("ada") == ["happy", UNSURE, ABSENT]
    assert lesson.codes("bo")[:3] == [ABSENT, ABSENT, "confused"]
    assert lesson.timeline.so_far().students["bo"].first == 2


def test_a_pause_of_the_capture_leaves_no_trace() -> None:
    lesson = Class()
    lesson.show(10, Ada="happy")
    lesson.now_s += 600
    lesson.show(10, Ada="happy")
    assert lesson.codes("ada") == ["happy"] * 20
    assert lesson.notices() == []
    assert lesson.timeline.so_far().seconds[9:11].tolist() == [1009, 1610]


def test_the_mood_is_shares_of_those_seen_so_far() -> None:
    lesson = Class()
    lesson.show(10, Ada="happy")
    lesson.show(10, Ada="happy", Bo="sad")
    lesson.show(10, Bo=None)
    lesson.codes("ada")
    mood = class_mood(lesson.timeline.so_far(), step_s=10)
    by_label = {label: mood.shares[:, i].tolist() for i, label in enumerate(mood.labels)}
    assert by_label["happy"] == [1.0, 0.5, 0.0]
    assert by_label["sad"] == [0.0, 0.5, 0.0]
    assert (by_label[ABSENT], by_label[UNSURE]) == ([0.0, 0.0, 0.5], [0.0, 0.0, 0.5])
    np.testing.assert_allclose(mood.shares.sum(axis=1), 1)
    np.testing.assert_array_equal(mood.valence, [1.0, 0.0, np.nan])
    assert mood.seconds == (1004.5, 1014.5, 1024.5)


def test_the_trend_is_the_last_minute_against_what_was_before() -> None:
    lesson = Class()
    assert valence_trend(class_mood(lesson.timeline.so_far(), 1), 60) is None
    lesson.show(50, Ada="happy", Bo="happy")
    assert valence_trend(class_mood(lesson.timeline.so_far(), 1), 60) is None, "there is no before"
    lesson.show(100, Ada="happy", Bo="sad")
    trend = valence_trend(class_mood(lesson.timeline.so_far(), 1), 60)
    assert trend is not None
    now, change = trend
    assert now == pytest.approx(0.0)
    assert change == pytest.approx(-50 / 90, abs=0.02)


def test_the_trend_knows_nothing_of_times_in_which_nobody_was_named() -> None:
    looks = ["sad"] * 100 + [ABSENT] * 100
    assert valence_trend(class_mood(make_seconds({"Ada": looks}), 1), 60) is None
    trend = valence_trend(class_mood(make_seconds({"Ada": [*looks, *["sad"] * 20]}), 1), 60)
    assert trend == (-1.0, 0.0), "not better for having been away"


def test_before_anybody_is_seen_there_is_no_mood() -> None:
    lesson = Class()
    assert class_mood(lesson.timeline.so_far(), step_s=5).seconds == ()
    lesson.show(20)
    assert class_mood(lesson.timeline.so_far(), step_s=5).seconds == ()
    assert lesson.notices() == []
    with pytest.raises(ValueError, match="step_s must be at least 1, got 0"):
        class_mood(lesson.timeline.so_far(), step_s=0)


def test_a_students_line_is_the_valence_lately_and_0_where_nothing_was_named() -> None:
    looks = {
        "Ada": ["sad"] * 10 + ["happy"] * 10 + ["happy"] * 5 + ["sad"] * 5 + [UNSURE] * 5 + ["sad"] * 5 + [ABSENT] * 10,
        "Bo": ["happy"] + [ABSENT] * 49,
    }
    lines = valence_lines(make_seconds(looks), last_s=40, step_s=10)
    assert lines["ada"] == [1.0, 0.0, -1.0, 0.0]
    assert lines["bo"] == [0.0] * 4
    assert valence_lines(make_seconds({}), last_s=40, step_s=10) == {}


def test_a_long_unusual_look_is_noticed_and_a_short_one_is_not() -> None:
    lesson = Class()
    lesson.show(100, Ada="neutral", Bo="happy")
    lesson.show(39, Ada="sad", Bo="happy")
    assert lesson.notices() == []
    lesson.show(10, Ada="sad", Bo="happy")
    assert lesson.notices() == [("Ada", "looks sad for 48 s, usually neutral")]
    lesson.show(4, Ada="neutral", Bo="happy")
    assert len(lesson.notices()) == 1, "a short interruption changes nothing"
    lesson.show(10, Ada="neutral", Bo="happy")
    assert lesson.notices() == []


@pytest.mark.parametrize("between", ["happy", None])
def test_a_second_now_and_then_is_no_long_look(between: str | None) -> None:
    lesson = Class()
    lesson.show(60, Ada="neutral")
    for _ in range(12):
        lesson.show(1, Ada="sad")
        lesson.show(5, **({"Ada": between} if between else {}))
    assert lesson.notices() == []
    lesson.show(1, turned(55), Ada="neutral")
    for _ in range(12):
        lesson.show(5, Ada="neutral")
        lesson.show(1, turned(55), Ada="neutral")
    assert lesson.notices() == []


def test_an_interruption_does_not_count_as_the_look() -> None:
    lesson = Class()
    lesson.show(60, Ada="neutral")
    lesson.show(36, Ada="sad")
    lesson.show(5, Ada="happy")
    assert lesson.notices() == [], "36 s are less than 40"
    lesson.show(10, Ada="sad")
    assert lesson.notices() == [("Ada", "looks sad for 45 s, usually neutral")]


@pytest.mark.parametrize("solid_first", [True, False])
def test_seconds_beside_it_hide_no_long_look(solid_first: bool) -> None:
    sparse, solid = (["sad"] + ["happy"] * 5) * 40, ["sad"] * 60
    looks = ["neutral"] * 60 + (solid + sparse if solid_first else sparse + solid)
    lesson = make_seconds({"Ada": looks})
    ((second, for_s),) = ((notice.second, notice.for_s) for notice in review_attention(lesson, RULES))
    assert second == (60 if solid_first else 300)
    assert for_s == (62 if solid_first else 60)


def test_a_face_that_always_looks_sad_is_not_noticed() -> None:
    lesson = Class()
    lesson.show(60, Ada="sad")
    lesson.show(10, Ada="neutral")
    lesson.show(60, Ada="sad")
    assert lesson.notices() == []


def test_turned_away_and_not_seen_are_noticed_and_the_longest_comes_first() -> None:
    lesson = Class()
    lesson.show(5, Ada="neutral", Bo="neutral")
    lesson.show(65, turned(55), Ada="neutral")
    assert lesson.notices() == [("Ada", "turned away for 64 s")]
    lesson.show(60, turned(55), Ada="neutral")
    assert lesson.notices() == [("Ada", "turned away for 2 min"), ("Bo", "not seen for 2 min")]
    lesson.show(10, Ada="neutral", Bo="neutral")
    assert lesson.notices() == []


def test_a_camera_at_the_side_is_told_until_it_is_known_to_be_usual() -> None:
    lesson = Class()
    lesson.show(250, turned(50), Ada="neutral")
    assert lesson.notices() == [("Ada", "turned away for 4 min")]
    lesson.show(120, turned(50), Ada="neutral")
    assert lesson.notices() == []
    lesson.show(90, Ada="neutral")  # into the camera
    lesson.show(90, turned(30), Ada="neutral")  # not that far
    assert lesson.notices() == []
    lesson.show(70, turned(-50), Ada="neutral")
    assert lesson.notices() == [("Ada", "turned away for 69 s")]


def test_who_mostly_looks_into_the_camera_is_turned_away_after_any_time() -> None:
    lesson = Class()
    lesson.show(400, Ada="neutral")
    lesson.show(310, turned(50), Ada="neutral")
    assert lesson.notices() == [("Ada", "turned away for 5 min")]


def test_thresholds_are_those_of_the_config() -> None:
    lesson = Class()
    lesson.show(20, Ada="neutral")
    lesson.show(12, Ada="angry")
    assert lesson.notices(replace(RULES, looks_s=10)) == [("Ada", "looks angry for 11 s, usually neutral")]


def test_an_hour_of_thirty_students_is_small() -> None:
    timeline = Timeline(35, 300)
    readings = tuple(
        Reading(i, FRONTAL, Match(str(i), str(i), 0.9), Emotion("happy", {"happy": 1.0}, 0.0, "generic"))
        for i in range(30)
    )
    for second in range(600):
        timeline.add(FrameResult(0, 0.0, 640, 480, readings), float(second))
    kept = sum(len(student.codes) + len(student.turned) for student in timeline._students.values())
    assert kept == 2 * 30 * 599
