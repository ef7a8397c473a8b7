"""What SQLite needs beyond SQL: where its file is, how its connections behave, and how deleted bytes really go."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event

from fewshot.sentence import Sentence

BUSY_TIMEOUT_S = 10
"""How long one program waits for another that is writing."""

READER_TIMEOUT_S = 1
"""How long emptying the log waits for another that is reading; it can be done later."""

_FULL = Sentence("Make room on its disk, and try again.", "store_full")

_ADVICE = {
    "locked": Sentence("Another program has it to itself. Close that, or try again in a moment.", "store_locked"),
    "full": _FULL,
    "disk I/O": _FULL,
    "readonly": Sentence("Let this account write to it and to the other files of its name.", "store_readonly"),
}
"""What to do, by a part of SQLite's message."""


def advice(found: str) -> Sentence | None:
    """Return what to do about what SQLite complains of; None where only another file helps."""
    return next((todo for part, todo in _ADVICE.items() if part in found), None)


def is_file(url: URL) -> bool:
    """Whether a URL names an SQLite file (a database in memory would be another one for every connection)."""
    return url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")


def create_private(file: str) -> None:
    """Make an empty file that only its owner may read, with its folder, where there is none. Raises OSError."""
    Path(file).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    Path(file).touch(mode=0o600)


def configure(engine: Engine) -> None:
    """Make every connection wait for other writers, cascade, overwrite what it deletes, and say BEGIN itself.

    A transaction of an engine with the execution option ``immediate`` takes the write lock at once: it waits for
    other writers instead of failing when it turns from reading to writing.
    """

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # Python's own BEGIN comes too late for one snapshot over several SELECTs
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def erase_remains(engine: Engine) -> bool:
    """Empty the write-ahead log, where copies of deleted rows live on; False if another program still reads it.

    Raises:
        DBAPIError, sqlite3.Error: the file cannot be opened, or not be written.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={READER_TIMEOUT_S * 1000}")
        try:
            busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
        return not busy
    finally:
        connection.close()
