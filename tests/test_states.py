"""States of the teacher's own: what one student's shots teach another, and on what that is said to rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from fewshot.gallery import Gallery
from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.prototypes import nearest
from fewshot.states import StateEvidence, state_evidence, states_of, with_states
from fewshot.types import Float32, Prototypes
from tests.builders import DIMENSION, generic, person, trust_by, unit

BORED = 3 * np.eye(1, DIMENSION, 7, dtype=np.float32)[0]
NEUTRAL = generic().vectors[6]
MORE = np.full(DIMENSION, 0.5, np.float32)
PRIOR = Prior(generic(), replace(trust_by(1.0), shift_kappa=0.0))


def _student(name: str, offset: Float32, *labels: str, shared: tuple[str, ...] = ()) -> Person:
    """A student each of whose expressions is off by ``offset``."""
    shown = np.stack([(BORED if label == "bored" else NEUTRAL) + offset for label in labels])
    template = unit(*np.random.default_rng(len(name)).standard_normal(4))
    return replace(person(name, template, shown, labels), shared_states=shared)


ADA = _student("Ada", MORE, "neutral", "bored", shared=("bored",))
BO = _student("Bo B", -MORE, "neutral")
CLEO = _student("Cleopatra", -MORE, "neutral", "bored", "bored")


def _gallery(*people: Person) -> Gallery:
    return Gallery(people, PRIOR, match_threshold=0.6, match_margin=0.1, identity_fingerprint="identity-a")


def _is_bored(gallery: Gallery, name: str, shown: Float32) -> bool:
    (emotion,) = gallery.classify(shown[None], [name])
    return emotion.label == "bored"


def _prototypes(shots: Float32, labels: Sequence[str], taught: Mapping[str, Float32]) -> Prototypes:
    return with_states(PRIOR.personal(shots, labels), shots, labels, PRIOR, taught)


def test_a_state_alone_is_the_mean_of_its_shots() -> None:
    shots = np.stack([BORED, BORED + MORE])
    own = _prototypes(shots, ["bored", "bored"], {})
    assert own.labels == (*generic().labels, "bored")
    assert own.counts.tolist() == [0] * 7 + [2]
    np.testing.assert_allclose(own.vectors[7], shots.mean(axis=0), rtol=1e-6)
    assert nearest(shots, own).labels == ("bored", "bored")


def test_what_one_student_teaches_is_shifted_to_another() -> None:
    gallery = _gallery(ADA, BO)
    taught = _prototypes(BO.embeddings, BO.embedding_labels, {"bored": BORED})
    np.testing.assert_allclose(taught.vectors[7], BORED - MORE, atol=1e-5)
    assert _is_bored(gallery, "bo b", BORED - MORE)
    assert not _is_bored(gallery, "bo b", NEUTRAL - MORE)
    assert not _is_bored(_gallery(replace(ADA, shared_states=()), BO), "bo b", BORED - MORE)


def test_own_shots_draw_what_others_taught_to_themselves() -> None:
    taught, shots = {"bored": np.zeros(DIMENSION, np.float32)}, np.stack([BORED] * 3)
    rows = [_prototypes(shots[:n], ["bored"] * n, taught).vectors[7] for n in (1, 3)]
    np.testing.assert_allclose(rows, [BORED / 2, BORED * 3 / 4], rtol=1e-6)


def test_forgetting_the_teacher_or_taking_the_state_back_reaches_everybody() -> None:
    gallery = _gallery(ADA, BO)
    assert _is_bored(gallery, "bo b", BORED - MORE)
    assert not _is_bored(gallery.without("ada"), "bo b", BORED - MORE)
    assert not _is_bored(gallery.with_person(replace(ADA, shared_states=())), "bo b", BORED - MORE)
    later = _gallery(BO).with_person(ADA)
    assert _is_bored(later, "bo b", BORED - MORE)


def test_a_class_is_read_for_what_students_of_another_class_teach() -> None:
    ada, bo = replace(ADA, courses=("7a",)), replace(BO, courses=("7b",))
    of_7b = _gallery(ada, bo).of_course("7b")
    assert [person.name for person in of_7b.people] == ["Bo B"]
    assert _is_bored(of_7b, "bo b", BORED - MORE)
    foreign = replace(ada, encoder_fingerprint="another")
    alone = Gallery(
        [bo],
        PRIOR,
        match_threshold=0.6,
        match_margin=0.1,
        identity_fingerprint="identity-a",
        classmates=[foreign, bo],
    )
    assert not _is_bored(alone, "bo b", BORED - MORE)


def test_strangers_are_read_for_no_state() -> None:
    (emotion,) = _gallery(ADA, BO).classify(BORED[None], [None])
    assert "bored" not in emotion.probabilities


def test_evidence_counts_shots_by_whose_they_are() -> None:
    people = (ADA, BO, CLEO)
    evidence = {student.name: state_evidence(student, "bored", people) for student in people}
    assert evidence == {
        ADA.name: StateEvidence(1, {}),
        BO.name: StateEvidence(0, {"Ada": 1}),
        CLEO.name: StateEvidence(2, {"Ada": 1}),
    }
    assert [name for name, found in evidence.items() if found.is_little] == [ADA.name, BO.name]
    assert [states_of(student, people) for student in people] == [("bored",)] * 3
