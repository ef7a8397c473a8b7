"""A device or stream that does not wait: a thread drains it and keeps only the newest picture, and a lost one is connected again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import cv2

from fewshot.config import StreamConfig
from fewshot.errors import SourceError
from fewshot.live.frames import Frame
from fewshot.live.mishaps import Mishaps
from fewshot.names import is_utf8


class Capture(Protocol):
    """The part of cv2.VideoCapture that a camera needs; its images are Any because OpenCV's stubs are vague."""

    def read(self) -> tuple[bool, Any]:
        """Return whether the device goes on, and the picture, None where that one is damaged."""

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """Return a property of the device."""

    def release(self) -> None:
        """Free the device."""


def open_capture(target: str | int, shown: str, silence_s: float = 10.0) -> cv2.VideoCapture:
    """Open a file, URL or camera number with OpenCV; after ``silence_s``, opening or reading a URL is given up.

    Raises:
        SourceError: it cannot be opened; the text names it as ``shown``.
    """
    if isinstance(target, str) and not is_utf8(target):  # on which OpenCV 5.0 crashes
        raise SourceError(f"{shown} must have a name and folders in UTF-8, which not all programs write. Rename them.")
    if isinstance(target, int):
        capture = cv2.VideoCapture(target)
        advice = (
            "Check that it is plugged in, that no other program uses it and that this one may, or give another number."
        )
    elif "://" in target:
        silence_ms = round(1000 * silence_s)
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, silence_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, silence_ms]
        capture = cv2.VideoCapture(target, cv2.CAP_FFMPEG, timeouts)
        advice = "Check the address, the user and password in it, and that the network lets it through."
    else:
        capture = cv2.VideoCapture(target)
        advice = "It is no video, is cut short, or its codec is unknown here. Convert it, for example to H.264 in an .mp4 file."
    if not capture.isOpened():
        capture.release()
        raise SourceError(f"{shown} cannot be opened. {advice}")
    return capture


class _Link:
    """One connection to the device: a thread that opens it, reads it until it ends, and frees it.

    A read that hangs cannot be stopped; such a link is left alone, and frees the device when its read returns.
    """

    def __init__(self, connect: Callable[[], Capture], camera: Camera, name: str) -> None:
        self._connect, self._camera = connect, camera
        self.fps: float | None = None
        self.error: SourceError | None = None
        self.ended = self.closing = False
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            capture = self._connect()
            try:
                fps = capture.get(cv2.CAP_PROP_FPS)
                self.fps = fps if 0 < fps < 1000 else None
                self._read_on(capture)
            finally:
                capture.release()
        except SourceError as error:
            self.error = error
        finally:
            self.ended = True
            self._camera.wake()

    def _read_on(self, capture: Capture) -> None:
        while not self.closing:
            try:
                readable, image_bgr = capture.read()
            except cv2.error as error:
                raise SourceError(f"OpenCV could not read it: {error}") from error
            if not readable:
                return
            if not self.closing:
                self._camera.take(image_bgr)


class Camera:
    """Owner of the connection to one device or stream, which it renews after a loss. For one thread.

    A connection is lost when it ends, or is silent for ``patience.silence_s``. Attempts to connect again follow after pauses
    that double, and end with an error ``patience.give_up_s`` after the last picture. Times and numbers go on across a loss.

    Args:
        connect: Opens the device, or raises SourceError; called in the thread that reads.
        shown: What to call it.
        clock: Seconds; stamps the pictures.
        patience: When to connect again, and for how long to try.
        mishaps: Where losses and unreadable pictures are counted.
        first: The device, if it is open already; the camera frees it.
        sleep: Waits for the length of a pause.

    Raises:
        SourceError: no first picture arrives.
    """

    def __init__(
        self,
        connect: Callable[[], Capture],
        shown: str,
        clock: Callable[[], float],
        patience: StreamConfig,
        mishaps: Mishaps,
        *,
        first: Capture | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect, self._shown, self._clock, self._sleep = connect, shown, clock, sleep
        self._patience, self._mishaps = patience, mishaps
        self._news = threading.Condition()
        self._latest: Frame | None = None
        self._began_s = 0.0
        self._link = self._open_link(self._connect if first is None else lambda: first)
        if self._wait_newer(-1) is None:
            self.close()
            raise self._link.error or SourceError(
                f"{shown} opened but gave no picture. Check that nothing else uses it."
            )
        self.fps = self._link.fps

    def newer_than(self, index: int) -> Frame:
        """Wait for a picture whose number is above ``index``, through losses if need be.

        Raises:
            SourceError: none came until the camera was given up.
        """
        return self._wait_newer(index) or self._wait_through_loss(index)

    def close(self) -> None:
        """Stop reading; the device is free when this returns, unless it hangs."""
        self._link.closing = True
        self._link.thread.join(self._patience.silence_s)

    def take(self, image: Any) -> None:
        """Keep the newest picture; called by the thread that reads."""
        if image is None:
            self._mishaps.pass_over(f"A picture of {self._shown} is passed over: it is damaged or cut off.")
            return
        with self._news:
            now_s, number = self._clock(), 0
            if self._latest is None:
                self._began_s = now_s
            else:
                number = self._latest.index + 1
            self._latest = Frame(number, now_s - self._began_s, image)
            self._news.notify_all()

    def wake(self) -> None:
        """Let whoever waits see that a link has ended; called by the thread that reads."""
        with self._news:
            self._news.notify_all()

    def _wait_through_loss(self, index: int) -> Frame:
        """Connect again until there is a picture, and count how long that took."""
        assert self._latest is not None
        before, pause_s = self._latest, self._patience.first_pause_s
        while True:
            lost_s = self._clock() - self._began_s - before.time_s
            if lost_s + pause_s > self._patience.give_up_s:
                self._mishaps.without_picture_s += max(0.0, lost_s)
                raise SourceError(
                    f"{self._shown} stopped after {before.index + 1} pictures and gave none for {lost_s:.1f} s: "
                    "unplugged or disconnected. Connect it and start again."
                )
            what = "was lost" if self._link.ended else "is silent"
            self._mishaps.tell(
                f"{self._shown} {what} after {before.index + 1} pictures; trying again in {pause_s:g} s."
            )
            self._link.closing = True
            self._sleep(pause_s)
            self._link = self._open_link(self._connect)
            pause_s = min(2 * pause_s, self._patience.longest_pause_s)
            frame = self._wait_newer(index)
            if frame is not None:
                self._mishaps.reconnections += 1
                self._mishaps.without_picture_s += max(0.0, frame.time_s - before.time_s)
                self._mishaps.tell(f"{self._shown} is back.")
                return frame

    def _wait_newer(self, index: int) -> Frame | None:
        """Return a newer picture, or None where the link ended or is silent."""
        with self._news:
            self._news.wait_for(lambda: self._is_newer(index) or self._link.ended, self._patience.silence_s)
            return self._latest if self._is_newer(index) else None

    def _is_newer(self, index: int) -> bool:
        return self._latest is not None and self._latest.index > index

    def _open_link(self, connect: Callable[[], Capture]) -> _Link:
        return _Link(connect, self, f"reading {self._shown}")
