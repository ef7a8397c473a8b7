"""The students page: who is enrolled, what it gained, and forgetting with a second thought."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import partial

import cv2
import pytest
from sqlalchemy import event

from app import demo
from app.markdown import plain
from app.state.choices import OVERRIDES_VARIABLE
from app.state.resources import Resources
from enroll.wording import gain_in_words
from fewshot.consent import record_consent
from fewshot.live.demo import DemoStudent
from fewshot.messages import IN_ENGLISH, messages
from fewshot.person import Person, PhotoVerdict
from tests.app.conftest import OpenPage, assign, make_bob


def test_an_empty_store_says_so(resources: Resources, open_page: OpenPage) -> None:
    assert "Nobody is enrolled" in open_page("students").info[0].value


def test_a_card_shows_photos_and_receipt(resources: Resources, enrolled_ada: Person, open_page: OpenPage) -> None:
    page = open_page("students")
    assert page.subheader[0].value == "Ada"
    assert "1 neutral" in " ".join(caption.value for caption in page.caption)
    assert gain_in_words(enrolled_ada.receipt, IN_ENGLISH) in [text.value for text in page.markdown]
    assert any("Consent recorded by Ms. Noether" in caption.value for caption in page.caption)
    assert not page.expander


def test_a_card_shows_the_photos_that_were_not_used_in_the_language_of_now(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    of_before = "wall_0.jpg (sad): no face was found"
    left_out = (of_before, PhotoVerdict("wall_1.jpg", "sad", "small", {"found": 41.3, "need": 80.0}))
    resources.store.change(
        enrolled_ada.person_id, partial(replace, receipt=replace(enrolled_ada.receipt, left_out=left_out))
    )
    assert resources.store.person("Ada").receipt.left_out == left_out
    page = open_page("students")
    assert page.expander[0].label == "Photos that were not used: 2"
    told = page.expander[0].markdown[0].value
    assert told.splitlines() == [
        f"- {plain(of_before)}",
        f"- {plain('wall_1.jpg (sad): the face is 41 px wide, need 80. Move closer to the camera.')}",
    ]
    resources.change({"display.language": "hi"})
    page.run()
    told, say = page.expander[0].markdown[0].value, messages("hi")
    in_hindi = f"wall_1.jpg ({say.label('sad')}): {say('photo.small', found=41.3, need=80.0)}"
    assert told.splitlines() == [f"- {plain(of_before)}", f"- {plain(in_hindi)}"]


def test_renaming_is_known_to_a_running_lesson(resources: Resources, enrolled_ada: Person, open_page: OpenPage) -> None:
    assert resources.roster.gallery().person(enrolled_ada.person_id).name == "Ada"
    page = open_page("students")
    page.text_input(key=f"name_{enrolled_ada.person_id}").set_value("Ada Lovelace")
    page.button(key=f"rename_{enrolled_ada.person_id}").click().run()
    assert page.subheader[0].value == "Ada Lovelace"
    assert resources.roster.gallery().person(enrolled_ada.person_id).name == "Ada Lovelace"
    page.text_input(key=f"name_{enrolled_ada.person_id}").set_value(" ")
    page.button(key=f"rename_{enrolled_ada.person_id}").click().run()
    assert "needs a name" in page.error[0].value
    assert [person.name for person in resources.store.people()] == ["Ada Lovelace"]


def test_the_page_speaks_the_language_that_was_chosen(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    resources.change({"display.language": "hi"})
    page = open_page("students")
    assert not page.exception
    assert page.button(key=f"forget_{enrolled_ada.person_id}").label == "हमेशा के लिए भुलाएँ"
    assert any("नामांकित: 1।" in caption.value for caption in page.caption)


def test_a_student_joins_a_class_which_is_then_seen_alone_and_renamed(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    bob = replace(enrolled_ada, person_id="bob", name="Bob", templates=-enrolled_ada.templates)
    resources.roster.save(bob, resources.store.consent(resources.store.key_of("Ada")))
    page = open_page("students")
    assert not page.pills
    page.multiselect(key=f"courses_{enrolled_ada.person_id}").set_value([" 7b"]).run()
    assert not page.exception
    assert resources.roster.gallery().person(enrolled_ada.person_id).courses == ("7b",)
    assert [name.value for name in page.subheader] == ["Ada", "Bob"]
    page.pills(key="course").set_value("7b").run()
    assert [name.value for name in page.subheader] == ["Ada"]
    page.session_state["courses"] = ["7b", "Algebra"]  # chosen on the page Enroll
    page.text_input(key="course_name_7b").set_value("8b")
    page.button(key="rename_course").click().run()
    assert not page.exception
    assert resources.store.person("Ada").courses == ("8b",)
    assert page.pills(key="course").options == ["8b"]
    assert page.session_state["courses"] == ["8b", "Algebra"], "who is enrolled next is not in 7b"
    page.multiselect(key=f"courses_{enrolled_ada.person_id}").set_value(["x" * 200]).run()
    assert "may have up to 100 characters" in page.error[0].value
    assert resources.store.person("Ada").courses == ("8b",)
    assign(resources, enrolled_ada, "8b", "Latin")  # in another tab
    page.multiselect(key=f"courses_{enrolled_ada.person_id}").set_value([]).run()
    assert resources.store.person("Ada").courses == ("Latin",)
    page.multiselect(key=f"courses_{enrolled_ada.person_id}").set_value([]).run()
    assert resources.store.person("Ada").courses == ()
    assert [name.value for name in page.subheader] == ["Ada", "Bob"]


def test_forgetting_asks_first(resources: Resources, enrolled_ada: Person, open_page: OpenPage) -> None:
    page = open_page("students")
    assert "cannot be undone" in " ".join(text.value for text in page.markdown)
    page.button(key=f"forget_{enrolled_ada.person_id}").click().run()
    assert resources.store.people() == ()
    assert "Ada is forgotten" in page.toast[0].value
    assert "the numbers of photos (1) and faces (1), the consent" in page.toast[0].value
    assert resources.roster.gallery().people == ()


def test_the_roster_opens_even_where_the_gallery_does_not(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(resources.models.backend), "identity_fingerprint", "another model")
    page = open_page("students")
    assert page.subheader[0].value == "Ada", "whoever does not fit must still be there to be forgotten"


@pytest.mark.parametrize("name", ["live", "students"])
def test_the_students_are_read_once_for_a_page(
    name: str, resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page = open_page(name)
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if " ".join(statement.split()).endswith("FROM person"):
            read.append(statement)

    event.listen(resources.store.database._engine, "before_cursor_execute", note)
    page.run()
    assert len(read) == 1


def test_a_damaged_entry_is_told_by_name_and_forgotten_while_the_others_are_recognized(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    resources.roster.save(make_bob(enrolled_ada), record_consent("form signed", "Ms. Noether"))
    with sqlite3.connect(resources.store.location) as connection:
        connection.execute("UPDATE embedding SET vector = x'00' WHERE person_id = 'bob'")
    connection.close()
    for name in ("live", "students"):
        page = open_page(name)
        assert not page.exception
        assert ["The entry of Bob is damaged" in error.value for error in page.error] == [True]
    assert [person.name for person in resources.roster.refresh().people] == ["Ada"]
    assert [card.value for card in page.subheader] == ["Ada"]
    enroll = open_page("enroll")
    enroll.text_input(key="name_0").set_value("bob").run()
    assert enroll.checkbox(key="replace_0").label.startswith("Somebody of this name is enrolled")
    page.button(key="forget_bob").click().run()
    assert not page.error
    assert resources.store.damaged() == ()


def test_the_photo_that_would_help_is_added_and_the_receipt_made_anew(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, ada: DemoStudent
) -> None:
    page, key = open_page("students"), enrolled_ada.person_id
    assert page.selectbox(key=f"emotion_{key}").value == "neutral"
    page.selectbox(key=f"emotion_{key}").set_value("happy")
    shot = cv2.imencode(".png", cv2.convertScaleAbs(ada.photo_bgr, alpha=0.9, beta=6))[1].tobytes()
    page.file_uploader(key=f"shots_{key}").upload("1.png", shot)
    page.checkbox(key=f"sure_{key}").set_value(True)
    page.button(key=f"add_{key}").click().run()
    assert not page.exception
    added = resources.store.person("Ada")
    assert added.embedding_labels == ("neutral", "happy")
    assert added.receipt.photos == {"happy": 1, "neutral": 1}


def test_the_demo_class_is_forgotten_at_once_and_a_namesake_is_not(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    bo = replace(make_bob(enrolled_ada), name=demo.names()[0])
    resources.roster.save(bo, record_consent("form signed", "Ms. Noether"))
    assert "forget_demo" not in {button.key for button in open_page("students").button}
    demo.enroll(resources)
    page = open_page("students")
    page.button(key="forget_demo").click().run()
    assert not page.exception
    assert [person.name for person in resources.store.people()] == sorted([demo.names()[0], "Ada"])
    assert "forget_demo" not in {button.key for button in page.button}


def test_a_state_is_taught_from_photos_shared_with_the_class_and_removed(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, ada: DemoStudent
) -> None:
    key = enrolled_ada.person_id
    page = open_page("students")
    page.text_input(key=f"state_{key}").set_value("Sleepy")
    shot = cv2.imencode(".png", cv2.convertScaleAbs(ada.photo_bgr, alpha=0.9, beta=6))[1].tobytes()
    page.file_uploader(key=f"shots_{key}").upload("1.png", shot)
    page.button(key=f"add_{key}").click().run()
    assert not page.exception
    assert "sleepy" in " ".join(text.value for text in page.markdown)
    assert "1 own shot, little evidence" in [caption.value for caption in page.caption]
    page.toggle(key=f"share_sleepy_{key}").set_value(True).run()
    assert resources.store.person("Ada").shared_states == ("sleepy",)
    assert "looked for in the whole class, from shots of Ada" in " ".join(c.value for c in page.caption)
    other = open_page("students")
    other.toggle(key=f"share_sleepy_{key}").set_value(False).run()
    page.run()
    assert resources.store.person("Ada").shared_states == (), "one tab overrules what another has chosen since"
    page.toggle(key=f"share_sleepy_{key}").set_value(True).run()
    page.button(key="remove_all_sleepy").click().run()
    assert resources.store.person("Ada").embedding_labels == ("neutral",)
    assert resources.roster.gallery().person(key).shared_states == ()
