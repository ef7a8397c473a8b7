"""One enrollment in progress: photos come in, are judged and embedded at once, and a Person comes out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol

import numpy as np

from enroll.doubles import key_for
from enroll.guide import Wish, emotion_prototypes, wish_next
from enroll.receipt import measure_gain
from fewshot.config import PersonalConfig
from fewshot.errors import Doubtful, EnrollmentError, Rejected
from fewshot.face.align import align
from fewshot.face.backend import FaceBackend
from fewshot.face.quality import QualityLimits, check_photo
from fewshot.gallery import Gallery
from fewshot.names import clean_name
from fewshot.prototypes import expect_encoder, nearest
from fewshot.types import Float32, Person, Prototypes, UInt8

SAME_PHOTO = 1e-4
"""Relative squared distance of two emotion embeddings below which they come from the same photo."""

LABEL_ODDS = 50.0
"""How much likelier another emotion must be than the one a photo is given for, until the teacher is asked."""


class EmotionEncoder(Protocol):
    """What a session needs of :class:`fewshot.encoder.Encoder`."""

    fingerprint: str

    def embed(self, crops_gray: UInt8) -> Float32:
        """Embed (n, 48, 48) uint8 crops as (n, d) float32."""


@dataclass(frozen=True)
class PhotoVerdict:
    """What became of one reference photo.

    Attributes:
        photo: Its name, as given.
        label: The emotion it was given for.
        reason: Why it is not used, in a teacher's words; None where it was accepted.
        asks: Whether it would be used if the teacher confirmed it.
    """

    photo: str
    label: str
    reason: str | None
    asks: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the photo counts for the enrollment."""
        return self.reason is None


@dataclass(frozen=True, eq=False)
class _Evidence:
    """What is kept of an accepted photo: (e,) identity and (d,) emotion embedding, never pixels."""

    photo: str
    label: str
    identity: Float32
    emotion: Float32


class EnrollmentSession:
    """Owns the state of one student's enrollment. Not to be shared by threads; make one a student.

    No image is kept: a photo leaves an identity and an emotion embedding, or a verdict with the reason.
    """

    def __init__(
        self,
        backend: FaceBackend,
        encoder: EmotionEncoder,
        generic: Prototypes,
        limits: QualityLimits,
        personal: PersonalConfig,
    ) -> None:
        """Begin with no photos.

        Args:
            backend: Finds and recognizes faces.
            encoder: Embeds emotions.
            generic: Prototypes of ``encoder``.
            limits: What a photo must satisfy.
            personal: How far own photos are trusted.

        Raises:
            PrototypeError: ``generic`` belongs to another encoder.
        """
        expect_encoder(generic, encoder.fingerprint)
        self._backend = backend
        self._encoder = encoder
        self._generic = generic
        self._limits = limits
        self._personal = personal
        self._evidence: list[_Evidence] = []
        self._verdicts: list[PhotoVerdict] = []

    @property
    def verdicts(self) -> tuple[PhotoVerdict, ...]:
        """Of every photo so far, in order."""
        return tuple(self._verdicts)

    def add_photo(self, photo_bgr: UInt8, label: str, name_of_photo: str, *, confirmed: bool = False) -> PhotoVerdict:
        """Judge one photo and, where it can be used, embed it.

        Args:
            photo_bgr: (h, w, 3) uint8.
            label: The emotion shown, one of the generic prototypes' classes.
            name_of_photo: How a verdict shall call it.
            confirmed: The teacher has looked and says that it shows this student with this emotion.

        Returns:
            Accepted, or rejected with the reason: no face or several, too small, blurred, turned away, or a photo that
            was given before. Unless ``confirmed``, one that seems to show another person than the photos before, or
            another emotion than ``label``, asks for confirmation.

        Raises:
            EnrollmentError: ``label`` is no emotion that the prototypes know.
            ValueError: ``photo_bgr`` has another shape or dtype.
        """
        if label not in self._generic.classes:
            known = ", ".join(self._generic.classes)
            raise EnrollmentError(f"An emotion must be one of {known}; got '{label}' for {name_of_photo}.")
        try:
            evidence = self._examine(photo_bgr, label, name_of_photo, confirmed)
        except Rejected as rejection:
            asks = isinstance(rejection, Doubtful)
            return self.note(PhotoVerdict(name_of_photo, label, str(rejection), asks))
        self._evidence.append(evidence)
        return self.note(PhotoVerdict(name_of_photo, label, None))

    def note(self, verdict: PhotoVerdict) -> PhotoVerdict:
        """Add a verdict reached elsewhere, such as on a file that is no image, and return it."""
        self._verdicts.append(verdict)
        return verdict

    def next_wish(self, skipped: Collection[str]) -> Wish:
        """Say which photo would help most after those accepted so far; see :func:`enroll.guide.wish_next`."""
        embeddings = np.array([evidence.emotion for evidence in self._evidence], np.float32)
        labels = [evidence.label for evidence in self._evidence]
        return wish_next(emotion_prototypes(embeddings, labels, self._generic, self._personal), skipped)

    def finish(self, name: str, gallery: Gallery | None = None) -> Person:
        """Return the student that the accepted photos make; saving them is the store's work.

        Args:
            name: What the screen will show.
            gallery: Everybody enrolled so far; None where nobody is. An entry of the same name gives its key, so that
                the new person can take its place.

        Raises:
            EnrollmentError: no photo was accepted, or the name cannot be used.
            AlreadyEnrolled: the face belongs to another name.
        """
        name = clean_name(name)
        if not self._evidence:
            raise EnrollmentError(f"'{name}' needs at least one photo that can be used, {self._tally()}. Take others.")
        templates = np.stack([evidence.identity for evidence in self._evidence])
        embeddings = np.stack([evidence.emotion for evidence in self._evidence])
        labels = tuple(evidence.label for evidence in self._evidence)
        return Person(
            person_id=key_for(name, templates, gallery),
            name=name,
            templates=templates,
            embeddings=embeddings,
            embedding_labels=labels,
            receipt=measure_gain(embeddings, labels, self._generic, self._personal),
            encoder_fingerprint=self._encoder.fingerprint,
            identity_fingerprint=self._backend.identity_fingerprint,
            enrolled_at=datetime.now(timezone.utc),
        )

    def _tally(self) -> str:
        given = len(self._verdicts)
        return f"{'the only one was' if given == 1 else f'all {given} were'} rejected" if given else "got none"

    def _examine(self, photo_bgr: UInt8, label: str, name: str, confirmed: bool) -> _Evidence:
        """Return the embeddings of the one usable face; raises Rejected, or Doubtful unless ``confirmed``."""
        face = check_photo(photo_bgr, self._backend.detect(photo_bgr), self._limits)
        identity = self._backend.embed_identity(photo_bgr, [face])[0]
        emotion = self._encoder.embed(align(photo_bgr, face).image_gray[None])[0]
        self._expect_new_photo(emotion)
        if not confirmed:
            self._expect_same_person(identity)
            self._expect_label(emotion, label)
        return _Evidence(name, label, identity, emotion)

    def _expect_same_person(self, identity: Float32) -> None:
        if not self._evidence:
            return
        similarities = [float(evidence.identity @ identity) for evidence in self._evidence]
        best = int(np.argmax(similarities))
        if similarities[best] < self._backend.match_threshold:
            raise Doubtful(
                f"the face seems not to be that of {self._evidence[best].photo} (similarity {similarities[best]:.2f}, "
                f"need {self._backend.match_threshold:.2f}). Use photos of one student only, or confirm that it is."
            )

    def _expect_label(self, emotion: Float32, label: str) -> None:
        probabilities = nearest(emotion[None], self._generic).probabilities[0]
        by_label = dict(zip(self._generic.classes, probabilities.tolist(), strict=True))
        seen = max(by_label, key=lambda name: by_label[name])
        if by_label[seen] > LABEL_ODDS * by_label[label]:
            raise Doubtful(
                f"it looks '{seen}', hardly '{label}'. Give it that emotion, take another photo, or confirm that it is meant so."
            )

    def _expect_new_photo(self, emotion: Float32) -> None:
        for evidence in self._evidence:
            difference = float(np.square(evidence.emotion - emotion).sum())
            if difference <= SAME_PHOTO * float(np.square(emotion).sum()):
                raise Rejected(
                    f"this is the photo {evidence.photo} again. A second photo of the same moment adds nothing."
                )
