"""A wrong emotion is put right by the moment that was shown, and the correction can be taken back."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.state.lesson import Lesson
from app.state.resources import Resources
from app.widgets.correction import RECENT_S
from fewshot.person import Person
from fewshot.types import Float32
from tests.app.conftest import OpenPage, see


def hold_a_moment(open_page: OpenPage, person: Person) -> tuple[AppTest, Lesson]:
    """The page Live, asking about a moment in which a student was seen, and its lesson."""
    page = open_page()
    lesson = page.session_state["lesson"]
    see(lesson, person, person.embeddings[0] + 1)
    page.run()
    page.button(key=f"hold_{person.person_id}").click().run()
    return page, lesson


def hold_a_face(open_page: OpenPage, person: Person) -> tuple[AppTest, Float32]:
    """The page Live, asking about the one face in view, which is taken for nobody's, and its (1, e) identity template."""
    face = -person.templates[:1]  # as unlike the student as can be
    stranger = Person(**{**vars(person), "name": "unknown", "person_id": None, "templates": face})
    page = open_page()
    see(page.session_state["lesson"], stranger, person.embeddings[0])
    page.run()
    page.button(key="face_1").click().run()
    return page, face


def test_a_moment_joins_the_students_own_and_can_be_taken_back(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    moment = enrolled_ada.embeddings[0] + 1
    see(lesson, enrolled_ada, moment)
    page.run()
    see(lesson, enrolled_ada, moment + 1)  # the next frame comes before the click, and is not what the teacher meant
    page.button(key=f"hold_{enrolled_ada.person_id}").click().run()
    assert "**Ada** was shown as *happy*" in " ".join(text.value for text in page.markdown)
    assert page.button(key="held_save").disabled
    page.pills(key="held_label").set_value("surprise").run()
    page.button(key="held_save").click().run()
    assert not page.exception
    corrected = resources.store.person("Ada")
    assert corrected.embedding_labels == ("neutral", "surprise")
    np.testing.assert_array_equal(corrected.embeddings[1], moment)
    assert corrected.receipt.photos == {"neutral": 1, "surprise": 1}
    assert "that moment counts as surprise now" in " ".join(caption.value for caption in page.caption)
    assert resources.roster.gallery().person(corrected.person_id).embedding_labels == ("neutral", "surprise")

    page.button(key="undo_0").click().run()
    np.testing.assert_array_equal(resources.store.person("Ada").embeddings, enrolled_ada.embeddings)
    assert resources.store.person("Ada").receipt.photos == {"neutral": 1}
    assert resources.store.consent(resources.store.key_of("Ada")).recorded_by == "Ms. Noether"


def test_what_was_shown_a_while_ago_is_not_put_right(
    enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    monkeypatch.setattr(lesson, "_clock", lambda: 1000.0)
    see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    asked = {f"hold_{enrolled_ada.person_id}", "face_1"}
    for passed_s, offered in ((RECENT_S, asked), (RECENT_S + 1, set())):
        monkeypatch.setattr(lesson, "_clock", lambda passed_s=passed_s: 1000.0 + passed_s)
        assert asked & {button.key for button in page.run().button} == offered


def test_an_earlier_correction_can_be_taken_back_too(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    for step, label in enumerate(("surprise", "sad"), start=1):
        see(lesson, enrolled_ada, enrolled_ada.embeddings[0] + step)
        page.run()
        page.button(key=f"hold_{enrolled_ada.person_id}").click().run()
        page.pills(key="held_label").set_value(label).run()
        page.button(key="held_save").click().run()
    assert resources.store.person("Ada").embedding_labels == ("neutral", "surprise", "sad")
    page.button(key="undo_1").click().run()
    assert not page.exception
    assert resources.store.person("Ada").embedding_labels == ("neutral", "sad")
    page.button(key="undo_0").click().run()
    assert resources.store.person("Ada").embedding_labels == ("neutral",)


def test_cancelling_changes_nothing(resources: Resources, enrolled_ada: Person, open_page: OpenPage) -> None:
    page = open_page()
    see(page.session_state["lesson"], enrolled_ada, enrolled_ada.embeddings[0])
    page.run()
    page.button(key=f"hold_{enrolled_ada.person_id}").click().run()
    page.button(key="held_cancel").click().run()
    assert "held" not in page.session_state
    assert resources.store.person("Ada").embedding_labels == ("neutral",)


def test_a_student_forgotten_meanwhile_is_told_as_a_sentence(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page = open_page()
    see(page.session_state["lesson"], enrolled_ada, enrolled_ada.embeddings[0])
    page.run()
    page.button(key=f"hold_{enrolled_ada.person_id}").click().run()
    page.pills(key="held_label").set_value("sad").run()
    resources.roster.forget(enrolled_ada)
    page.button(key="held_save").click().run()
    assert not page.exception
    assert "Were they forgotten meanwhile?" in page.error[0].value


def test_a_state_of_the_teachers_own_is_learned_from_a_moment_and_removed(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page, _ = hold_a_moment(open_page, enrolled_ada)
    page.text_input(key="held_state").set_value("Confused").run()
    page.button(key="held_save").click().run()
    assert not page.exception
    ada = resources.store.person("Ada")
    assert ada.embedding_labels == ("neutral", "confused")
    assert resources.roster.gallery().classify(ada.embeddings[1:], [ada.person_id])[0].label == "confused"

    students = open_page("students")
    assert "1 own shot, little evidence" in [caption.value for caption in students.caption]
    students.button(key=f"remove_confused_{ada.person_id}").click().run()
    assert resources.store.person("Ada").embedding_labels == ("neutral",)


def test_a_face_is_named_and_the_name_taken_back(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page, face = hold_a_face(open_page, enrolled_ada)
    page.selectbox(key="held_name").set_value(enrolled_ada.person_id).run()
    page.button(key="held_save").click().run()
    assert not page.exception
    assert resources.roster.gallery().match(face)[0].name == "Ada"
    assert len(resources.store.person("Ada").templates) == len(enrolled_ada.templates) + 1
    page.button(key="undo_0").click().run()
    assert resources.roster.gallery().match(face)[0].name is None
    np.testing.assert_array_equal(resources.store.person("Ada").templates, enrolled_ada.templates)


def test_why_something_could_not_be_corrected_stands_for_a_while(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page, _ = hold_a_moment(open_page, enrolled_ada)
    page.text_input(key="held_state").set_value("unsure").run()
    page.button(key="held_save").click().run()
    assert "unsure" in page.error[0].value
    page.run()  # as every second
    assert "unsure" in page.error[0].value
    page.button(key="held_cancel").click().run()
    assert not page.error


def test_a_mode_that_hides_names_hides_them_in_what_was_corrected_too(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page, lesson = hold_a_moment(open_page, enrolled_ada)
    page.pills(key="held_label").set_value("sad").run()
    page.button(key="held_save").click().run()
    assert any("Ada" in caption.value for caption in page.caption)
    see(lesson, enrolled_ada, enrolled_ada.embeddings[0] + 2)
    page.run()
    page.button(key=f"hold_{enrolled_ada.person_id}").click().run()
    resources.change({"display.mode": "anonymous"})
    page.run()
    told = " ".join(element.value for element in (*page.caption, *page.markdown))
    assert "Ada" not in told
    assert told.count(f"Student {enrolled_ada.number}") >= 2
