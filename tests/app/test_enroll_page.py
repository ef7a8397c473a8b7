"""The enroll page: photos are judged at once, and nothing is kept before a consent and the button."""

from __future__ import annotations

from contextlib import closing

import cv2
import pytest
from streamlit.testing.v1 import AppTest

from app.state.resources import Resources
from app.state.roster import Roster
from enroll.wording import gain_in_words
from fewshot.consent import record_consent
from fewshot.gallery import Gallery
from fewshot.live.demo import DemoStudent, class_photo
from fewshot.messages import IN_ENGLISH
from fewshot.person import Person
from fewshot.store.students import Store
from fewshot.types import UInt8
from tests.app.conftest import OpenPage, offer_other_faces


def png(image_bgr: UInt8) -> bytes:
    return cv2.imencode(".png", image_bgr)[1].tobytes()


def give(page: AppTest, data: bytes, name: str = "ada.png") -> AppTest:
    """Put one photo into the uploader; it empties itself and the photo appears beside it."""
    page.file_uploader[0].upload(name, data)
    return page.run()


def fill_in(page: AppTest, name: str = "Ada") -> AppTest:
    """Everything but the photos, for the first draft of a tab."""
    page.text_input(key="name_0").set_value(name)
    page.checkbox(key="agreed_0").check()
    page.text_input(key="how_0").set_value("Form signed by the mother")
    page.text_input(key="teacher").set_value("Ms. Noether")
    return page.run()


def said(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def test_a_student_is_saved_with_consent_and_receipt(
    resources: Resources, ada: DemoStudent, open_page: OpenPage
) -> None:
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)))
    assert resources.store.people() == ()
    page.multiselect(key="courses").set_value(["7b"])
    page.button(key="save").click().run()
    assert not page.exception
    assert not page.error
    assert "Ada is saved" in page.success[0].value
    (person,) = resources.store.people()
    assert (person.name, person.embedding_labels, person.courses) == ("Ada", ("neutral",), ("7b",))
    assert page.multiselect(key="courses").value == ["7b"], "the next student is mostly of the same class"
    consent = resources.store.consent(resources.store.key_of("Ada"))
    assert "Form signed by the mother" in consent.wording
    assert consent.recorded_by == "Ms. Noether"
    assert gain_in_words(person.receipt, IN_ENGLISH) in " ".join(text.value for text in page.markdown)
    assert page.text_input(key="name_1").value == "", "the form is empty for the next student"


def test_faces_chosen_meanwhile_judge_the_photos_anew(
    resources: Resources, ada: DemoStudent, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)))
    others = offer_other_faces(resources, monkeypatch)
    resources.change({"faces.backend": "auto"})
    page.run()
    page.button(key="save").click().run()
    assert not page.exception
    assert not page.error
    (person,) = resources.store.people()
    assert person.identity_fingerprint == others.identity_fingerprint


def test_a_name_is_shown_as_it_is(resources: Resources, ada: DemoStudent, open_page: OpenPage) -> None:
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)), name="Ada *the first*")
    page.button(key="save").click().run()
    assert page.success[0].value == r"Ada \*the first\* is saved."


def test_without_consent_nothing_is_saved(resources: Resources, ada: DemoStudent, open_page: OpenPage) -> None:
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)))
    page.checkbox(key="agreed_0").uncheck().run()
    page.button(key="save").click().run()
    assert "without consent" in page.error[0].value
    assert resources.store.people() == ()


def test_without_a_photo_nothing_is_saved(resources: Resources, open_page: OpenPage) -> None:
    page = fill_in(open_page("enroll"))
    page.button(key="save").click().run()
    assert "at least one photo" in page.error[0].value
    assert resources.store.people() == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no picture", "damaged"),
        (png(class_photo()), "faces"),
        (png(class_photo()[:100, :100]), "no face"),
    ],
    ids=["no image", "six faces", "no face"],
)
def test_a_photo_that_cannot_be_used_says_why(
    resources: Resources, open_page: OpenPage, data: bytes, reason: str
) -> None:
    page = give(open_page("enroll"), data, "holiday.png")
    assert "holiday.png" in said(page)
    assert reason in said(page).lower()
    assert not page.exception


def test_a_photo_can_be_taken_out_again(resources: Resources, ada: DemoStudent, open_page: OpenPage) -> None:
    page = give(give(open_page("enroll"), b"no picture", "bad.png"), png(ada.photo_bgr))
    assert "bad.png" in said(page)
    page.button(key="remove_0").click().run()
    assert "bad.png" not in said(page)
    fill_in(page).button(key="save").click().run()
    assert [person.name for person in resources.store.people()] == ["Ada"]


def test_a_photo_that_contradicts_its_label_is_confirmed(
    resources: Resources, ada: DemoStudent, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enroll.session.LABEL_ODDS", 0.0)  # asks about every photo
    page = give(open_page("enroll"), png(ada.photo_bgr))
    assert "hardly 'neutral'" in said(page)
    fill_in(page).button(key="save").click().run()
    assert "at least one photo" in page.error[0].value
    page.button(key="confirm_0").click().run()
    assert "hardly" not in said(page)
    page.button(key="save").click().run()
    assert [person.embedding_labels for person in resources.store.people()] == [("neutral",)]


def test_a_photo_that_contradicts_its_label_may_show_another_emotion(
    resources: Resources, ada: DemoStudent, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enroll.session.LABEL_ODDS", 0.0)
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)))
    assert "open question, which are not used: 1" in said(page)
    page.selectbox(key="shows_0_neutral").set_value("happy").run()
    assert not page.exception
    assert "hardly 'happy'" in said(page), "it is asked about as if it had been given so"
    page.button(key="confirm_0").click().run()
    assert "open question" not in said(page)
    page.button(key="save").click().run()
    assert [person.embedding_labels for person in resources.store.people()] == [("happy",)]


def test_a_name_that_is_taken_is_replaced_only_on_request(
    resources: Resources, enrolled_ada: Person, ada: DemoStudent, open_page: OpenPage
) -> None:
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)))
    page.button(key="save").click().run()
    assert "enrolled already" in page.error[0].value
    assert resources.store.person("Ada").enrolled_at == enrolled_ada.enrolled_at
    page.checkbox(key="replace_0").check().run()
    page.button(key="save").click().run()
    assert "Ada is saved" in page.success[0].value
    assert resources.store.person("Ada").enrolled_at > enrolled_ada.enrolled_at
    assert len(resources.store.people()) == 1


def test_a_face_is_enrolled_under_a_second_name_only_as_that_of_two_people(
    resources: Resources, enrolled_ada: Person, ada: DemoStudent, open_page: OpenPage
) -> None:
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)), name="Eve")
    page.button(key="save").click().run()
    assert "already as 'Ada'" in page.warning[0].value
    page.button(key="save").click().run()
    assert len(resources.store.people()) == 1
    page.text_input(key="name_0").set_value("Eva").run()
    assert not page.warning, "of another name nobody has asked"
    page.button(key="save").click().run()
    twins = page.checkbox(key="two_people_0")
    assert "be taken for the other" in twins.label
    twins.check().run()
    page.button(key="save").click().run()
    assert "Eva is saved" in page.success[0].value
    assert "DraftPhoto(" not in repr(page.session_state), "no photo outlives the draft"
    assert {person.name for person in resources.store.people()} == {"Ada", "Eva"}


def test_a_face_that_another_program_enrolls_meanwhile_is_asked_about(
    resources: Resources, ada: DemoStudent, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)), name="Eve")
    session = resources.open_enrollment()
    assert session.add_photo(ada.photo_bgr, "neutral", "portrait").accepted
    looked = type(resources.roster).comparable_gallery

    def enroll_just_after(roster: Roster) -> Gallery:
        seen = looked(roster)
        with closing(Store(resources.store.location)) as other_program:
            other_program.add(session.finish("Ada"), record_consent("form signed", "Ms. Noether"))
        return seen

    monkeypatch.setattr(type(resources.roster), "comparable_gallery", enroll_just_after)
    page.button(key="save").click().run()
    assert "already as 'Ada'" in page.warning[0].value
    assert [person.name for person in resources.store.people()] == ["Ada"]


def test_a_student_of_another_model_can_be_enrolled_anew(
    resources: Resources, enrolled_ada: Person, ada: DemoStudent, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(resources.models.backend), "identity_fingerprint", "another model")
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)))
    page.checkbox(key="replace_0").check().run()
    page.button(key="save").click().run()
    assert "Ada is saved" in page.success[0].value
    assert [person.name for person in resources.roster.refresh().people] == ["Ada"]


def test_a_photo_may_show_a_state_of_the_teachers_own(
    resources: Resources, ada: DemoStudent, open_page: OpenPage
) -> None:
    page = open_page("enroll")
    page.text_input(key="state_0").set_value("Suprise").run()
    assert "almost the emotion 'surprise'" in page.error[0].value
    page.text_input(key="state_0").set_value("Confused").run()
    page = fill_in(give(page, png(ada.photo_bgr)))
    page.button(key="save").click().run()
    assert resources.store.person("Ada").embedding_labels == ("confused",)


def test_what_was_typed_stays_beside_the_photos_when_another_page_was_visited(
    resources: Resources, open_page: OpenPage
) -> None:
    page = open_page("enroll")
    page.text_input(key="name_0").set_value("Ada")
    page.checkbox(key="agreed_0").check()
    page.run()
    page.switch_page("app/pages/students.py").run()
    page.switch_page("app/pages/enroll.py").run()
    assert page.text_input(key="name_0").value == "Ada"
    assert page.checkbox(key="agreed_0").value is True
