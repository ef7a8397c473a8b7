"""A device or stream that does not wait: a thread reads it empty and keeps only the newest picture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import cv2

from fewshot.errors import SourceError
from fewshot.types import UInt8

TIMEOUT_MS = 10_000
"""Silence after which opening or reading a stream is given up."""


class Capture(Protocol):
    """The part of cv2.VideoCapture that a camera needs; its images are Any because OpenCV's stubs are vague."""

    def read(self) -> tuple[bool, Any]:
        """Return whether there is a picture, and the picture."""

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """Return a property of the device."""

    def release(self) -> None:
        """Free the device."""


@dataclass(frozen=True, eq=False)
class Shot:
    """The newest picture: its number since the camera was opened, when it arrived, (h, w, 3) uint8."""

    index: int
    time_s: float
    image_bgr: UInt8


def open_capture(target: str | int, shown: str) -> cv2.VideoCapture:
    """Open a file, URL or camera number with OpenCV.

    Raises:
        SourceError: it cannot be opened; the text names it as ``shown``.
    """
    if isinstance(target, int):
        capture = cv2.VideoCapture(target)
        advice = (
            "Check that it is plugged in, that no other program uses it and that this one may, or give another number."
        )
    elif "://" in target:
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS]
        capture = cv2.VideoCapture(target, cv2.CAP_FFMPEG, timeouts)
        advice = "Check the address, the user and password in it, and that the network lets it through."
    else:
        capture = cv2.VideoCapture(target)
        advice = "It is no video, is cut short, or its codec is unknown here. Convert it, for example to H.264 in an .mp4 file."
    if not capture.isOpened():
        capture.release()
        raise SourceError(f"{shown} cannot be opened. {advice}")
    return capture


class Camera:
    """Owner of the reading thread of one device. ``newer_than`` may be called from any thread."""

    def __init__(self, capture: Capture, shown: str, clock: Callable[[], float]) -> None:
        """Start reading.

        Raises:
            SourceError: no first picture arrives.
        """
        self._capture, self._shown, self._clock = capture, shown, clock
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps: float | None = fps if 0 < fps < 1000 else None
        readable, image_bgr = capture.read()
        if not readable:
            capture.release()
            raise SourceError(f"{shown} opened but gave no picture. Check that nothing else uses it.")
        self._began_s = clock()
        self._news = threading.Condition()
        self._latest = Shot(0, 0.0, image_bgr)
        self._ended = self._closing = False
        self._thread = threading.Thread(target=self._read_on, name=f"reading {shown}", daemon=True)
        self._thread.start()

    def newer_than(self, index: int) -> Shot:
        """Wait for a picture whose number is above ``index``.

        Raises:
            SourceError: none will come any more.
        """
        with self._news:
            self._news.wait_for(lambda: self._latest.index > index or self._ended)
            if self._latest.index <= index:
                raise SourceError(
                    f"{self._shown} stopped after {self._latest.index + 1} pictures: unplugged or disconnected. "
                    "Connect it and start again."
                )
            return self._latest

    def close(self) -> None:
        """Stop the thread, then free the device."""
        self._closing = True
        self._thread.join()
        self._capture.release()

    def _read_on(self) -> None:
        index = 0
        try:
            while not self._closing:
                readable, image_bgr = self._capture.read()
                if not readable:
                    return
                index += 1
                with self._news:
                    self._latest = Shot(index, self._clock() - self._began_s, image_bgr)
                    self._news.notify_all()
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()
