"""The screen of this machine is a source: the real library on a real, virtual display."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from fewshot.errors import SourceError
from fewshot.live.screen import ScreenCapture
from fewshot.live.sources import LiveSource, open_source
from tests.live.builders import PATIENCE


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A white display of 320 x 240 pixels."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb, a display without a screen: apt-get install xvfb")
    pytest.importorskip("mss", reason="needs the extra [screen]")
    listening, number = os.pipe()
    command = ["Xvfb", "-displayfd", str(number), "-screen", "0", "320x240x24", "-wr", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[number], stderr=subprocess.DEVNULL)
    os.close(number)
    with os.fdopen(listening) as said:
        name = said.readline().strip()
    yield f":{name}"
    server.terminate()
    server.wait()


@pytest.fixture
def on_display(display, monkeypatch) -> None:
    monkeypatch.setenv("DISPLAY", display)


@pytest.mark.parametrize("spec", ["screen", "screen:1"])
def test_the_first_monitor_is_a_live_source(on_display, spec):
    with open_source(spec, patience=PATIENCE, screen_fps=50) as source:
        frames = [frame for _, frame in zip(range(3), source, strict=False)]
    assert isinstance(source, LiveSource)
    assert (source.fps, source.frame_count) == (50, None)
    assert [frame.index for frame in frames] == sorted({frame.index for frame in frames})
    for frame in frames:
        assert (frame.image_bgr.shape, frame.image_bgr.dtype) == ((240, 320, 3), np.uint8)
        assert frame.image_bgr.mean() > 250


def test_pictures_are_taken_no_faster_than_asked(on_display):
    now_s, pauses_s = [0.0], []

    def sleep(seconds: float) -> None:
        pauses_s.append(round(seconds, 6))
        now_s[0] += seconds

    screen = ScreenCapture(1, fps=10, clock=lambda: now_s[0], sleep=sleep)
    for work_s in (0.02, 0.3, 0.0, 0.0):
        assert screen.read()[0]
        now_s[0] += work_s
    screen.release()
    assert pauses_s == [0.08, 0.1]


def test_a_monitor_that_is_not_there(on_display):
    with pytest.raises(SourceError, match=r"screen:2 must be one of .* are screen:1 \(320 x 240\)\. Name one"):
        open_source("screen:2", patience=PATIENCE)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every session has a display")
@pytest.mark.parametrize("name", [None, ":9876"])
def test_no_display(name, monkeypatch):
    pytest.importorskip("mss", reason="needs the extra [screen]")
    if name is None:
        monkeypatch.delenv("DISPLAY", raising=False)
    else:
        monkeypatch.setenv("DISPLAY", name)
    with pytest.raises(SourceError, match=r"source=screen needs a display .* none \(.*\)\. Start it in a desktop"):
        open_source("screen", patience=PATIENCE)


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "mss", None)
    with pytest.raises(SourceError, match=r"needs the library mss, which is not installed\. .* '\.\[screen\]'"):
        open_source("screen", patience=PATIENCE)
