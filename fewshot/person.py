"""Somebody enrolled, as the store keeps them and the gallery knows them: the nouns, frozen and validated when made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from fewshot.types import Float32, PrototypeKind, expect_shape


@dataclass(frozen=True)
class PhotoVerdict:
    """What became of one reference photo.

    Attributes:
        photo: Its name, as given.
        label: The emotion, or state of the teacher's own, that it was given for.
        reason: Why it is not used, by its key in the section ``photo`` of the messages; None where it was accepted.
        values: What the sentence of that key is filled with.
        asks: Whether it would be used if the teacher confirmed it.
    """

    photo: str
    label: str
    reason: str | None = None
    values: Mapping[str, float | str] = field(default_factory=dict)
    asks: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the photo counts for the enrollment."""
        return self.reason is None


@dataclass(frozen=True)
class NextPhoto:
    """The photo that would help an enrollment most.

    Attributes:
        label: The emotion it should show.
        count: Photos that the student has of it.
        nearest: The other emotion whose prototype lies nearest to the student's own of it, by their photos alone.
    """

    label: str
    count: int
    nearest: str


@dataclass(frozen=True)
class Receipt:
    """What an enrollment gained, measured on the student's own photos by leave-one-out.

    Classmates who look alike refine the prototypes of a lesson too, see :mod:`fewshot.classmates`; they come and go, and are no
    part of it. Only what was found, no words: these are made in the language of whoever reads it. An old entry has sentences in that of its
    enrollment instead, where nothing else tells what they do.

    Attributes:
        photos: Accepted photos by label.
        tested: Photos that could be held out, because their label has another photo.
        generic_correct: Of those, how many the generic prototypes name right.
        personal_correct: Of those, how many the personal prototypes, made without the photo, name right.
        uses: Which prototypes are used from now on.
        next_photo: The one that would help most, or the sentence of an old entry; None where none is needed.
        left_out: Photos that were given and not used, each with its verdict, or the sentence of an old entry.
    """

    photos: Mapping[str, int]
    tested: int
    generic_correct: int
    personal_correct: int
    uses: PrototypeKind
    next_photo: NextPhoto | str | None = None
    left_out: Sequence[PhotoVerdict | str] = ()


@dataclass(frozen=True, eq=False)
class Person:
    """One gallery entry.

    Attributes:
        person_id: Stable key, never shown.
        name: As the teacher typed it; unique in a store.
        templates: (m, e) float32, unit length, m >= 1. Identity embeddings.
        embeddings: (k, d) float32. Emotion embeddings of the accepted photos; images are never kept.
        embedding_labels: k labels; emotions, or states of the teacher's own such as "confused".
        receipt: What the enrollment gained.
        encoder_fingerprint: Of the emotion encoder that made ``embeddings``.
        identity_fingerprint: Of the identity model that made ``templates``.
        enrolled_at: UTC.
        number: What stands for the name where a lesson hides names; the store draws it, 0 until then.
        shared_states: States that this student's shots teach for the whole class, by name.
        courses: What they are taught in, such as 7b; see :mod:`fewshot.courses`.
    """

    person_id: str
    name: str
    templates: Float32
    embeddings: Float32
    embedding_labels: tuple[str, ...]
    receipt: Receipt
    encoder_fingerprint: str
    identity_fingerprint: str
    enrolled_at: datetime
    number: int = 0
    shared_states: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        expect_shape("Person.templates", self.templates, (None, None))
        expect_shape("Person.embeddings", self.embeddings, (len(self.embedding_labels), None))
        if len(self.templates) == 0:
            raise ValueError("Person.templates must hold at least one identity embedding, got none")

    def equals(self, other: Person) -> bool:
        """Whether nothing tells both apart; ``==`` asks whether they are one object, which is what a gallery goes by."""
        return all(
            np.array_equal(mine, theirs) if isinstance(mine, np.ndarray) else mine == theirs
            for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)
        )


@dataclass(frozen=True, eq=False)
class KnownFace:
    """What a new face is compared with: somebody enrolled, without what their photos teach. Attributes: as of :class:`Person`."""

    name: str
    templates: Float32
    identity_fingerprint: str
