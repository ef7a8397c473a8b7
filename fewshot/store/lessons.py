"""The lessons in the store: written a few seconds at a time while they run, read whole for the report.

No frame, crop or embedding comes here; of a stranger nothing but that there was one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fewshot.config import MODES
from fewshot.errors import StillInLog, StoreError
from fewshot.lesson import Bookmark, ClassSeconds, KeptLesson, LessonEntry, LessonTotals
from fewshot.sentence import Sentence
from fewshot.store.database import Database
from fewshot.store.lesson_seconds import read_seconds, save_seconds
from fewshot.store.lesson_tables import (
    AttendanceRow,
    BookmarkRow,
    LessonCourseRow,
    LessonModeRow,
    LessonRow,
    SecondRow,
)


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
                return save_seconds(session, entry.lesson_id, seconds)
        except IntegrityError as error:
            raise StoreError(
                Sentence(
                    "A part of the lesson must be saved once, and another program saved it to {store} at the same time. "
                    "Leave the lesson open in one place.",
                    "lesson_saved_twice",
                    store=self._database.location,
                )
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
            seconds = read_seconds(session, lesson_id)
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
        """Delete a lesson with everything kept of it; nothing happens where there is none.

        Raises:
            StillInLog: it is deleted, but another program's reading keeps the log from being emptied.
        """
        with self._database.transaction(write=True) as session:
            session.execute(delete(LessonRow).where(LessonRow.lesson_id == lesson_id))
        self._erase_remains()

    def count_older(self, days: int, now: datetime) -> int:
        """Return how many lessons :meth:`delete_older` would delete."""
        with self._database.transaction() as session:
            return session.scalar(select(func.count()).where(_is_older(days, now))) or 0

    def delete_older(self, days: int, now: datetime) -> int:
        """Delete the lessons that began more than ``days`` before ``now``; returns how many. Raises StillInLog as :meth:`delete`."""
        old = _is_older(days, now)
        with self._database.transaction(write=True) as session:
            deleted = len(session.scalars(delete(LessonRow).where(old).returning(LessonRow.lesson_id)).all())
        if deleted:
            self._erase_remains()
        return deleted

    def _erase_remains(self) -> None:
        if not self._database.erase_remains():
            raise StillInLog(
                Sentence(
                    "What was to go is deleted, but another program is reading {store}, or the disk is full, and a copy stays in its log. "
                    "Put that right and open this store once more.",
                    "lesson_still_in_log",
                    store=self._database.location,
                )
            )


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
