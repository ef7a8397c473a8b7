"""A real server with its own store, and a real Chromium to look at it with. Skips, with the reason, without a browser."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.sync_api import Page, sync_playwright

from fewshot.live.demo import SECONDS, class_photo, demo_frame

ROOT = Path(__file__).parents[2]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
PATIENCE_S = 120.0

OpenPage = Callable[..., Any]


class Server:
    """The app as a user starts it, on a free port, with a store of its own.

    ``options`` as ``streamlit run`` takes them; ``overrides`` of settings, as FEWSHOT_OVERRIDES does.
    """

    def __init__(self, folder: Path, *options: str, overrides: str = "") -> None:
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://localhost:{self.port}"
        self._log = folder / "server.log"
        self._command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options]
        # The built-in faces run wherever the tests do; what InsightFace's pack adds is the contract tests' matter.
        self._environment = os.environ | {
            "FEWSHOT_STORE": str(folder / "students.db"),
            "FEWSHOT_OVERRIDES": f"faces=builtin {overrides}".strip(),
            "STREAMLIT_SERVER_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, status: int = 200) -> None:
        """Start and wait until it reports ``status``: 200 where models and store are ready, 503 where they cannot be."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while self._health() != status:
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, f"the server is not ready:\n{self._log.read_text()}"
            time.sleep(0.2)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it as an init system and ``docker stop`` do."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        self._process = None

    def _health(self) -> int | None:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return None


@contextmanager
def running_server(folder: Path, *options: str, status: int = 200, overrides: str = "") -> Iterator[Server]:
    """A server that is up inside the block and gone after it."""
    server = Server(folder, *options, overrides=overrides)
    try:
        server.start(status)
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that do not kill it."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def fake_camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the fake camera plays: the demo class, as JPEGs one after the other, which is what an .mjpeg file is."""
    path = tmp_path_factory.mktemp("camera") / "class.mjpeg"
    photo_bgr, frames = class_photo(), 120
    with path.open("wb") as stream:
        for index in range(frames):
            frame_bgr = demo_frame(photo_bgr, index / frames * SECONDS)
            stream.write(cv2.imencode(".jpg", frame_bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    return path


def need_chromium() -> None:
    """Skip the test, with the reason, where there is no Chromium."""
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}; install it or name another in the variable CHROMIUM")


@pytest.fixture
def open_page() -> Iterator[OpenPage]:
    """``open_page(*flags)`` starts Chromium with extra flags and returns an empty page; a script that fails in it fails the test."""
    need_chromium()
    with sync_playwright() as driver:
        browsers = []
        failures: list[str] = []

        def open_page(*flags: str, dark: bool = False, width: int = 1400) -> Page:
            browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=[*QUIET, *flags])
            browsers.append(browser)
            context = browser.new_context(
                viewport={"width": width, "height": 950}, color_scheme="dark" if dark else "light"
            )
            page: Page = context.new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            page.on("pageerror", lambda error: failures.append(error.stack or str(error)))
            return page

        yield open_page
        for browser in browsers:
            browser.close()
        assert not failures, "\n".join(failures)
