"""FER2013's images as live use would crop them: found by the built-in detector, brought onto the mean landmarks.

FER2013's faces lie within about a tenth of the image of where :mod:`fewshot.face.align` puts a face, and were never resampled.
An encoder trained on these alone loses a point on aligned faces; one trained on both reads strangers better
(experiments/shipped).
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from fewshot.cores import usable_cores
from fewshot.face.align import MEAN_FACE_XY, align, fit_similarity
from fewshot.face.builtin import YUNET, BuiltinBackend
from fewshot.learn.cache import cache_file, read_arrays, write_arrays
from fewshot.types import CROP_SIZE, Face, UInt8

MARGIN_PX = CROP_SIZE // 2
"""The image's border is repeated this far around it: the detector misses faces that fill their picture."""

FARTHEST = 0.25
"""How far the labeled face's center may lie from the image's, as a share of its side; a face farther out is another."""

LARGEST_CHANGE = 1.65
"""A face that would have to be enlarged or shrunk by more than this factor was measured wrongly."""


def load_aligned(images_gray: UInt8, cache: str | Path | None) -> UInt8:
    """Align images, or read them from the cache if the same ones were aligned before. Aligning takes minutes.

    Args:
        images_gray: (n, 48, 48) uint8.
        cache: Folder; None for the user's cache folder.

    Returns:
        (n, 48, 48) uint8; images in which no face is found come back unchanged.

    Raises:
        WeightsError: the detector is not installed.
    """
    digest = hashlib.sha256(images_gray.tobytes())
    digest.update(f"{YUNET[1]} {MEAN_FACE_XY.tolist()} {MARGIN_PX} {FARTHEST} {LARGEST_CHANGE}".encode())
    cached = cache_file(cache, f"aligned-{digest.hexdigest()[:16]}.npz")
    arrays = read_arrays(cached)
    if arrays is not None:
        return arrays["aligned"]
    aligned, _ = align_images(images_gray, BuiltinBackend())
    write_arrays(cached, {"aligned": aligned})
    return aligned


def align_images(images_gray: UInt8, detector: BuiltinBackend) -> tuple[UInt8, NDArray[np.bool_]]:
    """Return the aligned images, (n, 48, 48) uint8, and whether a face was found in each, (n,) bool.

    Args:
        images_gray: (n, 48, 48) uint8; images in which no face is found come back unchanged.
        detector: Finds the landmarks.
    """

    def one(image_gray: UInt8) -> UInt8 | None:
        edges = (MARGIN_PX,) * 4
        picture_gray = cv2.copyMakeBorder(image_gray, *edges, cv2.BORDER_REPLICATE)
        picture_bgr: UInt8 = cv2.cvtColor(picture_gray, cv2.COLOR_GRAY2BGR)  # type: ignore[assignment]
        faces = [face for face in detector.detect(picture_bgr) if _is_labeled(face)]
        return align(picture_bgr, faces[0]).image_gray if faces else None

    with ThreadPoolExecutor(usable_cores()) as pool:
        found = list(tqdm(pool.map(one, images_gray), "aligning", len(images_gray), unit=" images"))
    kept = np.array([crop is not None for crop in found], bool)
    pairs = zip(images_gray, found, strict=True)
    return np.stack([image if crop is None else crop for image, crop in pairs]), kept


def _is_labeled(face: Face) -> bool:
    """Tell whether a face of the bordered image is the one in its middle, at a plausible size."""
    off = np.abs((face.box_xyxy[:2] + face.box_xyxy[2:]) / 2 - (MARGIN_PX + CROP_SIZE / 2)).max()
    matrix = fit_similarity(face.landmarks_xy, MEAN_FACE_XY * CROP_SIZE)
    change = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    return bool(off <= FARTHEST * CROP_SIZE) and 1 / LARGEST_CHANGE <= change <= LARGEST_CHANGE
