"""A lesson goes on while its tab lies hidden behind the meeting, where browsers slow a page's timers to one a second."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import TimeoutError as HungError

from tests.browser import stage
from tests.browser.conftest import CHROMIUM, FAKE_CAMERA, PATIENCE_S, QUIET, Server, need_chromium

pytestmark = pytest.mark.browser

SECONDS = 8
NOTE_DOWN = """stage => {
    window.answers = [];
    window.ticks = [];
    const note = (list) => list.push([performance.now() / 1000, document.visibilityState]);
    new MutationObserver(() => note(answers)).observe(stage, { attributeFilter: ["data-latency-ms"] });
    setInterval(() => note(ticks), 100);
}"""
"""Every answer of the server and every tick of a timer: when, and whether the tab was to be seen."""


@contextmanager
def chromium(profile: Path, *flags: str) -> Iterator[str]:
    """Chromium as a user starts it; yields the address of its debugger. What Playwright starts is never really hidden."""
    command = [
        str(CHROMIUM),
        "--headless=new",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        *QUIET,
        *flags,
    ]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port, deadline = profile / "DevToolsActivePort", time.monotonic() + PATIENCE_S
        while not port.is_file() or not port.read_text():
            assert browser.poll() is None, "Chromium has ended"
            assert time.monotonic() < deadline, "Chromium does not start"
            time.sleep(0.1)
        yield f"http://localhost:{port.read_text().splitlines()[0]}"
    finally:
        browser.terminate()
        browser.wait()


def connect(driver: Playwright, debugger: str) -> Browser:
    """Connect Playwright; once more where Chromium, still opening its first tab, has let the first attempt hang."""
    try:
        return driver.chromium.connect_over_cdp(debugger, timeout=20_000)
    except HungError:
        return driver.chromium.connect_over_cdp(debugger, timeout=PATIENCE_S * 1000)


def start_a_lesson(driver: Playwright, debugger: str, url: str) -> None:
    """Start the camera in the first tab and note down what happens from then on, also when nobody is connected."""
    browser = connect(driver, debugger)
    page = browser.contexts[0].pages[0]
    page.set_default_timeout(PATIENCE_S * 1000)
    stage.enter(page, url)
    stage.start(page)
    page.locator(".stage[data-latency-ms]").wait_for()
    page.locator(".stage").evaluate(NOTE_DOWN)
    browser.close()  # disconnects only; as long as Playwright is connected, it tells the page that it is seen


def hide_the_tab(debugger: str) -> None:
    """Open another tab and bring it to the front."""
    with urllib.request.urlopen(urllib.request.Request(f"{debugger}/json/new?about:blank", method="PUT")) as answer:
        other = json.load(answer)["id"]
    urllib.request.urlopen(f"{debugger}/json/activate/{other}").close()


def rate(moments: list[tuple[float, str]], state: str) -> float:
    """Events a second while the tab was ``visible`` or ``hidden``; what came first is left out, and so is the rest."""
    times = [time_s for time_s, seen in moments if seen == state][1:]
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


def test_a_hidden_tab_keeps_its_pace(server: Server, fake_camera: Path, tmp_path: Path) -> None:
    need_chromium()
    camera = f"--use-file-for-fake-video-capture={fake_camera}"
    with sync_playwright() as driver, chromium(tmp_path / "profile", *FAKE_CAMERA, camera) as debugger:
        start_a_lesson(driver, debugger, server.url)
        time.sleep(SECONDS)
        hide_the_tab(debugger)
        time.sleep(SECONDS)
        page = next(p for p in connect(driver, debugger).contexts[0].pages if server.url in p.url)
        answers, ticks = page.evaluate("[answers, ticks]")
    assert rate(ticks, "hidden") < 2 < rate(ticks, "visible"), "the tab was hidden, and its timers slowed down"
    seen, hidden = rate(answers, "visible"), rate(answers, "hidden")
    assert hidden >= min(5.0, 0.7 * seen), (
        f"{seen:.1f} frames a second were answered while the tab was seen, {hidden:.1f} hidden"
    )
