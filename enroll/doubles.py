"""Whether a face is enrolled already, under this name or another."""

from __future__ import annotations

import uuid

import numpy as np

from fewshot.errors import AlreadyEnrolled
from fewshot.gallery import Gallery
from fewshot.names import name_key
from fewshot.sentence import Sentence
from fewshot.types import Float32

SAME_FACE = 0.55
"""Cosine of two students' mean templates from which they are one person.

Far above the threshold that names a face in a frame, where the best of a class is asked for: classmates may look alike.
Measured with both backends on JAFFE, KDEF and NTU: between two people at most 0.53 (one photo each) and 0.50 (five
each); between photos of one person at least 0.82 (five each), below 0.55 in 0 to 6 % of cases (one each).
"""


def key_for(name: str, templates: Float32, gallery: Gallery | None) -> str:
    """Return the key of this student's entry so far, or a new one.

    Raises:
        AlreadyEnrolled: the face is another's, or another face has the name.
    """
    people = gallery.people if gallery else ()
    others = [person for person in people if name_key(person.name) != name_key(name)]
    similarities = [float(_center(person.templates) @ _center(templates)) for person in others]
    if similarities and max(similarities) >= SAME_FACE:
        double = others[int(np.argmax(similarities))]
        raise AlreadyEnrolled(
            Sentence(
                "The face of '{name}' is enrolled already as '{double}' (similarity {similarity:.2f}). "
                "Use that name, or forget '{double}' first.",
                "face_enrolled",
                name=name,
                double=double.name,
                similarity=max(similarities),
            )
        )
    own = next((person for person in people if name_key(person.name) == name_key(name)), None)
    if own is None or gallery is None:
        return uuid.uuid4().hex
    similarity = float(_center(own.templates) @ _center(templates))
    if similarity < gallery.match_threshold:  # whoever takes the entry's place takes over its lessons
        raise AlreadyEnrolled(
            Sentence(
                "The face of the '{name}' who is enrolled is another one (similarity {similarity:.2f}). "
                "Use another name, or forget '{name}' first.",
                "face_differs",
                name=own.name,
                similarity=similarity,
            )
        )
    return own.person_id


def _center(templates: Float32) -> Float32:
    """Return the direction, (e,) float32 of length 1, about which (m, e) identity templates lie."""
    mean: Float32 = templates.mean(axis=0)
    return mean / np.linalg.norm(mean)
