"""The models of this process, which every teacher shares, whichever faces she chose."""

from __future__ import annotations

import threading
from dataclasses import astuple

from fewshot.config import FacesConfig, PersonalConfig
from fewshot.encoder import EmotionEncoder, load_encoder
from fewshot.face.backend import load_backend
from fewshot.live.pace import Streams
from fewshot.models import Models
from fewshot.prior import Prior
from fewshot.prototypes import load_generic


class SharedModels:
    """Owns the face backends in use, and knows which live streams they work for. Threads may share it.

    Args:
        encoder: Embeds emotions.
        prior: Of the emotions, in the space of ``encoder``.
    """

    def __init__(self, encoder: EmotionEncoder, prior: Prior) -> None:
        self._encoder, self._prior = encoder, prior
        self.streams = Streams()
        self._lock = threading.Lock()
        self._models: dict[tuple[object, ...], Models] = {}

    def with_faces(self, faces: FacesConfig) -> Models:
        """Return the models with the face backend that ``faces`` asks for; raises as :func:`load_backend`."""
        with self._lock:
            asked = astuple(faces)
            if asked not in self._models:
                self._models[asked] = Models(load_backend(faces), self._encoder, self._prior)
            return self._models[asked]


def load_shared_models(personal: PersonalConfig) -> SharedModels:
    """Load what all of them have in common, the shipped encoder and its prototypes. Raises WeightsError."""
    return SharedModels(load_encoder(), Prior(load_generic(), personal))
