"""A teacher's corrections in a running lesson: an embedding, never an image, joins what a student is known by.

The label may be a state of the teacher's own, "confused" or "sleepy": a few such moments teach it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from enroll.receipt import measure_gain
from fewshot.config import PersonalConfig
from fewshot.errors import EnrollmentError
from fewshot.names import clean_name
from fewshot.types import Float32, Person, Prototypes

RESERVED = ("unsure", "unknown", "absent")
LONGEST_STATE = 24
"""Characters of a state's name: it must fit beside a face."""


def clean_state(name: str, generic: Prototypes) -> str:
    """Return the name of a state of the teacher's own as it is kept and shown, in lower case; an emotion's is left as it is.

    Raises:
        EnrollmentError: it is empty, too long, cannot be shown, or is kept for faces that nothing is said about.
    """
    cleaned = clean_name(name).casefold()
    if len(cleaned) > LONGEST_STATE or cleaned in RESERVED:
        raise EnrollmentError(
            f"A state needs a name of up to {LONGEST_STATE} characters that is not {' or '.join(RESERVED)}, got '{cleaned}'."
        )
    return next((label for label in generic.classes if label.casefold() == cleaned), cleaned)


def correct(person: Person, embedding: Float32, label: str, generic: Prototypes, personal: PersonalConfig) -> Person:
    """Return the student with one more (d,) float32 embedding, of the moment at which they really looked ``label``.

    It counts as a photo does and no more: the prototypes stay within what the number of shots justifies, because they are
    shrunk anew. The receipt is measured again. A label that is no emotion begins, or adds to, a state of the teacher's own.

    Raises:
        EnrollmentError: ``label`` can be no state's name.
        PrototypeError: the embedding is of another encoder.
    """
    embeddings = np.concatenate([person.embeddings, embedding[None]])
    labels = (*person.embedding_labels, clean_state(label, generic))
    return _with(person, embeddings, labels, generic, personal)


def forget_state(person: Person, state: str, generic: Prototypes, personal: PersonalConfig) -> Person:
    """Return the student without a state of the teacher's own.

    Raises:
        EnrollmentError: they have no such state, or nothing but it.
    """
    kept = np.array([label != state for label in person.embedding_labels])
    if state in generic.classes or kept.all() or not kept.any():
        raise EnrollmentError(
            f"'{person.name}' has no state '{state}' that could be removed. Look at their card again."
        )
    labels = [label for label in person.embedding_labels if label != state]
    return _with(person, person.embeddings[kept], labels, generic, personal)


def undo(person: Person, embedding: Float32, generic: Prototypes, personal: PersonalConfig) -> Person:
    """Return the student as if that correction had not been made.

    Raises:
        EnrollmentError: it is not there, or nothing else is.
    """
    found = np.flatnonzero((person.embeddings == embedding).all(axis=1))
    if len(found) == 0 or len(person.embeddings) == 1:
        raise EnrollmentError(f"This correction of '{person.name}' is not there any more. Were they enrolled anew?")
    last = int(found[-1])
    labels = [label for i, label in enumerate(person.embedding_labels) if i != last]
    return _with(person, np.delete(person.embeddings, last, axis=0), labels, generic, personal)


def add_face(person: Person, template: Float32) -> Person:
    """Return the student known by one more (e,) identity template, of a face that was not recognized as theirs."""
    return replace(person, templates=np.concatenate([person.templates, template[None]]))


def remove_face(person: Person, template: Float32) -> Person:
    """Return the student as if that face had not been added.

    Raises:
        EnrollmentError: it is not there, or the only one.
    """
    found = np.flatnonzero((person.templates == template).all(axis=1))
    if len(found) == 0 or len(person.templates) == 1:
        raise EnrollmentError(f"This face of '{person.name}' is not there any more. Were they enrolled anew?")
    return replace(person, templates=np.delete(person.templates, int(found[-1]), axis=0))


def _with(
    person: Person, embeddings: Float32, labels: Sequence[str], generic: Prototypes, personal: PersonalConfig
) -> Person:
    return replace(
        person,
        embeddings=embeddings,
        embedding_labels=tuple(labels),
        receipt=measure_gain(embeddings, labels, generic, personal),
    )
