"""How a camera's picture would do as a reference photo, before one is taken."""

from __future__ import annotations

from dataclasses import dataclass

from fewshot.errors import Doubtful, Rejected
from fewshot.face.backend import FaceBackend
from fewshot.face.quality import QualityLimits, check_eyes, check_photo, main_faces
from fewshot.messages import Messages
from fewshot.types import Face, UInt8


@dataclass(frozen=True, eq=False)
class Preview:
    """What is to be said of one picture.

    Attributes:
        width: Width of the picture in pixels.
        height: Likewise.
        faces: Those the sentence is about, bystanders in the background left out.
        good: Whether its quality would do. Eyes that seem covered are no obstacle: the photo can be confirmed.
        sentence: What to do, or that it is good; the same as long as the reason is the same, so that it can be read out.
    """

    width: int
    height: int
    faces: tuple[Face, ...]
    good: bool
    sentence: str


def preview_photo(photo_bgr: UInt8, backend: FaceBackend, limits: QualityLimits, say: Messages) -> Preview:
    """Judge a picture, (h, w, 3) uint8, as an enrollment would judge its quality; whose face it is comes later."""
    detected = backend.detect(photo_bgr)
    height, width = photo_bgr.shape[:2]
    good, sentence = True, say("photo.good")
    try:
        check_eyes(photo_bgr, check_photo(photo_bgr, detected, limits), limits)
    except Rejected as rejection:
        good, sentence = isinstance(rejection, Doubtful), say(f"photo.{rejection.reason}_advice")
    return Preview(width, height, tuple(main_faces(detected, limits)), good, sentence)
