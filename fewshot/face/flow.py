"""Moving faces from one frame to the next without looking for them again."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from fewshot.face.align import fit_similarity
from fewshot.face.images import expect_gray
from fewshot.types import Face, Float32, UInt8

SMALL_PX = 640
"""Longer side of the frames in which motion is measured."""

GRID = (
    np.stack(np.meshgrid(np.linspace(0.2, 0.8, 3), np.linspace(0.2, 0.9, 4)), axis=-1).reshape(-1, 2).astype(np.float32)
)
"""(12, 2) Points followed in each face, in units of its box."""

MAX_RETURN_PX = 1.0
"""A point was lost unless it comes back this close to its start when followed backward (in the small frame)."""

MIN_SHARE = 0.5
"""A face is lost unless this share of its points is left and moves together; in another picture, points go anywhere."""

MAX_APART_PX = 1.5
"""A point farther than this from where its face has moved did not move with it (in the small frame)."""

WINDOW_PX = (9, 9)
"""Neighborhood that identifies a point, on each level of a pyramid of halved frames."""

PYRAMID_LEVELS = 3

ENOUGH = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
"""The search for a point ends after 10 steps, or with one shorter than 0.03 pixels."""

MIN_GROWTH = 0.8
"""No face shrinks to less than this share of its size from one frame to the next, or grows by more than the inverse."""


def shrink(frame_gray: UInt8) -> UInt8:
    """Return ``frame_gray`` (h, w) uint8 with its longer side at most ``SMALL_PX``; itself where it is no larger.

    Halved as in a pyramid, then scaled linearly: a third of the time of averaging over any area.
    """
    expect_gray("frame_gray", frame_gray)
    zoom = SMALL_PX / max(frame_gray.shape)
    if zoom >= 1:
        return frame_gray
    height, width = (max(1, round(side * zoom)) for side in frame_gray.shape)
    small = frame_gray
    while small.shape[0] >= 2 * height and small.shape[1] >= 2 * width:
        small = _resized(small, small.shape[0] // 2, small.shape[1] // 2, cv2.INTER_AREA)
    return _resized(small, height, width, cv2.INTER_LINEAR)


def move_faces(faces: Sequence[Face], before_gray: UInt8, after_gray: UInt8, zoom: float) -> tuple[Face | None, ...]:
    """Return where each face of one frame lies in the next, None for one that was lost.

    Sparse Lucas-Kanade flow of a grid of points, without those that do not return to their start when followed backward
    (Kalal et al. 2010, "Forward-Backward Error"), then one similarity transform through the better half of the rest. The
    search for the way back begins at the start itself: it confirms, it need not find.

    Args:
        faces: In pixels of the full frame.
        before_gray: (h, w) uint8 from :func:`shrink`, the frame in which ``faces`` lie.
        after_gray: The next frame, of the same size.
        zoom: Pixels of the small frames for one of the full frame.
    """
    if not faces:
        return ()
    boxes = np.stack([face.box_xyxy for face in faces])[:, None]
    starts = ((boxes[..., :2] + GRID * (boxes[..., 2:] - boxes[..., :2])) * zoom).astype(np.float32).reshape(-1, 2)
    ends, found = _flow(before_gray, after_gray, starts)
    back, returned = _flow(after_gray, before_gray, ends, near=starts)
    errors = np.where(found & returned, np.linalg.norm(back - starts, axis=1), np.inf)
    shape = (len(faces), len(GRID), 2)
    moves = _moves(starts.reshape(shape), ends.reshape(shape), errors.reshape(shape[:2]))
    moves[:, :, 2] /= zoom
    growth = np.hypot(moves[:, 0, 0], moves[:, 1, 0])
    corners = boxes.reshape(-1, 2, 2)
    centers = _apply(moves, corners.mean(axis=1, keepdims=True))
    moved_xyxy = (centers + (corners - corners.mean(axis=1, keepdims=True)) * growth[:, None, None]).reshape(-1, 4)
    landmarks = _apply(moves, np.stack([face.landmarks_xy for face in faces]))
    size = np.array(after_gray.shape[::-1]) / zoom
    # NaN for a face that was lost compares as False
    follows = (growth > MIN_GROWTH) & (growth < 1 / MIN_GROWTH) & ((centers >= 0) & (centers < size)).all(axis=(1, 2))
    return tuple(Face(moved_xyxy[i], landmarks[i], face.score) if follows[i] else None for i, face in enumerate(faces))


def _resized(image_gray: UInt8, height: int, width: int, interpolation: int) -> UInt8:
    return np.asarray(cv2.resize(image_gray, (width, height), interpolation=interpolation), np.uint8)


def _apply(moves: Float32, points_xy: Float32) -> Float32:
    """Return the points (n, k, 2) of each face under its transform (n, 2, 3)."""
    return np.asarray(points_xy @ moves[:, :, :2].swapaxes(1, 2) + moves[:, None, :, 2], np.float32)


def _flow(
    before_gray: UInt8, after_gray: UInt8, points_xy: Float32, near: Float32 | None = None
) -> tuple[Float32, npt.NDArray[np.bool_]]:
    """Return where each of the points (n, 2) went, (n, 2), and whether it was found, (n,).

    The search is from coarse to fine over all of the frame, or, much faster, only around the points ``near``, (n, 2).
    """
    points = np.ascontiguousarray(points_xy[:, None], np.float32)
    ends, found, _ = cv2.calcOpticalFlowPyrLK(
        before_gray,
        after_gray,
        points,
        np.empty_like(points) if near is None else near[:, None].copy(),
        winSize=WINDOW_PX,
        maxLevel=PYRAMID_LEVELS if near is None else 0,
        criteria=ENOUGH,
        flags=0 if near is None else cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return np.asarray(ends, np.float32)[:, 0], np.asarray(found)[:, 0] != 0


def _moves(starts_xy: Float32, ends_xy: Float32, errors: Float32) -> Float32:
    """Return the similarity transform of each face, (n, 2, 3), through the better half of its (n, g, 2) points; NaN if lost."""
    returned = errors <= MAX_RETURN_PX
    rank = errors.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    better = rank < np.maximum(4, returned.sum(axis=1) // 2)[:, None]
    moves = fit_similarity(starts_xy, ends_xy, better.astype(np.float32))
    together = np.linalg.norm(_apply(moves, starts_xy) - ends_xy, axis=2) <= MAX_APART_PX
    moves[(returned & together).mean(axis=1) < MIN_SHARE] = np.nan
    return moves
