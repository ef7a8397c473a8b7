"""Who may need a look, and why: each student against their own usual, never against others, and no score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fewshot.classroom.mood import UNPLEASANT
from fewshot.config import ClassroomConfig
from fewshot.lesson import ABSENT, UNSURE, ClassSeconds, StudentSeconds

Reason = Literal["absent", "looks", "turned"]


@dataclass(frozen=True)
class Notice:
    """One student who may need a look.

    Attributes:
        person_id: The student's key.
        name: The student's name.
        reason: Which rule.
        second: Since when, in seconds since the lesson began.
        until: Until when, the last second not included.
        for_s: In how many seconds since then it held; interruptions are not counted.
        label: Which emotion; None unless the reason is ``looks``.
        usual: Which one it usually is, where one is known.
    """

    person_id: str
    name: str
    reason: Reason
    second: int
    until: int
    for_s: int
    label: str | None = None
    usual: str | None = None

    @property
    def key(self) -> str:
        """What tells it apart from every other of its lesson, as long as it lasts."""
        return f"{self.person_id} {self.reason} {self.second}"


def find_attention(lesson: ClassSeconds, config: ClassroomConfig) -> tuple[Notice, ...]:
    """Return at most one notice a student, as it is now, longest first; seconds are those in which frames came.

    Not in view for ``absent_s``; or turned away through ``turned_s``; or looking unpleasant, by one and the same emotion,
    through ``looks_s`` while the student usually looks otherwise. A look or a pose may be interrupted for ``gap_s``,
    but for no longer than it lasted just before.
    """
    now = len(lesson.seconds)
    found = []
    for key, student in lesson.students.items():
        lasting = (notice for notice, end in _notices(key, student, lesson, config, only_to=now) if end == now)
        notice = next(lasting, None)
        if notice is not None:
            found.append(notice)
    return tuple(sorted(found, key=lambda notice: (-notice.for_s, notice.name)))


def review_attention(lesson: ClassSeconds, config: ClassroomConfig) -> tuple[Notice, ...]:
    """Return every notice that :func:`find_attention` gave or would have given, as long as it got, in the order of time."""
    found = [notice for key, student in lesson.students.items() for notice, _ in _notices(key, student, lesson, config)]
    return tuple(sorted(found, key=lambda notice: (notice.second, notice.name)))


def _notices(
    key: str,
    student: StudentSeconds,
    lesson: ClassSeconds,
    config: ClassroomConfig,
    only_to: int | None = None,
) -> Iterator[tuple[Notice, int]]:
    """Yield the notices of one student, rule by rule, each with the position where it ends; with ``only_to``, only those that end there."""
    codes, turned, first = student.codes[student.first :], student.turned[student.first :], student.first

    def notices(
        reason: Reason, holds: np.ndarray, gap_s: int, at_least_s: int, label: str | None = None
    ) -> Iterator[tuple[Notice, int]]:
        for start, end in _runs(holds, gap_s):
            for_s = int(holds[start:end].sum())
            if for_s < at_least_s or only_to not in (None, first + end):
                continue
            usual = None if label is None else _usual(codes[:start], lesson.legend)
            if label is None or usual != label:
                second, last = lesson.seconds[[first + start, first + end - 1]].tolist()
                yield Notice(key, student.name, reason, second, last + 1, for_s, label, usual), first + end

    yield from notices("absent", codes == lesson.legend.index(ABSENT), 0, config.absent_s)
    yield from notices("turned", turned, config.gap_s, config.turned_s)
    for label in UNPLEASANT:
        yield from notices("looks", codes == lesson.legend.index(label), config.gap_s, config.looks_s, label)


def _runs(holds: np.ndarray, gap_s: int) -> list[tuple[int, int]]:
    """Return [start, end) of every run in which something holds, with interruptions of up to ``gap_s``.

    One that is longer than the stretch before it ends the run: a second now and then adds up to nothing. The last run goes on
    to the end where the interruption may still be one.
    """
    runs: list[tuple[int, int]] = []
    lasted = 0
    for start, end in np.flatnonzero(np.diff(holds.astype(np.int8), prepend=0, append=0)).reshape(-1, 2).tolist():
        if runs and start - runs[-1][1] <= min(gap_s, lasted):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
        lasted = end - start
    if runs and len(holds) - runs[-1][1] <= min(gap_s, lasted):
        runs[-1] = (runs[-1][0], len(holds))
    return runs


def _usual(codes: np.ndarray, legend: tuple[str, ...]) -> str | None:
    """Return the label that the student showed most often before; None where nothing was named."""
    counts = np.bincount(codes, minlength=len(legend)).astype(int)
    counts[[legend.index(ABSENT), legend.index(UNSURE)]] = 0
    return legend[int(counts.argmax())] if counts.any() else None
