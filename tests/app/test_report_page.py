"""The page Report without a browser: choosing, filtering, hiding, downloading and deleting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.proto.Metric_pb2 import Metric as MetricProto
from streamlit.testing.v1 import AppTest

from app.markdown import plain
from app.state.choices import OVERRIDES_VARIABLE
from app.state.resources import Resources
from experiments.report_speed.lesson import make_lesson
from fewshot.lesson import NO_SECONDS, Bookmark
from tests.app.conftest import OpenPage
from tests.lessons import BEGAN, make_entry
from tests.people import CONSENT, make_person

NAMES = ("Ada", "<b>x", "Cy", "Di", "Eve", "Flo")


@pytest.fixture
def lessons(resources: Resources) -> Resources:
    """Two lessons of six students, on two days."""
    for number, name in enumerate(NAMES):
        resources.store.add(replace(make_person(number, name), person_id=name.lower()), CONSENT)
    for day, title in enumerate(("Trees", "Recursion")):
        entry = make_entry(f"lesson-{title}", title, BEGAN + timedelta(days=day))
        resources.lesson_store.save(entry, make_lesson(NAMES, 10, seed=day + 1), [Bookmark(60, "explained recursion")])
    return resources


def words(page: AppTest) -> str:
    """Everything that the page says and draws, but the files."""
    told = [element.value for kind in (page.title, page.subheader, page.caption, page.info) for element in kind]
    tables = [str(table.value.to_dict("list")) for table in page.table]
    charts = [str(chart.proto) for chart in page.get("vega_lite_chart")]
    return " ".join([*told, *tables, *charts])


def test_without_a_lesson_it_says_where_to_begin(resources: Resources, open_page: OpenPage) -> None:
    page = open_page("report")
    assert not page.exception
    assert "No lesson has been kept yet" in page.info[0].value


def test_the_address_names_the_lesson_of_who_comes_from_elsewhere_alone(
    lessons: Resources, open_page: OpenPage
) -> None:
    page = open_page("report")
    page.selectbox(key="lesson_choice").set_value("lesson-Trees").run()
    assert page.title[0].value == "Trees"
    page.query_params["lesson"] = "lesson-Recursion"
    page.run()
    assert page.title[0].value == "Trees", "a click may come with the address of before"
    page.switch_page("app/pages/students.py").run()
    page.query_params["lesson"] = "lesson-Recursion"
    page.switch_page("app/pages/report.py").run()
    assert page.title[0].value == "Recursion"


def test_a_note_is_shown_as_it_was_typed(lessons: Resources, open_page: OpenPage) -> None:
    kept, note = lessons.lesson_store.read("lesson-Recursion"), Bookmark(90, "why $a$ is *not* $b$")
    assert kept is not None
    lessons.lesson_store.save(kept.entry, NO_SECONDS, [*kept.bookmarks, note])
    page = open_page("report")
    assert plain(note.note) in page.table[0].value["What"].tolist()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_arrow_points_as_the_valence_went(
    language: str, lessons: Resources, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, f"faces=builtin display.language={language}")
    lessons.change({})
    (valence,) = [metric for metric in open_page("report").metric if metric.delta]
    assert "-0." in valence.delta
    assert valence.proto.direction == MetricProto.DOWN


def test_what_a_lesson_hid_is_hidden_beside_a_later_one(lessons: Resources, open_page: OpenPage) -> None:
    hidden = replace(make_entry("lesson-Alone", "Alone", BEGAN - timedelta(days=1)), mode="aggregate")
    lessons.lesson_store.save(hidden, make_lesson(NAMES[:1], 10, seed=3), [])
    page = open_page("report")
    assert page.title[0].value == "Recursion"
    (compared,) = [str(chart.proto) for chart in page.get("vega_lite_chart") if "Trees" in str(chart.proto)]
    assert "Alone" not in compared


def test_the_newest_lesson_is_shown_with_everything(lessons: Resources, open_page: OpenPage) -> None:
    page = open_page("report")
    assert not page.exception
    assert page.title[0].value == "Recursion"
    assert page.selectbox(key="lesson_choice").options == [
        "2026-05-05, 08:30 · Recursion",
        "2026-05-04, 08:30 · Trees",
    ]
    assert [header.value for header in page.subheader] == [
        *("Mood of the class", "Moments", "Who may have needed a look", "Students", "Valence", "Beside earlier lessons")
    ]
    assert "explained recursion" in words(page)
    assert "not seen for" in words(page)
    assert [metric.value for metric in page.metric][:2] == ["9:59 min", "6"]
    assert page.query_params["lesson"] in ("lesson-Recursion", ["lesson-Recursion"])


def test_the_page_speaks_the_language_that_was_chosen(
    lessons: Resources, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    lessons.change({"display.language": "hi"})
    page = open_page("report")
    assert not page.exception
    assert [header.value for header in page.subheader] == [
        *("कक्षा का मिज़ाज", "क्षण", "किसे ध्यान की ज़रूरत रही होगी", "विद्यार्थी", "भाव का झुकाव", "पिछले पाठों के साथ")
    ]
    assert page.metric[0].value == "9:59 मि॰"


def test_another_lesson_and_a_part_of_it(lessons: Resources, open_page: OpenPage) -> None:
    page = open_page("report")
    page.selectbox(key="lesson_choice").set_value("lesson-Trees").run()
    assert page.title[0].value == "Trees"
    page.multiselect(key="students_lesson-Trees").set_value(["cy"]).run()
    page.slider(key="minutes_lesson-Trees").set_value((2, 4)).run()
    assert not page.exception
    assert page.metric[1].value == "1"
    assert "explained recursion" not in words(page)
    assert "There is no earlier lesson" in words(page)
    assert "Cy, shown from 2:00 to 4:00" in words(page).replace("\\", ""), (
        "the filter is closed, and what it hides forgotten"
    )


def test_a_lesson_of_a_class_is_beside_those_of_the_same_class(lessons: Resources, open_page: OpenPage) -> None:
    for entry in lessons.lesson_store.entries():
        lessons.lesson_store.save(replace(entry, course="7b"), NO_SECONDS, [])
    page = open_page("report")
    assert page.title[0].value == "7b · Recursion"
    assert "2026-05-04, 08:30 · 7b · Trees" in page.selectbox(key="lesson_choice").options
    assert "There is no earlier lesson" not in words(page)
    lessons.lesson_store.save(replace(lessons.lesson_store.entries()[-1], course="8a"), NO_SECONDS, [])
    assert "There is no earlier lesson" in words(page.run())


def test_hidden_individuals_are_nowhere(lessons: Resources, open_page: OpenPage) -> None:
    page = open_page("report")
    assert "Flo" in words(page)
    page.toggle(key="aggregate").set_value(True).run()
    assert not page.exception
    assert [header.value for header in page.subheader] == [
        *("Mood of the class", "Moments", "Valence", "Beside earlier lessons")
    ]
    for name in NAMES:
        assert name not in words(page)


def test_a_small_group_is_not_reported(lessons: Resources, open_page: OpenPage) -> None:
    for name in NAMES[:2]:
        lessons.store.forget(lessons.store.key_of(name))
    page = open_page("report")
    page.toggle(key="aggregate").set_value(True).run()
    assert "Groups of fewer than 5 students are not reported." in page.info[0].value
    assert not page.metric
    assert not page.get("vega_lite_chart")


def test_deleting_asks_first_and_leaves_the_other(lessons: Resources, open_page: OpenPage) -> None:
    page = open_page("report")
    page.button(key="delete_lesson-Recursion").click().run()
    assert not page.exception
    assert "is deleted" in page.toast[0].value
    assert [entry.title for entry in lessons.lesson_store.entries()] == ["Trees"]
    assert page.title[0].value == "Trees"


def test_a_lesson_of_which_a_copy_stays_in_the_log_is_told_to_be_deleted(
    lessons: Resources, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("report")
    monkeypatch.setattr(lessons.store.database, "erase_remains", lambda: False)  # as while another program reads
    page.button(key="delete_lesson-Recursion").click().run()
    assert not page.exception
    assert not page.error
    assert "What was to go is deleted" in page.warning[0].value
    assert page.title[0].value == "Trees"
    assert not page.run().warning, "once"


def test_a_machine_without_pango_offers_the_other_files(
    lessons: Resources, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fewshot.classroom.document.missing_for_pdf", lambda: "A PDF needs the library Pango.")
    page = open_page("report")
    assert "A PDF needs the library Pango." in words(page)
    assert [button.disabled for button in page.get("download_button")] == [True, False, False, False]


def test_what_was_hidden_stays_hidden_when_another_page_was_visited(lessons: Resources, open_page: OpenPage) -> None:
    page = open_page("report")
    page.toggle(key="aggregate").set_value(True).run()
    page.switch_page("app/pages/students.py").run()
    page.switch_page("app/pages/report.py").run()
    assert page.toggle(key="aggregate").value is True
    assert not [name for name in NAMES if name in words(page)]


def test_the_address_of_a_lesson_that_is_gone_says_so(lessons: Resources, open_page: OpenPage) -> None:
    page = open_page("report", lesson="lesson-of-long-ago")
    assert "not there any more" in page.info[0].value
    assert page.title[0].value == "Recursion"
