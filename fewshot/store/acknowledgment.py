"""That a teacher has read what the law says, kept in the store: when, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select

from fewshot.store.database import Database
from fewshot.store.tables import AcknowledgmentRow


@dataclass(frozen=True)
class Acknowledgment:
    """What was read, word by word, and when, in UTC."""

    wording: str
    read_at: datetime


class Acknowledgments:
    """The acknowledgment in the database of a teacher: one or none.

    Threads and processes may share it; each call is one transaction. Everything raises StoreError where the database
    cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> Acknowledgment | None:
        """Return what was acknowledged last; None where nothing was, or it was withdrawn."""
        with self._database.transaction() as session:
            row = session.scalars(select(AcknowledgmentRow).order_by(AcknowledgmentRow.read_at.desc())).first()
            return None if row is None else Acknowledgment(row.wording, row.read_at)

    def record(self, wording: str) -> None:
        """Keep that ``wording`` was read now, in the place of what was read before."""
        with self._database.transaction(write=True) as session:
            session.execute(delete(AcknowledgmentRow))
            session.add(AcknowledgmentRow(read_at=datetime.now(UTC), wording=wording))

    def withdraw(self) -> None:
        """Forget that anything was read."""
        with self._database.transaction(write=True) as session:
            session.execute(delete(AcknowledgmentRow))
