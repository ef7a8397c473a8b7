"""A student is enrolled before a camera that says what is wrong, by pressing nothing but the page's own buttons."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from fewshot.live.demo import BACKGROUND_BGR, SIZE, demo_people
from fewshot.types import UInt8
from tests.browser.conftest import FAKE_CAMERA, OpenPage, Server, running_server

pytestmark = pytest.mark.browser

FAR_S, NEAR_S, FPS = 3, 7, 30
JPEG = re.compile(rb"data:image/jpeg;base64,([A-Za-z0-9+/=]+)")


def jpeg(image_bgr: UInt8) -> bytes:
    return cv2.imencode(".jpg", image_bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def frame(portrait_bgr: UInt8, height: float, sway: float) -> UInt8:
    """The portrait in front of a camera, ``height`` pixels tall, moved aside by ``sway``."""
    zoom = height / portrait_bgr.shape[0]
    left = (SIZE[0] - zoom * portrait_bgr.shape[1]) / 2 + sway
    move = np.array([[zoom, 0, left], [0, zoom, (SIZE[1] - height) / 2]])
    return cv2.warpAffine(portrait_bgr, move, SIZE, flags=cv2.INTER_CUBIC, borderValue=BACKGROUND_BGR).astype(np.uint8)


@pytest.fixture(scope="module")
def sitter(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Chromium's flag for a camera before which somebody sits too far away, comes closer, and goes back again."""
    path = tmp_path_factory.mktemp("camera") / "sitter.mjpeg"
    portrait_bgr = demo_people()[0].photo_bgr
    with path.open("wb") as stream:
        for index in range(FPS * (FAR_S + NEAR_S)):
            height = 170 if index < FPS * FAR_S else 640
            image = frame(portrait_bgr, height, 20 * np.sin(index / FPS * 2))
            stream.write(jpeg(image))
    return f"--use-file-for-fake-video-capture={path}"


def as_bytes(message: bytes | str) -> bytes:
    return message.encode() if isinstance(message, str) else message


def guide_me(page: Page, server: Server) -> Locator:
    """Open the page Enroll and switch the guide on."""
    page.goto(f"{server.url}/enroll")
    page.get_by_text("Guide me with the camera").click()
    guide = page.locator(".guide")
    guide.wait_for()
    return guide


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server of one test's own: who is enrolled here is one of the demo class, whom other tests know by another name."""
    with running_server(tmp_path) as running:
        yield running


def test_a_student_is_enrolled_before_the_camera(
    own_server: Server, sitter: str, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(*FAKE_CAMERA, sitter, width=1280)
    photos: list[bytes] = []
    page.on(
        "websocket", lambda socket: socket.on("framesent", lambda sent: photos.extend(JPEG.findall(as_bytes(sent))))
    )
    guide = guide_me(page, own_server)
    shutter = guide.get_by_role("button", name="Take the photo")
    guide.get_by_text("First, a neutral face: relaxed, mouth closed.").wait_for()
    guide.get_by_text("Move closer.").wait_for()
    assert shutter.is_disabled()
    page.screenshot(path=tmp_path / "far.png")
    guide.get_by_text("Good: hold still.").wait_for()
    page.screenshot(path=tmp_path / "near.png")
    shutter.press("Enter")
    page.get_by_role("img", name="1.jpg, neutral").wait_for()
    guide.get_by_text("Taken: neutral.").wait_for()
    photo = cv2.imdecode(np.frombuffer(base64.b64decode(photos[0]), np.uint8), cv2.IMREAD_COLOR)
    assert photo.shape == (SIZE[1], SIZE[0], 3), "a photo has all the pixels of the camera"
    guide.get_by_text("Now, a").wait_for()
    guide.get_by_label("By itself, when the picture is good").check()
    page.get_by_role("img", name="2.jpg, ").wait_for()
    page.screenshot(path=tmp_path / "taken.png")
    assert guide.locator("video").evaluate("video => (window.camera = video.srcObject).active")
    page.get_by_text("Guide me with the camera").click()
    page.wait_for_function("!window.camera.active")
    page.locator("input[type=file]").wait_for(state="attached")
    page.get_by_label("Name", exact=True).fill("Guided")
    page.get_by_text("agreed in writing").click()
    page.get_by_label("Who agreed, and how?").fill("Form signed")
    page.get_by_label("Recorded by").fill("Ms. Noether")
    page.get_by_role("button", name="Save this student").click()
    page.get_by_text("Guided is saved.").wait_for()


def test_without_a_camera_there_is_a_next_step(server: Server, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(width=820)
    guide = guide_me(page, server)
    guide.get_by_text("No camera was found. Plug one in").wait_for()
    assert guide.get_by_role("button", name="Start the camera").is_enabled()
    page.screenshot(path=tmp_path / "none.png")
    page.get_by_text("Guide me with the camera").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "ada.jpg", "mimeType": "image/jpeg", "buffer": jpeg(demo_people()[0].photo_bgr)}
    )
    page.get_by_role("img", name="ada.jpg, neutral").wait_for()
