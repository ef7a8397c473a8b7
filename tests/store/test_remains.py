"""A change that was made is told as made, also where its traces cannot be erased yet."""

from __future__ import annotations

import dataclasses
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from fewshot.errors import StillInLog
from fewshot.person import Person
from fewshot.store.lessons import LessonStore
from fewshot.store.students import Store
from tests.lessons import BEGAN, make_entry, make_seconds
from tests.people import CONSENT, make_person


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: the log of a small change has room, what it changes has not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Be another program that reads meanwhile."""
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person").fetchone()
        yield


def test_a_disk_that_is_full_of_late_undoes_no_change(store: Store, file: Path) -> None:
    for number in range(60):
        store.add(make_person(number), CONSENT)

    def with_more_shots(person: Person) -> Person:
        shots = np.concatenate([person.embeddings] * 3)
        return dataclasses.replace(person, embeddings=shots, embedding_labels=person.embedding_labels * 3)

    store.database.erase_remains()
    with no_room_beyond(file.stat().st_size):
        assert len(store.change("key-1", with_more_shots).embeddings) == 21
        assert store.rename("key-1", "Ada") == "Ada"
        replaced = store.add(make_person(2, photos=21), CONSENT, replace=True)
        with pytest.raises(StillInLog):
            store.forget("key-3")
    assert len(store.person("Ada").embeddings) == len(store.person(replaced.name).embeddings) == 21
    assert len(store.people()) == 59


def test_a_lesson_whose_copy_stays_in_the_log_is_not_told_to_be_gone(store: Store, file: Path) -> None:
    store.add(dataclasses.replace(make_person(1), person_id="ada"), CONSENT)
    lessons = LessonStore(store.database)
    for title in ("one", "two"):
        lessons.save(make_entry(title, f"about {title}"), make_seconds({"Ada": ["happy"] * 9}), [])
    with reading(file), pytest.raises(StillInLog, match="is deleted, but another program is reading"):
        lessons.delete("one")
    assert [entry.lesson_id for entry in lessons.entries()] == ["two"]
    with reading(file), pytest.raises(StillInLog):
        lessons.delete_older(1, BEGAN + timedelta(days=3))
    assert lessons.entries() == ()
    assert store.database.erase_remains(), "once nobody reads"
    assert b"about " not in b"".join(part.read_bytes() for part in file.parent.iterdir())
