"""A class without a camera: a photo of six people from InsightFace's wheel, animated, and cut into portraits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fewshot.face.quality import QualityLimits
from fewshot.live.video import VideoFileWriter
from fewshot.outputs import make_folder
from fewshot.types import UInt8

BACKGROUND_BGR = (48, 40, 32)
SECONDS = 12.0
FPS = 15.0
SIZE = (1280, 720)

LIMITS = QualityLimits(max_yaw_deg=75.0)
"""For these six portraits only: two of them look far to the side, and there is no other photo to ask for."""


@dataclass(frozen=True, eq=False)
class DemoStudent:
    """One student of the demo class.

    Attributes:
        name: Invented.
        label: Emotion that a human sees in the photo.
        photo_bgr: (h, w, 3) uint8. The one reference photo, their part of the picture.
    """

    name: str
    label: str
    photo_bgr: UInt8


_PORTRAITS: tuple[tuple[str, str, tuple[int, int, int, int]], ...] = (
    ("Alex", "neutral", (10, 205, 205, 460)),
    ("Bo", "neutral", (210, 85, 425, 335)),
    ("Casey", "happy", (395, 200, 640, 470)),
    ("Dana", "happy", (680, 280, 905, 535)),
    ("Eli", "neutral", (845, 0, 1075, 260)),
    ("Fay", "happy", (1060, 210, 1280, 455)),
)
"""Name, expression as judged by eye, and where in the photo: left, top, right, bottom in pixels."""


def class_photo() -> UInt8:
    """The photo of six people, (886, 1280, 3) uint8 in BGR."""
    from insightface.data import get_image  # takes 0.7 s, and only the demo needs it

    photo_bgr: UInt8 = get_image("t1")
    return photo_bgr


def demo_people() -> tuple[DemoStudent, ...]:
    """The six of the photo, from left to right, under invented names, with one reference photo each."""
    photo_bgr = class_photo()
    return tuple(
        DemoStudent(name, label, photo_bgr[top:bottom, left:right].copy())
        for name, label, (left, top, right, bottom) in _PORTRAITS
    )


def camera_move(time_s: float, photo_size: tuple[int, int], frame_size: tuple[int, int]) -> np.ndarray:
    """Where a slow, hand-held camera stands at ``time_s``: the (2, 3) float64 map from photo to frame pixels.

    All six faces stay in view; after ``SECONDS`` it is back where it began, so that the clip can be looped.
    """
    turn = 2 * math.pi * time_s / SECONDS
    zoom = frame_size[0] / photo_size[0] * (0.93 + 0.10 * math.sin(turn))
    angle = math.radians(1.5 * math.sin(2 * turn))
    # It looks at a point above the middle, where the faces are.
    look_at = np.array([photo_size[0] * (0.5 + 0.012 * math.sin(turn)), photo_size[1] * (0.40 + 0.02 * math.cos(turn))])
    rotation = zoom * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.column_stack([rotation, np.array(frame_size) / 2 - rotation @ look_at])


def demo_frame(photo_bgr: UInt8, time_s: float, size: tuple[int, int] = SIZE) -> UInt8:
    """The frame at ``time_s``, (height, width, 3) uint8 for ``size`` = (width, height)."""
    move = camera_move(time_s, (photo_bgr.shape[1], photo_bgr.shape[0]), size)
    return cv2.warpAffine(photo_bgr, move, size, flags=cv2.INTER_LINEAR, borderValue=BACKGROUND_BGR).astype(np.uint8)


def write_clip(path: Path, seconds: float = SECONDS, fps: float = FPS, size: tuple[int, int] = SIZE) -> Path:
    """Write the animated class to an ``.mp4`` file, the same frames each time.

    Returns:
        ``path``.

    Raises:
        OutputError: it cannot be written.
    """
    photo_bgr = class_photo()
    make_folder(path.parent)
    with VideoFileWriter(path, fps) as video:
        for index in range(round(seconds * fps)):
            video.write(demo_frame(photo_bgr, index / fps, size), index / fps)
    return path
