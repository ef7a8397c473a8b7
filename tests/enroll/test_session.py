"""An enrollment takes real photos one by one, says what is wrong with each, and ends in a person."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from enroll.correct import correct
from enroll.doubles import find_double, still_new
from enroll.session import EnrollmentSession
from enroll.wording import reason_in_words
from experiments.covered_eyes.covers import glasses
from fewshot.errors import AlreadyEnrolled, EnrollmentError, GalleryMismatch, SeemsEnrolled
from fewshot.face.quality import USUAL_LIMITS, main_faces
from fewshot.gallery import Gallery
from fewshot.messages import IN_ENGLISH
from fewshot.models import Models
from fewshot.person import Person, PhotoVerdict
from fewshot.prior import Prior
from fewshot.store.students import Store
from fewshot.types import EMOTIONS, UInt8
from tests.enroll.conftest import vary
from tests.people import CONSENT


def _enroll(models: Models, name: str, *photos: UInt8, gallery: Gallery | None = None) -> Person:
    session = EnrollmentSession(models)
    for number, photo in enumerate(photos):
        assert session.add_photo(photo, "neutral", f"photo {number}").reason is None
    return session.finish(name, gallery)


def test_good_photos_make_a_person(session: EnrollmentSession, models: Models, portraits: list[UInt8]) -> None:
    labels = ("neutral", "happy", "happy")
    verdicts = [session.add_photo(vary(portraits[0], i), label, f"{i}.jpg") for i, label in enumerate(labels)]
    assert [verdict.reason for verdict in verdicts] == [None] * 3
    person = session.finish("  Ada   Lovelace ")
    assert person.name == "Ada Lovelace"
    assert person.embedding_labels == labels
    assert person.embeddings.shape == (3, models.prior.generic.vectors.shape[1])
    np.testing.assert_allclose(np.linalg.norm(person.templates, axis=1), 1, atol=1e-4)
    assert person.receipt.photos == {"happy": 2, "neutral": 1}
    assert person.receipt.tested == 2
    assert (person.encoder_fingerprint, person.identity_fingerprint) == (
        "stand-in",
        models.backend.identity_fingerprint,
    )


def test_photos_that_were_left_out_are_noted_and_stay_so(
    session: EnrollmentSession, models: Models, portraits: list[UInt8]
) -> None:
    session.add_photo(portraits[0], "neutral", "good.jpg")
    session.add_photo(np.full((300, 300, 3), 90, np.uint8), "sad", "wall.jpg")
    assert session.add_photo(portraits[0], "neutral", "good.jpg").reason == "again"
    person = session.finish("Ada")
    assert person.receipt.left_out == (PhotoVerdict("wall.jpg", "sad", "no_face"),), "the good one counts"
    corrected = correct(person, person.embeddings[0] + 0.1, "happy", models.prior)
    assert corrected.receipt.left_out == person.receipt.left_out


def test_each_bad_photo_gets_its_reason(session: EnrollmentSession, portraits: list[UInt8], group_photo: UInt8) -> None:
    def reason(photo: UInt8) -> str:
        verdict = session.add_photo(photo, "happy", "this.jpg")
        assert not verdict.accepted
        return reason_in_words(verdict, IN_ENGLISH)

    assert "no face was found" in reason(np.full((300, 300, 3), 90, np.uint8))
    assert "faces were found" in reason(group_photo)
    assert session.add_photo(portraits[0], "neutral", "first.jpg").accepted
    assert reason(portraits[0]).startswith("this is the photo first.jpg again")
    assert reason(portraits[3]).startswith("the face seems not to be that of first.jpg (similarity ")
    assert [verdict.accepted for verdict in session.verdicts] == [False, False, True, False, False]
    assert session.finish("Ada").receipt.photos == {"neutral": 1}


def test_a_photo_that_contradicts_its_label_asks(models: Models, portraits: list[UInt8]) -> None:
    sure = Prior(dataclasses.replace(models.prior.generic, temperature=1e-3), models.prior.shrinkage)

    def judge(label: str, *, confirmed: bool = False) -> PhotoVerdict:
        session = EnrollmentSession(dataclasses.replace(models, prior=sure))
        return session.add_photo(portraits[0], label, "first.jpg", confirmed=confirmed)

    verdicts = {label: judge(label) for label in EMOTIONS}
    (seen,) = [label for label, verdict in verdicts.items() if verdict.accepted]
    for label in set(EMOTIONS) - {seen}:
        assert verdicts[label].asks
        assert reason_in_words(verdicts[label], IN_ENGLISH).startswith(f"it looks '{seen}', hardly '{label}'")
        assert judge(label, confirmed=True).accepted


def test_a_photo_with_covered_eyes_asks(models: Models, session: EnrollmentSession, portraits: list[UInt8]) -> None:
    (face,) = main_faces(models.backend.detect(portraits[0]), USUAL_LIMITS)
    cool = glasses(0.0)(portraits[0], face)
    verdict = session.add_photo(cool, "neutral", "cool.jpg")
    assert verdict.asks
    assert verdict.reason == "left_eye"
    assert session.add_photo(cool, "neutral", "cool.jpg", confirmed=True).accepted


def test_a_photo_of_another_face_asks_too(session: EnrollmentSession, portraits: list[UInt8]) -> None:
    session.add_photo(portraits[0], "neutral", "first.jpg")
    assert session.add_photo(portraits[3], "happy", "other.jpg").asks
    assert session.add_photo(portraits[3], "happy", "other.jpg", confirmed=True).accepted


def test_nothing_accepted_makes_nobody(session: EnrollmentSession) -> None:
    with pytest.raises(EnrollmentError, match="'Ada' needs at least one photo that can be used, got none"):
        session.finish("Ada")
    session.add_photo(np.zeros((300, 300, 3), np.uint8), "happy", "black.jpg")
    with pytest.raises(EnrollmentError, match="the only one was rejected"):
        session.finish("Ada")


def test_a_face_belongs_to_one_name(models: Models, portraits: list[UInt8]) -> None:
    ada = _enroll(models, "Ada", portraits[0], vary(portraits[0], 1))
    bea = _enroll(models, "Bea", portraits[1])
    with pytest.raises(AlreadyEnrolled, match="face of 'Eve' is enrolled already as 'Ada'"):
        _enroll(models, "Eve", vary(portraits[0], 2), gallery=models.gallery_of([ada, bea]))


def test_twins_are_two_people_where_the_teacher_says_so(models: Models, portraits: list[UInt8]) -> None:
    ada = _enroll(models, "Ada", portraits[0], vary(portraits[0], 1))
    session = EnrollmentSession(models)
    assert session.add_photo(vary(portraits[0], 2), "neutral", "photo").accepted
    eve = session.finish("Eve", models.gallery_of([ada]), two_people=True)
    assert eve.person_id != ada.person_id
    assert find_double("Eve", eve.templates, [ada]).person is ada
    other = EnrollmentSession(models)
    assert other.add_photo(portraits[1], "neutral", "photo").accepted
    with pytest.raises(
        AlreadyEnrolled, match="face of the 'Ada' who is enrolled is another one"
    ):  # that is no question
        other.finish("Ada", models.gallery_of([ada]), two_people=True)


def test_two_programs_that_look_at_the_same_time_do_not_both_enroll_a_face(
    models: Models, portraits: list[UInt8], tmp_path: Path
) -> None:
    nobody = models.gallery_of([])
    people = [_enroll(models, name, vary(portraits[0], i), gallery=nobody) for i, name in enumerate(["Ada", "Eve"])]
    first, second = Store(str(tmp_path / "students.db")), Store(str(tmp_path / "students.db"))
    with closing(first), closing(second):

        def enroll(store: Store, person: Person) -> str:
            try:
                return store.add(
                    person, CONSENT, check=still_new(person, nobody.match_threshold, two_people=False)
                ).name
            except SeemsEnrolled as error:
                return str(error)

        with ThreadPoolExecutor(2) as programs:
            said = sorted(programs.map(enroll, [first, second], people), key=len)
        assert [person.name for person in first.people()] == said[:1]
        assert "is enrolled already as" in said[1]
        alike = next(person for person in people if person.name != said[0])
        first.add(alike, CONSENT, check=still_new(alike, nobody.match_threshold, two_people=True))
        assert len(second.people()) == 2


def test_another_face_does_not_take_an_entrys_place(models: Models, portraits: list[UInt8]) -> None:
    ada = _enroll(models, "Ada", portraits[0])
    with pytest.raises(AlreadyEnrolled, match="face of the 'Ada' who is enrolled is another one"):
        _enroll(models, "ada", portraits[1], gallery=models.gallery_of([ada]))


def test_the_other_faces_of_a_class_are_not_confused(models: Models, portraits: list[UInt8]) -> None:
    facing = [portrait for portrait in portraits if _is_usable(models, portrait)]
    assert len(facing) >= 4
    people = [_enroll(models, f"Student {i}", portrait) for i, portrait in enumerate(facing[:-1])]
    assert _enroll(models, "Newcomer", facing[-1], gallery=models.gallery_of(people)).name == "Newcomer"


def _is_usable(models: Models, photo: UInt8) -> bool:
    session = EnrollmentSession(models)
    return session.add_photo(photo, "neutral", "a portrait").accepted


def test_enrolling_again_keeps_the_key(models: Models, portraits: list[UInt8]) -> None:
    ada = _enroll(models, "Ada", portraits[0])
    again = _enroll(models, "ADA", vary(portraits[0], 1), gallery=models.gallery_of([ada]))
    assert again.person_id == ada.person_id
    assert _enroll(models, "Ada", portraits[0]).person_id != ada.person_id


def test_only_embeddings_are_kept(session: EnrollmentSession, portraits: list[UInt8]) -> None:
    session.add_photo(portraits[0], "neutral", "first.jpg")
    (shot,) = session._shots
    arrays = [value for value in vars(shot).values() if isinstance(value, np.ndarray)]
    assert [(array.dtype, array.ndim) for array in arrays] == [(np.float32, 1), (np.float32, 1)]


def test_a_label_must_be_an_emotion_or_a_states_name(session: EnrollmentSession, portraits: list[UInt8]) -> None:
    with pytest.raises(EnrollmentError, match="A state needs a name .* none of unsure, unknown, absent, got 'unsure'"):
        session.add_photo(portraits[0], "Unsure", "a.jpg")
    assert session.add_photo(portraits[0], " Bored ", "a.jpg") == PhotoVerdict("a.jpg", "bored")


def test_photos_join_who_is_enrolled_already(models: Models, portraits: list[UInt8]) -> None:
    ada = _enroll(models, "Ada", portraits[0])

    def go_on(student: Person) -> EnrollmentSession:
        return EnrollmentSession(models, student)

    session = go_on(ada)
    assert session.add_photo(portraits[0], "bored", "a").reason == "enrolled_before"
    assert session.add_photo(portraits[3], "bored", "b").asks
    with pytest.raises(EnrollmentError, match="'Ada' needs at least one photo that can be used, all 2 were rejected"):
        session.extend(ada)
    assert session.add_photo(vary(portraits[0], 1), "bored", "c").accepted
    more = session.extend(ada)
    assert (more.person_id, more.embedding_labels) == (ada.person_id, ("neutral", "bored"))
    assert more.receipt.photos == {"neutral": 1, "bored": 1}
    np.testing.assert_array_equal(more.templates, ada.templates)
    assert [verdict.photo for verdict in more.receipt.left_out] == ["b"], "a counts since the enrollment"
    session = go_on(more)
    for photo, name in ((portraits[3], "b"), (portraits[0], "a"), (vary(portraits[0], 2), "d")):
        session.add_photo(photo, "bored", name)
    assert session.extend(more).receipt.left_out == more.receipt.left_out, "noted once"
    session = go_on(more)
    session.add_photo(portraits[3], "bored", "b", confirmed=True)
    assert session.extend(more).receipt.left_out == (), "b counts by now"
    with pytest.raises(GalleryMismatch, match="'Ada' must have been enrolled with the encoder and face backend in use"):
        go_on(dataclasses.replace(ada, encoder_fingerprint="another"))


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b"])
def test_names_that_cannot_be_shown(models: Models, portraits: list[UInt8], name: str) -> None:
    with pytest.raises(EnrollmentError, match="name"):
        _enroll(models, name, portraits[0])
