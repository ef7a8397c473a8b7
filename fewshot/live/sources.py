"""Where frames come from: a video file, a folder of images, a camera, a stream, a screen; each with its own timestamps."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import cv2

from fewshot.config import StreamConfig, expand_home
from fewshot.errors import SourceError
from fewshot.live.camera import Camera, Capture, open_capture
from fewshot.live.frames import Frame, FrameSource
from fewshot.live.mishaps import Mishaps
from fewshot.live.mjpeg import open_mjpeg
from fewshot.live.recordings import IMAGE_SUFFIXES, ImageFolder, VideoFile, is_visible_image, natural_key
from fewshot.live.screen import ScreenCapture

LARGEST_CAMERA = 2**31 - 1
"""Number of a camera, as OpenCV takes it."""

_WHAT_IT_MAY_BE = "Give a video file, an image folder, a camera number such as 0, screen, or a URL."


class LiveSource(FrameSource):
    """A camera or stream: always its newest frame, stamped by the clock when it arrived; what was missed is skipped."""

    def __init__(self, camera: Camera, mishaps: Mishaps) -> None:
        super().__init__(camera.fps, None, mishaps)
        self._camera = camera

    def skip_to(self, index: int, time_s: float) -> None:
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
            frame = self._camera.newer_than(seen)
            seen = frame.index
            yield frame

    def close(self) -> None:
        """Stop reading and free the device."""
        self._camera.close()


def open_source(
    spec: str,
    *,
    patience: StreamConfig,
    screen_fps: float = 15.0,
    mishaps: Mishaps | None = None,
) -> FrameSource:
    """Open what ``spec`` names and make sure that it delivers a first frame; a folder's images are opened when it is read.

    Args:
        spec: Path of a video file, image or folder of images; a camera number such as "0"; an RTSP or HTTP URL;
            "screen" for the first monitor of this machine or "screen:2" for the second.
        patience: When a live source is connected again, and for how long that is tried.
        screen_fps: Pictures a second taken of a screen.
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
        return _watch(lambda: ScreenCapture(number, screen_fps), f"screen:{number}", patience, mishaps)
    if spec.isdecimal() and int(spec) <= LARGEST_CAMERA:
        shown = f"camera {spec}"
        return _watch(lambda: open_capture(int(spec), shown), shown, patience, mishaps)
    if "://" in spec:
        return _open_url(spec, patience, mishaps)
    return _open_path(expand_home(spec), mishaps)


def _open_path(path: Path, mishaps: Mishaps) -> FrameSource:
    """Open a video file, an image or a folder of images."""
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
        found = [p for p in path.iterdir() if is_visible_image(p)] if is_folder else []
    except OSError as error:
        raise _unreadable(path, error) from error
    if is_folder:
        images = sorted(found, key=natural_key)
        if not images:
            raise SourceError(
                f"The folder {path} holds no images ({', '.join(sorted(IMAGE_SUFFIXES))}). Name another folder."
            )
        return ImageFolder(images, mishaps)
    if not is_file:
        raise SourceError(f"{path} does not exist. {_WHAT_IT_MAY_BE}")
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageFolder([path], mishaps)
    try:
        path.open("rb").close()  # OpenCV says nothing of permissions
    except OSError as error:
        raise _unreadable(path, error) from error
    open_file = partial(open_capture, str(path), str(path))
    return VideoFile(open_file(), open_file, str(path), mishaps)


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(f"{path} cannot be read: {error.strerror}. Let this account read it, or name another source.")


def _open_url(url: str, patience: StreamConfig, mishaps: Mishaps) -> FrameSource:
    """Open a stream, or a recording on a web server, which has an end and of which no frame may be skipped."""
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
        return VideoFile(capture, partial(open_capture, url, shown, patience.silence_s), shown, mishaps)
    return _watch(connect, shown, patience, mishaps, first=capture)


def _watch(
    connect: Callable[[], Capture],
    shown: str,
    patience: StreamConfig,
    mishaps: Mishaps,
    first: Capture | None = None,
) -> LiveSource:
    """Open a device here, where its error belongs, and have it read from then on."""
    return LiveSource(Camera(connect, shown, time.monotonic, patience, mishaps, first=first or connect()), mishaps)
