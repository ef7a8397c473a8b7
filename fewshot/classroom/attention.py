"""Who may need a look, and why: each student against their own usual, never against others, and no score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fewshot.classroom.mood import UNPLEASANT
from fewshot.classroom.timeline import ABSENT, UNSURE, StudentSeconds, Timeline
from fewshot.config import ClassroomConfig

Reason = Literal["absent", "looks", "turned"]


@dataclass(frozen=True)
class Notice:
    """One student who may need a look.

    Attributes:
        person_id: Of the student.
        name: Of the student.
        reason: Which rule.
        for_s: Since how many seconds.
        text: The evidence, in words.
    """

    person_id: str
    name: str
    reason: Reason
    for_s: int
    text: str


def find_attention(timeline: Timeline, config: ClassroomConfig) -> tuple[Notice, ...]:
    """Return at most one notice a student, longest first; seconds are those in which frames came.

    Not in view for ``absent_s``; or turned away through ``turned_s``; or looking unpleasant, by one and the same emotion,
    through ``looks_s`` while the student usually looks otherwise. A look or a pose may be interrupted for ``gap_s``.
    """
    found = []
    for key, student in timeline.students().items():
        notice = _notice(key, student, timeline.legend, config)
        if notice is not None:
            found.append(notice)
    return tuple(sorted(found, key=lambda notice: (-notice.for_s, notice.name)))


def _notice(key: str, student: StudentSeconds, legend: tuple[str, ...], config: ClassroomConfig) -> Notice | None:
    codes = student.codes[student.first :]
    in_view = codes != legend.index(ABSENT)
    absent_s = _last_run(~in_view, 0)
    if absent_s >= config.absent_s:
        return Notice(key, student.name, "absent", absent_s, f"not seen for {_in_words(absent_s)}")
    turned_s = _last_run(student.turned[student.first :], config.gap_s)
    if turned_s >= config.turned_s:
        return Notice(key, student.name, "turned", turned_s, f"turned away for {_in_words(turned_s)}")
    for label in UNPLEASANT:
        looks_s = _last_run(codes == legend.index(label), config.gap_s)
        usual = _usual(codes[: len(codes) - looks_s], legend)
        if looks_s >= config.looks_s and usual != label:
            before = f", usually {usual}" if usual else ""
            return Notice(key, student.name, "looks", looks_s, f"looks {label} for {_in_words(looks_s)}{before}")
    return None


def _last_run(holds: np.ndarray, gap_s: int) -> int:
    """Return how many of the last seconds something holds, in a run without interruptions longer than ``gap_s``."""
    where = np.flatnonzero(holds)
    if len(where) == 0 or len(holds) - 1 - where[-1] > gap_s:
        return 0
    breaks = np.flatnonzero(np.diff(where) > gap_s + 1)
    start = where[breaks[-1] + 1] if len(breaks) else where[0]
    return int(len(holds) - start)


def _usual(codes: np.ndarray, legend: tuple[str, ...]) -> str | None:
    """Return the label that the student showed most often before; None where nothing was named."""
    counts = np.bincount(codes, minlength=len(legend)).astype(int)
    counts[[legend.index(ABSENT), legend.index(UNSURE)]] = 0
    return legend[int(counts.argmax())] if counts.any() else None


def _in_words(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
