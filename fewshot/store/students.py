"""The enrolled students on disk.

A person is written in one transaction and forgotten in one, so a kill at any moment leaves all of them or nothing.
Images never come here.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fewshot.consent import Consent
from fewshot.errors import AlreadyEnrolled, StillInLog, StoreError, UnknownPerson
from fewshot.names import clean_name, name_key
from fewshot.person import KnownFace, Person
from fewshot.sentence import Sentence
from fewshot.store.database import Database
from fewshot.store.lesson_tables import AttendanceRow, LessonCourseRow, attach_lessons, detach_lessons
from fewshot.store.numbers import draw_number
from fewshot.store.tables import (
    CourseRow,
    NumberRow,
    PersonRow,
    SchemaRow,
    course_rows,
    embedding_rows,
    known_faces,
    receipt_values,
    shared_state_rows,
    template_rows,
    to_person,
    to_row,
)

log = logging.getLogger(__name__)

Check = Callable[[Sequence[KnownFace]], None]
"""Is given the faces of everybody enrolled, and raises an EnrollmentError that keeps somebody else out."""


@dataclass(frozen=True)
class Damaged:
    """A student whose entry cannot be read, but for the name. ``told``: what is wrong with it, and what to do."""

    person_id: str
    name: str
    told: str


@dataclass(frozen=True, eq=False)
class Everybody:
    """Who is in the store, by name: those whose entry can be read, and the others."""

    people: tuple[Person, ...]
    damaged: tuple[Damaged, ...]


@dataclass(frozen=True)
class Forgotten:
    """What was deleted with a student, beside the consent.

    Attributes:
        name: Of the student.
        embeddings: Of so many photos and corrections.
        templates: Of so many looks at the face.
        lessons: In so many they had been seen.
    """

    name: str
    embeddings: int
    templates: int
    lessons: int


class Store:
    """The students in one database. Threads and processes may share it; each call is one transaction of its own.

    Args:
        url: SQLAlchemy URL, or the path of an SQLite file, which is made where it is missing.

    Raises:
        StoreError: it cannot be opened, is damaged, or belongs to another program or a newer version of this one.
    """

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self._logged: set[str] = set()

    @property
    def location(self) -> str:
        """Where it is: the file, or the URL without its password."""
        return self.database.location

    def close(self) -> None:
        """Close every connection; a later call opens new ones."""
        self.database.close()

    def people(self) -> tuple[Person, ...]:
        """Return everybody whose entry can be read, by name."""
        return self.everybody().people

    def damaged(self) -> tuple[Damaged, ...]:
        """Return everybody else, by name: they are recognized no more, and wait to be forgotten or enrolled anew."""
        return self.everybody().damaged

    def everybody(self) -> Everybody:
        """Return both of one reading. Of each whose entry cannot be read the log is told once."""
        with self.database.transaction() as session:
            everybody = _everybody(session)
        for entry in everybody.damaged:
            if entry.person_id not in self._logged:  # no page tells who works on the command line
                self._logged.add(entry.person_id)
                log.warning("%s", entry.told)
        return everybody

    def person(self, name: str) -> Person:
        """Return one student, whatever the case of ``name``; UnknownPerson if there is none."""
        with self.database.transaction() as session:
            return to_person(self._find(session, name))

    def key_of(self, name: str) -> str:
        """Return the key of one student, whatever the case of ``name``; UnknownPerson if there is none."""
        with self.database.transaction() as session:
            return self._find(session, name).person_id

    def consent(self, person_id: str) -> Consent:
        """Return the consent recorded for one student; UnknownPerson if they were forgotten."""
        with self.database.transaction() as session:
            row = self._get(session, person_id).consent
            return Consent(row.wording, row.recorded_by, row.recorded_at)

    def add(self, person: Person, consent: Consent, replace: bool = False, check: Check | None = None) -> Person:
        """Save a student with the consent to it, and return them as they are kept; when this returns, they survive a kill.

        Args:
            person: What an enrollment session has made.
            consent: Kept beside them, and forgotten with them.
            replace: Whether an entry of the same name gives way, in the same transaction; its lessons and its number are the
                new one's, and its courses beside those that ``person`` has.
            check: Is asked last, when nobody else can be enrolled before ``person`` is.

        Raises:
            AlreadyEnrolled: the name is taken and ``replace`` is False; and whatever ``check`` raises.
        """
        try:
            with self.database.transaction(write=True) as session:
                session.execute(
                    select(SchemaRow.version).with_for_update()
                )  # on a server one enrollment waits for another
                if check is not None:
                    check(known_faces(session))
                same_name = PersonRow.name_key == name_key(person.name)
                lessons = detach_lessons(session, same_name) if replace else ()
                number = session.scalar(select(NumberRow.number).join(PersonRow).where(same_name))
                person = dataclasses.replace(person, number=number if replace and number else draw_number(session))
                if replace:
                    before = session.scalars(select(CourseRow.course).join(PersonRow).where(same_name)).all()
                    courses = sorted({*person.courses, *before}, key=name_key)
                    person = dataclasses.replace(person, courses=tuple(courses))
                    session.execute(delete(PersonRow).where(same_name))
                session.add(to_row(person, consent))
                attach_lessons(session, lessons, person.person_id)
        except IntegrityError as error:
            raise _taken(person.name) from error
        if replace:
            self.database.erase_remains()
        return person

    def change(self, person_id: str, change: Callable[[Person], Person]) -> Person:
        """Let a student become what ``change`` makes of them, but for the name and the consent, and return that.

        They are read and written in one transaction, so that nothing is lost of what another page or program has changed since
        somebody looked at them last.

        Raises:
            UnknownPerson: they were forgotten.
        """
        with self.database.transaction(write=True) as session:
            row = self._get(session, person_id)
            person = change(to_person(row))
            row.receipt = receipt_values(person.receipt)
            row.templates, row.embeddings = template_rows(person), embedding_rows(person)
            row.shared_states = shared_state_rows(person)
            row.courses = course_rows(person)
        self.database.erase_remains()
        return person

    def rename(self, person_id: str, new_name: str) -> str:
        """Give a student another name, and return it as it is kept; everything else stays.

        Raises:
            UnknownPerson: they were forgotten.
            AlreadyEnrolled: somebody else is called ``new_name``.
            EnrollmentError: ``new_name`` cannot be used.
        """
        cleaned = clean_name(new_name)
        try:
            with self.database.transaction(write=True) as session:
                row = self._get(session, person_id)
                row.name, row.name_key = cleaned, name_key(cleaned)
        except IntegrityError as error:
            raise _taken(cleaned) from error
        self.database.erase_remains()
        return cleaned

    def rename_course(self, course: str, new_name: str) -> None:
        """Give a class another name, in the lessons kept of it too; where another class has that name, they become one."""
        if new_name == course:
            return
        already = select(CourseRow.person_id).where(CourseRow.course == new_name).scalar_subquery()
        with self.database.transaction(write=True) as session:
            both = (CourseRow.course == course) & CourseRow.person_id.in_(already)
            session.execute(delete(CourseRow).where(both).execution_options(synchronize_session=False))
            session.execute(update(CourseRow).where(CourseRow.course == course).values(course=new_name))
            session.execute(update(LessonCourseRow).where(LessonCourseRow.course == course).values(course=new_name))

    def forget(self, person_id: str) -> Forgotten:
        """Delete a student with everything kept of them, and say what that was; on SQLite no byte stays in the file or its log.

        Raises:
            UnknownPerson: they were forgotten already.
            StillInLog: the entry is deleted, but another program's reading keeps the log from being emptied.
            StoreError: it is not.
        """
        with self.database.transaction(write=True) as session:
            row = self._get(session, person_id)
            lessons = select(func.count()).where(AttendanceRow.person_id == person_id)
            forgotten = Forgotten(row.name, len(row.embeddings), len(row.templates), session.scalar(lessons) or 0)
            session.execute(delete(PersonRow).where(PersonRow.person_id == person_id))
        if not self.database.erase_remains():
            raise StillInLog(
                Sentence(
                    "'{name}' is forgotten, but another program is reading {store}, or the disk is full, and a copy stays in its log. "
                    "Put that right and open this store once more.",
                    "still_in_log",
                    name=forgotten.name,
                    store=self.location,
                )
            )
        return forgotten

    def _get(self, session: Session, person_id: str) -> PersonRow:
        row = session.get(PersonRow, person_id, with_for_update=True)
        if row is None:
            raise UnknownPerson(
                Sentence(
                    "This student is not enrolled in {store} any more. Were they forgotten meanwhile? See the list of names.",
                    "student_gone",
                    store=self.location,
                )
            )
        return row

    def _find(self, session: Session, name: str) -> PersonRow:
        row = session.scalar(select(PersonRow).where(PersonRow.name_key == name_key(name)))
        if row is None:
            raise self._unknown(name)
        return row

    def _unknown(self, name: str) -> UnknownPerson:
        return UnknownPerson(f"Nobody called '{name}' is enrolled in {self.location}. See the list of names.")


def _everybody(session: Session) -> Everybody:
    people, damaged = [], []
    rows = session.scalars(select(PersonRow)).all()
    for row in sorted(rows, key=lambda row: row.name_key):  # a database has an order of its own
        try:
            people.append(to_person(row))
        except StoreError as error:
            damaged.append(Damaged(row.person_id, row.name, str(error)))
    return Everybody(tuple(people), tuple(damaged))


def _taken(name: str) -> AlreadyEnrolled:
    return AlreadyEnrolled(
        Sentence(
            "A student called '{name}' is enrolled already. Choose another name, or replace or forget them.",
            "name_taken",
            name=name,
        )
    )
