"""A lesson as it is kept: what the class looked like second by second, its bookmarks, and its place in the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fewshot.config import MODES
from fewshot.types import EMOTIONS, Int64, UInt8

ABSENT, UNSURE = "absent", "unsure"
"""What a second says of a student who was not in view, and of one whose face named no emotion."""

LEGEND: tuple[str, ...] = (ABSENT, UNSURE, *EMOTIONS)
"""What codes stand for in every lesson; states of the teacher's own follow as they appear."""


@dataclass(frozen=True, eq=False)
class StudentSeconds:
    """One student's lesson.

    Attributes:
        name: The student's name.
        codes: (n,) uint8, one a second: positions in the ``legend`` of the class.
        turned: (n,) bool. Whether the face was turned far from the camera.
        first: Position of the second from which the student counts: the first in view; n where there is none.
    """

    name: str
    codes: UInt8
    turned: NDArray[np.bool_]
    first: int


@dataclass(frozen=True, eq=False)
class ClassSeconds:
    """A lesson, or a part of one: the seconds in which frames came, and what each recognized student looked like in them.

    Attributes:
        seconds: (n,) int64, ascending, since the lesson began.
        strangers: (n,) int64. The most faces at once that nobody's enrollment matched.
        legend: What the codes stand for; begins with :data:`LEGEND`.
        students: One a student, by person_id.
    """

    seconds: Int64
    strangers: Int64
    legend: tuple[str, ...]
    students: Mapping[str, StudentSeconds]

    def codes(self) -> UInt8:
        """Return (s, n) uint8, one row a student in the order of ``students``."""
        rows = [student.codes for student in self.students.values()]
        return np.stack(rows) if rows else np.zeros((0, len(self.seconds)), np.uint8)

    def at(self, where: NDArray[np.bool_]) -> ClassSeconds:
        """Return the seconds at which (n,) ``where`` is true; students not in view by then are left out."""
        index = np.flatnonzero(where)
        cut = {
            key: replace(
                student,
                codes=student.codes[index],
                turned=student.turned[index],
                first=int(np.searchsorted(index, student.first)),
            )
            for key, student in self.students.items()
        }
        seen = {key: student for key, student in cut.items() if student.first < len(index)}
        return replace(self, seconds=self.seconds[index], strangers=self.strangers[index], students=seen)


NO_SECONDS = ClassSeconds(np.zeros(0, np.int64), np.zeros(0, np.int64), LEGEND, {})
"""The seconds of a lesson that has not begun."""


@dataclass(frozen=True)
class Bookmark:
    """A moment that the teacher wants to find again. ``second``: since the lesson began."""

    second: int
    note: str


def stricter(mode: str, other: str) -> str:
    """Return which of two modes tells less."""
    return max(mode, other, key=MODES.index)


@dataclass(frozen=True)
class LessonEntry:
    """A lesson in a list of them.

    Attributes:
        lesson_id: Stable key; part of the address of its page.
        title: The teacher's; empty where none was given.
        began: UTC.
        ended: UTC, when the teacher ended it; None while it runs, or where it was only left.
        length_s: Until its last second, the first being 0; 0 where nothing was seen.
        students: How many were recognized in it.
        mode: How much may be told of it, one of :data:`fewshot.config.MODES`.
        course: The class that is taught, such as 7b; empty for everybody enrolled.
    """

    lesson_id: str
    title: str
    began: datetime
    ended: datetime | None = None
    length_s: int = 0
    students: int = 0
    mode: str = MODES[0]
    course: str = ""


@dataclass(frozen=True, eq=False)
class KeptLesson:
    """Everything kept of one lesson."""

    entry: LessonEntry
    seconds: ClassSeconds
    bookmarks: tuple[Bookmark, ...]


@dataclass(frozen=True)
class LessonTotals:
    """A whole lesson in a few numbers.

    Attributes:
        entry: Which lesson.
        looks: Seconds by label, summed over everybody in view.
    """

    entry: LessonEntry
    looks: Mapping[str, int]
