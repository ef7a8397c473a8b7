"""The numbers by which students are called where names are hidden: drawn, kept, and nobody else's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fewshot.errors import UnknownPerson
from fewshot.store import numbers
from fewshot.store.students import Store
from fewshot.store.tables import SCHEMA_VERSION
from tests.people import CONSENT, make_person


def numbers_of(store: Store) -> dict[str, int]:
    return {person.name: person.number for person in store.people()}


def test_a_number_is_kept_whatever_happens_to_others(tmp_path: Path) -> None:
    with closing(Store(str(tmp_path / "students.db"))) as store:
        given = {f"Student {i}": store.add(make_person(i), CONSENT).number for i in range(40)}
        assert numbers_of(store) == given
        assert len(set(given.values())) == 40
        assert all(100 <= number < 1000 for number in given.values())
        assert sorted(given.values()) != list(given.values())
        store.forget(store.key_of("Student 3"))
        del given["Student 3"]
        assert numbers_of(store) == given
        store.rename(store.key_of("Student 4"), "Ada")
        given["Ada"] = given.pop("Student 4")
        again = store.add(make_person(99, name="Student 5"), CONSENT, replace=True)
        assert (again.person_id, again.number) == ("key-99", given["Student 5"])
    with closing(Store(str(tmp_path / "students.db"))) as store:
        assert numbers_of(store) == given


def test_a_number_is_forgotten_with_its_student(tmp_path: Path) -> None:
    with closing(Store(str(tmp_path / "students.db"))) as store:
        store.add(make_person(1), CONSENT)
        store.forget("key-1")
        with pytest.raises(UnknownPerson):
            store.person("Student 1")
    with closing(sqlite3.connect(tmp_path / "students.db")) as connection:
        assert connection.execute("SELECT count(*) FROM person_number").fetchone() == (0,)


def test_a_store_without_numbers_gets_them_and_keeps_everybody(tmp_path: Path) -> None:
    file = tmp_path / "students.db"
    with closing(Store(str(file))) as store:
        for i in range(3):
            store.add(make_person(i), CONSENT)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TABLE person_number")
        connection.execute("UPDATE template SET vector = x'00' WHERE person_id = 'key-2'")  # a damaged one gets one too
        connection.execute("UPDATE fewshot_schema SET version = 6")
    with closing(Store(str(file))) as store:
        drawn = numbers_of(store)
        assert list(drawn) == ["Student 0", "Student 1"]
        assert len(set(drawn.values())) == 2
    with closing(Store(str(file))) as store:
        assert numbers_of(store) == drawn
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM person_number").fetchone() == (3,)
        assert connection.execute("SELECT version FROM fewshot_schema").fetchall() == [(SCHEMA_VERSION,)]


def test_there_are_always_more_numbers() -> None:
    taken: set[int] = set()
    for _ in range(1500):
        number = numbers._draw(taken)
        assert number not in taken
        taken.add(number)
