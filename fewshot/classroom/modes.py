"""How much of a lesson is told: everything, students by a number, or the class as a whole. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from fewshot.lesson import ABSENT, LEGEND, UNSURE, ClassSeconds
from fewshot.messages import IN_ENGLISH, Messages
from fewshot.person import Person
from fewshot.types import FrameResult, Reading

SMALLEST_GROUP = 5
"""A report without individuals says nothing of fewer students."""


def pseudonyms(people: Iterable[Person], say: Messages = IN_ENGLISH) -> dict[str, str]:
    """Return ``Student 4172`` and so on by person_id, in the order of the numbers, which tells nothing of the names."""
    ordered = sorted(people, key=lambda person: person.number)
    return {person.person_id: say("settings.pseudonym", n=person.number) for person in ordered}


def in_mode(result: FrameResult, mode: str, people: Iterable[Person], say: Messages = IN_ENGLISH) -> FrameResult:
    """Return what may be drawn of a frame that was read with ``people``: all of it, pseudonyms for names, or no face."""
    if mode == "full":
        return result
    if mode == "aggregate":
        return replace(result, readings=())
    names = pseudonyms(people, say)
    return replace(result, readings=tuple(_renamed(reading, names) for reading in result.readings))


def _renamed(reading: Reading, names: Mapping[str, str]) -> Reading:
    key = reading.match.person_id
    return reading if key is None else replace(reading, match=replace(reading.match, name=names[key]))


def people_as(people: Iterable[Person], names: Mapping[str, str]) -> tuple[Person, ...]:
    """Return the people in ``names``, which maps person_id to what each is called, in its order."""
    by_id = {person.person_id: person for person in people}
    return tuple(replace(by_id[key], name=name) for key, name in names.items() if key in by_id)


def seconds_as(lesson: ClassSeconds, names: Mapping[str, str]) -> ClassSeconds:
    """Return a lesson with the students in ``names``, which maps person_id to what each is called, in its order."""
    students = {key: replace(lesson.students[key], name=name) for key, name in names.items() if key in lesson.students}
    return replace(lesson, students=students)


def in_groups(lesson: ClassSeconds) -> ClassSeconds:
    """Return the seconds in which no individual is told by what the class looks like: enough students are in view.

    A state of the teacher's own that fewer of them showed counts as unsure: whoever knows who was taught it would know who it was.
    """
    in_view = (lesson.codes() != LEGEND.index(ABSENT)).sum(axis=0)
    lesson = lesson.at(in_view >= SMALLEST_GROUP)
    codes, states = lesson.codes(), lesson.legend[len(LEGEND) :]
    shown_by = [int((codes == lesson.legend.index(state)).any(axis=1).sum()) for state in states]
    told = (*LEGEND, *(state for state, n in zip(states, shown_by, strict=True) if n >= SMALLEST_GROUP))
    code_of = np.array([told.index(label if label in told else UNSURE) for label in lesson.legend], np.uint8)
    students = {key: replace(student, codes=code_of[student.codes]) for key, student in lesson.students.items()}
    return replace(lesson, legend=told, students=students)
