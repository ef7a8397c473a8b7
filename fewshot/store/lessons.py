"""The lessons in the store: written a few seconds at a time while they run, read whole for the report.

No frame, crop or embedding comes here; of a stranger nothing but that there was one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, String, cast, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fewshot.config import MODES
from fewshot.errors import StoreError
from fewshot.lesson import (
    ABSENT,
    LEGEND,
    Bookmark,
    ClassSeconds,
    KeptLesson,
    LessonEntry,
    LessonTotals,
    StudentSeconds,
)
from fewshot.store.database import Database
from fewshot.store.lesson_tables import (
    AttendanceRow,
    BookmarkRow,
    LessonCourseRow,
    LessonModeRow,
    LessonRow,
    LookRow,
    SecondRow,
)
from fewshot.store.tables import PersonRow
from fewshot.types import Int64, UInt8

_BETWEEN_LABELS = "\x1f"
"""ASCII's unit separator."""


class LessonStore:
    """The lessons in the database of a teacher. Threads and processes may share it; each call is one transaction.

    Everything raises StoreError where the database cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, entry: LessonEntry, seconds: ClassSeconds, bookmarks: Sequence[Bookmark]) -> frozenset[str]:
        """Add a part of a lesson to what is kept of it; saving the same part again changes nothing.

        Args:
            entry: Its title, beginning and end replace those kept.
            seconds: Those up to the last one kept are passed over.
            bookmarks: All of the lesson, in order; those kept are passed over.

        Returns:
            The person_ids in ``seconds`` that nobody enrolled has, or no longer: nothing of them is kept.
        """
        try:
            with self._database.transaction(write=True) as session:
                _save_entry(session, entry)
                kept = session.scalar(select(func.count()).where(BookmarkRow.lesson_id == entry.lesson_id)) or 0
                for position, mark in enumerate(bookmarks[kept:], start=kept):
                    session.add(BookmarkRow(lesson_id=entry.lesson_id, position=position, **vars(mark)))
                return _save_seconds(session, entry.lesson_id, seconds)
        except IntegrityError as error:
            raise StoreError(
                f"A part of the lesson must be saved once, and another program saved it to {self._database.location} at the "
                "same time. Leave the lesson open in one place."
            ) from error

    def entries(self) -> tuple[LessonEntry, ...]:
        """Return all lessons, the newest first."""
        last = select(SecondRow.lesson_id, func.max(SecondRow.second)).group_by(SecondRow.lesson_id)
        seen = select(AttendanceRow.lesson_id, func.count()).group_by(AttendanceRow.lesson_id)
        with self._database.transaction() as session:
            lengths = dict(session.execute(last).all())
            students = dict(session.execute(seen).all())
            modes = dict(session.execute(select(LessonModeRow.lesson_id, LessonModeRow.mode)).all())
            courses = dict(session.execute(select(LessonCourseRow.lesson_id, LessonCourseRow.course)).all())
            return tuple(
                replace(
                    _entry(row, modes.get(row.lesson_id), courses.get(row.lesson_id)),
                    length_s=lengths.get(row.lesson_id, 0),
                    students=students.get(row.lesson_id, 0),
                )
                for row in session.scalars(select(LessonRow).order_by(LessonRow.began.desc()))
            )

    def read(self, lesson_id: str) -> KeptLesson | None:
        """Return everything kept of a lesson; None where there is no such lesson."""
        with self._database.transaction() as session:
            row = session.get(LessonRow, lesson_id)
            if row is None:
                return None
            marks = session.execute(
                select(BookmarkRow.second, BookmarkRow.note)
                .where(BookmarkRow.lesson_id == lesson_id)
                .order_by(BookmarkRow.position)
            )
            bookmarks = tuple(Bookmark(second, note) for second, note in marks)
            seconds = _read_seconds(session, lesson_id)
            length_s = int(seconds.seconds[-1]) if len(seconds.seconds) else 0
            limited, taught = session.get(LessonModeRow, lesson_id), session.get(LessonCourseRow, lesson_id)
            entry = _entry(row, limited.mode if limited else None, taught.course if taught else None)
            return KeptLesson(replace(entry, length_s=length_s, students=len(seconds.students)), seconds, bookmarks)

    def totals(self, entries: Sequence[LessonEntry]) -> tuple[LessonTotals, ...]:
        """Return the totals of whole lessons, in their order."""
        ids = [entry.lesson_id for entry in entries]
        counts = select(AttendanceRow.lesson_id, AttendanceRow.looks).where(AttendanceRow.lesson_id.in_(ids))
        looks: dict[str, Counter[str]] = {lesson_id: Counter() for lesson_id in ids}
        with self._database.transaction() as session:
            for lesson_id, counted in session.execute(counts):
                looks[lesson_id].update(counted)
        return tuple(LessonTotals(entry, looks[entry.lesson_id]) for entry in entries)

    def delete(self, lesson_id: str) -> None:
        """Delete a lesson with everything kept of it; nothing happens where there is none."""
        with self._database.transaction(write=True) as session:
            session.execute(delete(LessonRow).where(LessonRow.lesson_id == lesson_id))
        self._database.erase_remains()

    def count_older(self, days: int, now: datetime) -> int:
        """Return how many lessons :meth:`delete_older` would delete."""
        with self._database.transaction() as session:
            return session.scalar(select(func.count()).where(_is_older(days, now))) or 0

    def delete_older(self, days: int, now: datetime) -> int:
        """Delete the lessons that began more than ``days`` before ``now``; returns how many."""
        old = _is_older(days, now)
        with self._database.transaction(write=True) as session:
            deleted = len(session.scalars(delete(LessonRow).where(old).returning(LessonRow.lesson_id)).all())
        if deleted:
            self._database.erase_remains()
        return deleted


def _is_older(days: int, now: datetime) -> ColumnElement[bool]:
    return LessonRow.began < now - timedelta(days=days)


def _save_entry(session: Session, entry: LessonEntry) -> None:
    row = session.get(LessonRow, entry.lesson_id)
    if row is None:
        session.add(LessonRow(lesson_id=entry.lesson_id, title=entry.title, began=entry.began, ended=entry.ended))
        session.flush()
    else:
        row.title, row.began, row.ended = entry.title, entry.began, entry.ended
    if entry.mode != MODES[0]:
        session.merge(LessonModeRow(lesson_id=entry.lesson_id, mode=entry.mode))
    if entry.course:
        session.merge(LessonCourseRow(lesson_id=entry.lesson_id, course=entry.course))
    else:
        session.execute(delete(LessonCourseRow).where(LessonCourseRow.lesson_id == entry.lesson_id))


def _entry(row: LessonRow, mode: str | None, course: str | None) -> LessonEntry:
    return LessonEntry(row.lesson_id, row.title, row.began, row.ended, mode=mode or MODES[0], course=course or "")


def _save_seconds(session: Session, lesson_id: str, seconds: ClassSeconds) -> frozenset[str]:
    last = session.scalar(select(func.max(SecondRow.second)).where(SecondRow.lesson_id == lesson_id))
    new = seconds.at(seconds.seconds > (-1 if last is None else last))
    if len(new.seconds) == 0:
        return frozenset()
    session.execute(
        insert(SecondRow),
        [
            {"lesson_id": lesson_id, "second": second, "strangers": strangers}
            for second, strangers in zip(new.seconds.tolist(), new.strangers.tolist(), strict=True)
        ],
    )
    enrolled = set(session.scalars(select(PersonRow.person_id).where(PersonRow.person_id.in_(list(new.students)))))
    students = _attending(session, lesson_id, sorted(enrolled))
    looks = []
    for key in sorted(enrolled):
        student, row = new.students[key], students[key]
        labels = [new.legend[code] for code in student.codes.tolist()]
        in_view = [
            {"number": row.number, "second": second, "label": label, "turned": int(turned)}
            for second, label, turned in zip(new.seconds.tolist(), labels, student.turned.tolist(), strict=True)
            if label != ABSENT
        ]
        row.looks = dict(Counter(row.looks) + Counter(look["label"] for look in in_view))
        looks += in_view
    session.flush()
    if looks:
        session.execute(insert(LookRow), looks)
    return frozenset(new.students) - enrolled


def _attending(session: Session, lesson_id: str, person_ids: Sequence[str]) -> dict[str | None, AttendanceRow]:
    """Return the rows of the students of this lesson, new ones for those of ``person_ids`` who had none."""
    rows = session.scalars(select(AttendanceRow).where(AttendanceRow.lesson_id == lesson_id)).all()
    by_person = {row.person_id: row for row in rows}
    new = [AttendanceRow(lesson_id=lesson_id, person_id=key, looks={}) for key in person_ids if key not in by_person]
    session.add_all(new)
    session.flush()
    return by_person | {row.person_id: row for row in new}


def _read_seconds(session: Session, lesson_id: str) -> ClassSeconds:
    rows = session.execute(
        select(SecondRow.second, SecondRow.strangers).where(SecondRow.lesson_id == lesson_id).order_by(SecondRow.second)
    ).all()
    seconds, strangers = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2).T
    found = session.execute(
        select(AttendanceRow.number, PersonRow.person_id, PersonRow.name)
        .join(PersonRow, PersonRow.person_id == AttendanceRow.person_id)
        .where(AttendanceRow.lesson_id == lesson_id)
        .order_by(PersonRow.name_key)
    ).all()
    looks = _read_looks(session, [number for number, _, _ in found])
    legend = (*LEGEND, *sorted({label for _, labels, _ in looks.values() for label in labels}.difference(LEGEND)))
    code_of = {label: code for code, label in enumerate(legend)}
    students = {}
    for number, key, name in found:
        at, labels, turned = looks.get(number, _NO_LOOKS)
        codes = np.fromiter(map(code_of.__getitem__, labels), np.uint8, len(labels))
        students[key] = _student(name, len(seconds), np.searchsorted(seconds, at), codes, turned)
    return ClassSeconds(seconds, strangers, legend, students)


_Looks: TypeAlias = tuple[Int64, Sequence[str], NDArray[np.bool_]]
"""Second, label and whether turned of every look of one student, in any order."""

_NO_LOOKS: _Looks = (np.zeros(0, np.int64), (), np.zeros(0, bool))


def _read_looks(session: Session, numbers: Sequence[int]) -> dict[int, _Looks]:
    """Return the looks of each of these students, by number; of those who have any.

    A student is one row, of texts that the database joins: a hundred thousand rows would take seven times as
    long. No label holds the separator, which is a control character.
    """
    query = (
        select(
            LookRow.number,
            func.aggregate_strings(cast(LookRow.second, String), ","),
            func.aggregate_strings(LookRow.label, _BETWEEN_LABELS),
            func.aggregate_strings(cast(LookRow.turned, String), ","),
        )
        .where(LookRow.number.in_(numbers))
        .group_by(LookRow.number)
    )
    return {
        number: (
            np.fromstring(at, np.int64, sep=","),
            labels.split(_BETWEEN_LABELS),
            np.fromstring(turned, np.int64, sep=",") != 0,
        )
        for number, at, labels, turned in session.execute(query)
    }


def _student(name: str, n: int, where: Int64, codes: UInt8, turned: NDArray[np.bool_]) -> StudentSeconds:
    """Return a student's ``n`` seconds from what was seen at some of their positions."""
    all_codes, all_turned = np.zeros(n, np.uint8), np.zeros(n, bool)
    all_codes[where], all_turned[where] = codes, turned
    return StudentSeconds(name, all_codes, all_turned, int(where.min(initial=n)))
