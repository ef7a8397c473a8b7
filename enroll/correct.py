"""A teacher's correction in a running lesson: one more embedding, never an image, joins a student's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from enroll.receipt import measure_gain
from fewshot.config import PersonalConfig
from fewshot.errors import EnrollmentError
from fewshot.types import Float32, Person, Prototypes


def correct(person: Person, embedding: Float32, label: str, generic: Prototypes, personal: PersonalConfig) -> Person:
    """Return the student with one more (d,) float32 embedding, of the moment at which they really looked ``label``.

    It counts as a photo does and no more: the prototypes stay within what the number of shots justifies, because they are
    shrunk anew. The receipt is measured again.

    Raises:
        EnrollmentError: ``label`` is no emotion that the prototypes know.
        PrototypeError: the embedding is of another encoder.
    """
    if label not in generic.classes:
        raise EnrollmentError(f"An emotion must be one of {', '.join(generic.classes)}; got '{label}'.")
    embeddings = np.concatenate([person.embeddings, embedding[None]])
    return _with(person, embeddings, (*person.embedding_labels, label), generic, personal)


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


def _with(
    person: Person, embeddings: Float32, labels: Sequence[str], generic: Prototypes, personal: PersonalConfig
) -> Person:
    return replace(
        person,
        embeddings=embeddings,
        embedding_labels=tuple(labels),
        receipt=measure_gain(embeddings, labels, generic, personal),
    )
