"""The annotated video: under its final name only once it is complete, and as long as what it shows."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import cv2

from fewshot.errors import OutputError, SourceError
from fewshot.names import is_utf8
from fewshot.types import UInt8

CODEC = "mp4v"
"""MPEG-4 in an ``.mp4`` file: every player opens it, and OpenCV's wheels write it fast."""

LONGEST_STILL_S = 5.0
"""A longer silence of the source is cut to this, or to one and a half frames of a slower video."""

SIDES_PX = (2, 8190)
"""Shortest and longest side that the encoder takes; a larger picture is scaled down."""


def free_part(path: Path) -> Path:
    """Return where the next part of the video ``path`` goes: itself, else ``<stem>-2<suffix>`` and so on.

    What an earlier run left under a partial name gets its final one, if players can open it. A video that an error ended
    is whole; that of a killed process lacks its end and stays as it is.
    """
    number, part = 1, path
    while True:
        partial = _partial(part)
        if partial.exists() and not part.exists() and _is_playable(partial):
            partial.replace(part)
        if not part.exists() and not partial.exists():
            return part
        number += 1
        part = path.with_name(f"{path.stem}-{number}{path.suffix}")


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.stem}.partial{path.suffix}")


def _is_playable(path: Path) -> bool:
    capture = cv2.VideoCapture(str(path))
    playable = capture.isOpened() and capture.grab()
    capture.release()
    return playable


class VideoFileWriter:
    """Writes frames at a constant rate, repeating one until a newer one comes. For one thread.

    Frames go to ``<stem>.partial<suffix>``, which becomes ``path`` at the end. The first frame sets the size; others are scaled to it.

    Args:
        path: Of an ``.mp4`` file, which is opened with the first frame.
        fps: Frames a second.

    Raises:
        OutputError: ``path`` is no text in UTF-8.
    """

    def __init__(self, path: Path, fps: float) -> None:
        if not is_utf8(str(path)):  # on which OpenCV 5.0 crashes
            raise OutputError(f"{path.parent} must have a name in UTF-8, as its folders must. Name another folder.")
        self.path, self._fps = path, max(0.01, round(fps, 2))  # MPEG-4 takes no rate of finer steps
        self._partial = _partial(path)
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._last: tuple[float, UInt8] | None = None
        self._owed = 0.0

    def write(self, frame_bgr: UInt8, time_s: float) -> None:
        """Append one frame that is shown from ``time_s`` on; times that stand still or go back count as one step."""
        if self._writer is None:
            self._open(frame_bgr)
        assert self._writer is not None
        if (frame_bgr.shape[1], frame_bgr.shape[0]) != self._size:
            frame_bgr = cv2.resize(frame_bgr, self._size, interpolation=cv2.INTER_AREA).astype("uint8")
        if self._last is not None:
            last_s, last_bgr = self._last
            longest_s = max(LONGEST_STILL_S, 1.5 / self._fps)
            step_s = min(time_s - last_s, longest_s) if time_s > last_s else 1.0 / self._fps
            # Fractions are carried on, so that rounding never adds up.
            self._owed += step_s * self._fps
            for _ in range(round(self._owed)):
                self._writer.write(last_bgr)
            self._owed -= round(self._owed)
        self._last = (time_s, frame_bgr)

    def close(self, complete: bool = True) -> None:
        """Write the last frame and, where ``complete``, give the file its final name.

        Raises:
            OutputError: OpenCV silently wrote a file that no player can open, as when the disk is full.
        """
        if self._writer is None:
            return
        if self._last is not None:
            self._writer.write(self._last[1])
        self._writer.release()
        self._writer = None
        if not complete:
            return
        if not _is_playable(self._partial):
            raise OutputError(
                f"{self._partial} must be a video at its end, and cannot be played: there may have been no room for it. "
                "Make room, or name another folder."
            )
        self._partial.replace(self.path)

    def _open(self, frame_bgr: UInt8) -> None:
        least, most = SIDES_PX
        height, width = frame_bgr.shape[:2]
        shrink = min(1.0, most / max(height, width))
        self._size = (max(least, round(width * shrink)), max(least, round(height * shrink)))
        writer = cv2.VideoWriter(str(self._partial), cv2.VideoWriter.fourcc(*CODEC), self._fps, self._size)
        if not writer.isOpened():
            raise OutputError(
                f"{self._partial} cannot be written with {self._size[0]} x {self._size[1]} pixels and {self._fps:g} frames a "
                "second: check that the folder exists and may be written to, or give another analyze_fps."
            )
        self._writer = writer

    def __enter__(self) -> VideoFileWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Ctrl-C and a camera that was unplugged end a recording; only a defect spoils it.
        self.close(complete=error is None or isinstance(error, KeyboardInterrupt | SourceError))
