"""The way of a new teacher, and what the law says before the first lesson, without a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from app import demo
from app.state.choices import OVERRIDES_VARIABLE
from app.state.lesson import Lesson
from app.state.resources import Resources
from app.widgets import first_steps
from app.widgets.notice import acknowledgment
from fewshot.consent import record_consent
from fewshot.messages import messages
from fewshot.person import Person
from fewshot.store.acknowledgment import Acknowledgments
from tests.app.conftest import OpenPage, component, see
from tests.lessons import make_entry, make_seconds
from tests.people import make_person


def has_stage(page: AppTest) -> bool:
    """Whether the page can start to watch."""
    return component(page, "stage") is not None


def keys(page: AppTest) -> set[str | None]:
    """The buttons on the page, by key."""
    return {button.key for button in page.button}


def watch(lesson: Lesson, person: Person, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record so many seconds of a student, of which the last is now."""
    for second in range(seconds):
        monkeypatch.setattr(lesson, "_clock", lambda second=second: 1000.0 + second)
        see(lesson, person, person.embeddings[0])
    monkeypatch.setattr(first_steps, "utc_now", lambda: lesson.entry.began + timedelta(seconds=seconds))


def test_one_click_leads_from_an_empty_app_to_the_demo_class(resources: Resources, open_page: OpenPage) -> None:
    Acknowledgments(resources.store.database).withdraw()
    page = open_page(welcomed=False)
    assert not page.exception
    assert messages()("first.title") in [header.value for header in page.subheader]
    assert keys(page) == {"watch_demo", "enroll_first", "skip"}
    assert not has_stage(page)
    page.button(key="watch_demo").click().run()
    assert not page.exception
    assert not page.error
    assert [person.name for person in resources.store.people()] == list(demo.names())
    assert page.segmented_control(key="source").value == "demo"
    assert has_stage(page), "drawn faces need no notice"


def test_the_demo_class_leads_on_to_its_report_and_to_the_first_student(
    resources: Resources, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(welcomed=False)
    page.button(key="watch_demo").click().run()
    lesson = page.session_state["lesson"]
    lesson_id = lesson.entry.lesson_id
    assert page.button(key="demo_report").disabled, "nothing was seen yet"
    watch(lesson, resources.store.people()[0], 20, monkeypatch)
    page.run()
    assert not page.button(key="demo_report").disabled
    assert "enroll_first" in keys(page)
    page.button(key="demo_report").click().run()
    assert not page.exception
    assert [entry.lesson_id for entry in resources.lesson_store.entries()] == [lesson_id]
    assert page.metric[0].value == "0:18 min"
    assert len(page.get("download_button")) == 4


def test_the_first_student_is_offered_until_there_is_one(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.enroll(resources)
    page = open_page()
    page.segmented_control(key="source").set_value("demo").run()
    watch(page.session_state["lesson"], enrolled_ada, 20, monkeypatch)
    page.run()
    assert not page.button(key="demo_report").disabled
    assert "enroll_first" not in keys(page)
    resources.roster.forget(enrolled_ada)
    watch(page.session_state["lesson"], resources.store.people()[0], 20, monkeypatch)
    page.run()
    page.button(key="enroll_first").click().run()
    assert not page.exception
    assert page.title[0].value == "Enroll"


@pytest.mark.parametrize("name", ["students", "report"])
def test_empty_pages_lead_to_the_same_place(name: str, resources: Resources, open_page: OpenPage) -> None:
    page = open_page(name)
    assert keys(page) == {"watch_demo", "enroll_first"}
    page.button(key="watch_demo").click().run()
    assert not page.exception
    assert (page.title[0].value, page.segmented_control(key="source").value) == ("Live", "demo")


def test_whoever_needs_no_welcome_gets_none(resources: Resources, open_page: OpenPage) -> None:
    page = open_page(welcomed=False)
    page.button(key="skip").click().run()
    assert page.segmented_control(key="source").value == "camera"
    assert "skip" not in keys(page.run())
    assert "skip" not in keys(open_page(welcomed=False, lesson="a-running-lesson")), "a reload goes on with the lesson"
    resources.roster.save(make_person(1), record_consent("form signed", "Ms. Noether"))
    assert "skip" not in keys(open_page(welcomed=False))
    resources.lesson_store.save(make_entry(), make_seconds({"key-1": ["happy"] * 9}), [])
    resources.store.forget(resources.store.key_of(make_person(1).name))
    assert "skip" not in keys(open_page(welcomed=False))


def test_the_law_comes_before_the_first_lesson_of_real_people(resources: Resources, open_page: OpenPage) -> None:
    Acknowledgments(resources.store.database).withdraw()
    demo.enroll(resources)
    page = open_page()
    assert "Art. 5(1)(f)" in " ".join(text.value for text in page.markdown)
    for source, asked in (("camera", True), ("demo", False), ("screen", True), ("recording", True)):
        page.segmented_control(key="source").set_value(source).run()
        assert (has_stage(page), "notice_button" in keys(page)) == (not asked, asked), source
    page.button(key="notice_button").click().run()
    assert not page.exception
    assert has_stage(page)
    assert has_stage(open_page()), "another tab, or another day, is not asked again"


def test_another_wording_asks_again_and_another_language_does_not(
    resources: Resources, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    resources.change({"display.language": "hi"})
    assert has_stage(open_page())
    Acknowledgments(resources.store.database).record("What the law said last year.")
    page = open_page()
    assert not has_stage(page)
    page.button(key="notice_button").click().run()
    found = acknowledgment(resources)
    assert found is not None
    assert found.wording == messages("hi")("notice.wording")


def test_the_acknowledgment_is_shown_with_its_date_and_withdrawn(resources: Resources, open_page: OpenPage) -> None:
    found = acknowledgment(resources)
    assert found is not None
    page = open_page("settings")
    told = messages()("notice.read_at", date=f"{found.read_at:%Y-%m-%d}")
    assert told in [caption.value for caption in page.caption]
    page.button(key="withdraw").click().run()
    assert not page.exception
    assert told not in [caption.value for caption in page.caption]
    assert not has_stage(page.switch_page("app/pages/live.py").run())


def test_the_settings_go_back_to_their_defaults_and_the_acknowledgment_stays(
    resources: Resources, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    resources.change({"classroom.looks_s": "25"})
    open_page("settings").button(key="defaults").click().run()
    assert resources.preferences.read() == {}
    assert acknowledgment(resources) is not None
