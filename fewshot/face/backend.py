"""The one protocol behind which faces are found and told apart, and the choice between its two backends."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from fewshot.config import FacesConfig
from fewshot.face import pack
from fewshot.face.scales import Rows
from fewshot.types import Face, Float32, UInt8

logger = logging.getLogger(__name__)


class FaceBackend(Protocol):
    """Finds faces and embeds whose they are. Threads may share one.

    Attributes:
        name: ``builtin`` or ``insightface``.
        licence: What the user may do with its weights, in a sentence.
        identity_fingerprint: Of the identity model; embeddings of different fingerprints must never be compared.
        match_threshold: Cosine from which two embeddings show the same person, among 50 to 200 (experiments/identity).
        match_margin: By how much the most similar person must beat the second.
    """

    @property
    def name(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def identity_fingerprint(self) -> str: ...
    @property
    def match_threshold(self) -> float: ...
    @property
    def match_margin(self) -> float: ...

    def detect(self, frame_bgr: UInt8) -> tuple[Face, ...]:
        """Return the faces of one frame, (h, w, 3) uint8, best first; empty where there are none.

        Raises:
            ValueError: ``frame_bgr`` is no uint8 color image.
        """
        ...

    def detect_small(self, frame_bgr: UInt8, rows: Rows) -> tuple[Face, ...]:
        """Return the faces of one frame whose center lies in ``rows``, best first, by a closer look than ``detect``.

        Every small one is among them; large ones that reach out of the rows may not be.

        Raises:
            ValueError: ``frame_bgr`` is no uint8 color image.
        """
        ...

    def embed_identity(self, frame_bgr: UInt8, faces: Sequence[Face]) -> Float32:
        """Return one unit vector a face, (n, e) float32, (0, e) for none; their dot product is the cosine.

        Raises:
            ValueError: ``frame_bgr`` is no uint8 color image.
        """
        ...


def load_backend(config: FacesConfig) -> FaceBackend:
    """Return the backend that ``config`` asks for, ready to run, and log which one it is.

    ``auto`` takes InsightFace where its pack lies in ``config.pack_root`` (or may be downloaded) and the built-in one
    where it does not. Whatever is chosen works or raises: a damaged pack is an error, not a reason to take the other.

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
