"""The report of a lesson: pure functions from what was kept of it to what a page, a document and a spreadsheet show."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fewshot.classroom.attention import Notice, review_attention
from fewshot.classroom.modes import SMALLEST_GROUP, in_groups
from fewshot.classroom.mood import Mood, class_mood, count_looks, mean_valence, valence_of
from fewshot.classroom.turns import Turn, find_turns
from fewshot.config import ClassroomConfig
from fewshot.lesson import ABSENT, LEGEND, Bookmark, ClassSeconds, KeptLesson, LessonEntry, LessonTotals
from fewshot.types import UInt8

STEPS = 120
"""About so many steps are drawn, whatever the length of the lesson."""


@dataclass(frozen=True)
class Choice:
    """What a report is of.

    Attributes:
        begin_s, end_s: From which second of the lesson, and up to which, not included; None for its end.
        only: Person_ids; None for everybody. Not for a report without individuals, which would tell one by what is missing.
        aggregate: Without individuals.
    """

    begin_s: int = 0
    end_s: int | None = None
    only: Collection[str] | None = None
    aggregate: bool = False


@dataclass(frozen=True, eq=False)
class Looks:
    """How often a student, or a class, looked how.

    Attributes:
        shares: Share of the time in view by label, ``unsure`` included.
        valence: Mean valence in [-1, 1]; None where no emotion was named.
    """

    shares: Mapping[str, float]
    valence: float | None


@dataclass(frozen=True, eq=False)
class StudentReport:
    """One student's lesson.

    Attributes:
        person_id: The student's key.
        name: The student's name.
        in_view: Share of the seconds since the student was first seen.
        turned: Share of the time in view with the face turned away.
        looks: Over the lesson.
        strip: (k,) uint8. What was seen most often in each step of the mood: positions in its labels.
    """

    person_id: str
    name: str
    in_view: float
    turned: float
    looks: Looks
    strip: UInt8


@dataclass(frozen=True, eq=False)
class Compared:
    """A whole lesson beside others."""

    entry: LessonEntry
    looks: Looks


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that is shown of a lesson.

    Attributes:
        entry: Which lesson.
        choice: Which part of it.
        lesson: The seconds; None in a report without individuals.
        by_second: The mood in steps of one second, of nobody in seconds with too few students.
        mood: The same in k steps, absent students counted.
        students: How many; none of them in a report without individuals that has fewer than :data:`SMALLEST_GROUP`.
        looks: What the class looked like.
        in_view: Mean number of students in view.
        thirds: Valence in the first and in the last third of the steps; None in a short lesson, and where one has none.
        individuals: One a student, sorted by name; empty in a report without individuals.
        notices: Who may have needed a look; empty in a report without individuals.
        turns: When the mood turned.
        bookmarks: Those in the part shown.
        compared: This lesson, whole, and earlier ones, in the order of time.
    """

    entry: LessonEntry
    choice: Choice
    lesson: ClassSeconds | None
    by_second: Mood
    mood: Mood
    students: int
    looks: Looks
    in_view: float
    thirds: tuple[float, float] | None
    individuals: tuple[StudentReport, ...]
    notices: tuple[Notice, ...]
    turns: tuple[Turn, ...]
    bookmarks: tuple[Bookmark, ...]
    compared: tuple[Compared, ...]

    @property
    def is_empty(self) -> bool:
        """Whether it tells of nobody: none was seen or, without individuals, too few at once."""
        return self.students == 0


def make_report(
    kept: KeptLesson, config: ClassroomConfig, choice: Choice, totals: Sequence[LessonTotals] = ()
) -> Report:
    """Return the report of a lesson.

    Args:
        kept: The lesson.
        config: What is noticed.
        choice: Which part of it.
        totals: Totals of the lesson itself and of those to compare it with; by :func:`group_totals` where individuals are hidden.
    """
    part = kept.seconds.at(_in_part(kept.seconds.seconds, choice))
    lesson = _told(part, choice)  # cut before it is grouped: a state that five showed in all may be one student's here
    counts = count_looks(lesson)
    mood = class_mood(lesson, _step_s(lesson))
    open_to_all = not choice.aggregate
    return Report(
        entry=kept.entry,
        choice=choice,
        lesson=lesson if open_to_all else None,
        by_second=class_mood(lesson, 1),
        mood=mood,
        students=int((lesson.codes() != LEGEND.index(ABSENT)).any(axis=1).sum()),
        looks=_looks(dict(zip(lesson.legend, counts.sum(axis=0).tolist(), strict=True))),
        in_view=float(counts[:, 1:].sum(axis=1).mean()) if len(counts) else 0.0,
        thirds=_thirds(mood),
        individuals=_individuals(lesson, mood) if open_to_all else (),
        # of the whole lesson: in a part of it nobody knows what is usual, nor since when
        notices=_notices(_told(kept.seconds, choice), config, choice) if open_to_all else (),
        turns=find_turns(lesson, config),
        bookmarks=tuple(mark for mark in kept.bookmarks if _in_part(np.array(mark.second), choice)),
        compared=tuple(
            Compared(total.entry, _looks(total.looks))
            for total in sorted(totals, key=lambda total: total.entry.began)
            if total.looks and ((open_to_all and _is_open(total.entry)) or total.entry.students >= SMALLEST_GROUP)
        ),
    )


def _is_open(entry: LessonEntry) -> bool:
    return entry.mode != "aggregate"


def group_totals(kept: KeptLesson) -> LessonTotals:
    """Return the totals of a lesson over the seconds in which no individual is told by them."""
    lesson = in_groups(kept.seconds)
    seconds = zip(lesson.legend, count_looks(lesson).sum(axis=0).tolist(), strict=True)
    return LessonTotals(kept.entry, {label: int(count) for label, count in seconds if count})


def _end_s(choice: Choice) -> float:
    return math.inf if choice.end_s is None else choice.end_s


def _in_part(seconds: np.ndarray, choice: Choice) -> np.ndarray:
    return (choice.begin_s <= seconds) & (seconds < _end_s(choice))


def _notices(lesson: ClassSeconds, config: ClassroomConfig, choice: Choice) -> tuple[Notice, ...]:
    noticed = review_attention(lesson, config)
    return tuple(one for one in noticed if one.second < _end_s(choice) and one.until > choice.begin_s)


def _told(lesson: ClassSeconds, choice: Choice) -> ClassSeconds:
    """Return a lesson of those whom a report may tell of."""
    if choice.aggregate:
        return in_groups(lesson)
    if choice.only is None:
        return lesson
    return replace(lesson, students={key: one for key, one in lesson.students.items() if key in choice.only})


def _step_s(lesson: ClassSeconds) -> int:
    """Return a round number of seconds that makes about :data:`STEPS` of the lesson."""
    span_s = int(lesson.seconds[-1] - lesson.seconds[0]) if len(lesson.seconds) else 0
    round_s = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600)
    return next((step_s for step_s in round_s if span_s <= STEPS * step_s), 1 + span_s // STEPS)


def _looks(seconds: Mapping[str, float]) -> Looks:
    """Return seconds by label as shares of the time in view."""
    in_view = {label: count for label, count in seconds.items() if label != ABSENT and count}
    total = sum(in_view.values())
    valence = mean_valence(valence_of(np.array([list(in_view.values())], np.float32), list(in_view)))
    return Looks({label: count / total for label, count in in_view.items()}, valence)


def _thirds(mood: Mood) -> tuple[float, float] | None:
    third = len(mood.seconds) // 3
    if third < 3:
        return None
    first, last = mean_valence(mood.valence[:third]), mean_valence(mood.valence[-third:])
    return None if first is None or last is None else (first, last)


def _individuals(lesson: ClassSeconds, mood: Mood) -> tuple[StudentReport, ...]:
    """Return one report a student, in the order in which the store sorts their names."""
    steps = {int(second // mood.step_s): position for position, second in enumerate(mood.seconds)}
    where = np.array([steps.get(int(step), -1) for step in lesson.seconds // mood.step_s], np.int64)
    return tuple(_individual(key, lesson, where, len(steps)) for key in lesson.students)


def _individual(key: str, lesson: ClassSeconds, where: np.ndarray, k: int) -> StudentReport:
    student, c = lesson.students[key], len(lesson.legend)
    codes, turned = student.codes[student.first :], student.turned[student.first :]
    counts = np.bincount(codes, minlength=c)
    cells = where[student.first :] * c + codes
    strip = np.bincount(cells, minlength=k * c).reshape(k, c).argmax(axis=1).astype(np.uint8)
    seen = len(codes) - int(counts[0])
    return StudentReport(
        person_id=key,
        name=student.name,
        in_view=seen / max(1, len(codes)),
        turned=float(turned.sum()) / max(1, seen),
        looks=_looks(dict(zip(lesson.legend, counts.tolist(), strict=True))),
        strip=strip,
    )
