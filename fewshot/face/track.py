"""Which face of this frame is which face of the last one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from fewshot.face.flow import move_faces, shrink
from fewshot.types import Face, Float32, Float64, Track, UInt8

MAX_COST = 1.0
"""A track and a face farther apart are not the same: one face width of travel, a size changed by the factor e, or a mix."""

_FORBIDDEN = 1e6


@dataclass
class _Memory:
    """What the tracker knows of one face.

    Attributes:
        there_s: When it was last seen or followed.
        missed_s: When detections began to miss it, None if they do not.
        in_view: Neither lost by following nor missed for too long.
    """

    track_id: int
    face: Face
    found_s: float
    there_s: float
    missed_s: float | None = None
    in_view: bool = True


class Tracker:
    """Gives every face an id that stays with it, from occasional detections and the frames between them.

    Call :meth:`follow` on every frame, and then :meth:`update` if faces were detected in it. Times are the frames' own, in
    seconds. A clock that runs back by no more than ``max_gap_s`` counts as standing still; more is a jump to
    another place of a recording: all tracks end, and ids go on. Not thread-safe: one session owns one.

    Args:
        max_gap_s: A face found again within this time is the same track.
        hold_s: A face that is still followed is returned until detections have missed it for this long.

    Raises:
        ValueError: a duration is negative.
    """

    def __init__(self, max_gap_s: float = 1.0, hold_s: float = 0.4) -> None:
        if not (max_gap_s >= 0 and hold_s >= 0):
            raise ValueError(f"max_gap_s and hold_s must be at least 0, got {max_gap_s} and {hold_s}")
        self._max_gap_s, self._hold_s = max_gap_s, hold_s
        self._memories: list[_Memory] = []
        self._next_id = 1
        self._now_s = -math.inf
        self._small_gray: UInt8 | None = None

    def update(
        self,
        faces: Sequence[Face],
        time_s: float,
        sees: Callable[[Face], bool] = lambda _: True,
    ) -> tuple[Track, ...]:
        """Take the faces detected in a frame, and return the visible tracks, by id.

        Args:
            faces: Of this frame; their order makes no difference.
            time_s: Of this frame.
            sees: Whether the detection would have found that face, were it there; by default any.

        Raises:
            ValueError: ``time_s`` is not finite.
        """
        now_s = self._advance(time_s)
        # Sorted, so that neither the assignment nor new ids depend on the detector's order.
        waiting = sorted(
            faces, key=lambda face: (*face.box_xyxy.tolist(), *face.landmarks_xy.ravel().tolist(), face.score)
        )
        pairs = _assign([memory.face for memory in self._memories], waiting)
        for memory_index, memory in enumerate(self._memories):
            if memory_index in pairs:
                if not memory.in_view:
                    memory.found_s = now_s
                memory.face, memory.there_s = waiting[pairs[memory_index]], now_s
                memory.missed_s, memory.in_view = None, True
            elif sees(memory.face):
                memory.missed_s = now_s if memory.missed_s is None else memory.missed_s
                memory.in_view &= now_s - memory.missed_s < self._hold_s
        taken = set(pairs.values())
        for face in (face for i, face in enumerate(waiting) if i not in taken):
            self._memories.append(_Memory(self.new_id(), face, now_s, now_s))
        return self._visible()

    def follow(self, frame_gray: UInt8, time_s: float) -> tuple[Track, ...]:
        """Move every visible track to where its face lies in the next frame, and return them by id.

        A face that cannot be followed is no longer returned until a detection finds it again: it may be another one, in a tile
        that now shows somebody else.

        Args:
            frame_gray: (h, w) uint8. In the first frame, and after one of another size, faces stay where they are until the
                next detection.
            time_s: Of this frame.

        Raises:
            ValueError: ``time_s`` is not finite, or ``frame_gray`` is no uint8 gray image.
        """
        small_gray = shrink(frame_gray)
        now_s = self._advance(time_s)
        self._move(small_gray, frame_gray.shape[1], now_s)
        self._small_gray = small_gray
        return self._visible()

    def new_id(self) -> int:
        """Return an id that no track of this stream has had."""
        self._next_id += 1
        return self._next_id - 1

    def rename(self, ids: Mapping[int, int]) -> tuple[Track, ...]:
        """Give the tracks named in ``ids`` the ids there, all at once, and return the visible tracks, by id."""
        for memory in self._memories:
            memory.track_id = ids.get(memory.track_id, memory.track_id)
        return self._visible()

    def forget_all(self) -> None:
        """End all tracks, as when the source begins to send another picture; ids go on."""
        self._memories, self._small_gray = [], None

    def _move(self, small_gray: UInt8, width: int, now_s: float) -> None:
        """Move every visible track from the last frame to ``small_gray``, the small form of a frame ``width`` wide."""
        if self._small_gray is None or self._small_gray.shape != small_gray.shape:
            return
        visible = [memory for memory in self._memories if memory.in_view]
        moved = move_faces(
            [memory.face for memory in visible], self._small_gray, small_gray, small_gray.shape[1] / width
        )
        for memory, face in zip(visible, moved, strict=True):
            memory.in_view = face is not None
            memory.face = face or memory.face
            if memory.in_view and memory.missed_s is None:
                memory.there_s = now_s

    def _advance(self, time_s: float) -> float:
        """Move the clock to ``time_s``, forget tracks too old by then, and return the time to go by."""
        if not math.isfinite(time_s):
            raise ValueError(f"time_s must be a finite number of seconds, got {time_s}")
        if time_s < self._now_s - self._max_gap_s:
            self._memories, self._small_gray, self._now_s = [], None, time_s
        self._now_s = max(self._now_s, time_s)
        self._memories = [memory for memory in self._memories if self._now_s - memory.there_s <= self._max_gap_s]
        return self._now_s

    def _visible(self) -> tuple[Track, ...]:
        return tuple(
            Track(memory.track_id, memory.face, memory.found_s)
            for memory in sorted(self._memories, key=lambda memory: memory.track_id)
            if memory.in_view
        )


def _assign(known: Sequence[Face], found: Sequence[Face]) -> dict[int, int]:
    """Return the index into ``found`` for each index into ``known`` that has one: most pairs first, then least cost."""
    if not known or not found:
        return {}
    costs = _costs(np.stack([face.box_xyxy for face in known]), np.stack([face.box_xyxy for face in found]))
    costs[costs > MAX_COST] = _FORBIDDEN
    return {int(i): int(j) for i, j in zip(*linear_sum_assignment(costs), strict=True) if costs[i, j] < _FORBIDDEN}


def _costs(before_xyxy: Float32, after_xyxy: Float32) -> Float64:
    """Return for each pair of boxes (m, 4) and (n, 4) the distance of the centers in face widths plus |log(size ratio)|."""
    before, after = before_xyxy.astype(np.float64)[:, None], after_xyxy.astype(np.float64)
    gap = (before[..., :2] + before[..., 2:] - after[..., :2] - after[..., 2:]) / 2
    log_size, log_size_too = (np.log(boxes[..., 2:] - boxes[..., :2]).mean(axis=-1) for boxes in (before, after))
    widths = np.exp((log_size + log_size_too) / 2)
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]) / widths + np.abs(log_size - log_size_too))
