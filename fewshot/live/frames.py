"""Frames, what every source of them does, and what stands between a source and the session: checks and thinning."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from fewshot.face.images import as_bgr
from fewshot.live.mishaps import Mishaps
from fewshot.types import UInt8

BLACK_LEVEL = 16
"""Gray level up to which a picture shows nothing; the black of television, and of a camera whose lid is closed."""

BLACK_STEP = 8
"""Step between the rows and columns that are looked at: quick, and a mouse pointer does not make a picture."""

SAME_TIME_S = 0.002
"""Two records of one frame's timestamp differ by less than this: many are rounded to milliseconds."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        index: Its number in the source, from 0; frames that were dropped or could not be read are counted too.
        time_s: Its own timestamp, seconds since the source began.
        image_bgr: (h, w, 3) uint8, once it has passed :func:`checked`.
    """

    index: int
    time_s: float
    image_bgr: UInt8


class FrameSource(ABC):
    """Frames in order, once. For one thread; a context manager that frees the device or file.

    Attributes:
        fps: Nominal frames a second, None where unknown.
        frame_count: Frames it will give, as its container claims; None where unknown or without an end.
        mishaps: What went wrong so far.
    """

    def __init__(self, fps: float | None, frame_count: int | None, mishaps: Mishaps) -> None:
        self.fps, self.frame_count, self.mishaps = fps, frame_count, mishaps

    @abstractmethod
    def skip_to(self, index: int, time_s: float) -> None:
        """Begin with the frame of that number and time; to be called before the first frame is asked for.

        If the source has another time there, or no such frame, what it yields shows that.

        Raises:
            SourceError: it is live, and its past is gone.
        """

    @abstractmethod
    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None:  # noqa: B027 - a folder of images holds nothing
        """Free what the source holds; more than once is fine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def checked(frames: Iterable[Frame], mishaps: Mishaps) -> Iterator[Frame]:
    """Yield the frames that a session can read, and count the rest: no frame stops the others.

    Another color layout is converted, and what is no picture is passed over. Black pictures, changes of size and a clock
    that jumps back are only counted, because the session can take them.
    """
    size: tuple[int, ...] | None = None
    last_s = -math.inf
    for frame in frames:
        try:
            image_bgr = as_bgr(frame.image_bgr)
        except ValueError as error:
            mishaps.pass_over(f"Frame {frame.index} is passed over: {error}.")
            continue
        mishaps.converted += image_bgr is not frame.image_bgr
        mishaps.resized += size is not None and size != image_bgr.shape
        mishaps.black += int(image_bgr[::BLACK_STEP, ::BLACK_STEP].max()) <= BLACK_LEVEL
        mishaps.jumps_back += frame.time_s < last_s
        size, last_s = image_bgr.shape, frame.time_s
        yield replace(frame, image_bgr=image_bgr)


def sample(frames: Iterable[Frame], fps: float) -> Iterator[Frame]:
    """Thin ``frames`` to at most ``fps`` a second by their timestamps, evenly; after a jump back of the clock, that starts again."""
    slack_s = 1e-3  # containers round their timestamps to milliseconds
    period_s = 1.0 / fps
    due_s, last_s = -math.inf, -math.inf
    for frame in frames:
        if frame.time_s < last_s:
            due_s = -math.inf
        last_s = frame.time_s
        if frame.time_s < due_s - slack_s:
            continue
        yield frame
        # The grid of due times makes 20 a second out of 30. After a gap it starts again: nothing is owed.
        on_grid = frame.time_s < due_s + period_s
        due_s = (due_s if on_grid else frame.time_s) + period_s
