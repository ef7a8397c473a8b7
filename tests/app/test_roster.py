"""Lessons that run follow the store, whoever changes it and whether or not it can be read."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from app.state.resources import Resources
from fewshot.errors import StoreError
from fewshot.live.demo import class_photo
from fewshot.person import Person
from fewshot.store.students import Everybody, Store
from tests.app.conftest import assign


def test_who_another_program_forgets_is_recognized_no_more(resources: Resources, enrolled_ada: Person) -> None:
    picture, process = class_photo(), resources.open_lesson("lesson-of-a-class")
    lesson = resources.lessons.join("lesson-of-a-class")
    assert "Ada" in {reading.match.name for reading in process(picture, 0.0).readings}
    with closing(Store(resources.store.location)) as of_another_program:
        of_another_program.forget(of_another_program.key_of("Ada"))
    lesson._timeline.close_before(60.0)  # the second is over, and is saved
    resources.lessons.save()
    assert {reading.match.name for reading in process(picture, 1.0).readings} == {None}
    assert resources.roster.gallery().people == ()


def test_a_lesson_goes_on_while_the_store_is_read_again(
    resources: Resources, enrolled_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, read = resources.open_lesson("lesson-of-a-class"), resources.store.everybody
    shown: list[set[str | None]] = []

    def read_slowly() -> Everybody:
        frame = threading.Thread(
            target=lambda: shown.append({reading.match.name for reading in process(class_photo(), 0.0).readings})
        )
        frame.start()
        frame.join(timeout=60)
        assert shown, "the frame waits for the store"
        return read()

    monkeypatch.setattr(resources.store, "everybody", read_slowly)
    resources.roster.refresh()
    assert "Ada" in shown[0]


def test_a_lesson_goes_on_while_the_store_cannot_be_read(
    resources: Resources, enrolled_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = resources.open_lesson("lesson-of-a-class")

    def fail() -> Everybody:
        raise StoreError("database is locked")

    monkeypatch.setattr(resources.store, "everybody", fail)
    with pytest.raises(StoreError, match="locked"):
        resources.roster.refresh()
    assert "Ada" in {reading.match.name for reading in process(class_photo(), 0.0).readings}


def test_what_another_program_changes_counts_once_the_store_is_read_again(
    resources: Resources, enrolled_ada: Person
) -> None:
    before = resources.roster.gallery()
    assert resources.roster.refresh() is before
    with closing(Store(resources.store.location)) as of_another_program:
        of_another_program.rename(enrolled_ada.person_id, "Ada L.")
    assert [person.name for person in resources.roster.refresh().people] == ["Ada L."]


def test_a_class_that_was_renamed_is_known_once_the_store_can_be_read(
    resources: Resources, enrolled_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign(resources, enrolled_ada, "7b")
    assert resources.roster.gallery().of_course("7b").people
    rename = resources.store.rename_course
    with monkeypatch.context() as busy:

        def rename_and_be_busy(course: str, new_name: str) -> None:
            rename(course, new_name)
            busy.setattr(resources.store, "everybody", lambda: pytest.fail("it cannot be read now"))

        busy.setattr(resources.store, "rename_course", rename_and_be_busy)
        resources.roster.rename_course("7b", "8b")
    assert [person.name for person in resources.roster.gallery().of_course("8b").people] == ["Ada"]


def test_who_was_renamed_is_known_without_reading_them_again(
    resources: Resources, enrolled_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources.roster.gallery()
    monkeypatch.setattr(resources.store, "person", lambda _: pytest.fail("the store may be busy"))
    resources.roster.rename(enrolled_ada, "Eva")
    assert [person.name for person in resources.roster.gallery().people] == ["Eva"]
