"""Where frames come from: a video file, a folder of images, a camera, a stream, a screen; each with its own timestamps."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import cv2

from fewshot.config import StreamConfig
from fewshot.errors import ImageError, SourceError
from fewshot.face.images import read_image
from fewshot.live.camera import Camera, Capture, open_capture
from fewshot.live.frames import Frame, FrameSource, Source
from fewshot.live.mishaps import Mishaps
from fewshot.live.mjpeg import open_mjpeg
from fewshot.live.screen import ScreenCapture

_WHAT_IT_MAY_BE = "Give a video file, an image folder, a camera number such as 0, screen, or a URL."

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


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

    def __init__(self, capture: cv2.VideoCapture, shown: str, mishaps: Mishaps) -> None:
        self._capture, self._shown, self.mishaps = capture, shown, mishaps
        self._start = 0
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps: float | None = fps if math.isfinite(fps) and fps > 0 else None
        claimed = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frame_count: int | None = int(claimed) if claimed > 0 else None
        self._first: Any
        readable, self._first = capture.read()
        if not readable:
            capture.release()
            raise SourceError(
                f"{shown} holds no frame that can be decoded: it is empty, cut short or of an unsupported codec. "
                "Convert it, for example to H.264 in an .mp4 file."
            )

    def skip_to(self, index: int) -> None:
        """Let the frame of that number be the first; those before are decoded, for seeking is inexact, but not looked at."""
        self._start = index

    def __iter__(self) -> Iterator[Frame]:
        step_s = 1.0 / (self.fps or 25.0)
        image_bgr, index, last_s, before_s = self._first, 0, -step_s, 0.0
        readable = True
        while readable:
            stamp_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0
            # Some containers stamp nothing: the clock then stands still, and the nominal rate is all there is.
            time_s = stamp_s if math.isfinite(stamp_s) and stamp_s > last_s else last_s + step_s
            self.mishaps.jumps_back += stamp_s < before_s
            if index >= self._start:
                yield Frame(index, time_s, image_bgr)
            index, last_s, before_s = index + 1, time_s, stamp_s
            readable = self._capture.grab()
            if readable and index >= self._start:
                readable, image_bgr = self._capture.retrieve()
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

    def __init__(self, paths: list[Path], fps: float, mishaps: Mishaps) -> None:
        self._paths, self._start, self.mishaps = paths, 0, mishaps
        self.fps: float | None = fps
        self.frame_count: int | None = len(paths)

    def skip_to(self, index: int) -> None:
        """Let the image of that number be the first."""
        self._start = index

    def __iter__(self) -> Iterator[Frame]:
        """One frame an image that can be read.

        Raises:
            SourceError: none could.
        """
        assert self.fps is not None
        readable = 0
        for index, path in enumerate(self._paths[self._start :], self._start):
            try:
                image_bgr = read_image(path)
            except ImageError as error:
                self.mishaps.pass_over(f"Image {index + 1} of {len(self._paths)} is passed over: {error}")
                continue
            readable += 1
            yield Frame(index, index / self.fps, image_bgr)
        if not readable and self._start < len(self._paths):
            raise SourceError(f"None of the {len(self._paths)} images of this source can be read. Name other images.")


class LiveSource(_Closing):
    """A camera or stream: always its newest frame, stamped by the clock when it arrived; what was missed is skipped."""

    def __init__(self, camera: Camera, mishaps: Mishaps) -> None:
        self._camera, self.mishaps = camera, mishaps
        self.fps: float | None = camera.fps
        self.frame_count: int | None = None

    def skip_to(self, index: int) -> None:
        """Refuse, with a SourceError: what nobody read is gone."""
        raise SourceError(
            f"Only a recording or a folder of images can be resumed at frame {index}; a live source has no such place. "
            "Name another output folder."
        )

    def __iter__(self) -> Iterator[Frame]:
        """Frames without end.

        Raises:
            SourceError: the camera was unplugged or the stream broke off, and did not come back.
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


def open_source(
    spec: str,
    *,
    patience: StreamConfig,
    folder_fps: float = 5.0,
    screen_fps: float = 15.0,
    clock: Callable[[], float] = time.monotonic,
    mishaps: Mishaps | None = None,
) -> FrameSource:
    """Open what ``spec`` names and make sure that it delivers a first frame; a folder's images are opened when it is read.

    Args:
        spec: Path of a video file, image or folder of images; a camera number such as "0"; an RTSP or HTTP URL;
            "screen" for the first monitor of this machine or "screen:2" for the second.
        patience: When a live source is connected anew, and for how long that is tried.
        folder_fps: Images a second of a folder, which has no clock of its own.
        screen_fps: Pictures a second taken of a screen.
        clock: Seconds; stamps the frames of live sources only.
        mishaps: To add to.

    Raises:
        SourceError: it does not exist, cannot be opened or holds no picture.
    """
    mishaps = Mishaps() if mishaps is None else mishaps
    if not spec.strip():
        raise SourceError(f"A source must be named, got nothing. {_WHAT_IT_MAY_BE}")
    screen = re.fullmatch(r"screen(?::(\d+))?", spec)
    if screen:
        number = int(screen[1] or 1)
        return _watch(lambda: ScreenCapture(number, screen_fps), f"screen:{number}", clock, patience, mishaps)
    if spec.isdecimal():
        shown = f"camera {spec}"
        return _watch(lambda: open_capture(int(spec), shown), shown, clock, patience, mishaps)
    if "://" in spec:
        return _open_url(spec, clock, patience, mishaps)
    path = Path(spec).expanduser()
    if path.is_dir():
        images = sorted((p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES), key=natural_key)
        if not images:
            raise SourceError(
                f"The folder {path} holds no images ({', '.join(sorted(IMAGE_SUFFIXES))}). Name another folder."
            )
        return ImageFolder(images, folder_fps, mishaps)
    if not path.is_file():
        raise SourceError(f"{path} does not exist. {_WHAT_IT_MAY_BE}")
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageFolder([path], folder_fps, mishaps)
    return VideoFile(open_capture(str(path), str(path)), str(path), mishaps)


def _open_url(url: str, clock: Callable[[], float], patience: StreamConfig, mishaps: Mishaps) -> FrameSource:
    """Open a stream, or a recording that lies on a web server: that has an end, and no frame of it may be skipped."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SourceError(f"The address of a stream must be a URL, and this is none: {error}. Correct it.") from error
    # user, password and query stay out of logs
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def connect() -> Capture:
        pictures = open_mjpeg(url, shown, patience.silence_s) if parts.scheme in ("http", "https") else None
        return pictures or open_capture(url, shown, patience.silence_s)

    capture = connect()
    if isinstance(capture, cv2.VideoCapture) and capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0:
        return VideoFile(capture, shown, mishaps)
    return _watch(connect, shown, clock, patience, mishaps, first=capture)


def _watch(
    connect: Callable[[], Capture],
    shown: str,
    clock: Callable[[], float],
    patience: StreamConfig,
    mishaps: Mishaps,
    first: Capture | None = None,
) -> LiveSource:
    """Open a device here, where its error belongs, and have it read from then on."""
    return LiveSource(Camera(connect, shown, clock, patience, mishaps, first=first or connect()), mishaps)
