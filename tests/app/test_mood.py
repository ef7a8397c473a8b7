"""What the chart of the mood is drawn from while a lesson runs."""

from __future__ import annotations

import numpy as np

from app.widgets.mood import mood_rows
from fewshot.classroom.modes import SMALLEST_GROUP, in_groups
from fewshot.classroom.mood import class_mood
from fewshot.lesson import ABSENT, ClassSeconds
from fewshot.messages import IN_ENGLISH
from tests.lessons import make_seconds


def drawn_at(lesson: ClassSeconds, seconds: list[int]) -> list[float]:
    """Which share the chart shows as happy at these seconds: that of the last point before."""
    rows = mood_rows(class_mood(lesson, 2), ["happy", "sad"], IN_ENGLISH)
    happy = [(float(str(row["seconds"])), float(str(row["share"]))) for row in rows if row["label"] == "happy"]
    begins = [begin for begin, _ in happy]
    assert begins == sorted(set(begins))
    return [happy[int(np.searchsorted(begins, second, side="right")) - 1][1] for second in seconds]


def test_a_mood_does_not_last_through_a_pause() -> None:
    lesson = make_seconds({"Ada": ["happy"] * 6}, seconds=[0, 1, 2, 3, 60, 61])
    assert drawn_at(lesson, [0, 3, 4, 59, 60, 61, 62]) == [1, 1, 0, 0, 1, 1, 0]


def test_a_second_that_a_slow_computer_left_out_is_no_slit() -> None:
    lesson = make_seconds({"Ada": ["happy"] * 4}, seconds=[0, 2, 5, 9])
    rows = mood_rows(class_mood(lesson, 1), ["happy"], IN_ENGLISH)
    assert [(row["seconds"], row["share"]) for row in rows] == [(0, 1), (2, 1), (5, 1), (9, 1), (10, 0)]


def test_what_is_not_told_of_a_small_group_is_not_drawn() -> None:
    looks = {f"S{i}": ["happy"] * 4 + [ABSENT if i == 0 else "sad"] * 6 + ["happy"] * 4 for i in range(SMALLEST_GROUP)}
    assert drawn_at(in_groups(make_seconds(looks)), [3, 4, 9, 10]) == [1, 0, 0, 1]


def test_nothing_is_drawn_of_nothing() -> None:
    assert mood_rows(class_mood(make_seconds({}), 1), ["happy"], IN_ENGLISH) == []
