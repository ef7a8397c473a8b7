"""The lessons in the store: written a few seconds at a time while they run, read whole for the report.

No frame, crop or embedding comes here; of a stranger nothing but that there was one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fewshot.errors import StoreError
from fewshot.lesson_tables import AttendanceRow, BookmarkRow, LessonRow, LookRow, SecondRow
from fewshot.looks import (
    ABSENT,
    LEGEND,
    Bookmark,
    ClassSeconds,
    KeptLesson,
    LessonEntry,
    LessonTotals,
    StudentSeconds,
)
from fewshot.store import Store
from fewshot.tables import PersonRow


class LessonStore:
    """The lessons in the database of a :class:`Store`. Threads and processes may share it; each call is one transaction.

    Everything raises StoreError where the database cannot be read or written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

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
            with self._store.transaction(write=True) as session:
                _save_entry(session, entry)
                kept = session.scalar(select(func.count()).where(BookmarkRow.lesson_id == entry.lesson_id)) or 0
                for position, mark in enumerate(bookmarks[kept:], start=kept):
                    session.add(BookmarkRow(lesson_id=entry.lesson_id, position=position, **vars(mark)))
                return _save_seconds(session, entry.lesson_id, seconds)
        except IntegrityError as error:
            raise StoreError(
                f"A part of the lesson must be saved once, and another program saved it to {self._store.location} at the "
                "same time. Leave the lesson open in one place."
            ) from error

    def entries(self) -> tuple[LessonEntry, ...]:
        """Return all lessons, the newest first."""
        last = select(SecondRow.lesson_id, func.max(SecondRow.second)).group_by(SecondRow.lesson_id)
        seen = select(AttendanceRow.lesson_id, func.count()).group_by(AttendanceRow.lesson_id)
        with self._store.transaction() as session:
            lengths = dict(session.execute(last).all())
            students = dict(session.execute(seen).all())
            return tuple(
                replace(_entry(row), length_s=lengths.get(row.lesson_id, 0), students=students.get(row.lesson_id, 0))
                for row in session.scalars(select(LessonRow).order_by(LessonRow.began.desc()))
            )

    def read(self, lesson_id: str) -> KeptLesson | None:
        """Return everything kept of a lesson; None where there is no such lesson."""
        with self._store.transaction() as session:
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
            return KeptLesson(
                replace(_entry(row), length_s=length_s, students=len(seconds.students)), seconds, bookmarks
            )

    def totals(self, entries: Sequence[LessonEntry]) -> tuple[LessonTotals, ...]:
        """Return the totals of whole lessons, in their order."""
        counts = (
            select(AttendanceRow.lesson_id, LookRow.label, func.count())
            .join(LookRow, LookRow.number == AttendanceRow.number)
            .where(AttendanceRow.lesson_id.in_([entry.lesson_id for entry in entries]))
            .group_by(AttendanceRow.lesson_id, LookRow.label)
        )
        looks: dict[str, dict[str, int]] = {entry.lesson_id: {} for entry in entries}
        with self._store.transaction() as session:
            for lesson_id, label, count in session.execute(counts):
                looks[lesson_id][label] = count
        return tuple(LessonTotals(entry, looks[entry.lesson_id]) for entry in entries)

    def delete(self, lesson_id: str) -> None:
        """Delete a lesson with everything kept of it; nothing happens where there is none."""
        with self._store.transaction(write=True) as session:
            session.execute(delete(LessonRow).where(LessonRow.lesson_id == lesson_id))
        self._store.erase_remains()

    def delete_older(self, days: int, now: datetime) -> int:
        """Delete the lessons that began more than ``days`` before ``now``; returns how many."""
        old = LessonRow.began < now - timedelta(days=days)
        with self._store.transaction(write=True) as session:
            deleted = len(session.scalars(delete(LessonRow).where(old).returning(LessonRow.lesson_id)).all())
        if deleted:
            self._store.erase_remains()
        return deleted


def _save_entry(session: Session, entry: LessonEntry) -> None:
    row = session.get(LessonRow, entry.lesson_id)
    if row is None:
        session.add(LessonRow(lesson_id=entry.lesson_id, title=entry.title, began=entry.began, ended=entry.ended))
        session.flush()
    else:
        row.title, row.began, row.ended = entry.title, entry.began, entry.ended


def _entry(row: LessonRow) -> LessonEntry:
    return LessonEntry(row.lesson_id, row.title, row.began, row.ended)


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
    numbers = _numbers(session, lesson_id, sorted(enrolled))
    looks = [
        {"number": numbers[key], "second": int(new.seconds[i]), "label": new.legend[student.codes[i]], "turned": turned}
        for key, student in new.students.items()
        if key in enrolled
        for i, turned in enumerate(student.turned.tolist())
        if new.legend[student.codes[i]] != ABSENT
    ]
    if looks:
        session.execute(insert(LookRow), looks)
    return frozenset(new.students) - enrolled


def _numbers(session: Session, lesson_id: str, person_ids: Sequence[str]) -> dict[str | None, int]:
    """Return the short number of each student in this lesson, new ones where they have none yet."""
    ours = select(AttendanceRow.person_id, AttendanceRow.number).where(AttendanceRow.lesson_id == lesson_id)
    known = {key for key, _ in session.execute(ours)}
    session.add_all(AttendanceRow(lesson_id=lesson_id, person_id=key) for key in person_ids if key not in known)
    session.flush()
    return dict(session.execute(ours).all())


def _read_seconds(session: Session, lesson_id: str) -> ClassSeconds:
    rows = session.execute(
        select(SecondRow.second, SecondRow.strangers).where(SecondRow.lesson_id == lesson_id).order_by(SecondRow.second)
    ).all()
    seconds, strangers = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2).T
    legend = list(LEGEND)
    found = session.execute(
        select(AttendanceRow.number, PersonRow.person_id, PersonRow.name)
        .join(PersonRow, PersonRow.person_id == AttendanceRow.person_id)
        .where(AttendanceRow.lesson_id == lesson_id)
        .order_by(PersonRow.name_key)
    ).all()
    students = {}
    for number, key, name in found:
        looks = session.execute(
            select(LookRow.second, LookRow.label, LookRow.turned)
            .where(LookRow.number == number)
            .order_by(LookRow.second)
        ).all()
        students[key] = _student(name, seconds, looks, legend)
    return ClassSeconds(seconds, strangers, tuple(legend), students)


def _student(
    name: str, seconds: np.ndarray, looks: Sequence[tuple[int, str, bool]], legend: list[str]
) -> StudentSeconds:
    """Return a student's seconds from the rows in view; labels that are new join ``legend``."""
    codes, turned = np.zeros(len(seconds), np.uint8), np.zeros(len(seconds), bool)
    if not looks:
        return StudentSeconds(name, codes, turned, len(seconds))
    at, labels, is_turned = zip(*looks, strict=True)
    legend += sorted(set(labels).difference(legend))
    code_of = {label: code for code, label in enumerate(legend)}
    where = np.searchsorted(seconds, at)
    codes[where] = [code_of[label] for label in labels]
    turned[where] = is_turned
    return StudentSeconds(name, codes, turned, int(where[0]))
