"""The enrolled students on disk, through SQLAlchemy: one SQLite file by default, any other database by URL.

A person is written in one transaction and forgotten in one, so a kill at any moment leaves all of them or nothing.
Images never come here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, delete, inspect, select
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from fewshot import sqlite
from fewshot.consent import Consent
from fewshot.errors import AlreadyEnrolled, StoreError, UnknownPerson
from fewshot.lesson_tables import attach_lessons, detach_lessons
from fewshot.names import clean_name, name_key
from fewshot.store_url import parse_url
from fewshot.tables import (
    SCHEMA_VERSION,
    UPGRADED_VERSIONS,
    PersonRow,
    SchemaRow,
    Table,
    embedding_rows,
    receipt_values,
    shared_state_rows,
    template_rows,
    to_person,
    to_row,
)
from fewshot.types import Person

_ANOTHER = "another on the command line or in FEWSHOT_STORE"


class Store:
    """The students in one database. Threads and processes may share it; each call is one transaction of its own.

    Args:
        url: SQLAlchemy URL, or the path of an SQLite file, which is made where it is missing.

    Raises:
        StoreError: it cannot be opened, is damaged, or belongs to another program or a newer version of this one.
    """

    def __init__(self, url: str) -> None:
        target = parse_url(url)
        self.location = str(target.database) if sqlite.is_file(target) else target.render_as_string(hide_password=True)
        try:
            self._engine = create_engine(target)
            if sqlite.is_file(target):
                sqlite.create_private(self.location)
        except (OSError, ImportError, ArgumentError, ValueError, TypeError) as error:
            todo = "Install that driver, or name" if isinstance(error, ImportError) else "Name"
            raise StoreError(
                f"The student store {self.location} cannot be opened: {error}. {todo} {_ANOTHER}."
            ) from error
        if sqlite.is_file(target):
            sqlite.configure(self._engine)
        self._open_schema()
        self.erase_remains()  # of a forgetting that was killed between deleting and erasing

    def close(self) -> None:
        """Close every connection; a later call opens new ones."""
        self._engine.dispose()

    def people(self) -> tuple[Person, ...]:
        """Return everybody, by name."""
        with self.transaction() as session:
            return tuple(to_person(row) for row in session.scalars(select(PersonRow).order_by(PersonRow.name_key)))

    def person(self, name: str) -> Person:
        """Return one student, whatever the case of ``name``; UnknownPerson if there is none."""
        with self.transaction() as session:
            return to_person(self._find(session, name))

    def consent(self, name: str) -> Consent:
        """Return the consent recorded for one student; UnknownPerson if there is none."""
        with self.transaction() as session:
            row = self._find(session, name).consent
            return Consent(row.wording, row.recorded_by, row.recorded_at)

    def add(self, person: Person, consent: Consent, replace: bool = False) -> None:
        """Save a student with the consent to it; when this returns, they survive a kill.

        Args:
            person: What an enrollment session has made.
            consent: Kept beside them, and forgotten with them.
            replace: Whether an entry of the same name gives way, in the same transaction; its lessons are the new one's.

        Raises:
            AlreadyEnrolled: the name is taken and ``replace`` is False.
        """
        try:
            with self.transaction(write=True) as session:
                same_name = PersonRow.name_key == name_key(person.name)
                lessons = detach_lessons(session, same_name) if replace else ()
                if replace:
                    session.execute(delete(PersonRow).where(same_name))
                session.add(to_row(person, consent))
                attach_lessons(session, lessons, person.person_id)
        except IntegrityError as error:
            raise _taken(person.name) from error
        if replace:
            self.erase_remains()

    def update(self, person: Person) -> None:
        """Save what was changed of a student, but the name and the consent; UnknownPerson if they were forgotten."""
        with self.transaction(write=True) as session:
            row = session.get(PersonRow, person.person_id)
            if row is None:
                raise self._unknown(person.name)
            row.receipt = receipt_values(person.receipt)
            row.templates, row.embeddings = template_rows(person), embedding_rows(person)
            row.shared_states = shared_state_rows(person)
        self.erase_remains()

    def rename(self, name: str, new_name: str) -> None:
        """Give a student another name; everything else stays.

        Raises:
            UnknownPerson: nobody is called ``name``.
            AlreadyEnrolled: somebody else is called ``new_name``.
            EnrollmentError: ``new_name`` cannot be used.
        """
        cleaned = clean_name(new_name)
        try:
            with self.transaction(write=True) as session:
                row = self._find(session, name)
                row.name, row.name_key = cleaned, name_key(cleaned)
        except IntegrityError as error:
            raise _taken(cleaned) from error
        self.erase_remains()

    def forget(self, name: str) -> None:
        """Delete a student with everything kept of them; on SQLite no byte of it stays in the file or its log.

        Raises:
            UnknownPerson: nobody is called so.
            StoreError: the entry is deleted, but another program's reading keeps the log from being emptied.
        """
        with self.transaction(write=True) as session:
            deleted = session.execute(
                delete(PersonRow).where(PersonRow.name_key == name_key(name)).returning(PersonRow.name)
            )
            if deleted.first() is None:
                raise self._unknown(name)
        if not self.erase_remains():
            raise StoreError(
                f"'{name}' is forgotten, but another program is reading {self.location} and a copy stays in its log. "
                "Close the other program and open this store once more."
            )

    def _find(self, session: Session, name: str) -> PersonRow:
        row = session.scalar(select(PersonRow).where(PersonRow.name_key == name_key(name)))
        if row is None:
            raise self._unknown(name)
        return row

    def _unknown(self, name: str) -> UnknownPerson:
        return UnknownPerson(f"Nobody called '{name}' is enrolled in {self.location}. See the list of names.")

    @contextmanager
    def transaction(self, write: bool = False) -> Iterator[Session]:
        """Yield a session that is committed whole or not at all; what the database complains of becomes StoreError.

        For the doors to its tables; an IntegrityError is theirs to explain.
        """
        try:
            with Session(self._engine.execution_options(immediate=write)) as session, session.begin():
                yield session
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise self._complaint(error.orig) from error

    def _complaint(self, found: object) -> StoreError:
        return StoreError(
            f"The student store {self.location} must be a database that can be read and written, got: {found}. "
            f"Name {_ANOTHER}, or restore this one from a backup."
        )

    def erase_remains(self) -> bool:
        """Overwrite what deleted rows left outside the tables; False if another program's reading prevents it."""
        if self._engine.dialect.name != "sqlite":
            return True
        try:
            return sqlite.erase_remains(self._engine)
        except DBAPIError as error:
            raise self._complaint(error.orig) from error
        except sqlite3.Error as error:
            raise self._complaint(error) from error

    def _open_schema(self) -> None:
        """Create the tables that are missing; raise StoreError for a database that is not ours to use."""
        with self.transaction() as session:
            present = set(inspect(session.connection()).get_table_names())
            version = session.scalar(select(SchemaRow.version)) if SchemaRow.__tablename__ in present else None
        if version is None and self._is_foreign(present):
            raise StoreError(f"{self.location} is the database of another program. Name another for the students.")
        if version in (None, *UPGRADED_VERSIONS):
            with self.transaction(write=True) as session:  # another process may have come first: all steps tolerate it
                Table.metadata.create_all(session.connection())
                session.execute(delete(SchemaRow).where(SchemaRow.version.in_(UPGRADED_VERSIONS)))
                session.merge(SchemaRow(version=SCHEMA_VERSION))
        elif version != SCHEMA_VERSION:
            raise StoreError(
                f"{self.location} holds version {version} of the tables, this program reads version {SCHEMA_VERSION}. "
                "Use the version of the program that wrote it, or name another store."
            )

    def _is_foreign(self, present: set[str]) -> bool:
        """Whether a database without our schema row holds tables that ours must not mix with."""
        return bool(present) if self._engine.dialect.name == "sqlite" else not present.isdisjoint(Table.metadata.tables)


def _taken(name: str) -> AlreadyEnrolled:
    return AlreadyEnrolled(
        f"A student called '{name}' is enrolled already. Choose another name, or replace or forget them."
    )
