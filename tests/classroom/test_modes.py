"""How much of a lesson is told, in each mode."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fewshot.classroom.modes import SMALLEST_GROUP, in_groups, in_mode, people_as, pseudonyms, seconds_as
from fewshot.lesson import ABSENT, stricter
from fewshot.types import NOBODY, Emotion, Face, FrameResult, Match, Reading
from tests.builders import person, unit
from tests.lessons import make_seconds

ZOE = replace(person("Zoe", unit(1)), number=417)
ADA = replace(person("Ada", unit(0, 1)), number=503)
BO = replace(person("Bo", unit(0, 0, 1)), number=101)


def frame(*matches: Match) -> FrameResult:
    face = Face(np.array([0, 0, 9, 9], np.float32), np.zeros((5, 2), np.float32), 0.9)
    emotion = Emotion("happy", {"happy": 1.0}, 0.0, "generic")
    return FrameResult(0, 0.0, 640, 480, tuple(Reading(i, face, match, emotion) for i, match in enumerate(matches)))


def test_numbers_stay_whoever_comes_or_goes() -> None:
    numbers = pseudonyms([ADA, ZOE])
    assert numbers == {"zoe": "Student 417", "ada": "Student 503"}
    assert list(pseudonyms([ADA, ZOE, BO])) == ["bo", "zoe", "ada"]
    assert pseudonyms([ADA, ZOE, BO]) == numbers | {"bo": "Student 101"}
    assert pseudonyms([ADA]) == {"ada": "Student 503"}


def test_what_is_drawn_of_a_frame() -> None:
    seen = frame(Match("ada", "Ada", 0.9), NOBODY)
    assert in_mode(seen, "full", [ADA, ZOE]) is seen
    assert [r.match.name for r in in_mode(seen, "anonymous", [ADA, ZOE]).readings] == ["Student 503", None]
    assert in_mode(seen, "aggregate", [ADA, ZOE]).readings == ()


def test_people_and_lessons_are_called_and_sorted_by_number() -> None:
    numbers = pseudonyms([ADA, ZOE])
    assert [p.name for p in people_as([ADA, ZOE], numbers)] == ["Student 417", "Student 503"]
    lesson = seconds_as(make_seconds({"Ada": ["sad"], "Zoe": ["happy"]}), numbers)
    assert [(key, student.name) for key, student in lesson.students.items()] == [
        ("zoe", "Student 417"),
        ("ada", "Student 503"),
    ]


def test_a_group_too_small_is_left_out() -> None:
    looks = {f"P{i}": ["happy", "happy" if i else ABSENT, "sad"] for i in range(SMALLEST_GROUP)}
    assert in_groups(make_seconds(looks)).seconds.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("mode", "other", "told"),
    [("full", "full", "full"), ("full", "anonymous", "anonymous"), ("aggregate", "anonymous", "aggregate")],
)
def test_the_stricter_mode_counts(mode: str, other: str, told: str) -> None:
    assert stricter(mode, other) == stricter(other, mode) == told
