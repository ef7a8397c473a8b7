"""The screen of this machine as a camera: the one door of mss."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np

from fewshot.errors import SourceError
from fewshot.types import UInt8


class ScreenCapture:
    """One monitor, photographed at a given rate; what :class:`fewshot.live.camera.Camera` reads like any device.

    Args:
        number: Of the monitor, from 1.
        fps: Pictures a second at most; a screen would otherwise give as many as a processor can copy.

    Raises:
        SourceError: mss is not installed, there is no display, or none of that number.
    """

    def __init__(
        self,
        number: int,
        fps: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            import mss  # an option, which most installs do without
        except ImportError as error:
            raise SourceError(
                "source=screen needs the library mss, which is not installed. Install this program with its "
                "extra: pip install --constraint constraints.txt '.[screen]'"
            ) from error
        self._broken = mss.ScreenShotError
        try:
            self._mss = mss.MSS()
            monitors = self._mss.monitors[1:]  # the first entry is all of them together
        except mss.ScreenShotError as error:
            raise SourceError(
                f"source=screen needs a display that this program may see, and there is none ({error}). "
                "Start it in a desktop session; on Linux, DISPLAY names the display."
            ) from error
        if not 1 <= number <= len(monitors):
            self._mss.close()
            present = ", ".join(f"screen:{k} ({m['width']} x {m['height']})" for k, m in enumerate(monitors, 1))
            raise SourceError(
                f"screen:{number} must be one of this machine's monitors, which are {present}. Name one of these."
            )
        self._monitor = monitors[number - 1]
        self._fps, self._clock, self._sleep = fps, clock, sleep
        self._due_s = clock()

    def read(self) -> tuple[bool, UInt8 | None]:
        """Wait until a picture is due; return whether there is one, and it as (h, w, 3) uint8."""
        now_s = self._clock()
        if now_s < self._due_s:
            self._sleep(self._due_s - now_s)
        self._due_s = max(self._due_s, now_s) + 1.0 / self._fps
        try:
            shot = self._mss.grab(self._monitor)
        except self._broken:  # the display is gone, or has another size now
            return False, None
        image_bgra = np.frombuffer(shot.bgra, np.uint8).reshape(shot.height, shot.width, 4)
        return True, cv2.cvtColor(image_bgra, cv2.COLOR_BGRA2BGR).astype(np.uint8, copy=False)

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """Return the rate for OpenCV's CAP_PROP_FPS, 0 for everything else."""
        return self._fps if propId == cv2.CAP_PROP_FPS else 0.0

    def release(self) -> None:
        """Let go of the display."""
        self._mss.close()
