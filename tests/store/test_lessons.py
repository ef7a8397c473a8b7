"""Lessons in the store: written in parts, read whole, forgotten with their students and by age."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fewshot.errors import StoreError
from fewshot.lesson import ABSENT, NO_SECONDS, UNSURE, Bookmark
from fewshot.store.lessons import LessonStore
from fewshot.store.students import Store
from tests.lessons import BEGAN, as_values, make_entry, make_seconds
from tests.people import CONSENT, make_person


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    opened = Store(str(file))
    for name in ("Ada", "Bo", "Cy"):
        enroll(opened, name)
    yield opened
    opened.close()


def enroll(store: Store, name: str, replace: bool = False) -> None:
    """Enroll a student whose key is the name in lower case."""
    store.add(dataclasses.replace(make_person(1, name), person_id=name.lower()), CONSENT, replace=replace)


TWO = make_seconds(
    {"Ada": ["happy", "happy", ABSENT, UNSURE], "Bo": [ABSENT, "sad", "very sleepy", "sad"]},
    turned={"Bo": [False, True, True, False]},
    seconds=[0, 1, 7, 8],
)


def test_a_lesson_survives_reopening(store: Store, file: Path) -> None:
    lessons = LessonStore(store.database)
    seconds = dataclasses.replace(TWO, strangers=np.array([0, 3, 1, 0]))
    assert lessons.save(make_entry(title="Recursion"), seconds, [Bookmark(1, "explained")]) == frozenset()
    again = Store(str(file))
    kept = LessonStore(again.database).read("lesson-1")
    assert kept is not None
    assert as_values(kept.seconds) == as_values(seconds)
    assert kept.bookmarks == (Bookmark(1, "explained"),)
    assert kept.entry == dataclasses.replace(make_entry(title="Recursion"), length_s=8, students=2)
    assert LessonStore(again.database).entries() == (kept.entry,)
    assert LessonStore(again.database).read("another") is None
    again.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    looks=st.lists(
        st.tuples(*[st.sampled_from([ABSENT, UNSURE, "happy", "sad", "my state"])] * 3), min_size=1, max_size=12
    ),
    cuts=st.sets(st.integers(0, 12)),
)
def test_parts_saved_in_turn_are_the_whole(store: Store, looks: list[tuple[str]], cuts: set[int]) -> None:
    whole = make_seconds(dict(zip(("Ada", "Bo", "Cy"), map(list, zip(*looks, strict=True)), strict=True)))
    lessons, entry = LessonStore(store.database), make_entry(str(uuid4()))
    begin = 0
    for end in sorted(cuts | {12}):
        lessons.save(entry, whole.at((whole.seconds >= begin) & (whole.seconds < end)), [])
        begin = max(0, end - 1)  # the last second once more
    kept = lessons.read(entry.lesson_id)
    assert kept is not None
    seen = {key: student for key, student in whole.students.items() if student.first < len(looks)}
    assert as_values(kept.seconds) == as_values(dataclasses.replace(whole, students=seen))


def test_title_end_and_bookmarks_follow(store: Store) -> None:
    lessons, entry = LessonStore(store.database), make_entry()
    lessons.save(entry, NO_SECONDS, [Bookmark(1, "a")])
    ended = dataclasses.replace(entry, title="Trees", ended=BEGAN + timedelta(hours=1))
    lessons.save(ended, NO_SECONDS, [Bookmark(1, "a"), Bookmark(5, "b")])
    kept = lessons.read("lesson-1")
    assert kept is not None
    assert (kept.entry, kept.bookmarks) == (ended, (Bookmark(1, "a"), Bookmark(5, "b")))


def test_totals_count_looks_in_view(store: Store) -> None:
    lessons = LessonStore(store.database)
    lessons.save(make_entry(), TWO, [])
    lessons.save(make_entry("lesson-2", began=BEGAN + timedelta(days=1)), NO_SECONDS, [])
    newest, oldest = lessons.totals(lessons.entries())
    assert (newest.entry.lesson_id, newest.looks) == ("lesson-2", {})
    assert oldest.looks == {"happy": 2, UNSURE: 1, "sad": 2, "very sleepy": 1}


def test_who_is_not_enrolled_is_not_kept(store: Store) -> None:
    lessons = LessonStore(store.database)
    seconds = make_seconds({"Ada": ["happy"], "Eve": ["sad"]})
    assert lessons.save(make_entry(), seconds, []) == {"eve"}
    kept = lessons.read("lesson-1")
    assert kept is not None
    assert list(kept.seconds.students) == ["ada"]


def test_forgetting_a_student_leaves_no_byte_of_them_in_any_lesson(store: Store, file: Path) -> None:
    key = "a-key-that-nobody-else-has"
    store.add(dataclasses.replace(make_person(9, "Eve"), person_id=key), CONSENT)
    lessons = LessonStore(store.database)
    for number in range(3):
        looks = make_seconds({"Ada": ["happy"] * 900, key: ["a state of eve alone", "sad"] * 450})
        lessons.save(make_entry(f"lesson-{number}"), looks, [])
    traces = (key.encode(), b"a state of eve alone", b"Eve")
    assert [trace in file_bytes(file) for trace in traces] == [True] * 3
    assert store.forget(store.key_of("Eve")).lessons == 3
    assert [trace in file_bytes(file) for trace in traces] == [False] * 3
    kept = lessons.read("lesson-1")
    assert kept is not None
    assert list(kept.seconds.students) == ["ada"]
    assert [entry.students for entry in lessons.entries()] == [1, 1, 1]


def file_bytes(file: Path) -> bytes:
    """The database with its log."""
    return b"".join(part.read_bytes() for part in sorted(file.parent.iterdir()))


def test_who_is_enrolled_anew_keeps_their_lessons(store: Store, file: Path) -> None:
    lessons = LessonStore(store.database)
    lessons.save(make_entry(), TWO, [])
    enroll(store, "Ada", replace=True)  # the same face: the same key
    store.add(dataclasses.replace(make_person(4, "Bo"), person_id="another key"), CONSENT, replace=True)
    kept = lessons.read("lesson-1")
    assert kept is not None
    assert as_values(kept.seconds)[2] == {
        {"bo": "another key"}.get(key, key): values for key, values in as_values(TWO)[2].items()
    }


def test_a_renamed_student_is_renamed_in_their_lessons(store: Store) -> None:
    lessons = LessonStore(store.database)
    lessons.save(make_entry(), TWO, [])
    store.rename(store.key_of("Ada"), "Ada Lovelace")
    kept = lessons.read("lesson-1")
    assert kept is not None
    assert kept.seconds.students["ada"].name == "Ada Lovelace"


def test_deleting_a_lesson_leaves_nothing_of_it(store: Store, file: Path) -> None:
    lessons = LessonStore(store.database)
    for lesson_id in ("lesson-1", "lesson-2"):
        lessons.save(make_entry(lesson_id, f"about {lesson_id}"), TWO, [Bookmark(3, f"note of {lesson_id}")])
    lessons.delete("lesson-1")
    lessons.delete("never was")
    assert [entry.lesson_id for entry in lessons.entries()] == ["lesson-2"]
    assert b"about lesson-1" not in file_bytes(file)
    assert b"note of lesson-1" not in file_bytes(file)
    with sqlite3.connect(file) as connection:
        for table, left in (("lesson_second", 4), ("lesson_bookmark", 1), ("lesson_student", 2), ("lesson_look", 6)):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (left,), table
    connection.close()


def test_old_lessons_are_deleted(store: Store) -> None:
    lessons = LessonStore(store.database)
    for days in (0, 10, 30):
        lessons.save(make_entry(f"after {days}", began=BEGAN + timedelta(days=days)), TWO, [])
    now = BEGAN + timedelta(days=40)
    assert (lessons.count_older(31, now), lessons.count_older(1, now)) == (1, 3)
    assert lessons.delete_older(31, now) == 1
    assert [entry.lesson_id for entry in lessons.entries()] == ["after 30", "after 10"]
    assert lessons.delete_older(31, now) == 0


def test_how_much_may_be_told_of_a_lesson_is_kept(store: Store) -> None:
    lessons = LessonStore(store.database)
    lessons.save(make_entry("open"), TWO, [])
    lessons.save(dataclasses.replace(make_entry("closed"), mode="anonymous"), TWO, [])
    lessons.save(dataclasses.replace(make_entry("closed"), mode="aggregate"), TWO, [])
    assert {entry.lesson_id: entry.mode for entry in lessons.entries()} == {"open": "full", "closed": "aggregate"}
    assert [kept.entry.mode for kept in map(lessons.read, ("open", "closed")) if kept] == ["full", "aggregate"]
    lessons.delete("closed")
    lessons.save(make_entry("closed"), TWO, [])
    assert {entry.mode for entry in lessons.entries()} == {"full"}


def test_the_class_of_a_lesson_is_kept(store: Store) -> None:
    lessons = LessonStore(store.database)
    of_7b = dataclasses.replace(make_entry("algebra"), course="7b")
    lessons.save(of_7b, TWO, [])
    lessons.save(make_entry("open"), TWO, [])
    assert {entry.lesson_id: entry.course for entry in lessons.entries()} == {"algebra": "7b", "open": ""}
    lessons.save(dataclasses.replace(of_7b, course="8a"), TWO, [])
    assert [kept.entry.course for kept in map(lessons.read, ("algebra", "open")) if kept] == ["8a", ""]
    lessons.save(dataclasses.replace(of_7b, course=""), TWO, [])
    assert {entry.course for entry in lessons.entries()} == {""}


def test_a_renamed_class_is_renamed_in_its_lessons(store: Store) -> None:
    lessons = LessonStore(store.database)
    for number, courses in enumerate([("7b",), ("7b", "8b"), ("Algebra",)]):
        store.add(dataclasses.replace(make_person(10 + number), courses=courses), CONSENT)
    lessons.save(dataclasses.replace(make_entry("one"), course="7b"), TWO, [])
    lessons.save(dataclasses.replace(make_entry("two"), course="Algebra"), TWO, [])
    store.rename_course("7b", "7b")
    store.rename_course("7b", "8b")
    assert [store.person(f"Student {n}").courses for n in (10, 11, 12)] == [("8b",), ("8b",), ("Algebra",)]
    assert {entry.lesson_id: entry.course for entry in lessons.entries()} == {"one": "8b", "two": "Algebra"}


def test_a_store_that_cannot_be_written_is_told(store: Store) -> None:
    with store.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(StoreError, match="readonly"):
        LessonStore(store.database).save(make_entry(), TWO, [])


def test_a_part_of_a_lesson() -> None:
    part = TWO.at(TWO.seconds >= 7)
    assert as_values(part)[2] == {
        "ada": ("Ada", [ABSENT, UNSURE], [False, False], 0),
        "bo": ("Bo", ["very sleepy", "sad"], [True, False], 0),
    }
    assert list(TWO.at(TWO.seconds < 1).students) == ["ada"], "Bo had not been seen by then"
    assert part.codes().shape == (2, 2)
    assert NO_SECONDS.codes().shape == (0, 0)


def test_nothing_of_a_face_is_in_the_tables() -> None:
    from fewshot.store.lesson_tables import AttendanceRow, BookmarkRow, LessonModeRow, LessonRow, LookRow, SecondRow

    columns = {
        column.name
        for row in (AttendanceRow, BookmarkRow, LessonModeRow, LessonRow, LookRow, SecondRow)
        for column in row.__table__.columns
    }
    assert columns == {
        *("lesson_id", "title", "began", "ended", "mode", "second", "strangers", "position", "note"),
        *("number", "person_id", "looks", "label", "turned"),
    }
