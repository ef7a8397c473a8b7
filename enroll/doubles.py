"""Whether a face is enrolled already, under this name or another."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from fewshot.errors import AlreadyEnrolled, SeemsEnrolled
from fewshot.gallery import Gallery
from fewshot.names import name_key
from fewshot.person import KnownFace, Person
from fewshot.sentence import Sentence
from fewshot.types import Float32

SAME_FACE = 0.55
"""Cosine of two students' mean templates from which they are one person.

Far above the threshold that names a face in a frame, where the best of a class is asked for: classmates may look alike.
Measured with both backends on JAFFE, KDEF and NTU: between two people at most 0.53 (one photo each) and 0.50 (five
each); between photos of one person at least 0.82 (five each), below 0.55 in 0 to 6 % of cases (one each).
"""


@dataclass(frozen=True, eq=False)
class Double:
    """Somebody enrolled whose face a new one resembles. ``similarity``: of both, from :data:`SAME_FACE` on."""

    person: Person | KnownFace
    similarity: float


def key_for(name: str, templates: Float32, gallery: Gallery | None, *, two_people: bool = False) -> str:
    """Return the key of this student's entry so far, or a new one; ``two_people`` and errors as of :func:`expect_new_face`."""
    if gallery is None:
        return uuid.uuid4().hex
    expect_new_face(name, templates, gallery.people, gallery.match_threshold, two_people=two_people)
    own = next((person for person in gallery.people if name_key(person.name) == name_key(name)), None)
    return own.person_id if own else uuid.uuid4().hex


def expect_new_face(
    name: str,
    templates: Float32,
    people: Iterable[Person | KnownFace],
    match_threshold: float,
    *,
    two_people: bool = False,
) -> None:
    """See that a face is nobody else's, and that of whoever has the name so far.

    Args:
        name: Of the student.
        templates: (m, e) float32, theirs.
        people: Everybody enrolled with the same identity model.
        match_threshold: Least cosine to a template that names a face.
        two_people: The teacher has said that whoever looks the same is somebody else.

    Raises:
        SeemsEnrolled: the face is another's, unless ``two_people``.
        AlreadyEnrolled: another face has the name.
    """
    people = tuple(people)
    double = find_double(name, templates, people)
    if double and not two_people:
        raise SeemsEnrolled(
            Sentence(
                "The face of '{name}' is enrolled already as '{double}' (similarity {similarity:.2f}). Use that name, or forget "
                "'{double}' first. Where they are two people, such as twins, enroll '{name}' alone and say so.",
                "face_enrolled",
                name=name,
                double=double.person.name,
                similarity=double.similarity,
            )
        )
    own = next((person for person in people if name_key(person.name) == name_key(name)), None)
    similarity = 1.0 if own is None else float(_center(own.templates) @ _center(templates))
    if own and similarity < match_threshold:  # whoever takes the entry's place takes over its lessons
        raise AlreadyEnrolled(
            Sentence(
                "The face of the '{name}' who is enrolled is another one (similarity {similarity:.2f}). "
                "Use another name, or forget '{name}' first.",
                "face_differs",
                name=own.name,
                similarity=similarity,
            )
        )


def find_double(name: str, templates: Float32, people: Iterable[Person | KnownFace]) -> Double | None:
    """Return whose face (m, e) ``templates`` resemble most, of those with another name; None where it is nobody's."""
    others = [person for person in people if name_key(person.name) != name_key(name)]
    similarities = [float(_center(person.templates) @ _center(templates)) for person in others]
    best = int(np.argmax(similarities)) if similarities else 0
    return Double(others[best], similarities[best]) if similarities and similarities[best] >= SAME_FACE else None


def still_new(person: Person, match_threshold: float, *, two_people: bool) -> Callable[[Iterable[KnownFace]], None]:
    """Return what the store asks before it keeps ``person``: another program may have enrolled the face meanwhile.

    It raises as :func:`expect_new_face`.
    """

    def check(people: Iterable[KnownFace]) -> None:
        alike = [other for other in people if other.identity_fingerprint == person.identity_fingerprint]
        expect_new_face(person.name, person.templates, alike, match_threshold, two_people=two_people)

    return check


def _center(templates: Float32) -> Float32:
    """Return the direction, (e,) float32 of length 1, about which (m, e) identity templates lie."""
    mean: Float32 = templates.mean(axis=0)
    return mean / np.linalg.norm(mean)
