"""Made-up lessons for tests: reproducible, second by second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from fewshot.lesson import ABSENT, LEGEND, ClassSeconds, LessonEntry, StudentSeconds

BEGAN = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)


def make_entry(lesson_id: str = "lesson-1", title: str = "", began: datetime = BEGAN) -> LessonEntry:
    """Return a lesson of which nothing is kept yet."""
    return LessonEntry(lesson_id, title, began)


def make_seconds(
    looks: Mapping[str, Sequence[str]],
    turned: Mapping[str, Sequence[bool]] | None = None,
    seconds: Sequence[int] | None = None,
) -> ClassSeconds:
    """Return what students, by name, looked like second by second; their key is the name in lower case."""
    legend = (*LEGEND, *sorted({label for labels in looks.values() for label in labels} - set(LEGEND)))
    length = max((len(labels) for labels in looks.values()), default=0)
    students = {}
    for name, labels in looks.items():
        codes = np.array([legend.index(label) for label in labels], np.uint8)
        in_view = np.flatnonzero(codes != legend.index(ABSENT))
        is_turned = np.array((turned or {}).get(name, [False] * length), bool)
        students[name.lower()] = StudentSeconds(name, codes, is_turned, int(in_view[0]) if len(in_view) else length)
    at = np.arange(length) if seconds is None else np.array(seconds)
    return ClassSeconds(at.astype(np.int64), np.zeros(length, np.int64), legend, students)


def as_values(lesson: ClassSeconds) -> tuple[object, ...]:
    """Return a lesson as values that compare by ==, whatever the order of its students and its states."""
    students = {
        key: (
            student.name,
            [lesson.legend[code] for code in student.codes],
            student.turned.tolist(),
            student.first,
        )
        for key, student in lesson.students.items()
    }
    return lesson.seconds.tolist(), lesson.strangers.tolist(), students
