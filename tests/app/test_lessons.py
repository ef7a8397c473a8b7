"""Lessons that go on after a reload, a restart and a failing database, with clocks moved by hand."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.state.lesson import IDLE_S, Lesson
from app.state.lessons import Lessons
from fewshot.errors import StoreError
from fewshot.lesson import ABSENT, NO_SECONDS, Bookmark, KeptLesson
from fewshot.store.lessons import LessonStore
from fewshot.store.students import Store
from fewshot.types import NOBODY
from tests.app.test_lesson import ADA, BEN, EMBEDDINGS, RULES, HandClock, frame
from tests.lessons import BEGAN, as_values, make_entry
from tests.people import CONSENT, make_person


class HandDay:
    """A time of day that stands still until told."""

    now = BEGAN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in which Ada and Ben are enrolled, by the keys of their matches."""
    with closing(Store(str(tmp_path / "students.db"))) as opened:
        for number, match in enumerate((ADA, BEN)):
            opened.add(replace(make_person(number, match.name), person_id=match.person_id), CONSENT)
        yield opened


def begin(store: Store, clock: HandClock, day: HandDay) -> tuple[LessonStore, Lesson]:
    """A lesson as it is joined for the first time, or after a restart."""
    lessons = LessonStore(store.database)
    kept = lessons.read("lesson-1")
    return lessons, Lesson(RULES, clock, kept or KeptLesson(make_entry(), NO_SECONDS, ()), day)


def watch(lesson: Lesson, clock: HandClock, seconds: int) -> None:
    """Let a lesson run, four frames a second."""
    for _ in range(4 * seconds):
        lesson.record(frame((ADA, "happy"), (NOBODY, "sad"), (NOBODY, "sad")), dict.fromkeys(range(3), EMBEDDINGS[0]))
        clock.now_s += 0.25


def test_a_restarted_server_goes_on_with_the_lesson(store: Store) -> None:
    clock, day = HandClock(), HandDay()
    lessons, lesson = begin(store, clock, day)
    watch(lesson, clock, 10)
    lesson.bookmark(" explained recursion ")
    lesson.retitle("Recursion")
    lesson.save(lessons)
    del lesson
    clock.now_s, day.now = 7.0, BEGAN + timedelta(seconds=60)  # another process: its clock begins anywhere
    _, again = begin(store, clock, day)
    assert again.entry.title == "Recursion"
    assert again.bookmarks == (Bookmark(10, "explained recursion"),)
    watch(again, clock, 3)
    again.save(lessons)
    kept = lessons.read("lesson-1")
    assert kept is not None
    assert kept.seconds.seconds.tolist() == [*range(10), 60, 61, 62]
    assert kept.seconds.strangers.tolist() == [2] * 13
    assert as_values(kept.seconds)[2] == {"1": ("Ada", ["happy"] * 13, [False] * 13, 0)}
    assert kept.bookmarks == again.bookmarks


def test_a_clock_that_was_set_back_repeats_no_second(store: Store) -> None:
    clock, day = HandClock(), HandDay()
    lessons, lesson = begin(store, clock, day)
    watch(lesson, clock, 10)
    lesson.save(lessons)
    day.now = BEGAN - timedelta(hours=1)
    _, again = begin(store, clock, day)
    watch(again, clock, 2)
    again.save(lessons)
    kept = lessons.read("lesson-1")
    assert kept is not None
    assert kept.seconds.seconds.tolist() == [*range(10), 10, 11]


def test_a_lesson_begins_with_its_first_frame(store: Store) -> None:
    clock, day = HandClock(), HandDay()
    lessons, lesson = begin(store, clock, day)
    lesson.save(lessons)
    assert lessons.entries() == ()
    clock.now_s, day.now = 400.0, BEGAN + timedelta(minutes=5)
    watch(lesson, clock, 2)
    lesson.save(lessons)
    assert (lessons.entries()[0].began, lessons.entries()[0].length_s) == (BEGAN + timedelta(minutes=5), 1)


def test_a_failing_database_is_told_and_costs_nothing(store: Store) -> None:
    clock = HandClock()
    lessons, lesson = begin(store, clock, HandDay())
    watch(lesson, clock, 5)
    with store.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    lesson.save(lessons)
    assert "readonly" in str(lesson.view().problem)
    assert not lesson.is_idle
    with store.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
    watch(lesson, clock, 5)
    lesson.save(lessons)
    assert lesson.view().problem is None
    kept = lessons.read("lesson-1")
    assert kept is not None
    assert kept.seconds.seconds.tolist() == list(range(10))


def test_who_was_forgotten_by_another_program_leaves_the_running_lesson(store: Store) -> None:
    clock = HandClock()
    lessons, lesson = begin(store, clock, HandDay())
    watch(lesson, clock, 5)
    store.forget(store.key_of("Ada"))
    lesson.save(lessons)
    assert lesson.view().sightings == {}
    assert lesson.mood(10).seconds == ()
    kept = lessons.read("lesson-1")
    assert kept is not None
    assert dict(kept.seconds.students) == {}


def test_an_ended_lesson_records_no_more(store: Store) -> None:
    clock, day = HandClock(), HandDay()
    lessons, lesson = begin(store, clock, day)
    watch(lesson, clock, 5)
    day.now += timedelta(seconds=5)
    lesson.end()
    watch(lesson, clock, 5)
    lesson.save(lessons)
    assert (lessons.entries()[0].length_s, lessons.entries()[0].ended) == (4, day.now)


def test_page_and_socket_meet_in_one_lesson(store: Store) -> None:
    lessons = Lessons(RULES, LessonStore(store.database))
    page = lessons.join("a")
    assert lessons.join("a") is page
    assert lessons.join("b") is not page


def test_what_nobody_holds_is_saved_before_it_goes(store: Store) -> None:
    lessons, kept, clock = Lessons(RULES, LessonStore(store.database)), LessonStore(store.database), HandClock()
    lesson = lessons.join("a")
    lesson._clock = clock
    watch(lesson, clock, 3)
    del lesson
    gc.collect()
    lessons.save()
    assert [entry.length_s for entry in kept.entries()] == [2]
    clock.now_s += IDLE_S
    lessons.save()
    gc.collect()
    assert lessons._all() == []
    seen = lessons.join("a").mood(10)
    assert seen.shares[0][seen.labels.index("happy")] == 1
    assert seen.shares[0][seen.labels.index(ABSENT)] == 0


def test_a_deleted_lesson_does_not_come_back(store: Store) -> None:
    lessons, clock = Lessons(RULES, LessonStore(store.database)), HandClock()
    lesson = lessons.join("a")
    lesson._clock = clock
    watch(lesson, clock, 3)
    lessons.save()
    lessons.delete("a")
    watch(lesson, clock, 3)
    lessons.save()
    lesson.save(LessonStore(store.database))
    assert LessonStore(store.database).entries() == ()


def test_a_lesson_that_cannot_be_read_is_not_begun_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_lesson_id: str) -> None:
        raise StoreError("the disk is gone")

    lessons = Lessons(RULES, kept := LessonStore(store.database))
    monkeypatch.setattr(kept, "read", fail)
    with pytest.raises(StoreError, match="the disk is gone"):
        lessons.join("a")
