"""One enrollment in progress: photos come in, are judged and embedded at once, and a Person comes out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from enroll.doubles import key_for
from enroll.guide import Wish, wish_next
from enroll.receipt import measure_gain
from enroll.states import clean_state
from fewshot.errors import Doubtful, EnrollmentError, GalleryMismatch, ImageError, Rejected
from fewshot.face.align import align
from fewshot.face.quality import USUAL_LIMITS, QualityLimits, check_eyes, check_photo
from fewshot.gallery import Gallery
from fewshot.models import Models
from fewshot.names import clean_name
from fewshot.person import Person, PhotoVerdict
from fewshot.prototypes import nearest
from fewshot.sentence import Sentence
from fewshot.types import Float32, UInt8

SAME_PHOTO = 1e-4
"""Relative squared distance of two emotion embeddings below which they come from the same photo."""

LABEL_ODDS = 50.0
"""How much likelier another emotion must be than the one a photo is given for, until the teacher is asked."""


@dataclass(frozen=True, eq=False)
class _Shot:
    """What is kept of an accepted photo: (e,) identity and (d,) emotion embedding, never pixels."""

    photo: str
    label: str
    identity: Float32
    emotion: Float32


class EnrollmentSession:
    """Owns the state of one student's enrollment. Not to be shared by threads; make one a student.

    No image is kept: a photo leaves an identity and an emotion embedding, or a verdict with the reason.
    """

    def __init__(self, models: Models, student: Person | None = None, limits: QualityLimits = USUAL_LIMITS) -> None:
        """Begin with no photos.

        Args:
            models: By which photos are judged.
            student: Who is enrolled already and gets more photos, of the same face.
            limits: What a photo must meet.

        Raises:
            GalleryMismatch: ``student`` was enrolled with other models.
        """
        if student is not None and not models.made(student):
            raise GalleryMismatch(
                Sentence(
                    "'{name}' must have been enrolled with the encoder and face backend in use, and was with others. "
                    "Enroll them again.",
                    "enrolled_with_others",
                    name=student.name,
                )
            )
        self._student = student
        self._models, self._limits = models, limits
        self._shots: list[_Shot] = []
        self._verdicts: list[PhotoVerdict] = []

    @property
    def verdicts(self) -> tuple[PhotoVerdict, ...]:
        """Of every photo so far, in order."""
        return tuple(self._verdicts)

    def add_photo(self, photo_bgr: UInt8, label: str, name_of_photo: str, *, confirmed: bool = False) -> PhotoVerdict:
        """Judge one photo and, where it can be used, embed it.

        Args:
            photo_bgr: (h, w, 3) uint8.
            label: The emotion shown, or a state of the teacher's own, which no photo is asked about.
            name_of_photo: How a verdict shall call it.
            confirmed: The teacher has looked and says that it shows this student with this emotion, eyes and all.

        Returns:
            Accepted, or rejected with the reason: no face or several, too small, blurred, turned away, or a photo that
            was given before. Unless ``confirmed``, one whose eyes seem to be covered, or that seems to show another person
            than the photos before or another emotion than ``label``, asks for confirmation.

        Raises:
            EnrollmentError: ``label`` is no emotion that the prototypes know, and no name for a state.
            ValueError: ``photo_bgr`` has another shape or dtype.
        """
        label = clean_state(label, self._models.prior.generic.classes)
        try:
            shot = self._examine(photo_bgr, label, name_of_photo, confirmed)
        except Rejected as rejection:
            return self.refuse(label, name_of_photo, rejection)
        self._shots.append(shot)
        return self._note(PhotoVerdict(name_of_photo, label))

    def refuse(self, label: str, name_of_photo: str, why: Rejected | ImageError) -> PhotoVerdict:
        """Reject one photo, such as a file that is no image."""
        asks = isinstance(why, Doubtful)
        return self._note(PhotoVerdict(name_of_photo, label, why.reason, why.values, asks))

    def _note(self, verdict: PhotoVerdict) -> PhotoVerdict:
        self._verdicts.append(verdict)
        return verdict

    def next_wish(self, skipped: Collection[str]) -> Wish:
        """Return which photo would help most after those accepted so far; see :func:`enroll.guide.wish_next`."""
        embeddings = np.array([shot.emotion for shot in self._shots], np.float32)
        labels = [shot.label for shot in self._shots]
        return wish_next(self._models.prior.personal(embeddings, labels), skipped)

    def finish(self, name: str, gallery: Gallery | None = None, *, two_people: bool = False) -> Person:
        """Return the student that the accepted photos make; saving them is the store's work.

        Args:
            name: What the screen will show.
            gallery: Everybody enrolled so far; None where nobody is. An entry of the same name gives its key, so that
                the new person can take its place.
            two_people: The teacher has said that whoever looks the same is somebody else.

        Raises:
            EnrollmentError: no photo was accepted, or the name cannot be used.
            SeemsEnrolled, AlreadyEnrolled: as :func:`enroll.doubles.expect_new_face`.
        """
        name = clean_name(name)
        if not self._shots:
            raise EnrollmentError(self._lacks_photo(name))
        templates = np.stack([shot.identity for shot in self._shots])
        embeddings = np.stack([shot.emotion for shot in self._shots])
        labels = tuple(shot.label for shot in self._shots)
        return Person(
            person_id=key_for(name, templates, gallery, two_people=two_people),
            name=name,
            templates=templates,
            embeddings=embeddings,
            embedding_labels=labels,
            receipt=measure_gain(embeddings, labels, self._models.prior, self._left_out()),
            encoder_fingerprint=self._models.encoder.fingerprint,
            identity_fingerprint=self._models.backend.identity_fingerprint,
            enrolled_at=datetime.now(UTC),
        )

    def extend(self, student: Person) -> Person:
        """Return the student this session was opened for, as they are now, with the accepted photos added.

        Their face is known as before. The receipt notes no photo as left out that counts by now.

        Raises:
            EnrollmentError: no photo was accepted.
        """
        if not self._shots:
            raise EnrollmentError(self._lacks_photo(student.name))
        embeddings = np.concatenate([student.embeddings, [shot.emotion for shot in self._shots]])
        labels = (*student.embedding_labels, *(shot.label for shot in self._shots))
        receipt = measure_gain(embeddings, labels, self._models.prior, self._left_out_with(student.receipt.left_out))
        return replace(student, embeddings=embeddings, embedding_labels=labels, receipt=receipt)

    def _left_out(self) -> list[PhotoVerdict]:
        return [verdict for verdict in self._verdicts if not verdict.accepted and not self._counts(verdict)]

    def _counts(self, verdict: PhotoVerdict) -> bool:
        """Whether a photo of that name and label was accepted, at once or later."""
        return any(one.accepted and (one.photo, one.label) == (verdict.photo, verdict.label) for one in self._verdicts)

    def _left_out_with(self, before: Sequence[PhotoVerdict | str]) -> list[PhotoVerdict | str]:
        noted = [note for note in before if isinstance(note, str) or not self._counts(note)]
        new = [verdict for verdict in self._left_out() if verdict.reason != "enrolled_before"]
        return [*noted, *(verdict for verdict in new if verdict not in noted)]

    def _lacks_photo(self, name: str) -> Sentence:
        found = Sentence("got none", "photos_none")
        if len(self._verdicts) == 1:
            found = Sentence("the only one was rejected", "photos_one")
        elif self._verdicts:
            found = Sentence("all {given} were rejected", "photos_all", given=len(self._verdicts))
        return Sentence(
            "'{name}' needs at least one photo that can be used, {found}. Take others.",
            "no_usable_photo",
            name=name,
            found=found,
        )

    def _examine(self, photo_bgr: UInt8, label: str, name: str, confirmed: bool) -> _Shot:
        """Return the embeddings of the one usable face; raises Rejected, or Doubtful unless ``confirmed``."""
        face = check_photo(photo_bgr, self._models.backend.detect(photo_bgr), self._limits)
        identity = self._models.backend.embed_identity(photo_bgr, [face])[0]
        emotion = self._models.embed([align(photo_bgr, face)])[0]
        self._expect_new_photo(emotion)
        if not confirmed:
            check_eyes(photo_bgr, face, self._limits)
            self._expect_same_person(identity)
            self._expect_label(emotion, label)
        return _Shot(name, label, identity, emotion)

    def _expect_same_person(self, identity: Float32) -> None:
        known = [(shot.photo, shot.identity) for shot in self._shots]
        if self._student is not None:
            known += [(self._student.name, template) for template in self._student.templates]
        if not known:
            return
        similarities = [float(template @ identity) for _, template in known]
        best = int(np.argmax(similarities))
        if similarities[best] < self._models.backend.match_threshold:
            need = self._models.backend.match_threshold
            raise Doubtful("another_face", whose=known[best][0], found=similarities[best], need=need)

    def _expect_label(self, emotion: Float32, label: str) -> None:
        if label not in self._models.prior.generic.classes:
            return
        probabilities = nearest(emotion[None], self._models.prior.generic).probabilities[0]
        by_label = dict(zip(self._models.prior.generic.classes, probabilities.tolist(), strict=True))
        seen = max(by_label, key=lambda name: by_label[name])
        if by_label[seen] > LABEL_ODDS * by_label[label]:
            raise Doubtful("another_emotion", seen=seen)

    def _expect_new_photo(self, emotion: Float32) -> None:
        for shot in self._shots:
            if _is_same(shot.emotion, emotion):
                raise Rejected("again", photo=shot.photo)
        if self._student is not None and any(_is_same(row, emotion) for row in self._student.embeddings):
            raise Rejected("enrolled_before")


def _is_same(earlier: Float32, emotion: Float32) -> bool:
    return float(np.square(earlier - emotion).sum()) <= SAME_PHOTO * float(np.square(emotion).sum())
