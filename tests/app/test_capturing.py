"""What the capture is doing, with a clock moved by hand, and on every page."""

from __future__ import annotations

import pytest
from starlette.websockets import WebSocketDisconnect

from app.state import process, signin
from app.state.capturing import LOST_S, PAUSED_S, Capture, CaptureView
from app.state.resources import Resources
from fewshot.errors import WeightsError
from fewshot.messages import messages
from tests.app.conftest import OpenPage


class Clock:
    """Seconds moved by hand."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_capture_starts_runs_pauses_and_ends() -> None:
    clock = Clock()
    capture = Capture(clock)
    assert capture.view() == CaptureView("off")
    with capture.watch() as answered:
        assert capture.view() == CaptureView("starting")
        answered(False)
        assert capture.view() == CaptureView("running")
        clock.now_s += PAUSED_S
        assert capture.view() == CaptureView("paused")
        answered(False)
        assert capture.view().state == "running"
    assert capture.view() == CaptureView("off")


def test_two_tabs_are_one_capture() -> None:
    clock = Clock()
    capture = Capture(clock)
    with capture.watch() as one, capture.watch() as other:
        one(False)
        clock.now_s += PAUSED_S
        other(True)
        assert capture.view() == CaptureView("running", 1)
        clock.now_s += PAUSED_S
        assert capture.view() == CaptureView("paused", 1)


@pytest.mark.parametrize(
    ("code", "state"), [(1000, "off"), (1001, "off"), (1005, "off"), (1006, "lost"), (1011, "lost")]
)
def test_only_a_connection_that_broke_is_lost_and_not_for_long(code: int, state: str) -> None:
    clock = Clock()
    capture = Capture(clock)
    with pytest.raises(WebSocketDisconnect), capture.watch():
        raise WebSocketDisconnect(code)
    assert capture.view().state == state
    clock.now_s += LOST_S
    assert capture.view().state == "off"
    with pytest.raises(WebSocketDisconnect), capture.watch():
        raise WebSocketDisconnect(code)
    with capture.watch():
        assert capture.view().state == "starting", "it was found again"
    assert capture.view().state == "off"


@pytest.mark.parametrize("name", ["live", "enroll", "students", "report", "settings"])
def test_every_page_says_what_the_capture_is_doing(name: str, resources: Resources, open_page: OpenPage) -> None:
    texts = messages()
    with process.shared._capture_of(signin.ANYBODY).watch():
        page = open_page(name)
        assert texts("capture.starting") in page.markdown[0].value
    assert texts("capture.off") in page.run().markdown[0].value


def test_the_capture_is_told_without_models(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Resources:
        raise WeightsError("there is nothing. Reinstall.")

    monkeypatch.setattr(process.shared, "get", fail)
    assert messages()("capture.off") in open_page("students").markdown[0].value


def test_a_page_that_fails_unexpectedly_says_what_the_capture_is_doing(
    resources: Resources, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Resources:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(process.shared, "get", fail)
    with process.shared._capture_of(signin.ANYBODY).watch():
        page = open_page("students")
    assert page.exception, "it is not swallowed"
    assert messages()("capture.starting") in page.markdown[0].value
