"""The numbers by which students are called where names are hidden: drawn, kept, and nobody else's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import Engine, event

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
        assert all(1000 <= number < 10000 for number in given.values())
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


def test_whom_an_earlier_version_enrolls_stops_nobody_and_gets_a_number(tmp_path: Path) -> None:
    file = tmp_path / "students.db"
    with closing(Store(str(file))) as store:
        for i in range(3):
            store.add(make_person(i), CONSENT)
        before = numbers_of(store)
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DELETE FROM person_number WHERE person_id = 'key-1'")
        assert list(numbers_of(store)) == ["Student 0", "Student 2"]
        (damaged,) = store.damaged()
        assert (damaged.name, "it has no number" in damaged.told) == ("Student 1", True)
    with closing(Store(str(file))) as store:
        after = numbers_of(store)
        assert not store.damaged()
        assert list(after) == ["Student 0", "Student 1", "Student 2"]
        assert after | before == {**after, "Student 1": before["Student 1"]}
    with closing(Store(str(file))) as store:
        assert numbers_of(store) == after


class Asked(set[int]):
    """Numbers that count how often one is looked for in them, and refuse to be gone through."""

    times = 0

    def __contains__(self, number: object) -> bool:
        self.times += 1
        return super().__contains__(number)

    def __iter__(self) -> NoReturn:
        raise AssertionError("gone through from end to end")


def test_there_are_always_more_numbers_of_one_length_in_a_school() -> None:
    taken = Asked()
    for _ in range(4000):
        number = numbers._draw(taken)
        assert 1000 <= number < 10000
        assert not set.__contains__(taken, number)
        taken.add(number)
    assert taken.times < 3 * 4000
    for _ in range(6000):
        taken.add(numbers._draw(taken))
    assert len(taken) == 10000
    assert taken.times < 3 * 10000


def test_some_hundred_students_are_numbered_in_a_few_statements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "students.db"
    with closing(Store(str(file))) as store:
        store.add(make_person(0), CONSENT)
    with closing(sqlite3.connect(file)) as connection, connection:
        columns = "encoder_fingerprint, identity_fingerprint, enrolled_at, receipt"
        for i in range(1, 300):
            connection.execute(
                f"INSERT INTO person SELECT ?, ?, ?, {columns} FROM person WHERE person_id = 'key-0'", [f"key-{i}"] * 3
            )
        connection.execute("DELETE FROM person_number")
        connection.execute("UPDATE fewshot_schema SET version = 6")
    asked_of, draw = [], numbers._draw
    monkeypatch.setattr(numbers, "_draw", lambda taken: asked_of.append(taken) or draw(taken))
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        Store(str(file)).close()
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert len(asked_of) == 300
    assert all(isinstance(taken, set) and taken is asked_of[0] for taken in asked_of)
    assert sum("person_number" in statement for statement in said if "PRAGMA" not in statement) <= 6
    with closing(sqlite3.connect(file)) as connection:
        drawn = [number for (number,) in connection.execute("SELECT number FROM person_number")]
    assert (len(drawn), set(drawn)) == (300, asked_of[0])
