"""Sources with an end, of which nothing is skipped: a video file and a folder of images."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2

from fewshot.errors import ImageError, SourceError
from fewshot.face.images import read_image
from fewshot.live.frames import SAME_TIME_S, Frame, FrameSource
from fewshot.live.mishaps import Mishaps

MOST_DAMAGED = 500
"""A recording ends after this many frames in a row that cannot be decoded; OpenCV reports a damaged one like the end."""

FOLDER_FPS = 5.0
"""Images a second of a folder, which has no clock of its own."""

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


def is_visible_image(file: Path) -> bool:
    """Whether a file in a folder is called like an image; hidden ones, such as macOS's ``._1.jpg`` beside 1.jpg, are none."""
    return file.suffix.lower() in IMAGE_SUFFIXES and not file.name.startswith(".")


class VideoFile(FrameSource):
    """A recording: every frame, with the timestamp of its container, or index / fps if that has none.

    Args:
        capture: Of the open file.
        reopen: Opens it again, because some can be wound back in no other way.
        shown: What to call it.
        mishaps: Where damaged frames are counted, and those that it claims and does not have.

    Raises:
        SourceError: it holds no frame.
    """

    def __init__(
        self, capture: cv2.VideoCapture, reopen: Callable[[], cv2.VideoCapture], shown: str, mishaps: Mishaps
    ) -> None:
        fps, claimed = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        super().__init__(
            fps if math.isfinite(fps) and fps > 0 else None, int(claimed) if claimed > 0 else None, mishaps
        )
        self._capture, self._reopen, self._shown = capture, reopen, shown
        self._begin = self._start = 0
        self._first: Any
        readable, self._first = capture.read()
        if not readable:
            capture.release()
            raise SourceError(
                f"{shown} holds no frame that can be decoded: it is empty, cut short or of an unsupported codec. "
                "Convert it, for example to H.264 in an .mp4 file."
            )

    def skip_to(self, index: int, time_s: float) -> None:
        """Begin with that frame: by seeking, or by decoding all before it if seeking leads elsewhere."""
        self._start = index
        if self._read_at(index) and abs(self._stamp_s() - time_s) < SAME_TIME_S:
            self._begin = index
        elif not self._read_at(0):
            self._capture.release()
            self._capture = self._reopen()
            _, self._first = self._capture.read()

    def _read_at(self, index: int) -> bool:
        """Seek, and keep the picture found there, whether it is the right one or not."""
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, index)
        readable, self._first = self._capture.read()
        return readable

    def __iter__(self) -> Iterator[Frame]:
        step_s = 1.0 / (self.fps or 25.0)
        image_bgr, index, last_s, before_s = self._first, self._begin, -step_s, 0.0
        while True:
            stamp_s = self._stamp_s()
            # Some containers stamp nothing: the clock then stands still, and the nominal rate is all there is.
            time_s = stamp_s if math.isfinite(stamp_s) and stamp_s > last_s else last_s + step_s
            self.mishaps.jumps_back += stamp_s < before_s
            if index >= self._start:
                yield Frame(index, time_s, image_bgr)
            damaged = self._move_on(index + 1)
            if damaged is None:
                break
            index, last_s, before_s = index + 1 + damaged, time_s, stamp_s
            if index >= self._start:
                _, image_bgr = self._capture.retrieve()
        self._tell_of_missing(index + 1, time_s)

    def _stamp_s(self) -> float:
        return self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0

    def _move_on(self, index: int) -> int | None:
        """Take the next frame that can be decoded; return how many before it could not, None where none follows."""
        attempts = MOST_DAMAGED if self.frame_count and index < self.frame_count else 1
        for damaged in range(attempts):
            if self._capture.grab():
                if damaged:
                    self.mishaps.pass_over(
                        f"{self._shown} is damaged: {damaged} frames from {index} on are passed over.", damaged
                    )
                return damaged
        return None

    def _tell_of_missing(self, frames: int, last_s: float) -> None:
        """Count and tell it if far less was read than the container claims, in frames and, since their rate may vary, in seconds.

        The file may be cut short or damaged. It may also be whole: frames that were trimmed from its beginning without a new
        encoding are still counted there, and if the sound is longer, OpenCV assumes as much picture.
        """
        claimed = self.frame_count or 0
        if claimed - frames > max(5, claimed / 10) and last_s < 0.9 * claimed / (self.fps or 25.0):
            self.mishaps.missing += claimed - frames
            self.mishaps.tell(
                f"{self._shown} ends after {frames} of the {claimed} frames that it claims. If it is cut short or damaged, get "
                "the whole file again."
            )

    def close(self) -> None:
        """Close the file."""
        self._capture.release()


class ImageFolder(FrameSource):
    """Images as a slide show of ``FOLDER_FPS`` a second, in the order given."""

    def __init__(self, paths: list[Path], mishaps: Mishaps) -> None:
        super().__init__(FOLDER_FPS, len(paths), mishaps)
        self._paths, self._start = paths, 0

    def skip_to(self, index: int, time_s: float) -> None:
        """Begin with the image of that number."""
        self._start = index

    def __iter__(self) -> Iterator[Frame]:
        """Yield a frame for each image that can be read.

        Raises:
            SourceError: none could.
        """
        readable = 0
        for index, path in enumerate(self._paths[self._start :], self._start):
            try:
                image_bgr = read_image(path)
            except ImageError as error:
                self.mishaps.pass_over(f"Image {index + 1} of {len(self._paths)} is passed over: {error}")
                continue
            readable += 1
            yield Frame(index, index / FOLDER_FPS, image_bgr)
        if not readable and self._start < len(self._paths):
            raise SourceError(f"None of the {len(self._paths)} images of this source can be read. Name other images.")


def natural_key(path: Path) -> list[tuple[int, int, str]]:
    """Sort key that compares runs of digits as numbers: frame2 comes before frame10."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]
