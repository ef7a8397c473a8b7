"""SCRFD and ArcFace from an InsightFace pack on disk."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fewshot.encoder import file_fingerprint, session_options
from fewshot.errors import WeightsError
from fewshot.face.backend import FaceBackend
from fewshot.face.onnx_files import THREADS
from fewshot.face.pack import LICENCE
from fewshot.sentence import Sentence
from fewshot.types import Face, Float32, UInt8


class InsightFaceBackend(FaceBackend):
    """The ``insightface`` backend: SCRFD finds faces, ArcFace embeds identities (Deng et al. 2019).

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
        super().__init__(int(self._identity.output_shape[-1]), min_face_px)
        self._min_score = min_score
        self._lock = threading.Lock()
        self.licence = Sentence(
            "SCRFD and ArcFace of the pack '{pack}'. {licence}", "pack_licence", pack=folder.name, licence=LICENCE
        )
        self.identity_fingerprint = f"arcface:{file_fingerprint(Path(self._identity.model_file))}"

    def _detect_at(self, image_bgr: UInt8, width: int, height: int) -> Sequence[Face]:
        input_size = (-(-width // 32) * 32, -(-height // 32) * 32)
        with self._lock:
            rows, landmarks = self._detector.detect(image_bgr, input_size=input_size, det_thresh=self._min_score)
        return [
            Face(row[:4].astype(np.float32), points.astype(np.float32), float(row[4]))
            for row, points in zip(rows, landmarks, strict=True)
            if row[0] < row[2] and row[1] < row[3]
        ]

    def _embed(self, crop_bgr: UInt8) -> Float32:
        with self._lock:
            return np.asarray(self._identity.get_feat(crop_bgr)[0], np.float32)


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
                sess_options=session_options(THREADS),
                static_shape_sessions=False,  # else the vendor keeps one session for every size of a frame
            )
    except (
        Exception
    ) as error:  # protobuf's and onnxruntime's own types on a damaged file, AssertionError without a detector
        reason = str(error) or "it holds no detector"
        raise WeightsError(
            Sentence(
                "the pack in {folder} cannot be loaded: {found}. Delete the folder and fetch it again (faces.download=true), or "
                "use faces.backend=builtin.",
                "pack_damaged",
                folder=str(folder),
                found=reason,
            )
        ) from error
    if "recognition" not in analysis.models:
        raise WeightsError(
            f"the pack in {folder} must hold a detector and an identity model, found {sorted(analysis.models)}."
            " Choose another one by faces.pack, or use faces.backend=builtin."
        )
    return dict(analysis.models)
