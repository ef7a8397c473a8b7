"""Whether a reference photo shows one face well enough to enroll it, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fewshot.errors import Doubtful, Rejected
from fewshot.face.align import ARCFACE_XY, IDENTITY_SIZE, align_identity, fit_similarity
from fewshot.face.images import expect_bgr, to_gray
from fewshot.face.pose import estimate_pose
from fewshot.face.sharpness import inner, measure_sharpness
from fewshot.types import Face, Float32, UInt8


@dataclass(frozen=True)
class QualityLimits:
    """What a reference photo must meet.

    Set so that photos people would accept pass (339 of 339 drawn from JAFFE, KDEF and NTU, 96 % of LFW's with one face)
    and 99 % of them fail once blurred (Gaussian, sigma 3.5 % of the face's width).

    Attributes:
        min_face_px: Width of the face's box.
        background_share: Faces narrower than this share of the largest one are bystanders and ignored.
        min_sharpness: Variance of the Laplacian over the variance of the gray levels, on a 112-px crop; no unit.
        min_brightness: Mean gray level of the face, 0 to 255.
        max_brightness: Likewise.
        min_contrast: Standard deviation of the face's gray levels, 0 to 127.
        max_yaw_deg: Head turned to either side.
        max_pitch_deg: Head up or down.
        max_roll_deg: Head tilted toward a shoulder.
        landmark_margin: How far the landmarks must lie inside the photo, in distances between the eyes.
        min_eye_detail: Detail of the eye that shows less, as :func:`measure_eyes` gives it, below which the teacher is asked
            (experiments/covered_eyes).
        min_bridge: Likewise, of the bridge of the nose, which a bar across the eyes covers.
    """

    min_face_px: float = 80.0
    background_share: float = 0.5
    min_sharpness: float = 0.015
    min_brightness: float = 35.0
    max_brightness: float = 225.0
    min_contrast: float = 12.0
    max_yaw_deg: float = 45.0
    max_pitch_deg: float = 40.0
    max_roll_deg: float = 45.0
    landmark_margin: float = 0.25
    min_eye_detail: float = 0.022
    min_bridge: float = 0.5


USUAL_LIMITS = QualityLimits()


def check_photo(photo_bgr: UInt8, faces: Sequence[Face], limits: QualityLimits) -> Face:
    """Return the one face of a reference photo.

    Args:
        photo_bgr: (h, w, 3) uint8.
        faces: All that were detected in it, in any order.
        limits: What it must meet.

    Raises:
        Rejected: no face, several of a size, too small, cut off, turned away, too dark, too bright or blurred.
        ValueError: ``photo_bgr`` is no uint8 color image.
    """
    expect_bgr("photo_bgr", photo_bgr)
    face = _only_face(faces, limits)
    _check_size(photo_bgr, face, limits)
    _check_pose(face, limits)
    gray = to_gray(align_identity(photo_bgr, face))
    _check_light(gray, limits)
    sharpness = float(measure_sharpness(gray[None])[0])
    if sharpness < limits.min_sharpness:
        raise Rejected("blurred", found=sharpness, need=limits.min_sharpness)
    return face


def main_faces(faces: Sequence[Face], limits: QualityLimits) -> list[Face]:
    """Return the faces without the bystanders that a reference photo may show."""
    widest = max((face.width for face in faces), default=0.0)
    return [face for face in faces if face.width >= limits.background_share * widest]


@dataclass(frozen=True)
class Eyes:
    """How much of the eyes is seen, in units of the gray level of the cheeks.

    Attributes:
        left: Detail of the image-left eye.
        right: Detail of the other one.
        bridge: Mean gray level between them.
    """

    left: float
    right: float
    bridge: float


def measure_eyes(photo_bgr: UInt8, face: Face) -> Eyes:
    """Return how much the gray level changes from row to row where the eyes should be.

    An eye, open or closed, shows dark horizontal lines between lighter lids, so the means of its rows differ. On dark or
    frosted glass, a palm, a patch and in deep shadow the rows are alike; hair and fingers run across them.
    """
    gray = to_gray(align_identity(photo_bgr, face)).astype(np.float32)
    soft: Float32 = np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.0), np.float32)
    matrix = fit_similarity(face.landmarks_xy, ARCFACE_XY)
    left, right, _, left_mouth, right_mouth = face.landmarks_xy @ matrix[:, :2].T + matrix[:, 2]
    cheeks = [_around(soft, (left + left_mouth) / 2, 5, 5), _around(soft, (right + right_mouth) / 2, 5, 5)]
    skin = max(float(np.mean([np.median(cheek) for cheek in cheeks])), 1.0)
    left_detail, right_detail = (
        float(np.abs(np.diff(_around(soft, eye, 7, 7).mean(axis=1))).mean()) / skin for eye in (left, right)
    )
    bridge = float(_around(soft, (left + right) / 2, 3, 4).mean()) / skin
    return Eyes(left_detail, right_detail, bridge)


def check_eyes(photo_bgr: UInt8, face: Face, limits: QualityLimits) -> None:
    """Ask about a photo that :func:`check_photo` accepted, if its eyes seem to be covered.

    Raises:
        Doubtful: glasses, a hand, hair, a bar or a shadow seem to hide one eye or both.
    """
    eyes = measure_eyes(photo_bgr, face)
    hidden = [side for side, detail in (("left", eyes.left), ("right", eyes.right)) if detail < limits.min_eye_detail]
    if not hidden and eyes.bridge >= limits.min_bridge:
        return
    which = f"{hidden[0]}_eye" if len(hidden) == 1 else "eyes"
    raise Doubtful(which)


def _around(image: Float32, center_xy: Float32, right: int, down: int) -> Float32:
    """Return the pixels of ``image`` within ``right`` and ``down`` of the center, at least one."""
    x, y = (int(np.clip(np.round(v), 0, IDENTITY_SIZE - 1)) for v in center_xy)
    return image[max(0, y - down) : y + down + 1, max(0, x - right) : x + right + 1]


def _only_face(faces: Sequence[Face], limits: QualityLimits) -> Face:
    found = main_faces(faces, limits)
    if not found:
        raise Rejected("no_face")
    if len(found) > 1:
        raise Rejected("two_faces" if len(found) == 2 else "many_faces", found=len(found))
    return found[0]


def _check_size(photo_bgr: UInt8, face: Face, limits: QualityLimits) -> None:
    if face.width < limits.min_face_px:
        raise Rejected("small", found=face.width, need=limits.min_face_px)
    height, width = photo_bgr.shape[:2]
    margin = limits.landmark_margin * float(np.linalg.norm(face.landmarks_xy[1] - face.landmarks_xy[0]))
    near_edge = (face.landmarks_xy < margin) | (face.landmarks_xy > np.array([width - 1, height - 1]) - margin)
    if near_edge.any():
        raise Rejected("cut_off")


def _check_pose(face: Face, limits: QualityLimits) -> None:
    pose = estimate_pose(face)
    up_or_down = "up" if pose.pitch_deg > 0 else "down"
    for how, found_deg, most_deg in (
        ("turned", pose.yaw_deg, limits.max_yaw_deg),
        (up_or_down, pose.pitch_deg, limits.max_pitch_deg),
        ("tilted", pose.roll_deg, limits.max_roll_deg),
    ):
        if abs(found_deg) > most_deg:
            raise Rejected(how, found=abs(found_deg), most=most_deg)


def _check_light(gray: UInt8, limits: QualityLimits) -> None:
    brightness, contrast = float(inner(gray).mean()), float(inner(gray).std())
    if brightness < limits.min_brightness:
        raise Rejected("dark", found=brightness, need=limits.min_brightness)
    if brightness > limits.max_brightness:
        raise Rejected("bright", found=brightness, most=limits.max_brightness)
    if contrast < limits.min_contrast:
        raise Rejected("flat", found=contrast, need=limits.min_contrast)
