"""A store of an earlier version gets what it lacks when it is opened, and loses nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from fewshot.errors import StoreError
from fewshot.store.lessons import LessonStore
from fewshot.store.students import Store
from fewshot.store.tables import SCHEMA_VERSION
from tests.lessons import make_entry, make_seconds
from tests.people import CONSENT, facts, make_person

VERSION_1 = """
CREATE TABLE fewshot_schema (version INTEGER NOT NULL, PRIMARY KEY (version));
CREATE TABLE person (person_id VARCHAR NOT NULL, name VARCHAR NOT NULL, name_key VARCHAR NOT NULL,
    encoder_fingerprint VARCHAR NOT NULL, identity_fingerprint VARCHAR NOT NULL, enrolled_at DATETIME NOT NULL,
    receipt JSON NOT NULL, PRIMARY KEY (person_id), UNIQUE (name_key));
CREATE TABLE consent (person_id VARCHAR NOT NULL, wording VARCHAR NOT NULL, recorded_by VARCHAR NOT NULL,
    recorded_at DATETIME NOT NULL, PRIMARY KEY (person_id),
    FOREIGN KEY(person_id) REFERENCES person (person_id) ON DELETE CASCADE);
CREATE TABLE template (person_id VARCHAR NOT NULL, position INTEGER NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (person_id, position), FOREIGN KEY(person_id) REFERENCES person (person_id) ON DELETE CASCADE);
CREATE TABLE embedding (person_id VARCHAR NOT NULL, position INTEGER NOT NULL, label VARCHAR NOT NULL,
    vector BLOB NOT NULL, PRIMARY KEY (person_id, position),
    FOREIGN KEY(person_id) REFERENCES person (person_id) ON DELETE CASCADE);
INSERT INTO fewshot_schema VALUES (1);
"""
"""As version 1 of the program made it."""


def test_a_file_of_version_1_is_upgraded_in_place(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(VERSION_1)
        # what a person's rows hold is the same in both versions
        made = Store(str(tmp_path / "new.db"))
        made.add(make_person(1), CONSENT)
        made.close()
        connection.execute("ATTACH ? AS new", (str(tmp_path / "new.db"),))
        for table in ("person", "consent", "template", "embedding"):
            connection.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
    connection.close()
    with_lessons = Store(str(file))
    assert [facts(person) for person in with_lessons.people()] == [facts(make_person(1))]
    assert with_lessons.consent("key-1") == CONSENT
    LessonStore(with_lessons.database).save(make_entry(), make_seconds({"key-1": ["happy"]}), [])
    with_lessons.forget("key-1")
    with_lessons.close()
    again = Store(str(file))
    assert [entry.students for entry in LessonStore(again.database).entries()] == [0]
    again.close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version FROM fewshot_schema").fetchall() == [(SCHEMA_VERSION,)]
    connection.close()


def test_an_upgrade_that_fails_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(VERSION_1 + "CREATE INDEX ix_lesson_student_person_id ON person (name);")  # in the way
    connection.close()
    with pytest.raises(
        StoreError, match="must be a database that can be read and written, got: .*ix_lesson_student_person_id"
    ):
        Store(str(file))
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version FROM fewshot_schema").fetchall() == [(1,)]
        assert not connection.execute("SELECT * FROM sqlite_master WHERE name = 'lesson'").fetchall()
    connection.close()


def test_a_store_without_shared_states_gets_them_and_keeps_everybody(tmp_path: Path) -> None:
    file = tmp_path / "students.db"
    with closing(Store(str(file))) as store:
        store.add(make_person(1), CONSENT)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TABLE shared_state")
        connection.execute("UPDATE fewshot_schema SET version = 1")
    with closing(Store(str(file))) as store:
        (person,) = store.people()
        store.change(person.person_id, partial(replace, shared_states=("bored", "sleepy")))
        store.change(person.person_id, partial(replace, shared_states=("sleepy",)))
        assert store.people()[0].shared_states == ("sleepy",)
        store.forget(store.key_of(person.name))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM shared_state").fetchone() == (0,)
        assert connection.execute("SELECT version FROM fewshot_schema").fetchall() == [(SCHEMA_VERSION,)]
