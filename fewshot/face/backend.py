"""The one door to finding faces and telling them apart, and the choice between the two backends behind it."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fewshot.config import FacesConfig
from fewshot.face import pack
from fewshot.face.align import align_identity
from fewshot.face.images import expect_bgr
from fewshot.face.scales import Rows, detect_at_scales, detect_small
from fewshot.sentence import Sentence
from fewshot.types import Face, Float32, UInt8

logger = logging.getLogger(__name__)


class FaceBackend(ABC):
    """Finds faces and embeds identities; a backend adds the two calls of its models. Threads may share one.

    Attributes:
        name: ``builtin`` or ``insightface``.
        licence: What the user may do with its weights.
        identity_fingerprint: Of the identity model; embeddings of different fingerprints must never be compared.
        match_threshold: Cosine from which two embeddings show the same person, in a gallery of 50 to 200 (experiments/identity).
        match_margin: By how much the most similar person must beat the second.
    """

    name: str
    licence: Sentence
    identity_fingerprint: str
    match_threshold: float
    match_margin: float

    def __init__(self, dimension: int, min_face_px: float) -> None:
        self._dimension, self._min_face_px = dimension, min_face_px

    def detect(self, frame_bgr: UInt8) -> tuple[Face, ...]:
        """Return the faces of one frame, (h, w, 3) uint8, best first; empty where there are none.

        Raises:
            ValueError: ``frame_bgr`` is no uint8 color image.
        """
        expect_bgr("frame_bgr", frame_bgr)
        return detect_at_scales(frame_bgr, self._detect_at, self._min_face_px)

    def detect_small(self, frame_bgr: UInt8, rows: Rows) -> tuple[Face, ...]:
        """Return the faces of one frame whose center lies in ``rows``, best first, by a closer pass than ``detect``.

        No small one is left out; a large one that reaches beyond the rows may be.

        Raises:
            ValueError: ``frame_bgr`` is no uint8 color image.
        """
        expect_bgr("frame_bgr", frame_bgr)
        return detect_small(frame_bgr, self._detect_at, self._min_face_px, rows)

    def embed_identity(self, frame_bgr: UInt8, faces: Sequence[Face]) -> Float32:
        """Return one unit vector a face, (n, e) float32, (0, e) for none; their dot product is the cosine.

        Raises:
            ValueError: ``frame_bgr`` is no uint8 color image.
        """
        expect_bgr("frame_bgr", frame_bgr)
        embeddings = np.zeros((len(faces), self._dimension), np.float32)
        # One at a time: int8 models quantize a batch as a whole, so that a face's vector would depend on its neighbors.
        for i, face in enumerate(faces):
            embeddings[i] = self._embed(align_identity(frame_bgr, face))
        lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
        return np.asarray(embeddings / np.maximum(lengths, 1e-12), np.float32)

    @abstractmethod
    def _detect_at(self, image_bgr: UInt8, width: int, height: int) -> Sequence[Face]:
        """Return the faces of ``image_bgr`` (h, w, 3) uint8 seen at ``width`` x ``height``, in pixels of the image."""

    @abstractmethod
    def _embed(self, crop_bgr: UInt8) -> Float32:
        """Return the embedding, (e,) float32 of any length, of an identity crop (112, 112, 3) uint8."""


def load_backend(config: FacesConfig) -> FaceBackend:
    """Return the backend that ``config`` asks for, ready to run, and log which one it is.

    ``auto`` takes InsightFace if its pack is in ``config.pack_root`` or may be downloaded, else the built-in one. Whatever
    is chosen works or raises: a damaged pack is an error, not a reason to take the other.

    Raises:
        PackMissing: InsightFace was asked for, its pack is not there and ``config.download`` is false.
        WeightsError: a file of the chosen backend is missing or damaged.
    """
    folder = pack.pack_folder(Path(config.pack_root), config.pack)
    wants_pack = config.backend == "insightface" or (
        config.backend == "auto" and (config.download or not pack.missing(folder))
    )
    # imported here, not above: each brings its own runtime, and only one of them is used
    if wants_pack:
        from fewshot.face.insightface_backend import InsightFaceBackend

        pack.ensure_pack(Path(config.pack_root), config.pack, download=config.download)
        backend: FaceBackend = InsightFaceBackend(folder, min_score=config.min_score, min_face_px=config.min_face_px)
    else:
        from fewshot.face.builtin import BuiltinBackend

        if config.backend == "auto":
            logger.info("InsightFace's pack is not used: %s", pack.missing(folder))
        backend = BuiltinBackend(min_score=config.min_score, min_face_px=config.min_face_px)
    logger.info("Face backend: %s. %s", backend.name, backend.licence)
    return backend
