"""The tables of the lessons.

An hour of thirty students is a hundred thousand looks, so a look is a few bytes: numbers instead of names and keys, no row
for a second out of view. Whoever is forgotten takes their looks with them (ON DELETE CASCADE).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, ColumnElement, ForeignKey, SmallInteger, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from fewshot.store.tables import PersonRow, Table, UtcTime

_SMALL = {"sqlite_with_rowid": False}
"""SQLite keeps each row once, in the order of its key."""


class LessonRow(Table):
    """A lesson; owns the rows of the tables below."""

    __tablename__ = "lesson"
    lesson_id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    began: Mapped[datetime] = mapped_column(UtcTime, index=True)
    ended: Mapped[datetime | None] = mapped_column(UtcTime)


def _of_lesson() -> ForeignKey:
    return ForeignKey("lesson.lesson_id", ondelete="CASCADE")


class LessonModeRow(Table):
    """How much may be told of a lesson; no row for one of which everything may."""

    __tablename__ = "lesson_mode"
    lesson_id: Mapped[str] = mapped_column(_of_lesson(), primary_key=True)
    mode: Mapped[str]


class LessonCourseRow(Table):
    """The class that is taught in a lesson; no row for one of everybody enrolled."""

    __tablename__ = "lesson_course"
    lesson_id: Mapped[str] = mapped_column(_of_lesson(), primary_key=True)
    course: Mapped[str]


class SecondRow(Table):
    """A second in which frames came, and the most strangers seen at once in it."""

    __tablename__ = "lesson_second"
    __table_args__ = (_SMALL,)
    lesson_id: Mapped[str] = mapped_column(_of_lesson(), primary_key=True)
    second: Mapped[int] = mapped_column(primary_key=True)
    strangers: Mapped[int]


class BookmarkRow(Table):
    """A bookmark."""

    __tablename__ = "lesson_bookmark"
    lesson_id: Mapped[str] = mapped_column(_of_lesson(), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    second: Mapped[int]
    note: Mapped[str]


class AttendanceRow(Table):
    """A student in a lesson, under a short number; without a person only while an entry of the same name gives way.

    ``looks`` counts the rows of :class:`LookRow` by label, so that a lesson is compared with others in no time.
    """

    __tablename__ = "lesson_student"
    __table_args__ = (UniqueConstraint("lesson_id", "person_id"),)
    number: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[str] = mapped_column(_of_lesson())
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.person_id", ondelete="CASCADE"), index=True)
    looks: Mapped[dict[str, int]] = mapped_column(JSON)


class LookRow(Table):
    """What one student looked like in one second in view."""

    __tablename__ = "lesson_look"
    __table_args__ = (_SMALL,)
    number: Mapped[int] = mapped_column(ForeignKey("lesson_student.number", ondelete="CASCADE"), primary_key=True)
    second: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    turned: Mapped[int] = mapped_column(SmallInteger)


def detach_lessons(session: Session, whose: ColumnElement[bool]) -> Sequence[int]:
    """Take lessons from a person who is about to give way, and return what :func:`attach_lessons` needs."""
    theirs = select(PersonRow.person_id).where(whose).scalar_subquery()
    numbers = session.scalars(select(AttendanceRow.number).where(AttendanceRow.person_id == theirs)).all()
    session.execute(update(AttendanceRow).where(AttendanceRow.number.in_(numbers)).values(person_id=None))
    return numbers


def attach_lessons(session: Session, numbers: Sequence[int], person_id: str) -> None:
    """Give lessons to a person who was just added."""
    session.flush()
    session.execute(update(AttendanceRow).where(AttendanceRow.number.in_(numbers)).values(person_id=person_id))
