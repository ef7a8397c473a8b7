"""Frames from wherever they come: a video file, a folder of images, a camera, a stream; each with its own timestamp."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import cv2

from fewshot.errors import ImageError, SourceError
from fewshot.face.images import read_image
from fewshot.live.camera import Camera, Capture, open_capture
from fewshot.types import UInt8

Source = TypeVar("Source")

_WHAT_IT_MAY_BE = "Give a video file, an image folder, a camera number such as 0, or a URL."

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        index: Its number in the source, from 0; frames that a live source dropped are counted.
        time_s: Its own timestamp, seconds since the source began.
        image_bgr: (h, w, 3) uint8.
    """

    index: int
    time_s: float
    image_bgr: UInt8


class FrameSource(Protocol):
    """Frames in order, once. For one thread; a context manager that frees the device or file."""

    @property
    def fps(self) -> float | None:
        """Nominal frames a second, None where unknown."""

    @property
    def frame_count(self) -> int | None:
        """Frames it will give, as its container claims; None where unknown or without an end."""

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None:
        """Free what the source holds; more than once is fine."""

    def __enter__(self: Source) -> Source: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Closing:
    """The context manager shared by all sources."""

    def close(self) -> None:
        """Free what the source holds; more than once is fine."""

    def __enter__(self: Source) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class VideoFile(_Closing):
    """A recording: every frame, with the timestamp of its container, index / fps where that has none.

    Raises:
        SourceError: it holds no frame, or, when it has been read, it ended long before the end that it claims.
    """

    def __init__(self, capture: Capture, shown: str) -> None:
        self._capture, self._shown = capture, shown
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps: float | None = fps if math.isfinite(fps) and fps > 0 else None
        claimed = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frame_count: int | None = int(claimed) if claimed > 0 else None
        readable, self._first = capture.read()
        if not readable:
            capture.release()
            raise SourceError(
                f"{shown} holds no frame that can be decoded: it is empty, cut short or of an unsupported codec. "
                "Convert it, for example to H.264 in an .mp4 file."
            )

    def __iter__(self) -> Iterator[Frame]:
        step_s = 1.0 / (self.fps or 25.0)
        image_bgr, index, last_s = self._first, 0, -step_s
        readable = True
        while readable:
            stamp_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0
            # Some containers stamp nothing: the clock then stands still, and the nominal rate is all there is.
            time_s = stamp_s if math.isfinite(stamp_s) and stamp_s > last_s else last_s + step_s
            yield Frame(index, time_s, image_bgr)
            index, last_s = index + 1, time_s
            readable, image_bgr = self._capture.read()
        self._expect_end(index, last_s)

    def _expect_end(self, frames: int, last_s: float) -> None:
        """Raise SourceError where far less was read than the container claims, in frames and, if they vary, in seconds."""
        claimed = self.frame_count or 0
        is_short = claimed - frames > max(5, claimed / 10) and last_s < 0.9 * claimed / (self.fps or 25.0)
        if is_short:
            raise SourceError(
                f"{self._shown} ends after {frames} of {claimed} frames: it is cut short or damaged. What was read counts; "
                "for the rest, get the whole file again."
            )

    def close(self) -> None:
        """Close the file."""
        self._capture.release()


class ImageFolder(_Closing):
    """Images as a slide show of ``fps`` a second, in natural order: frame2 comes before frame10."""

    def __init__(self, paths: list[Path], fps: float) -> None:
        self._paths = paths
        self.fps: float | None = fps
        self.frame_count: int | None = len(paths)

    def __iter__(self) -> Iterator[Frame]:
        assert self.fps is not None
        for index, path in enumerate(self._paths):
            try:
                image_bgr = read_image(path)
            except ImageError as error:
                raise SourceError(f"Image {index + 1} of {len(self._paths)}: {error}") from error
            yield Frame(index, index / self.fps, image_bgr)


class LiveSource(_Closing):
    """A camera or stream: always its newest frame, stamped by the clock when it arrived; what was missed is skipped."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self.fps: float | None = camera.fps
        self.frame_count: int | None = None

    def __iter__(self) -> Iterator[Frame]:
        """Frames without end.

        Raises:
            SourceError: the camera was unplugged or the stream broke off.
        """
        seen = -1
        while True:
            shot = self._camera.newer_than(seen)
            seen = shot.index
            yield Frame(shot.index, shot.time_s, shot.image_bgr)

    def close(self) -> None:
        """Stop reading and free the device."""
        self._camera.close()


def natural_key(path: Path) -> list[tuple[int, int, str]]:
    """Sort key that compares runs of digits as numbers."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def open_source(spec: str, *, folder_fps: float = 5.0, clock: Callable[[], float] = time.monotonic) -> FrameSource:
    """Open what ``spec`` names and make sure that it delivers a first frame.

    Args:
        spec: Path of a video file, image or folder of images; a camera number such as "0"; an RTSP or HTTP URL.
        folder_fps: Images a second of a folder, which has no clock of its own.
        clock: Seconds; stamps the frames of live sources only.

    Raises:
        SourceError: it does not exist, cannot be opened or holds no picture.
    """
    if not spec.strip():
        raise SourceError(f"A source must be named, got nothing. {_WHAT_IT_MAY_BE}")
    if spec.isdecimal():
        capture = open_capture(int(spec), f"camera {spec}")
        return LiveSource(Camera(capture, f"camera {spec}", clock))
    if "://" in spec:
        return _open_url(spec, clock)
    path = Path(spec).expanduser()
    if path.is_dir():
        images = sorted((p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES), key=natural_key)
        if not images:
            raise SourceError(
                f"The folder {path} holds no images ({', '.join(sorted(IMAGE_SUFFIXES))}). Name another folder."
            )
        return ImageFolder(images, folder_fps)
    if not path.is_file():
        raise SourceError(f"{path} does not exist. {_WHAT_IT_MAY_BE}")
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageFolder([path], folder_fps)
    return VideoFile(open_capture(str(path), str(path)), str(path))


def _open_url(url: str, clock: Callable[[], float]) -> FrameSource:
    """Open a stream, or a recording that lies on a web server: that has an end, and no frame of it may be skipped."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SourceError(f"The address of a stream must be a URL, and this is none: {error}. Correct it.") from error
    # user, password and query stay out of logs
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    capture = open_capture(url, shown)
    if capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0:
        return VideoFile(capture, shown)
    return LiveSource(Camera(capture, shown, clock))


def sample(frames: Iterable[Frame], fps: float) -> Iterator[Frame]:
    """Thin ``frames`` to at most ``fps`` a second by their timestamps, evenly; a clock that jumps back starts anew."""
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
        # The grid of due times makes 20 a second out of 30. After a gap it begins anew: nothing is owed.
        on_grid = frame.time_s < due_s + period_s
        due_s = (due_s if on_grid else frame.time_s) + period_s
