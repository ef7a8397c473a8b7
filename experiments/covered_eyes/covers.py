"""Ways to hide the eyes of a photographed face, drawn over it: glasses, bars, patches, palms, fingers, hair, shadow, edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from fewshot.types import Face, Float32, UInt8

Cover = Callable[[UInt8, Face], UInt8]
"""A photo (h, w, 3) uint8 BGR and the face that was found in it -> the photo with eyes covered."""


def _distance(face: Face) -> float:
    """Return how far the eyes are from each other in pixels; everything is drawn in shares of it."""
    return float(np.linalg.norm(face.landmarks_xy[1] - face.landmarks_xy[0]))


def _paint(photo: UInt8, mask: Float32, color: Float32, blur_px: float) -> UInt8:
    soft = cv2.GaussianBlur(mask, (0, 0), max(blur_px, 0.6))[..., None]
    return np.clip(photo * (1 - soft) + color * soft, 0, 255).astype(np.uint8)


def _ovals(photo: UInt8, face: Face, eyes: Sequence[int], across: float, down: float) -> Float32:
    """Return a mask of ovals about the landmarks of ``eyes``, half-axes in distances between the eyes."""
    left, right = face.landmarks_xy[:2].astype(float)
    angle = float(np.degrees(np.arctan2(*(right - left)[::-1])))
    mask, unit = np.zeros(photo.shape[:2], np.float32), _distance(face)
    for eye in eyes:
        x, y = face.landmarks_xy[eye]
        axes = (round(across * unit), round(down * unit))
        cv2.ellipse(mask, (round(float(x)), round(float(y + 0.04 * unit))), axes, angle, 0, 360, 1.0, -1)
    return mask


def _skin(photo: UInt8, face: Face) -> Float32:
    """Return the mean color of the image-left cheek, (3,)."""
    x, y = (int(v) for v in (face.landmarks_xy[2] + face.landmarks_xy[3]) / 2)
    half = max(2, int(0.08 * _distance(face)))
    return np.asarray(photo[y - half : y + half, x - half : x + half].mean(axis=(0, 1)), np.float32)


def glasses(passes: float) -> Cover:
    """Put on glasses with a bridge that let a share of the light through."""

    def cover(photo: UInt8, face: Face) -> UInt8:
        mask = _ovals(photo, face, (0, 1), 0.42, 0.32)
        ends = [tuple(int(v) for v in eye) for eye in face.landmarks_xy[:2]]
        cv2.line(mask, ends[0], ends[1], 1.0, max(1, int(0.07 * _distance(face))))
        mirrored = np.linspace(15, 45, len(photo), dtype=np.float32)[:, None, None]
        return _paint(photo, mask, photo * np.float32(passes) + mirrored, 0.015 * _distance(face))

    return cover


def bar(height: float) -> Cover:
    """Lay a black bar across both eyes, ``height`` in distances between them."""

    def cover(photo: UInt8, face: Face) -> UInt8:
        left, right = face.landmarks_xy[:2].astype(float)
        along = (right - left) / 2
        up = np.array([along[1], -along[0]]) * height
        corners = [left - along + up, right + along + up, right + along - up, left - along - up]
        mask = np.zeros(photo.shape[:2], np.float32)
        cv2.fillPoly(mask, [np.int32(corners)], 1.0)  # type: ignore[list-item]
        return _paint(photo, mask, np.float32(8), 0.5)  # type: ignore[arg-type]

    return cover


def patch(eyes: Sequence[int], gray: float | None = None) -> Cover:
    """Lay a grainy oval over ``eyes``: of a gray level, or the color of skin as a palm has it."""

    def cover(photo: UInt8, face: Face) -> UInt8:
        grain = np.random.default_rng(0).normal(0, 12, photo.shape[:2]).astype(np.float32)
        soft = cv2.GaussianBlur(grain, (0, 0), max(0.8, 0.03 * _distance(face)))[..., None]
        color = _skin(photo, face) if gray is None else np.full(3, gray, np.float32)
        return _paint(photo, _ovals(photo, face, eyes, 0.42, 0.36), color + soft, 0.015 * _distance(face))

    return cover


def fingers(eyes: Sequence[int]) -> Cover:
    """Hold four rounded fingers before ``eyes``, from outside and rising."""

    def cover(photo: UInt8, face: Face) -> UInt8:
        unit, light = _distance(face), np.ones(photo.shape[:2], np.float32)
        mask = np.zeros_like(light)
        for eye in eyes:
            outward = -1 if eye == 0 else 1
            for number in range(-2, 2):
                middle = face.landmarks_xy[eye] + np.array([0, (number + 0.5) * 0.24 * unit])
                ends = [middle + unit * np.array(step) for step in ((outward * 0.9, 0.25), (-outward * 0.4, -0.2))]
                finger = np.zeros(mask.shape, np.uint8)
                a, b = (tuple(int(v) for v in end) for end in ends)
                cv2.line(finger, a, b, 1, max(2, int(0.23 * unit)))
                depth = np.clip(cv2.distanceTransform(finger, cv2.DIST_L2, 3) / (0.115 * unit), 0, 1)
                light = np.where(finger > 0, 0.68 + 0.37 * np.sqrt(depth), light)
                mask = np.maximum(mask, finger)
        return _paint(photo, mask, _skin(photo, face) * light[..., None], 0.01 * unit)

    return cover


def hair(eye: int) -> Cover:
    """Let 60 dark strands hang over one eye."""

    def cover(photo: UInt8, face: Face) -> UInt8:
        rng, unit, outward = np.random.default_rng(0), _distance(face), -1 if eye == 0 else 1
        x, y = face.landmarks_xy[eye]
        drawn = photo.copy()
        for _ in range(60):
            root = x + unit * (outward * 0.1 + rng.normal(0, 0.28))
            strand = [(outward * -0.2, -1.2), (0, -0.4), (outward * 0.2, 0.2), (outward * 0.35, 0.9)]
            points = [(root + unit * across, y + unit * down) for across, down in strand]
            points_xy = np.int32(np.array(points) + rng.normal(0, 0.05 * unit, (4, 2)))
            shade = float(rng.uniform(10, 60))
            cv2.polylines(drawn, [points_xy], False, (shade,) * 3, max(1, int(0.06 * unit)), cv2.LINE_AA)  # type: ignore[list-item]
        return drawn

    return cover


def shadow(eye: int) -> Cover:
    """Let an eighth of the light fall on one eye."""

    def cover(photo: UInt8, face: Face) -> UInt8:
        return _paint(photo, _ovals(photo, face, (eye,), 0.5, 0.45), np.float32(0.12) * photo, 0.05 * _distance(face))

    return cover


def cut(side: str) -> Cover:
    """Cut the photo off through the eyes (``top``), or through the image-left or image-right one."""

    def cover(photo: UInt8, face: Face) -> UInt8:
        (left, top), (right, other) = (tuple(int(v) for v in eye) for eye in face.landmarks_xy[:2])
        parts = {"top": photo[(top + other) // 2 :], "left": photo[:, left:], "right": photo[:, : right + 1]}
        return np.ascontiguousarray(parts[side])

    return cover


COVERS: dict[str, Cover] = {
    "dark glasses": glasses(0.0),
    "tinted glasses, a fifth of the light": glasses(0.2),
    "a thin black bar": bar(0.3),
    "a black bar": bar(0.6),
    "gray patches on both": patch((0, 1), 128),
    "white patches on both": patch((0, 1), 235),
    "a gray patch, left": patch((0,), 128),
    "a gray patch, right": patch((1,), 128),
    "palms on both": patch((0, 1)),
    "a palm, left": patch((0,)),
    "a palm, right": patch((1,)),
    "fingers on both": fingers((0, 1)),
    "fingers, left": fingers((0,)),
    "fingers, right": fingers((1,)),
    "hair, left": hair(0),
    "hair, right": hair(1),
    "deep shadow, left": shadow(0),
    "deep shadow, right": shadow(1),
    "cut off through both": cut("top"),
    "cut off through the left": cut("left"),
    "cut off through the right": cut("right"),
}
