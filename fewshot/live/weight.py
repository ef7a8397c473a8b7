"""How much one reading of a face counts: little where the face is small, turned away or blurred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fewshot.config import WeightConfig
from fewshot.face.pose import estimate_angles
from fewshot.face.sharpness import measure_sharpness
from fewshot.types import Crop, Float64


def reading_weights(crops: Sequence[Crop], config: WeightConfig) -> Float64:
    """Return the weight of each crop's reading, (n,) in [``config.least``, 1]; pure.

    The product of three ramps, over the height of the face in its frame, how far the head is turned sideways, and how sharp
    the crop is. Each falls from 1 to ``least`` and stays there.
    """
    if not crops:
        return np.zeros(0)
    heights_px = np.array([crop.face.box_xyxy[3] - crop.face.box_xyxy[1] for crop in crops], np.float64)
    yaws_deg = np.abs(estimate_angles(np.stack([crop.face.landmarks_xy for crop in crops]))[:, 0])
    sharpness = measure_sharpness(np.stack([crop.image_gray for crop in crops]))
    goods = (
        _ramp(heights_px, config.poor_px, config.full_px),
        _ramp(-yaws_deg, -config.poor_yaw_deg, -config.full_yaw_deg),
        _ramp(np.log(sharpness + 1e-6), np.log(config.poor_sharpness), np.log(config.full_sharpness)),
    )
    weights = np.prod([config.least + (1 - config.least) * good for good in goods], axis=0)
    return np.asarray(np.maximum(weights, config.least))


def _ramp(values: Float64, zero_at: float, one_at: float) -> Float64:
    return np.asarray(np.clip((values - zero_at) / (one_at - zero_at), 0, 1))
