"""Five landmarks -> where the head is turned, roughly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fewshot.face.align import MEAN_FACE_XY
from fewshot.types import Face, Float32, Float64

_EYES_APART = float(MEAN_FACE_XY[1, 0] - MEAN_FACE_XY[0, 0])

HEAD_XYZ = np.column_stack([MEAN_FACE_XY, -_EYES_APART * np.array([0.0, 0.0, 0.43, 0.03, 0.03])])
"""(5, 3) A mean head seen from the front: x to the right of the image, y down, z away from the camera.

The nose is 0.43 eye distances in front of the eyes, the mouth corners 0.03: the proportions of the head model that is
commonly used with ``cv2.solvePnP`` (nose tip at 0, eye corners 135 and mouth corners 125 behind it, pupils 315 apart).
"""

_FROM_HEAD = np.linalg.pinv(HEAD_XYZ - HEAD_XYZ.mean(axis=0))


@dataclass(frozen=True)
class Pose:
    """Angles of a head in degrees, 0 for a face that looks straight into the camera.

    Attributes:
        yaw_deg: Turned sideways; positive toward the right of the image.
        pitch_deg: Turned up or down; positive up.
        roll_deg: Tilted toward a shoulder; positive clockwise in the image.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


def estimate_pose(face: Face) -> Pose:
    """Return the pose that best explains the landmarks of ``face``; see :func:`estimate_angles`."""
    return Pose(*estimate_angles(face.landmarks_xy[None])[0].tolist())


def estimate_angles(landmarks_xy: Float32) -> Float64:
    """Return yaw, pitch and roll of each face in degrees, (n, 3), from its landmarks (n, 5, 2), under a scaled orthographic camera.

    The linear step of POS (DeMenthon & Davis 1995): an affine camera by least squares, then the rotation nearest to it. The
    head looks along the cross product of the camera's rows, whatever their lengths; its roll is that of the nearest rotation's
    first column, by the square root of a 2 x 2 matrix (Cayley and Hamilton).
    Accurate to about 10 degrees in yaw and 20 in pitch, and too large beyond 45, because only the nose shows depth. Pure.
    """
    points = landmarks_xy.astype(np.float64) - landmarks_xy.mean(axis=1, keepdims=True, dtype=np.float64)
    (a, b, c), (d, e, f) = (_FROM_HEAD @ points).transpose(2, 1, 0)
    toward = np.stack([b * f - c * e, c * d - a * f, a * e - b * d])
    root = np.sqrt((toward**2).sum(axis=0))  # of the determinant of the camera times its transpose
    across, along, down = a * a + b * b + c * c, a * d + b * e + c * f, d * d + e * e + f * f
    yaw = np.arctan2(toward[0], np.hypot(toward[1], toward[2]))
    pitch = np.arctan2(-toward[1], toward[2])
    roll = np.arctan2((across + root) * d - along * a, (down + root) * a - along * d)
    return np.asarray(np.degrees(np.stack([yaw, pitch, roll], axis=1)))
