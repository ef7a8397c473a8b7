"""What a teacher chose instead of the defaults of conf/, kept in the store beside the students."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from fewshot.errors import StoreError
from fewshot.sentence import Sentence
from fewshot.store.database import Database
from fewshot.store.tables import SettingRow


class Preferences:
    """The choices in the database of a teacher, by the name that conf/live.yaml gives them.

    A value is the text of a Hydra override; whoever composes a config with it finds out whether it is one.
    Threads and processes may share it; each call is one transaction. Everything raises StoreError where the database
    cannot be read or written.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> dict[str, str]:
        """Return every choice that was kept, value by name."""
        with self._database.transaction() as session:
            rows = session.execute(select(SettingRow.name, SettingRow.value).order_by(SettingRow.name))
            return {row.name: row.value for row in rows}

    def save(self, changes: Mapping[str, str | None]) -> None:
        """Keep these choices beside the others, all or none; None goes back to the default."""
        try:
            with self._database.transaction(write=True) as session:
                session.execute(delete(SettingRow).where(SettingRow.name.in_(list(changes))))
                session.add_all(
                    SettingRow(name=name, value=value) for name, value in changes.items() if value is not None
                )
        except IntegrityError as error:
            raise StoreError(
                Sentence("Another page changed the same setting at the same moment. Try again.", "setting_changed")
            ) from error

    def clear(self) -> None:
        """Go back to the defaults in everything."""
        with self._database.transaction(write=True) as session:
            session.execute(delete(SettingRow))
