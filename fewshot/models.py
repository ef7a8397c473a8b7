"""What was learned before any student came, which enrolling and live use share: it is large, loads in seconds, and knows nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fewshot.config import FacesConfig, PersonalConfig
from fewshot.encoder import EmotionEncoder, load_encoder
from fewshot.face.backend import FaceBackend, load_backend
from fewshot.gallery import Gallery
from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.prototypes import expect_encoder, load_generic
from fewshot.types import CROP_SIZE, Crop, Float32


@dataclass(frozen=True, eq=False)
class Models:
    """Those that work together. Holds no state between calls; threads may share it.

    Attributes:
        backend: Finds and recognizes faces.
        encoder: Embeds emotions.
        prior: Of the emotions, in the space of ``encoder``.

    Raises:
        PrototypeError: ``prior`` was made by another encoder.
    """

    backend: FaceBackend
    encoder: EmotionEncoder
    prior: Prior

    def __post_init__(self) -> None:
        expect_encoder(self.prior.generic, self.encoder.fingerprint)

    def embed(self, crops: Sequence[Crop]) -> Float32:
        """Emotion embeddings of all crops in one batch, as (n, d) float32; (0, d) for none."""
        if not crops:
            return self.encoder.embed(np.empty((0, CROP_SIZE, CROP_SIZE), np.uint8))
        return self.encoder.embed(np.stack([crop.image_gray for crop in crops]))

    def made(self, person: Person) -> bool:
        """Whether ``person`` was enrolled with this encoder and identity model, and can be compared with."""
        ours = (self.encoder.fingerprint, self.backend.identity_fingerprint)
        return (person.encoder_fingerprint, person.identity_fingerprint) == ours

    def gallery_of(self, people: Iterable[Person], classmates: Iterable[Person] | None = None) -> Gallery:
        """Return a gallery of people whom these models made; ``classmates`` and errors as of :class:`fewshot.gallery.Gallery`."""
        return Gallery(
            people,
            self.prior,
            match_threshold=self.backend.match_threshold,
            match_margin=self.backend.match_margin,
            identity_fingerprint=self.backend.identity_fingerprint,
            classmates=classmates,
        )


def load_models(faces: FacesConfig, personal: PersonalConfig, threads: int | None = None) -> Models:
    """Load the face backend that ``faces`` asks for, the shipped encoder and its generic prototypes.

    Args:
        faces: Which backend.
        personal: How far a student's photos move the prototypes.
        threads: For one batch of the encoder; None for the runtime's own choice.

    Raises:
        WeightsError: a file is missing or damaged, or the pack of InsightFace is not there.
        PrototypeError: the encoder and the prototypes are not of one release.
    """
    return Models(load_backend(faces), load_encoder(threads=threads), Prior(load_generic(), personal))
