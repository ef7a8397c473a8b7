"""The store keeps a person whole, finds them by name, and forgets them to the last byte."""

from __future__ import annotations

import dataclasses
import sqlite3
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from fewshot.errors import AlreadyEnrolled, EnrollmentError, StoreError, UnknownPerson
from fewshot.names import name_key
from fewshot.person import KnownFace, Person
from fewshot.store.students import Store
from fewshot.store.tables import Table
from tests.people import CONSENT, facts, make_person


def test_a_person_survives_reopening_unchanged(store: Store, file: Path) -> None:
    store.add(make_person(1), CONSENT)
    store.close()
    again = Store(f"sqlite:///{file}")
    assert [facts(person) for person in again.people()] == [facts(make_person(1))]
    assert again.people()[0].templates.dtype == np.float32
    assert again.consent("key-1") == CONSENT
    again.close()


def test_the_classes_of_a_student_follow(store: Store) -> None:
    ada = replace(make_person(1, "Ada"), courses=("7b", "Algebra"))
    store.add(ada, CONSENT)
    assert facts(store.person("Ada")) == facts(ada)
    changed = store.change(ada.person_id, partial(replace, courses=("8a", "Algebra")))
    assert facts(changed) == facts(store.person("Ada"))
    assert store.person("Ada").courses == ("8a", "Algebra")
    kept = store.add(replace(make_person(2, "Ada"), courses=("Chess",)), CONSENT, replace=True)
    assert facts(kept) == facts(store.person("Ada"))
    assert kept.courses == ("8a", "Algebra", "Chess"), "who is enrolled anew stays in the classes of before"
    store.forget(store.key_of("Ada"))
    store.add(make_person(3, "Ada"), CONSENT)
    assert store.person("Ada").courses == ()


def test_people_come_by_name(store: Store) -> None:
    for number, name in enumerate(["bea", "Åsa", "Ada", "NA"]):
        store.add(make_person(number, name), CONSENT)
    assert [person.name for person in store.people()] == ["Ada", "bea", "NA", "Åsa"]


@pytest.mark.parametrize("spelling", ["Zoë", "ZOË", "  zoë ", "Zoe\u0308"])
def test_a_name_is_found_in_any_spelling(store: Store, spelling: str) -> None:
    store.add(make_person(1, "Zoë"), CONSENT)
    assert store.person(spelling).person_id == "key-1"
    with pytest.raises(AlreadyEnrolled, match="enrolled already"):
        store.add(make_person(2, spelling), CONSENT)
    assert len(store.people()) == 1


def test_replacing_keeps_one_entry(store: Store) -> None:
    store.add(make_person(1, "Ada"), CONSENT)
    newer = dataclasses.replace(make_person(2, "ada"), person_id="key-1")
    store.add(newer, CONSENT, replace=True)
    assert [facts(person) for person in store.people()] == [facts(newer)]


def test_a_failed_replacement_leaves_the_old_entry(store: Store) -> None:
    store.add(make_person(1, "Ada"), CONSENT)
    store.add(make_person(2, "Bea"), CONSENT)
    clash = dataclasses.replace(make_person(3, "Ada"), person_id="key-2")
    with pytest.raises(AlreadyEnrolled):
        store.add(clash, CONSENT, replace=True)
    assert facts(store.person("Ada")) == facts(make_person(1, "Ada"))


def test_nobody_of_that_name(store: Store) -> None:
    for ask in (store.person, store.key_of):
        with pytest.raises(UnknownPerson, match=r"Nobody called 'Bob' is enrolled in .*students\.db"):
            ask("Bob")
    for ask_by_key in (store.forget, store.consent, partial(store.rename, new_name="Bo")):
        with pytest.raises(UnknownPerson, match=r"not enrolled in .*students\.db any more"):
            ask_by_key("key-1")


def test_who_is_called_otherwise_meanwhile_is_forgotten_and_not_their_namesake(store: Store) -> None:
    ada, namesake = make_person(1, "Ada"), make_person(2, "Ada")
    store.add(ada, CONSENT)
    store.rename(ada.person_id, "Ada B.")
    store.add(namesake, CONSENT)
    assert store.forget(ada.person_id).name == "Ada B."
    assert [person.person_id for person in store.people()] == [namesake.person_id]


def _traces(people: Sequence[Person], file: Path) -> list[list[str]]:
    """Name, for each person, what of them is found in the store's files: texts, and pieces of vectors."""
    raw = b"".join(part.read_bytes() for part in sorted(file.parent.iterdir()))
    found = []
    for person in people:
        texts = {"name": person.name, "key": person.person_id, "photo": person.receipt.left_out[0].photo}
        here = [what for what, text in texts.items() if text.encode() in raw]
        for what, vectors in (("template", person.templates), ("embedding", person.embeddings)):
            starts = (0, vectors[0].nbytes // 2, vectors[0].nbytes - 16)
            pieces = [vector.tobytes()[start : start + 16] for vector in vectors for start in starts]
            here += [what] * any(piece in raw for piece in pieces)
        found.append(here)
    return found


def test_renaming_keeps_everything_else(store: Store) -> None:
    ada, bo = make_person(1, "Ada"), make_person(2, "Bo")
    for person in (ada, bo):
        store.add(person, CONSENT)
    store.rename(store.key_of("ada"), " Ada  Lovelace ")
    assert facts(store.person("Ada Lovelace")) == facts(dataclasses.replace(ada, name="Ada Lovelace"))
    assert store.consent(store.key_of("Ada Lovelace")) == CONSENT
    store.rename(store.key_of("Ada Lovelace"), "ADA LOVELACE")  # the same name in another spelling is free
    with pytest.raises(AlreadyEnrolled, match="'Bo' is enrolled already"):
        store.rename(store.key_of("Ada Lovelace"), "Bo")
    with pytest.raises(UnknownPerson, match="Nobody called 'Ada'"):
        store.rename(store.key_of("Ada"), "Eve")
    with pytest.raises(EnrollmentError, match="got an empty one"):
        store.rename(store.key_of("Bo"), "  ")
    assert [person.name for person in store.people()] == ["ADA LOVELACE", "Bo"]


@pytest.mark.parametrize("seed", [1, 2])
def test_forgetting_leaves_no_byte(store: Store, file: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = [
        (int(random.integers(1, 20)), int(random.choice([128, 512])), int(random.choice([64, 640]))) for _ in range(24)
    ]
    people = [make_person(1000 + i, f"Student no. {1000 + i}", *size) for i, size in enumerate(sizes)]
    for person in people:
        store.add(person, CONSENT)
    assert _traces(people, file) == [["name", "key", "photo", "template", "embedding"]] * 24
    gone = [people[i] for i in random.permutation(24)[:12]]
    for person in gone:
        store.forget(store.key_of(person.name))
    assert _traces(gone, file) == [[]] * 12
    assert len(store.people()) == 12


def test_replacing_leaves_no_byte_of_the_old_entry(store: Store, file: Path) -> None:
    old = make_person(1234, "Ada")
    for person in (old, make_person(2)):
        store.add(person, CONSENT)
    store.add(make_person(5678, "Ada"), CONSENT, replace=True)
    assert _traces([old], file) == [["name"]]  # which is the new entry's too


def test_opening_erases_what_a_killed_forgetting_left(
    store: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person(1234)
    store.add(person, CONSENT)
    monkeypatch.setattr(store.database, "erase_remains", lambda: True)  # as if killed before erasing
    store.forget(store.key_of(person.name))
    assert _traces([person], file) != [[]]
    Store(str(file)).close()
    assert _traces([person], file) == [[]]


def test_a_reader_in_the_way_of_erasing_is_reported(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fewshot.store.sqlite.BUSY_TIMEOUT_S", 0)
    impatient = Store(str(file))
    impatient.add(make_person(1), CONSENT)
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM person").fetchone()
    with pytest.raises(StoreError, match="is forgotten, but another program is reading"):
        impatient.forget(impatient.key_of("Student 1"))
    assert impatient.people() == ()
    reader.close()
    impatient.close()


def test_only_the_owner_may_read_the_file(store: Store, file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_threads_may_share_a_store(store: Store) -> None:
    def add(number: int) -> int:
        store.add(make_person(number), CONSENT)
        return len(store.people())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(40)))
    assert sorted(facts(person) for person in store.people()) == sorted(facts(make_person(i)) for i in range(40))


def test_the_tables_exist_in_postgresql() -> None:
    ddl = " ".join(
        str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in Table.metadata.sorted_tables
    )
    assert ddl.count("ON DELETE CASCADE") == 13
    assert "BYTEA" in ddl
    assert "TIMESTAMP WITH TIME ZONE" in ddl


def test_a_new_face_is_compared_without_reading_all_that_is_kept(store: Store, file: Path) -> None:
    for i in range(3):
        store.add(make_person(i), CONSENT)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE template SET vector = x'00' WHERE person_id = 'key-2' AND position = 0")
        connection.execute("DELETE FROM template WHERE person_id = 'key-1' AND position > 1")
    said: list[str] = []
    seen: list[KnownFace] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    def check(faces: Sequence[KnownFace]) -> None:
        seen.extend(faces)
        raise EnrollmentError("enough")

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        with pytest.raises(EnrollmentError, match="enough"):
            store.add(make_person(3), CONSENT, check=check)
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert not [statement for statement in said if "embedding" in statement or "receipt" in statement]
    assert len([statement for statement in said if "FROM template" in statement]) == 1
    by_name = {face.name: face for face in seen}
    assert set(by_name) == {"Student 0", "Student 1"}
    assert by_name["Student 1"].identity_fingerprint == "identity-1"
    np.testing.assert_array_equal(by_name["Student 0"].templates, make_person(0).templates)
    np.testing.assert_array_equal(by_name["Student 1"].templates, make_person(1).templates[:2])


def test_everybody_is_in_the_order_of_python_whatever_that_of_the_database(file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection, connection:  # which compares the bytes of its encoding
        connection.executescript("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (c); DROP TABLE t;")
    names = ["Āru", "Bo", "Ada", "अदिति"]
    with closing(Store(str(file))) as store:
        for i, name in enumerate(names):
            store.add(make_person(i, name), CONSENT)
        assert [person.name for person in store.people()] == sorted(names, key=name_key)
    with closing(sqlite3.connect(file)) as connection:
        by_database = [name for (name,) in connection.execute("SELECT name FROM person ORDER BY name_key")]
    assert by_database != sorted(names, key=name_key)
