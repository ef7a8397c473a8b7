"""The models, which every teacher of this process shares: they are large, take seconds to load, and know nobody."""

from __future__ import annotations

import threading
from dataclasses import astuple

from fewshot.config import FacesConfig
from fewshot.encoder import Encoder, load_encoder
from fewshot.face.backend import load_backend
from fewshot.live.pace import Streams
from fewshot.live.pipeline import Pipeline
from fewshot.prototypes import load_generic
from fewshot.types import Prototypes


class SharedModels:
    """Owns the face backends in use, and knows which live streams they work for. Threads may share it.

    Args:
        encoder: Embeds emotion crops.
        generic: The shipped prototypes of that encoder.
    """

    def __init__(self, encoder: Encoder, generic: Prototypes) -> None:
        self.encoder, self.generic = encoder, generic
        self.streams = Streams()
        self._lock = threading.Lock()
        self._pipelines: dict[tuple[object, ...], Pipeline] = {}

    def pipeline(self, faces: FacesConfig) -> Pipeline:
        """Return the encoder behind the face backend that ``faces`` asks for; raises as :func:`load_backend`."""
        with self._lock:
            asked = astuple(faces)
            if asked not in self._pipelines:
                self._pipelines[asked] = Pipeline(load_backend(faces), self.encoder)
            return self._pipelines[asked]


def load_models() -> SharedModels:
    """Load the shipped encoder and its prototypes. Raises WeightsError."""
    return SharedModels(load_encoder(), load_generic())
