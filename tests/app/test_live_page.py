"""The live page without a browser: what it says before, and beside, the video."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from app import demo
from app.markdown import plain
from app.state import process
from app.state.choices import OVERRIDES_VARIABLE
from app.state.lesson import Lesson
from app.state.resources import Resources
from fewshot.consent import record_consent
from fewshot.errors import LessonOver, WeightsError
from fewshot.lesson import Bookmark
from fewshot.live.demo import DemoStudent, class_photo
from fewshot.live.session import FaceEmbeddings
from fewshot.palette import COLORS_RGB
from fewshot.person import Person
from fewshot.types import Emotion, Face, Float32, FrameResult, Match, Reading
from tests.app.conftest import OpenPage, assign, component, make_bob


def cards(page: AppTest) -> list[dict[str, Any]]:
    """The cards of the class, as the component that draws them is told."""
    shown = component(page, "cards")
    return [] if shown is None else shown["cards"]


def attention(page: AppTest) -> list[tuple[str, str, bool]]:
    """Name, evidence, and whether it is put aside, of each who may need a look."""
    shown = component(page, "attention")
    return [] if shown is None else [(entry["name"], entry["told"], entry["aside"]) for entry in shown["entries"]]


def mood_areas(page: AppTest) -> int:
    """How many numbers the chart of the class's mood is drawn from."""
    (chart,) = page.get("vega_lite_chart")
    (dataset,) = chart.proto.datasets
    return int(pa.ipc.open_stream(dataset.data.data).read_all().num_rows)


def see(lesson: Lesson, person: Person, embedding: Float32, label: str = "happy") -> None:
    """Record a frame in which a student looks so."""
    face = Face(np.array([0, 0, 9, 9], np.float32), np.zeros((5, 2), np.float32), 0.9)
    emotion = Emotion(label, {"happy": 0.75, "sad": 0.25}, 1.0, "personal")
    reading = Reading(1, face, Match(person.person_id, person.name, 0.9), emotion)
    lesson.record(FrameResult(0, 0.0, 64, 48, (reading,)), {1: FaceEmbeddings(embedding, person.templates[0])})


def test_the_backend_and_its_licence_are_shown(resources: Resources, open_page: OpenPage) -> None:
    captions = " ".join(caption.value for caption in open_page().caption)
    assert "Faces: **Built in**." in captions
    assert plain(str(resources.models.backend.licence)) in captions


def test_an_empty_class_is_told_how_to_begin(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    assert "Nobody is enrolled" in page.info[0].value
    assert not cards(page)


def test_a_card_shows_who_was_seen_with_which_emotion(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page = open_page()
    assert [(card["seen"], card["emotion"]) for card in cards(page)] == [("not yet", None)]
    lesson = page.session_state["lesson"]
    see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    (card,) = cards(page.run())
    assert [card[of] for of in ("name", "emotion", "confidence", "seen")] == ["Ada", "happy", 0.75, "now"]
    assert (card["color_rgb"], card["named"]) == (COLORS_RGB["happy"], True)
    assert (card["read_by"], card["personal"], card["evidence"], card["in_view"]) == (
        "read by own photos",
        True,
        "",
        True,
    )
    assert [metric.value for metric in page.metric] == ["1", "1", "0"]


def test_the_mood_and_who_may_need_a_look_are_shown(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    assert component(page, "attention") is not None, "its room is held from the first"
    assert not attention(page)
    assert mood_areas(page) == 0, "its place is kept, so that nothing jumps when the lesson begins"
    for second in range(120):
        monkeypatch.setattr(lesson, "_clock", lambda second=second: 1000.0 + second)
        see(lesson, enrolled_ada, enrolled_ada.embeddings[0], "neutral" if second < 60 else "sad")
    page.run()
    assert not page.exception
    assert attention(page) == [("Ada", "looks sad for 50 s, usually neutral", False)]
    assert mood_areas(page) > 0
    lately = cards(page)[0]["lately"]
    assert (lately[-8], lately[-1]) == (0.0, -1.0)
    monkeypatch.setattr(lesson, "_clock", lambda: 1130.0)
    assert not attention(page.run()), "nothing comes any more, and nobody knows how she looks now"


def test_who_is_put_aside_stands_last_and_is_counted_apart(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = make_bob(enrolled_ada)
    resources.roster.save(bob, resources.store.consent(resources.store.key_of("Ada")))
    page = open_page()
    lesson = page.session_state["lesson"]
    for second in range(210):
        monkeypatch.setattr(lesson, "_clock", lambda second=second: 1000.0 + second)
        see(lesson, enrolled_ada if second < 2 else bob, bob.embeddings[0], "neutral" if second < 150 else "sad")
    ada, bobs = ("Ada", "not seen for 3 min"), ("Bob", "looks sad for 50 s, usually neutral")
    assert attention(page.run()) == [(*ada, False), (*bobs, False)]
    assert component(page, "attention")["more"] == "1 more"
    lesson.put_aside(lesson.view().attention[0])
    assert attention(page.run()) == [(*bobs, False), (*ada, True)]
    assert component(page, "attention")["more"] == "1 put aside"
    again = open_page(lesson=lesson.entry.lesson_id)
    assert attention(again) == [(*bobs, False), (*ada, True)], "a reload brings nothing back"


@pytest.mark.parametrize("mode", ["anonymous", "aggregate"])
def test_a_lesson_shows_what_its_mode_allows(
    mode: str, resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    resources.change({"display.mode": mode, "display.language": "hi"})
    page = open_page()
    lesson = page.session_state["lesson"]
    for second in range(120):
        monkeypatch.setattr(lesson, "_clock", lambda second=second: 1000.0 + second)
        see(lesson, enrolled_ada, enrolled_ada.embeddings[0], "neutral" if second < 60 else "sad")
    page.run()
    assert not page.exception
    buttons = [button.label for button in page.button]
    assert not [label for label in buttons if "Ada" in label]
    if mode == "anonymous":
        ada = f"विद्यार्थी {enrolled_ada.number}"
        assert attention(page) == [(ada, "50 से॰ से दिखने में: दुखी, सामान्यतः सामान्य", False)]
        (card,) = cards(page)
        assert [card[of] for of in ("name", "emotion", "seen")] == [ada, "दुखी", "अभी"]
        assert f"{ada}, दिखने में दुखी: ऐसा नहीं" in buttons
    else:
        assert component(page, "attention") is None
        assert not cards(page)
        assert "इस पाठ में व्यक्ति छिपे हैं" in page.info[0].value
        assert mood_areas(page) == 0, "one student is no group"


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


def test_the_demo_class_is_enrolled_by_one_button(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    page.segmented_control(key="source").set_value("demo").run()
    page.button(key="demo").click().run()
    assert not page.error
    assert [person.name for person in resources.store.people()] == list(demo.names())
    assert page.get_by_key("stage") is not None


def test_the_demo_leaves_a_student_of_the_same_name_alone(resources: Resources, ada: DemoStudent) -> None:
    session = resources.open_enrollment()
    session.add_photo(ada.photo_bgr, "happy", "portrait", confirmed=True)
    own = session.finish(demo.names()[0])
    resources.roster.save(own, record_consent("form signed", "Ms. Noether"))
    demo.enroll(resources)
    demo.enroll(resources)
    assert len(resources.store.people()) == 6
    assert resources.store.person(own.name).person_id == own.person_id


def test_a_gallery_of_another_model_is_told_as_a_sentence(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(resources.models.backend), "identity_fingerprint", "another model")
    page = open_page()
    assert not page.exception
    assert "'Ada' was enrolled with identity model" in page.error[0].value
    assert "Enroll 'Ada' again" in page.error[0].value


def test_missing_weights_are_told_as_a_sentence(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Resources:
        raise WeightsError("the encoder must be at weights/encoder.onnx, and there is nothing. Reinstall.")

    monkeypatch.setattr(process.shared, "get", fail)
    for name in ("live", "enroll", "students", "report", "settings"):
        page = open_page(name)
        assert not page.exception
        assert "A model file is missing or damaged" in page.error[0].value
        assert "Reinstall." in page.error[0].value


def test_a_look_at_another_page_keeps_the_source(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    page.segmented_control(key="source").set_value("recording").run()
    page.switch_page("app/pages/settings.py").run()
    page.switch_page("app/pages/live.py").run()
    assert page.segmented_control(key="source").value == "recording"


def test_an_address_that_is_gone_back_to_brings_its_source(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    page.segmented_control(key="source").set_value("recording").run()
    page.query_params["source"] = "camera"
    assert page.run().segmented_control(key="source").value == "camera"
    page.query_params["source"] = "recording"
    page.segmented_control(key="source").set_value("screen").run()
    assert page.segmented_control(key="source").value == "screen", "what is chosen now counts more"


def test_faces_of_a_while_ago_are_not_counted_as_in_view(
    enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    for now_s in (1000.0, 1001.0):
        monkeypatch.setattr(lesson, "_clock", lambda now_s=now_s: now_s)
        see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    for later_s, counts in ((1005.0, ["1", "1", "0"]), (1010.0, ["—"] * 3)):
        monkeypatch.setattr(lesson, "_clock", lambda later_s=later_s: later_s)
        assert [metric.value for metric in page.run().metric] == counts
