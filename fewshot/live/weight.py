"""How much one reading of a face counts: little where the face is small, turned away or blurred."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fewshot.config import WeightConfig
from fewshot.face.pose import estimate_angles
from fewshot.types import CROP_SIZE, Crop, Float32, UInt8

Float64 = NDArray[np.float64]

_FACE = slice(CROP_SIZE // 8, -(CROP_SIZE // 8))
"""The part of an emotion crop that is face on every head."""


def reading_weights(crops: Sequence[Crop], config: WeightConfig) -> Float64:
    """Return the weight of each crop's reading, (n,) in [``config.least``, 1]; pure.

    The product of three ramps, over the height of the face in its frame, how far the head is turned sideways, and how sharp
    the crop is. Each falls from 1 to ``least`` and stays there.
    """
    if not crops:
        return np.zeros(0)
    heights_px = np.array([crop.face.box_xyxy[3] - crop.face.box_xyxy[1] for crop in crops], np.float64)
    yaws_deg = np.abs(estimate_angles(np.stack([crop.face.landmarks_xy for crop in crops]))[:, 0])
    sharpness = crop_sharpness(np.stack([crop.image_gray for crop in crops]))
    goods = (
        _ramp(heights_px, config.poor_px, config.full_px),
        _ramp(-yaws_deg, -config.poor_yaw_deg, -config.full_yaw_deg),
        _ramp(np.log(sharpness + 1e-6), np.log(config.poor_sharpness), np.log(config.full_sharpness)),
    )
    weights = np.prod([config.least + (1 - config.least) * good for good in goods], axis=0)
    return np.asarray(np.maximum(weights, config.least))


def crop_sharpness(crops_gray: UInt8) -> Float32:
    """Return how much fine detail each of (n, 48, 48) uint8 crops shows for its contrast, (n,) float32; 0 where it is flat.

    The variance of the Laplacian (Pech-Pacheco et al. 2000) over that of the gray levels, as
    :func:`fewshot.face.quality.measure_sharpness` has it for photos; a low resolution lowers it as a blur does.
    """
    # one below the other, for the inner parts that count never reach over the edge between two crops
    details = cv2.Laplacian(crops_gray.reshape(-1, CROP_SIZE), cv2.CV_32F).reshape(crops_gray.shape)[:, _FACE, _FACE]
    inner = crops_gray[:, _FACE, _FACE]
    detail, contrast = details.var(axis=(1, 2)), inner.var(axis=(1, 2), dtype=np.float32)
    return np.asarray(np.where(contrast > 0, detail / np.maximum(contrast, 1e-6), 0), np.float32)


def _ramp(values: Float64, zero_at: float, one_at: float) -> Float64:
    return np.asarray(np.clip((values - zero_at) / (one_at - zero_at), 0, 1))
