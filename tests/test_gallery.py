"""The gallery: who a face is, whose prototypes decide, and which people it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from fewshot.errors import AlreadyEnrolled, GalleryMismatch, UnknownPerson
from fewshot.gallery import Gallery
from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.types import Float32, Prototypes
from tests.builders import DIMENSION, generic, person, trust_by, unit


def _gallery(*people: Person) -> Gallery:
    prior = Prior(generic(), trust_by(1.0))
    return Gallery(people, prior, match_threshold=0.6, match_margin=0.1, identity_fingerprint="identity-a")


ADA, BOB = person("Ada", unit(1)), person("Bob", unit(0, 1))


def test_the_most_similar_person_is_named() -> None:
    ada, bob = _gallery(ADA, BOB).match(np.stack([unit(1, 0.1), unit(0.2, 1)]))
    assert (ada.name, bob.name) == ("Ada", "Bob")
    assert ada.similarity == pytest.approx(0.995, abs=1e-3)


def test_too_far_or_too_close_a_call_names_nobody() -> None:
    stranger, between = _gallery(ADA, BOB).match(np.stack([unit(0.2, 0.2, 1), unit(1, 0.95)]))
    assert stranger.name is None
    assert between.name is None
    assert between.similarity is not None
    assert between.similarity > 0.6  # similar enough, but Bob is as near as Ada


def test_second_template_of_the_same_person_is_no_rival() -> None:
    both = Person(**{**ADA.__dict__, "templates": np.stack([unit(1), unit(1, 0.05)])})
    assert _gallery(both, BOB).match(unit(1, 0.02)[None])[0].name == "Ada"


def test_empty_gallery_knows_nobody_and_classifies_generically() -> None:
    gallery = _gallery()
    (match,) = gallery.match(unit(1)[None])
    assert (match.person_id, match.name, match.similarity) == (None, None, None)
    (emotion,) = gallery.classify(generic().vectors[3:4], [None])
    assert (emotion.label, emotion.prototypes) == ("happy", "generic")


def test_personal_prototypes_decide_only_where_the_receipt_says_so() -> None:
    own = generic().vectors[6:] + 2 * np.eye(7, 8, dtype=np.float32)[4:5]  # Ada's neutral looks a little sad
    with_own = person("Ada", unit(1), own, ("neutral",))
    without = person("Bob", unit(0, 1), own, ("neutral",), uses="generic")
    probe = np.repeat(own * np.float32(0.9) + generic().vectors[4:5] * np.float32(0.6), 3, axis=0)
    ada, bob, stranger = _gallery(with_own, without).classify(probe, ["ada", "bob", None])
    assert [e.prototypes for e in (ada, bob, stranger)] == ["personal", "generic", "generic"]
    assert ada.label == "neutral"
    assert bob.label == stranger.label == "sad"


def test_a_state_counts_whatever_the_receipt_says() -> None:
    confused = 3 * np.eye(1, 8, 7, dtype=np.float32)
    ada = person("Ada", unit(1), confused, ("confused",), uses="generic")
    emotions = _gallery(ada, BOB).classify(np.repeat(confused * np.float32(0.9), 2, axis=0), ["ada", "bob"])
    assert emotions[0].label == "confused"
    assert emotions[1].label != "confused"
    assert "confused" not in emotions[1].probabilities


def test_adding_and_forgetting_make_new_galleries() -> None:
    before = _gallery(ADA)
    after = before.with_person(BOB)
    assert [p.name for p in before.people] == ["Ada"]
    assert [p.name for p in after.people] == ["Ada", "Bob"]
    gone = after.without("ada")
    assert gone.match(unit(1)[None])[0].name is None
    with pytest.raises(UnknownPerson, match="'ada'"):
        gone.without("ada")
    newer = after.with_person(person("Ada", unit(0, 0, 1)))
    assert newer.match(unit(0, 0, 1)[None])[0].name == "Ada"
    assert [p.name for p in newer.people] == ["Ada", "Bob"], "a correction moves nobody to another place"


def _note_made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Return a list in which the labels are noted of everybody whose prototypes are made from now on."""
    made: list[tuple[str, ...]] = []
    make = Prior.personal

    def note_and_make(prior: Prior, shots: Float32, labels: list[str]) -> Prototypes:
        made.append(tuple(labels))
        return make(prior, shots, labels)

    monkeypatch.setattr(Prior, "personal", note_and_make)
    return made


def test_a_new_gallery_takes_over_what_was_made_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person("Ada", unit(1), np.eye(1, DIMENSION, dtype=np.float32), ("angry",))
    before, made = _gallery(ada), _note_made(monkeypatch)
    bo = person("Bo", unit(0, 1), np.eye(1, DIMENSION, dtype=np.float32), ("happy",))
    after = before.with_person(bo)
    after.without("bo").with_person(replace(ada, embedding_labels=("sad",)))
    assert made == [("happy",), ("sad",)]
    taught = after.with_person(replace(bo, embedding_labels=("bored",), shared_states=("bored",)))
    assert made[2:] == [("bored",)], "nor does a state that all are taught make anybody's emotions anew"
    assert "bored" in taught.classify(np.zeros((1, DIMENSION), np.float32), ["ada"])[0].probabilities


def _read_again(person: Person) -> Person:
    """Return an equal person, as a store reads them anew."""
    return replace(person, templates=person.templates.copy(), embeddings=person.embeddings.copy())


def test_a_gallery_read_anew_is_the_same_where_nobody_has_changed() -> None:
    before = _gallery(ADA, BOB)
    assert before.with_all(map(_read_again, before.people)) is before
    assert _gallery().with_all([]).people == ()


def test_of_a_gallery_read_anew_those_are_made_anew_who_have_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    shots = np.eye(3, DIMENSION, dtype=np.float32)
    ada, bo, cy = (
        person(name, unit(*np.eye(3)[i]), shots[i : i + 1], ("angry",)) for i, name in enumerate(("Ada", "Bo", "Cy"))
    )
    before, made = _gallery(ada, bo, cy), _note_made(monkeypatch)
    read = [_read_again(ada), replace(bo, embedding_labels=("sad",)), _read_again(person("Di", unit(0, 0, 0, 1)))]
    after, fresh = before.with_all(read), _gallery(*read)
    assert made[:2] == [("sad",), ()], "Bo and Di"
    assert after.people[0] is ada
    assert [p.name for p in after.people] == ["Ada", "Bo", "Di"]
    faces, owners = shots + 0.1, ["ada", "bo", "di"]
    np.testing.assert_array_equal(
        after.classify(faces, owners).probabilities, fresh.classify(faces, owners).probabilities
    )
    assert [m.name for m in after.match(np.eye(4, dtype=np.float32))] == ["Ada", "Bo", None, "Di"]


def test_people_of_another_model_are_refused_with_what_to_do() -> None:
    with pytest.raises(
        GalleryMismatch, match="'Ada' was enrolled with encoder encoder-b, in use is encoder-a. Enroll 'Ada' again"
    ):
        _gallery(person("Ada", unit(1), encoder="encoder-b"))
    with pytest.raises(GalleryMismatch, match="identity model identity-b"):
        _gallery(person("Ada", unit(1), identity="identity-b"))
    with pytest.raises(AlreadyEnrolled, match="key of their own"):
        _gallery(ADA, ADA)


def test_in_a_course_only_its_students_are_known() -> None:
    everybody = _gallery(replace(ADA, courses=("7b",)), replace(BOB, courses=("7b", "8a")))
    of_8a = everybody.of_course("8a")
    assert [match.name for match in of_8a.match(np.stack([unit(1), unit(0, 1)]))] == [None, "Bob"]
    assert everybody.of_course("8a") is of_8a, "it is asked for in every frame"
    assert everybody.of_course("") is everybody
    assert everybody.of_course("9c").people == ()
    with_cy = everybody.with_person(replace(person("Cy", unit(0, 0, 1)), courses=("8a",)))
    assert [p.name for p in with_cy.of_course("8a").people] == ["Bob", "Cy"]
