"""A correction counts as one shot: it moves a prototype by what a shot justifies, and taking it back leaves no trace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enroll.correct import add_face, correct, forget_state, has_face, remove_face, share_state, undo
from fewshot.errors import EnrollmentError, GalleryMismatch
from fewshot.person import NextPhoto, PhotoVerdict
from fewshot.prior import Prior
from tests.builders import DIMENSION, generic, person, trust_by, unit

ADA = person("Ada", unit(1), np.eye(2, DIMENSION, dtype=np.float32), ("neutral", "happy"))
PRIOR = Prior(generic(), trust_by(1.0))


@given(far=st.floats(1, 1e4), shots=st.integers(1, 6), kappa=st.sampled_from([0.5, 1.0, 4.0]))
def test_corrections_move_a_prototype_no_further_than_their_shots_justify(far: float, shots: int, kappa: float) -> None:
    wild = far * np.eye(1, DIMENSION, 5, dtype=np.float32)[0]
    prior, student = Prior(generic(), trust_by(kappa)), ADA
    for i in range(shots):
        student = correct(student, wild * np.float32(1 + i / 1e6), "sad", prior)
    own = prior.personal(student.embeddings, student.embedding_labels)
    before = prior.personal(ADA.embeddings, ADA.embedding_labels)
    row = own.labels.index("sad")
    moved = np.linalg.norm(own.vectors[row] - before.vectors[row])
    whole = np.linalg.norm(wild - before.vectors[row])
    shift = 3 / (3 + kappa)  # of three emotions shown, one is wild
    assert moved <= whole * (shots / (shots + kappa) + kappa / (shots + kappa) * shift) * 1.01 + 10
    assert student.receipt.photos["sad"] == shots


def test_taking_it_back_leaves_no_trace() -> None:
    moment = np.full(DIMENSION, 0.5, np.float32)
    corrected = correct(ADA, moment, "sad", PRIOR)
    assert corrected.embedding_labels == ("neutral", "happy", "sad")
    again = undo(corrected, moment, PRIOR)
    np.testing.assert_array_equal(again.embeddings, ADA.embeddings)
    assert again.embedding_labels == ADA.embedding_labels
    with pytest.raises(EnrollmentError, match="not there any more"):
        undo(again, moment, PRIOR)


def test_a_student_of_another_encoder_is_not_corrected() -> None:
    moment = np.full(2 * DIMENSION, 0.5, np.float32)
    other = Prior(replace(generic(), fingerprint="encoder-b"), trust_by(1.0))
    with pytest.raises(GalleryMismatch, match="'Ada' was enrolled with encoder encoder-a, in use is encoder-b"):
        correct(ADA, moment, "sad", other)
    with pytest.raises(GalleryMismatch, match="Enroll 'Ada' again"):
        undo(ADA, moment, other)


def test_a_moment_that_is_put_right_twice_counts_by_the_last_label_alone() -> None:
    moment = np.full(DIMENSION, 0.5, np.float32)
    once = correct(ADA, moment, "surprise", PRIOR)
    twice = correct(once, moment, "sad", PRIOR)
    assert twice.embedding_labels == ("neutral", "happy", "sad")
    assert undo(twice, moment, PRIOR).embedding_labels == ADA.embedding_labels


def test_a_face_is_kept_once_and_goes_whole() -> None:
    face = unit(0, 1)
    named = add_face(add_face(ADA, face), face)
    assert len(named.templates) == 2
    assert has_face(named, face)
    assert not has_face(remove_face(named, face), face)
    for student, template in ((ADA, face), (ADA, ADA.templates[0])):
        with pytest.raises(EnrollmentError, match="not there any more"):
            remove_face(student, template)


def test_a_state_of_the_teachers_own_joins_and_goes() -> None:
    moment = np.full(DIMENSION, 0.5, np.float32)
    confused = correct(ADA, moment, " Confused ", PRIOR)
    assert confused.embedding_labels == ("neutral", "happy", "confused")
    assert confused.receipt.photos == {"happy": 1, "neutral": 1, "confused": 1}
    assert confused.receipt.tested == 0
    assert isinstance(confused.receipt.next_photo, NextPhoto)
    assert "confused" not in (confused.receipt.next_photo.label, confused.receipt.next_photo.nearest)
    blurred, wall = PhotoVerdict("1.jpg", "confused", "blurred"), PhotoVerdict("wall.jpg", "sad", "no_face")
    noted = replace(confused.receipt, left_out=(blurred, wall, "old.jpg (sad): no face was found."))
    again = forget_state(replace(confused, receipt=noted), "confused")
    assert again.receipt.left_out == noted.left_out[1:]
    np.testing.assert_array_equal(again.embeddings, ADA.embeddings)
    for label in ("confused", "happy"):
        with pytest.raises(EnrollmentError, match=f"has no state '{label}' that could be removed"):
            forget_state(again, label)


def test_a_state_is_shared_while_there_are_shots_of_it() -> None:
    moment = np.full(DIMENSION, 0.5, np.float32)
    shared = share_state(correct(ADA, moment, "confused", PRIOR), "confused")
    assert shared.shared_states == ("confused",)
    assert share_state(shared, "confused", shared=False).shared_states == ()
    assert forget_state(shared, "confused").shared_states == ()
    assert undo(shared, moment, PRIOR).shared_states == ()
    for label in ("bored", "happy"):
        with pytest.raises(EnrollmentError, match=f"has no state '{label}' that a class could learn"):
            share_state(shared, label)


def test_an_emotions_name_in_any_case_is_that_emotion() -> None:
    assert correct(ADA, ADA.embeddings[0], "SAD", PRIOR).embedding_labels[-1] == "sad"


@pytest.mark.parametrize("label", ["", "x" * 25, "unsure", "Unknown", "a\x00b"])
def test_names_that_no_state_can_have(label: str) -> None:
    with pytest.raises(EnrollmentError, match="name"):
        correct(ADA, np.zeros(DIMENSION, np.float32), label, PRIOR)
