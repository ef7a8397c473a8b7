"""SCRFD and ArcFace from an InsightFace pack that lies on disk."""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fewshot.errors import WeightsError
from fewshot.face.align import align_identity
from fewshot.face.images import expect_bgr
from fewshot.face.onnx_files import session_options
from fewshot.face.pack import LICENCE
from fewshot.face.scales import Rows, detect_at_scales, detect_small
from fewshot.types import Face, Float32, UInt8


class InsightFaceBackend:
    """The ``insightface`` backend: SCRFD finds faces, ArcFace embeds whose they are (Deng et al. 2019).

    Threads may share it: a lock lets one at a time into the vendor's objects.

    Args:
        folder: A complete pack, see :mod:`fewshot.face.pack`.
        min_score: Faces below it are dropped, in [0, 1].
        min_face_px: Narrower faces are dropped.

    Raises:
        WeightsError: insightface cannot be imported, a file of the pack is damaged, or one of the two models is not there.
    """

    name = "insightface"
    match_threshold = 0.33
    match_margin = 0.05

    def __init__(self, folder: Path, *, min_score: float = 0.6, min_face_px: float = 20.0) -> None:
        models = _load_models(folder)
        self._detector, self._identity = models["detection"], models["recognition"]
        self._min_score, self._min_face_px = min_score, min_face_px
        self._lock = threading.Lock()
        self.licence = f"SCRFD and ArcFace of the pack '{folder.name}'. {LICENCE}"
        identity_file = Path(self._identity.model_file)
        self.identity_fingerprint = f"arcface:{hashlib.sha256(identity_file.read_bytes()).hexdigest()[:16]}"
        self._dimension = int(self._identity.output_shape[-1])

    def detect(self, frame_bgr: UInt8) -> tuple[Face, ...]:
        """See :meth:`fewshot.face.backend.FaceBackend.detect`."""
        expect_bgr("frame_bgr", frame_bgr)
        with self._lock:
            return detect_at_scales(frame_bgr, self._detect_once, self._min_face_px)

    def detect_small(self, frame_bgr: UInt8, rows: Rows) -> tuple[Face, ...]:
        """See :meth:`fewshot.face.backend.FaceBackend.detect_small`."""
        expect_bgr("frame_bgr", frame_bgr)
        with self._lock:
            return detect_small(frame_bgr, self._detect_once, self._min_face_px, rows)

    def embed_identity(self, frame_bgr: UInt8, faces: Sequence[Face]) -> Float32:
        """See :meth:`fewshot.face.backend.FaceBackend.embed_identity`."""
        expect_bgr("frame_bgr", frame_bgr)
        if not faces:
            return np.zeros((0, self._dimension), np.float32)
        crops = [align_identity(frame_bgr, face) for face in faces]
        # One at a time: int8 models quantize a batch as a whole, so that a face's vector would depend on its neighbors.
        with self._lock:
            embeddings = np.concatenate([self._identity.get_feat(crop) for crop in crops]).astype(np.float32)
        lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
        return np.asarray(embeddings / np.maximum(lengths, 1e-12), np.float32)

    def _detect_once(self, image_bgr: UInt8, width: int, height: int) -> list[Face]:
        input_size = (-(-width // 32) * 32, -(-height // 32) * 32)
        rows, landmarks = self._detector.detect(image_bgr, input_size=input_size, det_thresh=self._min_score)
        return [
            Face(row[:4].astype(np.float32), points.astype(np.float32), float(row[4]))
            for row, points in zip(rows, landmarks, strict=True)
            if row[0] < row[2] and row[1] < row[3]
        ]


def _load_models(folder: Path) -> dict[str, Any]:
    """Return the vendor's models by task, ``detection`` and ``recognition``."""
    try:
        from insightface.app import FaceAnalysis
    except ImportError as error:
        raise WeightsError(
            f"the package insightface must be installed for this backend: {error}."
            " Install it, or use faces.backend=builtin."
        ) from error
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            analysis = FaceAnalysis(
                name=str(folder.resolve()),
                allowed_modules=["detection", "recognition"],
                providers=["CPUExecutionProvider"],
                sess_options=session_options(),
                static_shape_sessions=False,  # else the vendor keeps one session for every size of a frame
            )
    except (
        Exception
    ) as error:  # protobuf's and onnxruntime's own types on a damaged file, AssertionError without a detector
        reason = str(error) or "it holds no detector"
        raise WeightsError(
            f"the pack in {folder} cannot be loaded: {reason}. Delete the folder and fetch it again"
            " (faces.download=true), or use faces.backend=builtin."
        ) from error
    if "recognition" not in analysis.models:
        raise WeightsError(
            f"the pack in {folder} must hold a detector and an identity model, found {sorted(analysis.models)}."
            " Choose another one by faces.pack, or use faces.backend=builtin."
        )
    return dict(analysis.models)
