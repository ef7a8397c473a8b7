"""A camera gives its newest picture, and says when it will give no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from fewshot.errors import SourceError
from fewshot.live.camera import Camera
from fewshot.live.sources import Frame, LiveSource


def gray(value: int, width: int = 64, height: int = 48) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


class ScriptedCapture:
    """A camera that hands out a picture whenever the test allows it, and is unplugged at the end."""

    def __init__(self, pictures: int) -> None:
        self.allowed = threading.Semaphore(0)
        self.pictures, self.given, self.released = pictures, 0, False

    def get(self, prop: int, /) -> float:
        return {cv2.CAP_PROP_FPS: 30.0}[prop]

    def read(self) -> tuple[bool, np.ndarray]:
        assert not self.released, "read after release"
        if not self.allowed.acquire(timeout=10):
            raise AssertionError("nobody asked for this picture")
        self.given += 1
        return self.given <= self.pictures, gray(self.given)

    def release(self) -> None:
        self.released = True


def wait_until(condition) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")


def test_live_source_gives_the_newest_picture_stamped_by_the_clock():
    now_s = [100.0]
    capture = ScriptedCapture(4)
    capture.allowed.release()
    source = LiveSource(Camera(capture, "camera 0", lambda: now_s[0]))
    frames: Iterator[Frame] = iter(source)
    first = next(frames)
    assert (first.index, first.time_s, first.image_bgr[0, 0, 0]) == (0, 0.0, 1)
    now_s[0] = 101.5
    for _ in range(3):  # three more arrive while the consumer is busy
        capture.allowed.release()
    wait_until(lambda: source._camera._latest.index == 3)
    newest = next(frames)
    assert (newest.index, newest.time_s, newest.image_bgr[0, 0, 0]) == (3, 1.5, 4)
    capture.allowed.release()  # unplugged
    with pytest.raises(SourceError, match="camera 0 stopped after 4 pictures"):
        next(frames)
    source.close()
    assert capture.released
    assert source.frame_count is None
    assert source.fps == 30


def test_camera_that_opens_but_gives_nothing():
    capture = ScriptedCapture(0)
    capture.allowed.release()
    with pytest.raises(SourceError, match="camera 0 opened but gave no picture"):
        Camera(capture, "camera 0", time.monotonic)
    assert capture.released
