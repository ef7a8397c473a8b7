"""The live websocket, spoken to as a page would, and as a page would not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from app.capture.component import PREVIEW_PATH, SOCKET_PATH
from app.socket.protocol import preview_message, result_message
from app.socket.server import routes
from app.socket.transport import FrameSocket, Limits, is_own_origin
from app.state.capturing import Capture
from app.state.process import shared
from app.state.resources import Analyze, Resources
from app.state.tokens import Ticket, TokenSigner
from fewshot.errors import GalleryMismatch, LessonOver
from fewshot.face.backend import FaceBackend
from fewshot.live.demo import DemoStudent, class_photo
from fewshot.messages import messages
from fewshot.sentence import Sentence
from fewshot.types import EMOTIONS, NOBODY, Emotion, FrameResult, Reading, UInt8
from tests.app.conftest import pack_frame

SIGNER = TokenSigner("a fixed key")
TICKET = Ticket("", "lesson")
ORIGIN = {"origin": "http://testserver"}
LIMITS = Limits(max_bytes=1_000_000, max_pixels=1280 * 1024, hello_s=0.3)


def serve(open_lesson: Callable[[Ticket], Analyze]) -> TestClient:
    socket = FrameSocket(open_lesson, result_message, SIGNER, limits=LIMITS, workers=1)
    return TestClient(Starlette(routes=[WebSocketRoute("/live/ws", socket.serve)]))


def refuse_frames(frame_bgr: UInt8, time_s: float) -> FrameResult:
    raise AssertionError("no frame may come this far")


def greet(page: WebSocketTestSession, token: object = None, language: object = "en") -> dict[str, Any]:
    page.send_text(json.dumps({"token": SIGNER.issue(TICKET) if token is None else token, "language": language}))
    return dict(page.receive_json())


def jpeg(image_bgr: UInt8) -> bytes:
    return cv2.imencode(".jpg", image_bgr)[1].tobytes()


def expect_end(page: WebSocketTestSession) -> int:
    with pytest.raises(WebSocketDisconnect) as end:
        page.receive_json()
    return int(end.value.code)


class FaceFinder:
    """Analyzes frames with a real detector and knows nobody."""

    def __init__(self, backend: FaceBackend) -> None:
        self._backend = backend
        self.tickets: list[Ticket] = []
        self.threads: set[str] = set()

    def open_lesson(self, ticket: Ticket) -> Any:
        self.tickets.append(ticket)
        return self.process

    def process(self, frame_bgr: UInt8, time_s: float) -> FrameResult:
        self.threads.add(threading.current_thread().name)
        unsure = Emotion(None, dict.fromkeys(EMOTIONS, 1 / 7), 1.0, "generic")
        faces = self._backend.detect(frame_bgr)
        readings = tuple(Reading(track, face, NOBODY, unsure) for track, face in enumerate(faces))
        return FrameResult(0, time_s, frame_bgr.shape[1], frame_bgr.shape[0], readings)


@pytest.fixture
def finder(backend: FaceBackend) -> FaceFinder:
    return FaceFinder(backend)


@pytest.fixture
def page(finder: FaceFinder) -> Iterator[WebSocketTestSession]:
    """A page that was let in."""
    with serve(finder.open_lesson).websocket_connect("/live/ws", headers=ORIGIN) as page:
        assert greet(page) == {"type": "ready"}
        yield page


def test_a_camera_picture_comes_back_with_a_sentence(resources: Resources, ada: DemoStudent) -> None:
    socket = FrameSocket(lambda _: resources.preview_photo, preview_message, SIGNER, limits=LIMITS, workers=1)
    client = TestClient(Starlette(routes=[WebSocketRoute("/enroll/ws", socket.serve)]))
    with client.websocket_connect("/enroll/ws", headers=ORIGIN) as page:
        assert greet(page) == {"type": "ready"}
        page.send_bytes(pack_frame(0.0, jpeg(ada.photo_bgr)))
        good = page.receive_json()
        assert (good["type"], good["good"], good["text"]) == ("result", True, "Good: hold still.")
        assert (good["height"], good["width"]) == ada.photo_bgr.shape[:2]
        assert len(good["boxes_xyxy"]) == 1
        page.send_bytes(pack_frame(0.25, jpeg(class_photo())))
        bad = page.receive_json()
        assert (bad["good"], bad["text"]) == (False, "Several faces are in the picture: one at a time.")
        assert len(bad["boxes_xyxy"]) == 6
    assert resources.store.people() == ()


def test_the_app_lets_only_pages_of_the_right_kind_in(resources: Resources) -> None:
    client = TestClient(Starlette(routes=routes()))
    for path, own, other in [
        (SOCKET_PATH, shared.signer, shared.preview_signer),
        (PREVIEW_PATH, shared.preview_signer, shared.signer),
    ]:
        with client.websocket_connect(path, headers=ORIGIN) as page:
            assert greet(page, other.issue(TICKET))["then"] == "reconnect"
        with client.websocket_connect(path, headers=ORIGIN) as page:
            assert greet(page, own.issue(TICKET)) == {"type": "ready"}


def test_a_real_photo_comes_back_as_six_boxes(page: WebSocketTestSession, finder: FaceFinder) -> None:
    photo_bgr = class_photo()
    page.send_bytes(pack_frame(0.5, jpeg(photo_bgr)))
    answer = page.receive_json()
    assert (answer["type"], answer["time_s"]) == ("result", 0.5)
    assert (answer["height"], answer["width"]) == photo_bgr.shape[:2]
    assert len(answer["readings"]) == 6
    assert finder.tickets == [TICKET]
    assert all(name.startswith("frames") for name in finder.threads), "models must not run on the event loop"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (pack_frame(0.0, b"no picture at all"), "damaged"),
        (pack_frame(0.0, jpeg(np.zeros((1300, 1300, 3), np.uint8))), "pixels"),
        (b"short", "got 5 bytes"),
    ],
)
def test_a_bad_frame_is_skipped_with_a_sentence(page: WebSocketTestSession, message: bytes, reason: str) -> None:
    page.send_bytes(message)
    answer = page.receive_json()
    assert (answer["type"], answer["then"]) == ("error", "continue")
    assert reason in answer["text"]
    page.send_bytes(pack_frame(1.0, jpeg(np.zeros((64, 64, 3), np.uint8))))
    assert page.receive_json()["type"] == "result", "the next frame counts again"


def test_text_where_a_frame_belongs_is_skipped(page: WebSocketTestSession) -> None:
    page.send_text("hello?")
    assert page.receive_json()["then"] == "continue"


def test_a_frame_of_too_many_bytes_ends_the_session(page: WebSocketTestSession) -> None:
    page.send_bytes(bytes(LIMITS.max_bytes + 1))
    answer = page.receive_json()
    assert answer["then"] == "stop"
    assert "1,000,000 bytes" in answer["text"]
    assert expect_end(page) == 1009


@pytest.mark.parametrize("token", ["forged", TokenSigner("another key").issue(TICKET), 7])
def test_a_wrong_token_is_told_to_come_back_with_another(token: object) -> None:
    with serve(lambda lesson: refuse_frames).websocket_connect("/live/ws", headers=ORIGIN) as page:
        answer = greet(page, token)
        assert (answer["type"], answer["then"]) == ("error", "reconnect")
        assert "Reload" in answer["text"]
        assert expect_end(page) == 1008


@pytest.mark.parametrize(("language", "told_in"), [("hi", "hi"), ("xx", "en"), (7, "en"), (None, "en")])
def test_a_page_is_answered_in_its_language(language: object, told_in: str) -> None:
    say = messages(told_in)
    with serve(lambda lesson: refuse_frames).websocket_connect("/live/ws", headers=ORIGIN) as page:
        assert greet(page, "forged", language)["text"] == say("sentences.unknown_token")
    with serve(lambda lesson: refuse_frames).websocket_connect("/live/ws", headers=ORIGIN) as page:
        assert greet(page, language=language) == {"type": "ready"}
        page.send_bytes(pack_frame(0.0, b"no picture at all"))
        assert page.receive_json()["text"] == say("sentences.frame_skipped", why=say("photo.damaged"))
        page.send_bytes(bytes(LIMITS.max_bytes + 1))
        large = say("sentences.frame_too_large", most=LIMITS.max_bytes, found=LIMITS.max_bytes + 1)
        assert page.receive_json()["text"] == large


def test_a_lesson_that_is_over_and_a_failure_are_told_in_the_pages_language() -> None:
    def is_over(frame_bgr: UInt8, time_s: float) -> FrameResult:
        raise LessonOver(Sentence("This lesson is over. Press Start to begin another one.", "lesson_over"))

    def fails(frame_bgr: UInt8, time_s: float) -> FrameResult:
        raise ZeroDivisionError

    say = messages("hi")
    for process, told in (
        (is_over, say("sentences.lesson_over")),
        (fails, say("sentences.frame_failed", kind="ZeroDivisionError")),
    ):
        with serve(lambda _, process=process: process).websocket_connect("/live/ws", headers=ORIGIN) as page:
            greet(page, language="hi")
            page.send_bytes(pack_frame(0.0, jpeg(np.zeros((64, 64, 3), np.uint8))))
            assert page.receive_json()["text"] == told


@pytest.mark.parametrize("hello", ["not json", "[]", "null"])
def test_nonsense_instead_of_a_token_is_refused(hello: str) -> None:
    with serve(lambda lesson: refuse_frames).websocket_connect("/live/ws", headers=ORIGIN) as page:
        page.send_text(hello)
        assert page.receive_json()["type"] == "error"
        assert expect_end(page) == 1008


def test_a_page_that_says_nothing_is_not_kept() -> None:
    with serve(lambda lesson: refuse_frames).websocket_connect("/live/ws", headers=ORIGIN) as page:
        assert "who it is" in page.receive_json()["text"]
        assert expect_end(page) == 1008


@pytest.mark.parametrize("headers", [{}, {"origin": "http://evil.example"}, {"origin": "null"}])
def test_a_foreign_page_is_not_even_let_in(headers: dict[str, str]) -> None:
    client = serve(lambda lesson: refuse_frames)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/live/ws", headers=headers):
        raise AssertionError("the handshake must fail")


def test_a_gallery_that_does_not_fit_is_told_as_it_is() -> None:
    def open_lesson(ticket: Ticket) -> Any:
        raise GalleryMismatch("'Ada' was enrolled with another encoder. Enroll 'Ada' again.")

    with serve(open_lesson).websocket_connect("/live/ws", headers=ORIGIN) as page:
        answer = greet(page)
        assert answer == {
            "type": "error",
            "text": "'Ada' was enrolled with another encoder. Enroll 'Ada' again.",
            "then": "stop",
        }
        assert expect_end(page) == 1011


def test_an_unforeseen_failure_is_told_without_its_secrets(caplog: pytest.LogCaptureFixture) -> None:
    def fail(frame_bgr: UInt8, time_s: float) -> FrameResult:
        raise ZeroDivisionError("the password is swordfish")

    with serve(lambda lesson: fail).websocket_connect("/live/ws", headers=ORIGIN) as page:
        greet(page)
        page.send_bytes(pack_frame(0.0, jpeg(np.zeros((64, 64, 3), np.uint8))))
        answer = page.receive_json()
        assert answer["then"] == "reconnect"
        assert "ZeroDivisionError" in answer["text"]
        assert "swordfish" not in answer["text"]
        assert expect_end(page) == 1011
    assert "swordfish" in caplog.text, "the log must say what the page must not"


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://localhost:8501", "localhost:8501", True),
        ("https://school.example", "school.example", True),
        ("http://localhost:9999", "localhost:8501", False),
        ("https://school.example.evil", "school.example", False),
        ("https://lessons.example", "10.0.0.7:8501", True),
        (None, "localhost:8501", False),
        ("http://localhost:8501", None, False),
    ],
)
def test_origins(origin: str | None, host: str | None, own: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEWSHOT_ORIGINS", "https://lessons.example, https://other.example")
    assert is_own_origin(origin, host) is own


def test_the_capture_is_watched_from_the_first_frame_to_the_farewell() -> None:
    capture, now = Capture(lambda: 0.0), []

    def open_lesson(ticket: Ticket) -> Analyze:
        assert ticket == TICKET
        now.append(capture.view().state)
        return lambda frame_bgr, time_s: FrameResult(0, time_s, 64, 48, ())

    socket = FrameSocket(open_lesson, result_message, SIGNER, lambda _: capture.watch(), LIMITS, workers=1)
    client = TestClient(Starlette(routes=[WebSocketRoute("/live/ws", socket.serve)]))
    for code, afterwards in ((1000, "off"), (1006, "lost")):
        with client.websocket_connect("/live/ws", headers=ORIGIN) as page:
            assert greet(page)["type"] == "ready"
            page.send_bytes(pack_frame(0.0, jpeg(np.zeros((48, 64, 3), np.uint8))))
            page.receive_json()
            page.send_bytes(b"")
            page.receive_json()  # so that the answer before it was noted
            page.send_bytes(b"")
            page.receive_json()
            now.append(capture.view().state)
            assert capture.view().skipped in (1, 2), "an answer is noted after it is sent"
            page.close(code)
        now.append(capture.view().state)
        assert now[-3:] == ["starting", "running", afterwards]
