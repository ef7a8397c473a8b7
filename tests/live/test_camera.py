"""A camera gives its newest picture, connects anew when it is lost, and says when it will give no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from fewshot.errors import SourceError
from fewshot.live.camera import Camera
from fewshot.live.frames import Frame
from fewshot.live.mishaps import Mishaps
from fewshot.live.sources import LiveSource
from tests.live.builders import PATIENCE


def gray(value: int, width: int = 64, height: int = 48) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


class ScriptedCapture:
    """A camera that hands out a picture whenever the test allows it, and is unplugged at the end."""

    def __init__(self, pictures: int, allowed: int = 0) -> None:
        self.allowed = threading.Semaphore(allowed)
        self.pictures, self.given, self.released = pictures, 0, False

    def get(self, prop: int, /) -> float:
        return {cv2.CAP_PROP_FPS: 30.0}[prop]

    def read(self) -> tuple[bool, np.ndarray | None]:
        assert not self.released, "read after release"
        if not self.allowed.acquire(timeout=10):
            raise AssertionError("nobody asked for this picture")
        self.given += 1
        return self.given <= self.pictures, gray(self.given)

    def release(self) -> None:
        self.released = True


class Street:
    """Captures in the order in which they are connected to, a hand clock that pauses move, and what was told."""

    def __init__(self, *captures: ScriptedCapture | None, **patience: float) -> None:
        self.captures = list(captures)
        self.patience = replace(PATIENCE, **patience)
        self.now_s = 100.0
        self.pauses_s: list[float] = []
        self.told: list[str] = []
        self.mishaps = Mishaps(tell=self.told.append)

    def connect(self) -> ScriptedCapture:
        capture = self.captures.pop(0)
        if capture is None:
            raise SourceError("nobody answers")
        return capture

    def pause(self, seconds: float) -> None:
        self.pauses_s.append(seconds)
        self.now_s += seconds

    def source(self) -> LiveSource:
        camera = Camera(self.connect, "camera 0", lambda: self.now_s, self.patience, self.mishaps, sleep=self.pause)
        return LiveSource(camera, self.mishaps)


def wait_until(condition) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")


def test_live_source_gives_the_newest_picture_stamped_by_the_clock():
    capture = ScriptedCapture(4, allowed=1)
    street = Street(capture)
    source = street.source()
    frames: Iterator[Frame] = iter(source)
    first = next(frames)
    assert (first.index, first.time_s, first.image_bgr[0, 0, 0]) == (0, 0.0, 1)
    street.now_s += 1.5
    for _ in range(3):  # three more arrive while the consumer is busy
        capture.allowed.release()
    wait_until(lambda: source._camera._latest.index == 3)
    newest = next(frames)
    assert (newest.index, newest.time_s, newest.image_bgr[0, 0, 0]) == (3, 1.5, 4)
    capture.allowed.release()  # unplugged
    with pytest.raises(SourceError, match=r"camera 0 stopped after 4 pictures and gave none for 0\.0 s"):
        next(frames)
    source.close()
    assert capture.released
    assert source.frame_count is None
    assert source.fps == 30


def test_camera_that_opens_but_gives_nothing():
    capture = ScriptedCapture(0, allowed=1)
    with pytest.raises(SourceError, match="camera 0 opened but gave no picture"):
        Street(capture).source()
    assert capture.released


def test_camera_that_cannot_be_opened():
    with pytest.raises(SourceError, match="nobody answers"):
        Street(None).source()


def test_a_lost_stream_is_connected_again_after_growing_pauses_and_time_goes_on():
    lost, back = ScriptedCapture(2, allowed=3), ScriptedCapture(1, allowed=2)
    street = Street(lost, None, None, None, ScriptedCapture(0, allowed=1), back, give_up_s=60)
    with street.source() as source:
        frames = iter(source)
        wait_until(lambda: lost.released)
        assert next(frames).index == 1  # the newest of the two
        frame = next(frames)
    assert street.pauses_s == [1, 2, 4, 4, 4]
    assert (frame.index, frame.time_s, frame.image_bgr[0, 0, 0]) == (2, 15.0, 1)
    assert (street.mishaps.reconnections, street.mishaps.without_picture_s) == (1, 15.0)
    assert street.told[0] == "camera 0 was lost after 2 pictures; trying again in 1 s."
    assert street.told[-1] == "camera 0 is back."


def test_a_stream_that_stays_away_is_given_up_and_the_loss_counted():
    street = Street(ScriptedCapture(1, allowed=2), *[None] * 99, give_up_s=20)
    with street.source() as source:
        frames = iter(source)
        next(frames)
        with pytest.raises(SourceError, match=r"stopped after 1 pictures and gave none for 19\.0 s: unplugged"):
            next(frames)
    assert street.pauses_s == [1, 2, 4, 4, 4, 4]
    assert (street.mishaps.reconnections, street.mishaps.without_picture_s) == (0, 19.0)


def test_a_stream_that_hangs_is_noticed_and_left_behind():
    hung, back = ScriptedCapture(9, allowed=1), ScriptedCapture(1, allowed=2)
    street = Street(hung, back, silence_s=1, give_up_s=60)
    with street.source() as source:
        frames = iter(source)
        assert next(frames).index == 0
        assert next(frames).time_s == 1.0
        assert street.told[0] == "camera 0 is silent after 1 pictures; trying again in 1 s."
        hung.allowed.release()  # its read returns at last: the thread must free it, and keep its picture to itself
        wait_until(lambda: hung.released)
        assert source._camera._latest.index == 1
    assert street.mishaps.reconnections == 1


def test_a_picture_that_cannot_be_read_is_passed_over():
    capture = ScriptedCapture(3)
    street = Street(capture)
    capture.read = iter([(True, gray(1)), (True, None), (True, gray(3)), (False, None)]).__next__
    with street.source() as source:
        wait_until(lambda: capture.released)
        assert next(iter(source)).image_bgr[0, 0, 0] == 3
    assert street.mishaps.unreadable == 1
    assert street.told == ["A picture of camera 0 is passed over: it is damaged or cut off."]


def test_a_live_source_has_no_place_to_go_on_from():
    with Street(ScriptedCapture(1, allowed=2)).source() as source, pytest.raises(SourceError, match="Only a recording"):
        source.skip_to(7, 0.5)
