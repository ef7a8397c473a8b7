"""A teacher's corrections in a running lesson: an embedding, never an image, joins what a student is known by.

The label may be a state of the teacher's own, "confused" or "sleepy": a few such moments teach it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from enroll.receipt import measure_gain
from enroll.states import clean_state
from fewshot.errors import EnrollmentError
from fewshot.gallery import expect_same_encoder
from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.sentence import Sentence
from fewshot.types import EMOTIONS, Float32


def correct(person: Person, embedding: Float32, label: str, prior: Prior) -> Person:
    """Return the student with one more (d,) float32 embedding, of the moment at which they really looked ``label``.

    It counts as a photo does and no more: the prototypes stay within what the number of shots justifies, because they are
    shrunk anew. The receipt is measured again. A label that is no emotion begins, or adds to, a state
    of the teacher's own. A moment that was corrected before counts by the new label alone.

    Raises:
        EnrollmentError: ``label`` can be no state's name.
        GalleryMismatch: the student was enrolled with another encoder than ``prior``, in whose space the embedding lies.
    """
    expect_same_encoder(person, prior)
    others = ~_same(person.embeddings, embedding)
    embeddings = np.concatenate([person.embeddings[others], embedding[None]])
    labels = [old for old, is_other in zip(person.embedding_labels, others, strict=True) if is_other]
    return _with(person, embeddings, [*labels, clean_state(label, prior.generic.classes)], prior)


def forget_state(person: Person, state: str) -> Person:
    """Return the student without a state of the teacher's own, nor notes on photos of it; what is said of the emotions stays true.

    Raises:
        EnrollmentError: they have no such state, or nothing but it.
    """
    kept = np.array([label != state for label in person.embedding_labels])
    if state in EMOTIONS or kept.all():
        raise EnrollmentError(
            Sentence(
                "'{name}' has no state '{state}' that could be removed. Look at their card again.",
                "state_not_theirs",
                name=person.name,
                state=state,
            )
        )
    if not kept.any():
        raise EnrollmentError(
            Sentence(
                "The only photos of '{name}' show '{state}'. Give a photo of an emotion first, or forget the student.",
                "state_alone",
                name=person.name,
                state=state,
            )
        )
    photos = {label: count for label, count in person.receipt.photos.items() if label != state}
    left_out = tuple(photo for photo in person.receipt.left_out if isinstance(photo, str) or photo.label != state)
    return replace(
        person,
        embeddings=person.embeddings[kept],
        embedding_labels=tuple(label for label in person.embedding_labels if label != state),
        receipt=replace(person.receipt, photos=photos, left_out=left_out),
        shared_states=tuple(other for other in person.shared_states if other != state),
    )


def share_state(person: Person, state: str, shared: bool = True) -> Person:
    """Return the student whose shots of a state teach it to the whole class, or do so no more.

    Raises:
        EnrollmentError: they have no shot of it.
    """
    if state not in person.embedding_labels or state in EMOTIONS:
        raise EnrollmentError(
            Sentence(
                "'{name}' has no state '{state}' that a class could learn. Give photos of it.",
                "state_not_shared",
                name=person.name,
                state=state,
            )
        )
    others = {other for other in person.shared_states if other != state}
    return replace(person, shared_states=tuple(sorted(others | {state} if shared else others)))


def undo(person: Person, embedding: Float32, prior: Prior) -> Person:
    """Return the student as if that correction had not been made.

    Raises:
        EnrollmentError: it is not there, or nothing else is.
        GalleryMismatch: as :func:`correct`.
    """
    expect_same_encoder(person, prior)
    others = ~_same(person.embeddings, embedding)
    if others.all() or not others.any():
        raise EnrollmentError(
            Sentence(
                "This correction of '{name}' is not there any more. Were they enrolled anew?",
                "correction_gone",
                name=person.name,
            )
        )
    labels = [label for label, is_other in zip(person.embedding_labels, others, strict=True) if is_other]
    return _with(person, person.embeddings[others], labels, prior)


def has_face(person: Person, template: Float32) -> bool:
    """Whether the student is known by this very (e,) identity template."""
    return bool(_same(person.templates, template).any())


def add_face(person: Person, template: Float32) -> Person:
    """Return the student known by one more (e,) identity template, of a face that was not recognized as theirs."""
    if has_face(person, template):
        return person
    return replace(person, templates=np.concatenate([person.templates, template[None]]))


def remove_face(person: Person, template: Float32) -> Person:
    """Return the student as if that face had not been added.

    Raises:
        EnrollmentError: it is not there, or the only one.
    """
    others = ~_same(person.templates, template)
    if others.all() or not others.any():
        raise EnrollmentError(
            Sentence(
                "This face of '{name}' is not there any more. Were they enrolled anew?", "face_gone", name=person.name
            )
        )
    return replace(person, templates=person.templates[others])


def _same(rows: Float32, row: Float32) -> NDArray[np.bool_]:
    """Return where ``row`` is among ``rows``: what is kept of a moment is kept bit by bit."""
    return np.asarray((rows == row).all(axis=1))


def _with(person: Person, embeddings: Float32, labels: Sequence[str], prior: Prior) -> Person:
    return replace(
        person,
        embeddings=embeddings,
        embedding_labels=tuple(labels),
        receipt=measure_gain(embeddings, labels, prior, person.receipt.left_out),
        shared_states=tuple(state for state in person.shared_states if state in labels),
    )
