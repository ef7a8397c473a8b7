"""Pixels to embeddings: detect, align, embed, identify. Stateless, so that all streams share one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fewshot.encoder import EmotionEncoder
from fewshot.face.align import align_all
from fewshot.face.backend import FaceBackend
from fewshot.face.scales import Rows
from fewshot.types import CROP_SIZE, Crop, Face, Float32, UInt8


@dataclass(frozen=True, eq=False)
class Pipeline:
    """The models of one process. Holds no state between calls; threads may share it.

    Attributes:
        backend: Finds faces and recognizes them.
        encoder: Embeds emotion crops.
    """

    backend: FaceBackend
    encoder: EmotionEncoder

    def detect(self, frame_bgr: UInt8) -> tuple[Face, ...]:
        """Faces of one (h, w, 3) uint8 frame, best first; empty where there are none.

        Raises:
            ValueError: not such a frame.
        """
        return self.backend.detect(frame_bgr)

    def detect_small(self, frame_bgr: UInt8, rows: Rows) -> tuple[Face, ...]:
        """Faces whose center lies in ``rows``, by a closer look for small ones; otherwise as :meth:`detect`."""
        return self.backend.detect_small(frame_bgr, rows)

    def align(self, frame_gray: UInt8, faces: Sequence[Face]) -> tuple[Crop, ...]:
        """One emotion crop a face of a (h, w) uint8 frame, in their order."""
        return align_all(frame_gray, faces)

    def embed(self, crops: Sequence[Crop]) -> Float32:
        """Emotion embeddings of all crops in one batch, as (n, d) float32; (0, d) for none."""
        if not crops:
            return self.encoder.embed(np.empty((0, CROP_SIZE, CROP_SIZE), np.uint8))
        return self.encoder.embed(np.stack([crop.image_gray for crop in crops]))

    def identify(self, frame_bgr: UInt8, faces: Sequence[Face]) -> Float32:
        """Identity embeddings as (n, e) float32 of unit length; (0, e) for none. Some 15 ms a face: ask rarely."""
        return self.backend.embed_identity(frame_bgr, faces)
