"""The lesson of a browser tab without a browser: its class, its title and bookmarks, its end, and who goes on with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.state.resources import Resources
from fewshot.errors import LessonOver
from fewshot.lesson import Bookmark
from fewshot.live.demo import class_photo
from fewshot.person import Person
from tests.app.conftest import OpenPage, assign, cards, make_bob, see


def test_a_class_is_chosen_for_the_lesson(resources: Resources, enrolled_ada: Person, open_page: OpenPage) -> None:
    resources.roster.save(
        replace(make_bob(enrolled_ada), courses=("8a",)), resources.store.consent(resources.store.key_of("Ada"))
    )
    assign(resources, enrolled_ada, "7b")
    page = open_page()
    lesson = page.session_state["lesson"]
    lesson_id = lesson.entry.lesson_id
    course = page.selectbox(key=f"course_{lesson_id}")
    assert course.options == ["Everybody enrolled", "7b", "8a"]
    see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    assert [card["name"] for card in cards(page.run())] == ["Ada", "Bob"]
    page.selectbox(key=f"course_{lesson_id}").set_value("8a").run()
    assert not page.exception
    assert lesson.entry.course == "8a"
    assert [card["name"] for card in cards(page)] == ["Bob"]
    assert not [button.label for button in page.button if "Ada" in button.label], (
        "she was seen, but is not of this class"
    )
    resources.lessons.save()
    assert [entry.course for entry in resources.lesson_store.entries()] == ["8a"]
    assign(resources, resources.store.person("Bob"))
    page.run()
    assert page.selectbox(key=f"course_{lesson_id}").value == "8a"
    assert "Nobody is in 8a" in page.info[0].value


def test_a_reload_or_another_tab_goes_on_with_the_lesson(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    lesson_id = lesson.entry.lesson_id
    see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    assert page.query_params["lesson"] in (lesson_id, [lesson_id])
    again = open_page(lesson=lesson_id)
    assert again.session_state["lesson"] is lesson
    assert [card["seen"] for card in cards(again)] == ["now"]
    assert open_page().session_state["lesson"] is not lesson
    assert open_page(lesson="../etc").session_state["lesson"].entry.lesson_id != "../etc"


def test_an_address_of_a_moment_ago_brings_no_lesson_back(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    first = page.session_state["lesson"]
    first.bookmark("here")
    first.end()
    second = page.run().session_state["lesson"]
    page.query_params["lesson"] = first.entry.lesson_id
    assert page.run().session_state["lesson"] is second


def test_a_bookmark_is_of_the_lesson_that_goes_on(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    over = page.session_state["lesson"]
    resources.lessons.delete(over.entry.lesson_id)  # in another tab
    page.text_input(key="note").set_value("a question")
    page.button(key="bookmark").click().run()
    lesson = page.session_state["lesson"]
    assert lesson is not over
    assert lesson.bookmarks == (Bookmark(0, "a question"),)
    assert over.bookmarks == ()


def test_another_lesson_begins_where_this_one_is_over(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    lesson_id = lesson.entry.lesson_id
    see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    process = resources.open_lesson(lesson_id)
    resources.lessons.delete(lesson_id)
    with pytest.raises(LessonOver, match="This lesson is over. Press Start to begin another one"):
        process(class_photo(), 0.0)
    second = page.run().session_state["lesson"]
    second_id = second.entry.lesson_id
    assert second_id != lesson_id
    see(second, enrolled_ada, enrolled_ada.embeddings[0])
    resources.lessons.save()
    began = second._time_of_day()
    monkeypatch.setattr(second, "_time_of_day", lambda: began + timedelta(days=1))
    assert open_page(lesson=second_id).session_state["lesson"].entry.lesson_id not in (lesson_id, second_id)


def test_a_moment_is_marked_and_the_lesson_titled(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    lesson_id = lesson.entry.lesson_id
    page.text_input(key=f"title_{lesson_id}").set_value("Recursion").run()
    page.text_input(key="note").set_value("explained *recursion*")
    page.button(key="bookmark").click().run()
    assert not page.exception
    assert (lesson.entry.title, lesson.bookmarks) == ("Recursion", (Bookmark(0, "explained *recursion*"),))
    resources.lessons.save()
    kept = resources.lesson_store.read(lesson_id)
    assert kept is not None
    assert (kept.entry.title, kept.bookmarks) == ("Recursion", lesson.bookmarks)


def test_ending_the_lesson_leads_to_its_report(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    lesson_id = lesson.entry.lesson_id
    for second in range(90):
        monkeypatch.setattr(lesson, "_clock", lambda second=second: 1000.0 + second)
        see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    page.button(key="end").click().run()
    assert not page.exception
    assert lesson.entry.ended is not None
    assert [entry.lesson_id for entry in resources.lesson_store.entries()] == [lesson_id]
    assert page.metric[0].value == "1:28 min"
    page.switch_page("app/pages/live.py").run()
    assert page.session_state["lesson"].entry.lesson_id != lesson_id


def test_a_lesson_that_cannot_be_saved_is_told_and_goes_on(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    lesson.bookmark("here")
    with resources.store.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    resources.lessons.save()
    with resources.store.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
    see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    page.run()
    assert "The lesson runs but could not be saved" in page.warning[0].value
    assert [metric.value for metric in page.metric] == ["1", "1", "0"]
