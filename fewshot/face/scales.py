"""The sizes at which a detector sees an image, and how what it finds becomes one list.

Detectors with strides of 8, 16 and 32 pixels miss faces much larger than they were trained on: SCRFD-500M half of
those 350 px wide and all beyond 500 px, YuNet half of those 1,000 px wide. So it passes over an image twice: in full
for the back row, and small, at little cost, for whoever sits close to the camera. Small faces need a closer pass, at more
than twice the cost; a stream takes it part by part, and only while there are any.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from fewshot.types import Face, Float32, UInt8

Rows = tuple[int, int]
"""Rows of an image in pixels, from the first to before the second."""

FINE_PX = (640, 1920)
"""The longer side in the fine pass: that of the image itself, kept within these bounds. A small image is enlarged,
because landmarks of small faces are then found better: of JAFFE's faces at 35 px, 54.5 % are read right, not 49.5 %."""

COARSE_PX = 320
"""The longer side in the coarse pass."""

COARSE_FACE_PX = 48
"""Width of the smallest face taken from the coarse pass, in its pixels; the fine one sees smaller ones better."""

SMALL_FACE_PX = 56
"""Height, in the fine pass, below which a face may be overlooked (experiments/small_faces)."""

CLOSE_ZOOM = 1.5
"""How much larger a close pass sees the image than the fine one does."""

UNCUT = 0.1
"""A face this many of its own heights away from an edge is not cut by it."""

OVERLAP = 0.4
"""Two boxes with a larger intersection over union are one face."""

CONTAINED = 0.7
"""So are two boxes if more than this share of one lies in the other, as an eye lies in a face."""


def detect_at_scales(
    image_bgr: UInt8, detect: Callable[[UInt8, int, int], Sequence[Face]], min_face_px: float
) -> tuple[Face, ...]:
    """Return the distinct faces that ``detect(image_bgr, width, height)`` finds at each size, best first.

    Args:
        image_bgr: (h, w, 3) uint8.
        detect: Sees the image resized to width x height, answers in pixels of the image.
        min_face_px: Narrower faces are dropped, in pixels of the image.
    """
    height, width = image_bgr.shape[:2]
    fine, coarse = _fine_zoom(height, width), COARSE_PX / max(height, width)
    faces = list(detect(image_bgr, max(1, round(width * fine)), max(1, round(height * fine))))
    if coarse < 0.75 * fine:
        found = detect(image_bgr, max(1, round(width * coarse)), max(1, round(height * coarse)))
        faces += [face for face in found if face.width * coarse >= COARSE_FACE_PX]
    return tuple(face for face in keep_distinct(faces) if face.width >= min_face_px)


def detect_small(
    image_bgr: UInt8, detect: Callable[[UInt8, int, int], Sequence[Face]], min_face_px: float, rows: Rows
) -> tuple[Face, ...]:
    """Return the distinct faces whose center lies in ``rows``, best first; arguments as :func:`detect_at_scales`.

    All small ones, and those of the others that are seen whole: none that an edge of that part of the image cuts.
    """
    height, width = image_bgr.shape[:2]
    small_px, zoom = small_face_px(height, width), CLOSE_ZOOM * _fine_zoom(height, width)
    margin = math.ceil(small_px)  # so that every small face with its center in the rows is seen whole
    top, bottom = max(0, rows[0] - margin), min(height, rows[1] + margin)
    found = detect(image_bgr[top:bottom], max(1, round(width * zoom)), max(1, round((bottom - top) * zoom)))
    down = np.array([0, top], np.float32)
    faces = [Face(face.box_xyxy + np.tile(down, 2), face.landmarks_xy + down, face.score) for face in found]
    return tuple(
        face
        for face in keep_distinct(faces)
        if face.width >= min_face_px
        and lies_in(face, rows)
        and (top == 0 or face.box_xyxy[1] > top + UNCUT * face.height)
        and (bottom == height or face.box_xyxy[3] < bottom - UNCUT * face.height)
    )


def close_rows(height: int, width: int) -> tuple[Rows, ...]:
    """Return the parts of an image for close passes: all of it, or halves where all at once would cost too much."""
    longer = CLOSE_ZOOM * _fine_zoom(height, width) * max(height, width)
    return ((0, height),) if longer <= FINE_PX[1] else ((0, height // 2), (height // 2, height))


def small_face_px(height: int, width: int) -> float:
    """Return the height below which a face in an image of that size may be overlooked by :func:`detect_at_scales`."""
    return SMALL_FACE_PX / _fine_zoom(height, width)


def lies_in(face: Face, rows: Rows) -> bool:
    """Return whether the center of ``face`` lies in ``rows``."""
    return rows[0] <= float(face.box_xyxy[1] + face.box_xyxy[3]) / 2 < rows[1]


def _fine_zoom(height: int, width: int) -> float:
    longer = max(height, width)
    return min(max(longer, FINE_PX[0]), FINE_PX[1]) / longer


def keep_distinct(faces: Sequence[Face]) -> list[Face]:
    """Return the best detection of each face, best first (greedy suppression).

    Equal scores are ordered by position, so that the answer does not depend on the order of ``faces``.
    """
    return [detections[0] for detections in _by_face(faces)]


def merge_detections(faces: Sequence[Face]) -> list[Face]:
    """Return each face once, best first: the mean of its detections, weighted by their scores, with the score of the best.

    A detector answers from every cell near a face, each time at a slightly different place. The mean of these answers jitters a
    third less than the best one (Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs",
    section 3.4; experiments/landmarks). Two are not averaged if one only contains the other, as a face contains an eye.
    """
    return [_mean(detections) for detections in _by_face(faces)]


def _by_face(faces: Sequence[Face]) -> Iterator[list[Face]]:
    """Yield for each face its best detection, then those that overlap it; best faces first."""
    waiting = sorted(faces, key=lambda face: (-face.score, *face.box_xyxy.tolist()))
    if not waiting:
        return
    boxes = np.stack([face.box_xyxy for face in waiting])
    alive = np.ones(len(waiting), bool)
    for i in range(len(waiting)):
        if alive[i]:
            union_share, own_share = overlaps(boxes[i], boxes)
            yield [waiting[j] for j in np.flatnonzero(alive & (union_share > OVERLAP))]
            alive &= (union_share <= OVERLAP) & (own_share <= CONTAINED)


def _mean(detections: Sequence[Face]) -> Face:
    scores = [face.score for face in detections]
    box_xyxy = np.average([face.box_xyxy for face in detections], axis=0, weights=scores)
    landmarks_xy = np.average([face.landmarks_xy for face in detections], axis=0, weights=scores)
    return Face(box_xyxy.astype(np.float32), landmarks_xy.astype(np.float32), detections[0].score)


def overlaps(box_xyxy: Float32, boxes_xyxy: Float32) -> tuple[Float32, Float32]:
    """Return what a box (4,) has in common with each of (n, 4): (n,) shares of the union, and (n,) of the smaller box."""
    low = np.maximum(box_xyxy[:2], boxes_xyxy[:, :2])
    high = np.minimum(box_xyxy[2:], boxes_xyxy[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    area = np.prod(box_xyxy[2:] - box_xyxy[:2])
    areas = np.prod(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], axis=1)
    return common / (area + areas - common), common / np.minimum(area, areas)
