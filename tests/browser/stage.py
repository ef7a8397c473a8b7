"""The live page as a user meets it: what the browser tests press and read."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

from playwright.sync_api import Page, expect

from fewshot.live.demo import demo_people

SIX = {student.name for student in demo_people()}
WORDS = {"camera": "Camera", "screen": "Window or screen", "recording": "Recording", "demo": "Demo class"}
PATIENCE_S = 120.0

Drawn = Mapping[str, str]
"""Emotion by name, as drawn over the video; both may be "unknown" and "unsure"."""


def enter(page: Page, url: str) -> None:
    """Open the live page at the camera, past what is shown before it."""
    page.goto(url)
    go_on(page)


def go_on(page: Page) -> None:
    """Go on to the camera, past the welcome and the notice where they are shown."""
    skip = page.get_by_role("button", name="Go to the camera")
    notice = page.get_by_role("button", name="I have read this")
    start = page.locator("button.start")
    skip.or_(notice).or_(start).first.wait_for()
    if skip.is_visible():
        skip.click()
        notice.or_(start).first.wait_for()
    if notice.is_visible():
        notice.click()
    start.wait_for()


def choose(page: Page, source: str) -> None:
    """Choose a source and wait until the stage is that source's."""
    _press(page, source)
    page.locator(f".stage[data-source={source}][data-state=idle]").wait_for()


def enroll_demo_class(page: Page) -> None:
    """Choose the demo class, and enroll its six students by the page's own button, unless they are."""
    _press(page, "demo")
    button = page.get_by_role("button", name="Enroll the demo class")
    stage = page.locator(".stage[data-source=demo][data-state=idle]")
    button.or_(stage).first.wait_for()
    if button.is_visible():
        button.click()
    stage.wait_for()


def _press(page: Page, source: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(WORDS[source]).click()


def start(page: Page) -> None:
    """Press Start and wait until the server answers."""
    page.locator("button.start").click()
    page.locator(".stage[data-state=live]").wait_for()
    expect(page.locator("button.stop")).to_be_focused()  # whoever came by keyboard is not lost


def bookmark(page: Page, note: str) -> None:
    """Mark this moment, and wait until the page shows it."""
    page.get_by_role("button", name="Bookmark").click()
    page.get_by_placeholder("explained recursion").fill(note)
    page.get_by_role("button", name="Mark this moment").click()
    page.get_by_text(note).first.wait_for()


def watch(page: Page, url: str, source: str) -> None:
    """Enter, enroll the demo class, start ``source``, and wait until the six are named."""
    enter(page, url)
    enroll_demo_class(page)
    if source != "demo":
        choose(page, source)
    start(page)
    wait_until(page, all_named)


def drawn(page: Page) -> Drawn:
    """What is drawn at the moment, read from the overlay's description for screen readers."""
    text = page.locator("canvas.overlay").get_attribute("aria-label") or ""
    return dict(re.findall(r"([^;:]+): (\w+)(?: \d+ %)? \(read by [a-z ]+\)(?:; )?", text))


def wait_until(page: Page, condition: Callable[[Drawn], bool]) -> Drawn:
    """Wait for a moment in which ``condition`` holds of what is drawn, and return that."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition(now := drawn(page)):
        assert time.monotonic() < deadline, (
            f"never came; last drawn: {page.locator('canvas.overlay').get_attribute('aria-label')}"
        )
        page.wait_for_timeout(100)
    return now


def all_named(now: Drawn) -> bool:
    """Whether the six are there, each with an emotion, but for one: of a face turned aside the page may be unsure."""
    return set(now) == SIX and sum(emotion != "unsure" for emotion in now.values()) >= 5


def expect_counted(page: Page, recognized: int) -> None:
    """Wait until the video shows a picture and the panel beside it has counted the students too."""
    # no waiting for the next video frame: a shared tab that stands still never brings one
    assert page.locator("video.video").evaluate("video => video.readyState") >= 2, "the video shows nothing"
    metric = page.get_by_test_id("stMetric").filter(has_text="Recognized")
    metric.get_by_text(str(recognized), exact=True).wait_for()
