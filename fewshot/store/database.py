"""The database behind every door of this package, through SQLAlchemy: one SQLite file by default, any other by URL."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, delete, inspect, select
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

import fewshot.store.lesson_tables  # noqa: F401 - its tables are created here, too
from fewshot.errors import StoreError
from fewshot.sentence import Sentence
from fewshot.store import remote, sqlite
from fewshot.store.numbers import lacks_numbers, number_everybody
from fewshot.store.tables import SCHEMA_VERSION, UPGRADED_VERSIONS, SchemaRow, Table
from fewshot.store.url import parse_url

_VARIABLE = "FEWSHOT_STORE"

log = logging.getLogger(__name__)


class Database:
    """One database with the tables of this package. Threads and processes may share it.

    Args:
        url: SQLAlchemy URL, or the path of an SQLite file, which is made where it is missing.

    Raises:
        StoreError: it cannot be opened, is damaged, or belongs to another program or a newer version of this one.
    """

    def __init__(self, url: str) -> None:
        target = parse_url(url)
        self.location = str(target.database) if sqlite.is_file(target) else target.render_as_string(hide_password=True)
        try:
            self._engine = create_engine(target, **({} if sqlite.is_file(target) else remote.engine_options(target)))
            if sqlite.is_file(target):
                sqlite.create_private(self.location)
        except (OSError, ImportError, ArgumentError, ValueError, TypeError) as error:
            todo = "Install that driver, or name" if isinstance(error, ImportError) else "Name"
            raise StoreError(
                f"The student store {self.location} cannot be opened: {error}. {todo} another on the command line or in {_VARIABLE}."
            ) from error
        if sqlite.is_file(target):
            sqlite.configure(self._engine)
        try:
            self._open_schema()
            self._erase_remains()  # of a forgetting that was killed between deleting and erasing
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection; a later call opens new ones."""
        self._engine.dispose()

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
            raise self._complaint(error) from error

    def _complaint(self, error: DBAPIError | sqlite3.Error) -> StoreError:
        found = error.orig if isinstance(error, DBAPIError) else error
        advice = sqlite.advice(str(found)) if self._engine.dialect.name == "sqlite" else remote.advice(error)
        restore = Sentence(
            "Name another on the command line or in {variable}, or restore this one from a backup.",
            "store_damaged",
            variable=_VARIABLE,
        )
        return StoreError(
            Sentence(
                "The student store {store} must be a database that can be read and written, got: {found}. {todo}",
                "store_fails",
                store=self.location,
                found=str(found),
                todo=advice or restore,
            )
        )

    def erase_remains(self) -> bool:
        """Overwrite what deleted rows left outside the tables; False if another program's reading or a full disk prevents it.

        What was committed before stays so, and the next opening erases what is left.
        """
        try:
            return self._erase_remains()
        except StoreError as error:
            log.warning("what was deleted stays in the log of the store: %s", error)
            return False

    def _erase_remains(self) -> bool:
        if self._engine.dialect.name != "sqlite":
            return True
        try:
            return sqlite.erase_remains(self._engine)
        except DBAPIError as error:
            raise self._complaint(error) from error
        except sqlite3.Error as error:
            raise self._complaint(error) from error

    def _open_schema(self) -> None:
        """Create the tables that are missing; raise StoreError for a database that is not ours to use."""
        with self.transaction() as session:
            present = set(inspect(session.connection()).get_table_names())
            version = session.scalar(select(SchemaRow.version)) if SchemaRow.__tablename__ in present else None
            incomplete = version in UPGRADED_VERSIONS or (version == SCHEMA_VERSION and lacks_numbers(session))
        if version is None and self._is_foreign(present):
            raise StoreError(f"{self.location} is the database of another program. Name another for the students.")
        if version is None or incomplete:
            with self.transaction(write=True) as session:  # another process may have come first: all steps tolerate it
                Table.metadata.create_all(session.connection())
                number_everybody(session)
                session.execute(delete(SchemaRow).where(SchemaRow.version.in_(UPGRADED_VERSIONS)))
                session.merge(SchemaRow(version=SCHEMA_VERSION))
        elif version != SCHEMA_VERSION:
            raise StoreError(
                Sentence(
                    "{store} holds version {found} of the tables, this program reads version {ours}. "
                    "Use the version of the program that wrote it, or name another store.",
                    "store_version",
                    store=self.location,
                    found=version,
                    ours=SCHEMA_VERSION,
                )
            )

    def _is_foreign(self, present: set[str]) -> bool:
        """Whether a database without our schema row holds tables that ours must not mix with."""
        return bool(present) if self._engine.dialect.name == "sqlite" else not present.isdisjoint(Table.metadata.tables)
