"""What cannot be a store of students is refused in a sentence."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from fewshot.errors import StoreError
from fewshot.store.students import Store
from fewshot.store.tables import SCHEMA_VERSION
from tests.people import CONSENT, make_person


def test_not_a_database(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("dear diary, " * 500)
    with pytest.raises(StoreError, match=r"notes\.txt must be a database .* file is not a database"):
        Store(str(file))


def test_a_truncated_file(store: Store, file: Path) -> None:
    for number in range(20):
        store.add(make_person(number), CONSENT)
    store.close()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(StoreError, match="malformed"):
        Store(str(file)).people()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE template SET vector = x'00' WHERE position = 0 AND person_id = 'key-1'",
        "UPDATE template SET vector = x'0000003f' WHERE person_id = 'key-1'",
        "UPDATE template SET vector = zeroblob(512) WHERE person_id = 'key-1'",
        "UPDATE embedding SET vector = x'00' WHERE person_id = 'key-1'",
        "UPDATE embedding SET vector = x'ffffffff' WHERE person_id = 'key-1'",
        "DELETE FROM template WHERE person_id = 'key-1'",
    ],
)
@pytest.mark.parametrize("photos", [1, 7])
def test_a_damaged_row_costs_nobody_else(
    damage: str, photos: int, store: Store, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in (1, 2):
        store.add(make_person(number, photos=photos), CONSENT)
    with sqlite3.connect(file) as connection:
        connection.execute(damage)
    connection.close()
    assert [person.name for person in store.people()] == ["Student 2"]
    assert [person.name for person in store.people()] == ["Student 2"]
    (entry,) = store.damaged()
    assert (entry.person_id, entry.name) == ("key-1", "Student 1")
    with pytest.raises(StoreError, match="entry of 'Student 1' is damaged"):
        store.person("Student 1")
    assert [record.getMessage() for record in caplog.records] == [entry.told], "told once, and by name"
    store.add(make_person(3, name="Student 1"), CONSENT, replace=True)
    assert (len(store.people()), store.damaged()) == (2, ())


def test_a_damaged_row_is_told_on_the_command_line_and_forgotten(store: Store, file: Path) -> None:
    store.add(make_person(1), CONSENT)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE template SET vector = x'00' WHERE position = 0")
    connection.close()
    listing = [sys.executable, "-m", "enroll", "list", "--store", str(file)]
    listed = subprocess.run(listing, capture_output=True, text=True, check=True)
    assert "Nobody is enrolled" in listed.stdout
    assert listed.stderr.startswith("The entry of 'Student 1' is damaged")
    store.forget(store.key_of("Student 1"))
    assert store.damaged() == ()


def test_no_folder_to_write_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(str(tmp_path / "file" / "students.db"))
    with pytest.raises(StoreError, match="must be a database"):
        Store(str(tmp_path))


def test_a_read_only_database(store: Store, file: Path) -> None:
    store.add(make_person(1), CONSENT)
    with store.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(StoreError, match="readonly"):
        store.forget(store.key_of("Student 1"))


def test_a_read_only_file_with_a_log(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_engine: object) -> bool:  # what the log of a file without write permission does, to anybody but root
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("fewshot.store.sqlite.erase_remains", refuse)
    with pytest.raises(StoreError, match="must be a database that can be read and written, got: attempt to write"):
        Store(str(file))


def test_a_store_that_another_program_writes_to(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fewshot.store.sqlite.BUSY_TIMEOUT_S", 0)
    with closing(Store(str(file))) as store, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            StoreError, match="database is locked. Another program has it to itself. Close that, or try"
        ):
            store.add(make_person(1), CONSENT)


def test_a_missing_driver_is_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match="psycopg.* Install that driver, or name another"):
        Store("postgresql+psycopg://host/db")


def test_a_newer_version(store: Store, file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE fewshot_schema SET version = 99")
    connection.close()
    with pytest.raises(
        StoreError, match=f"holds version 99 of the tables, this program reads version {SCHEMA_VERSION}"
    ):
        Store(str(file))


def test_the_database_of_another_program(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        Store(str(tmp_path / "other.db"))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite://", "must be a file or a database server"),
        ("sqlite:///:memory:", "must be a file or a database server"),
        ("nonsense://u:secret@host/db", "must be a file or a PostgreSQL server, got nonsense"),
        ("mysql+pymysql://u:secret@host/db", "must be a file or a PostgreSQL server, got mysql"),
        ("://secret", "must be a file or a URL"),
        ("sqlite:/secret/students.db", "must be a file or a URL"),
        (
            "sqlite:///students.db?timeout=soon",
            "students.db cannot be opened: .* Name another on the command line or in",
        ),
        ("postgresql+nothing://u:secret@host/db", "cannot be opened: Can't load plugin"),
    ],
)
def test_urls_that_name_no_store(url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence) as raised:
        Store(url)
    assert "secret" not in str(raised.value)


def test_a_path_with_the_marks_of_a_url(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "100%?x=1.db"))
    store.add(make_person(1), CONSENT)
    store.close()
    assert (tmp_path / "100%?x=1.db").stat().st_size > 0
