"""What a teacher chose is kept, and an older store gets room for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fewshot.errors import StoreError
from fewshot.store.lessons import LessonStore
from fewshot.store.preferences import Preferences
from fewshot.store.students import Store
from fewshot.store.tables import SCHEMA_VERSION
from tests.lessons import make_entry, make_seconds
from tests.people import CONSENT, make_person


def test_choices_survive_a_restart(store: Store, file: Path) -> None:
    Preferences(store.database).save({"classroom.looks_s": "25", "display.mode": "anonymous"})
    Preferences(store.database).save({"classroom.looks_s": "30"})
    store.close()
    with closing(Store(str(file))) as again:
        assert Preferences(again.database).read() == {"classroom.looks_s": "30", "display.mode": "anonymous"}


def test_none_and_clear_go_back_to_the_default(store: Store) -> None:
    preferences = Preferences(store.database)
    assert preferences.read() == {}
    preferences.save({"a": "1", "b": "2", "c": "3"})
    preferences.save({"a": None, "b": "4"})
    assert preferences.read() == {"b": "4", "c": "3"}
    preferences.clear()
    assert preferences.read() == {}


def test_a_store_that_cannot_be_written_is_told(store: Store) -> None:
    with store.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(StoreError, match="readonly"):
        Preferences(store.database).save({"display.language": "hi"})


ADDED_IN = {3: ("setting", "lesson_mode"), 4: ("acknowledgment",), 5: ("person_course", "lesson_course")}


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_a_store_of_an_older_version_is_upgraded_in_place(version: int, file: Path) -> None:
    with closing(Store(str(file))) as store:
        store.add(make_person(1), CONSENT)
        LessonStore(store.database).save(make_entry(), make_seconds({"key-1": ["happy"]}), [])
    with closing(sqlite3.connect(file)) as connection, connection:
        for table in (table for later, tables in ADDED_IN.items() if later > version for table in tables):
            connection.execute(f"DROP TABLE {table}")
        connection.execute(f"UPDATE fewshot_schema SET version = {version}")
    with closing(Store(str(file))) as store:
        Preferences(store.database).save({"display.mode": "aggregate"})
        assert Preferences(store.database).read() == {"display.mode": "aggregate"}
        assert [(entry.mode, entry.course) for entry in LessonStore(store.database).entries()] == [("full", "")]
        assert [person.name for person in store.people()] == [make_person(1).name]
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT version FROM fewshot_schema").fetchall() == [(SCHEMA_VERSION,)]
