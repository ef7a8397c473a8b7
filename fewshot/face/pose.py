"""Five landmarks -> where the head is turned, roughly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fewshot.face.align import MEAN_FACE_XY
from fewshot.types import Face

_EYES_APART = float(MEAN_FACE_XY[1, 0] - MEAN_FACE_XY[0, 0])

HEAD_XYZ = np.column_stack([MEAN_FACE_XY, -_EYES_APART * np.array([0.0, 0.0, 0.43, 0.03, 0.03])])
"""(5, 3) A mean head seen from the front: x to the right of the image, y down, z away from the camera.

The nose stands 0.43 eye distances before the eyes, the mouth corners 0.03: the proportions of the head model that is
commonly used with ``cv2.solvePnP`` (nose tip at 0, eye corners 135 and mouth corners 125 behind it, pupils 315 apart).
"""


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
    """Return the pose that best explains the landmarks of ``face`` under a scaled orthographic camera.

    The linear step of POS (DeMenthon & Davis 1995): an affine camera by least squares, then the nearest rotation.
    Good to about 10 degrees in yaw and 20 in pitch, and too large beyond 45: the nose alone shows depth. Pure.
    """
    head = HEAD_XYZ - HEAD_XYZ.mean(axis=0)
    points = face.landmarks_xy.astype(np.float64) - face.landmarks_xy.mean(axis=0, dtype=np.float64)
    camera = np.linalg.lstsq(head, points, rcond=None)[0].T
    left, _, right = np.linalg.svd(camera, full_matrices=False)
    horizontal, vertical = left @ right
    toward = np.cross(horizontal, vertical)
    # The rotation is roll(yaw(pitch(head))): its last row and first column name the angles.
    rotation = np.stack([horizontal, vertical, toward])
    yaw = np.arcsin(np.clip(rotation[2, 0], -1, 1))
    pitch = np.arctan2(-rotation[2, 1], rotation[2, 2])
    roll = np.arctan2(rotation[1, 0], rotation[0, 0])
    yaw_deg, pitch_deg, roll_deg = np.degrees([yaw, pitch, roll])
    return Pose(float(yaw_deg), float(pitch_deg), float(roll_deg))
