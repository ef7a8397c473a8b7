import numpy as np
import pytest

from fewshot.face.pose import HEAD_XYZ, estimate_pose
from fewshot.types import Face
from tests.face.builders import face_at


def seen_from(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Face:
    """The mean head turned and photographed from afar; x right, y down, z away from the camera."""
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    nod = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    points = HEAD_XYZ @ (tilt @ turn @ nod).T * 90 + 300
    return Face(np.array([0, 0, 9, 9], np.float32), points[:, :2].astype(np.float32), 1.0)


@pytest.mark.parametrize(
    "angles", [(0, 0, 0), (30, 0, 0), (-30, 0, 0), (0, 20, 0), (0, -20, 0), (0, 0, 70), (-35, 15, -20)]
)
def test_a_known_turn_is_read_back(angles: tuple[float, float, float]) -> None:
    pose = estimate_pose(seen_from(*angles))
    assert (pose.yaw_deg, pose.pitch_deg, pose.roll_deg) == pytest.approx(angles, abs=0.01)


def test_signs_are_those_of_the_image() -> None:
    nose = 2
    assert seen_from(20, 0, 0).landmarks_xy[nose, 0] > seen_from(0, 0, 0).landmarks_xy[nose, 0]
    assert seen_from(0, 20, 0).landmarks_xy[nose, 1] < seen_from(0, 0, 0).landmarks_xy[nose, 1]
    assert seen_from(0, 0, 20).landmarks_xy[1, 1] > seen_from(0, 0, 20).landmarks_xy[0, 1]


def test_the_mean_face_looks_straight() -> None:
    pose = estimate_pose(face_at(10, 10))
    assert (pose.yaw_deg, pose.pitch_deg, pose.roll_deg) == pytest.approx((0, 0, 0), abs=0.01)
