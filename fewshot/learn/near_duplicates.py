"""Images of a test split that Training shows too: FER2013 was collected from the web, and the web repeats itself."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fewshot.types import Float32, UInt8

SIDE = 24
"""Pixels a side at which images are compared: small enough to look past compression."""

SAME = 0.92
"""Correlation from which two small images count as the same picture; twelve pairs just above it all were."""


def near_duplicates(images_gray: UInt8, among_gray: UInt8) -> NDArray[np.bool_]:
    """Tell which of (n, h, w) uint8 images have a near-duplicate, mirrored or not, among (m, h, w): (n,) bool."""
    if len(images_gray) == 0 or len(among_gray) == 0:
        return np.zeros(len(images_gray), bool)
    wanted = _signatures(images_gray)
    mirrored = _signatures(images_gray[:, :, ::-1])
    known = _signatures(among_gray)
    found = [
        ((wanted[i : i + 512] @ known.T >= SAME) | (mirrored[i : i + 512] @ known.T >= SAME)).any(axis=1)
        for i in range(0, len(wanted), 512)
    ]
    return np.concatenate(found)


def _signatures(images_gray: UInt8) -> Float32:
    """Return the pixels of each image made small, centered, as a unit vector: (n, SIDE * SIDE) float32."""
    small = np.stack([cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for image in images_gray])
    flat = small.reshape(len(small), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(norms, 1e-6), np.float32)
