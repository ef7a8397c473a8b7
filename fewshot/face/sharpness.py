"""How sharp a crop of a face is, whatever its light."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fewshot.types import Float32, UInt8


def measure_sharpness(crops_gray: UInt8) -> Float32:
    """Return how much fine detail each crop shows for its contrast, (n,) float32; 0 where it is flat.

    The variance of the Laplacian (Pech-Pacheco et al. 2000), divided by that of the gray levels so that dim light and
    smooth lighting do not look like blur. Only crops of one size are comparable; a face of low resolution, enlarged to
    it, is as poor as a blurred one.

    Args:
        crops_gray: (n, s, s) uint8, s >= 8.
    """
    # stacked: the inner parts, which alone count, never touch the edge between two crops
    details = cv2.Laplacian(crops_gray.reshape(-1, crops_gray.shape[2]), cv2.CV_16S).reshape(crops_gray.shape)
    detail, contrast = _variance(inner(details)), _variance(inner(crops_gray))
    return np.asarray(np.where(contrast > 0, detail / np.maximum(contrast, 1e-6), 0), np.float32)


def inner(crops: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the part of each crop (..., s, s) that is face on every head; the rest may be hair or background."""
    edge = crops.shape[-1] // 8
    return crops[..., edge:-edge, edge:-edge]


def _variance(crops: npt.NDArray[np.integer]) -> Float32:
    """Return the variance of each of (n, s, s) crops, (n,); by a sum of products, in half the time of ``var``."""
    flat = crops.astype(np.float32).reshape(len(crops), -1)
    flat -= flat.mean(axis=1, keepdims=True)
    return np.asarray(np.einsum("ij,ij->i", flat, flat) / np.float32(flat.shape[1]), np.float32)
