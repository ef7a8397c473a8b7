"""An enrollment on its way: the photos a teacher has given so far, in memory until saved or abandoned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2

from enroll.guide import Wish
from enroll.session import EnrollmentSession
from fewshot.errors import ImageError
from fewshot.face.images import decode_image
from fewshot.gallery import Gallery
from fewshot.person import Person, PhotoVerdict
from fewshot.sentence import Sentence
from fewshot.types import UInt8

THUMBNAIL_PX = 240


@dataclass(frozen=True, eq=False)
class DraftPhoto:
    """One photo as given, with what became of it.

    Attributes:
        data: The file.
        verdict: Of the session.
        thumbnail: A small JPEG, None for a file that is no image.
        confirmed: Whether the teacher has said that it is right, whatever it looks like.
    """

    data: bytes
    verdict: PhotoVerdict
    thumbnail: bytes | None
    confirmed: bool = False


class Draft:
    """Owns the photos of one student to be. Belongs to one browser tab; not to be shared by threads.

    Args:
        open_session: Makes an empty enrollment session, anew whenever a photo is taken out again.
    """

    def __init__(self, open_session: Callable[[], EnrollmentSession]) -> None:
        self._open_session = open_session
        self._session = open_session()
        self.photos: tuple[DraftPhoto, ...] = ()
        self.skipped: frozenset[str] = frozenset()
        self._asked: tuple[str, tuple[DraftPhoto, ...], Sentence | str] | None = None

    @property
    def accepted(self) -> Counter[str]:
        """How many photos count, by label."""
        return Counter(photo.verdict.label for photo in self.photos if photo.verdict.accepted)

    def wish(self) -> Wish:
        """Return which photo would help most next, of the emotions that were not skipped."""
        return self._session.next_wish(self.skipped)

    def skip(self, label: str) -> None:
        """Ask for an emotion no more."""
        self.skipped |= {label}

    def add(self, data: bytes, label: str, name: str, *, confirmed: bool = False) -> PhotoVerdict:
        """Judge one photo file for the emotion ``label`` and keep it with its verdict; see EnrollmentSession.add_photo."""
        try:
            photo_bgr = decode_image(data)
        except ImageError as error:
            photo = DraftPhoto(data, self._session.refuse(label, name, error), thumbnail=None)
        else:
            verdict = self._session.add_photo(photo_bgr, label, name, confirmed=confirmed)
            photo = DraftPhoto(data, verdict, _thumbnail(photo_bgr), confirmed)
        self.photos = (*self.photos, photo)
        return photo.verdict

    def judge_anew(self) -> None:
        """Judge every photo again, as where other models run now."""
        self._begin_with(self.photos)

    def remove(self, photo: DraftPhoto) -> None:
        """Take one photo out and judge the others again: which face is the student's may have changed."""
        self._begin_with([other for other in self.photos if other is not photo])

    def confirm(self, photo: DraftPhoto) -> None:
        """Use a photo that asks for it all the same."""
        self._begin_with([replace(other, confirmed=other.confirmed or other is photo) for other in self.photos])

    def relabel(self, photo: DraftPhoto, label: str) -> None:
        """Let one photo be of another emotion than it was given for."""
        as_labelled = replace(photo, verdict=replace(photo.verdict, label=label), confirmed=False)
        self._begin_with([as_labelled if other is photo else other for other in self.photos])

    def _begin_with(self, photos: Sequence[DraftPhoto]) -> None:
        self._session, self.photos = self._open_session(), ()
        for photo in photos:
            self.add(photo.data, photo.verdict.label, photo.verdict.photo, confirmed=photo.confirmed)

    def ask(self, name: str, sentence: Sentence | str) -> None:
        """Keep the question whether this is somebody who is enrolled, until the draft is gone."""
        self._asked = name, self.photos, sentence

    def asked(self, name: str) -> Sentence | str | None:
        """Return the question, where it was asked of this name and of these photos."""
        if self._asked is None or self._asked[:2] != (name, self.photos):
            return None
        return self._asked[2]

    def finish(self, name: str, gallery: Gallery, *, two_people: bool) -> Person:
        """Return the student that the accepted photos make; ``two_people`` and errors as of EnrollmentSession.finish."""
        return self._session.finish(name, gallery, two_people=two_people)

    def extend(self, student: Person) -> Person:
        """Return the student the session was opened for, as they are now, with the accepted photos; raises EnrollmentError."""
        return self._session.extend(student)


def _thumbnail(photo_bgr: UInt8) -> bytes:
    height, width = photo_bgr.shape[:2]
    scale = min(1.0, THUMBNAIL_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))  # a strip one pixel high is a photo too
    small = cv2.resize(photo_bgr, size, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small)[1].tobytes()
