"""A new teacher in a real browser: from an empty store to a downloaded report of the demo class, by clicks alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import stage
from tests.browser.conftest import FAKE_CAMERA, OpenPage, running_server

pytestmark = pytest.mark.browser

NOTE_PLACES = """() => {
  window.places = new Set();
  const button = document.querySelector(".st-key-enroll_first button");
  let spun = false;
  const note = () => {
    const spins = document.querySelector("[data-testid=stSpinner]");
    if ((spun && !spins) || !button.isConnected) return;
    spun ||= spins;
    places.add(button.getBoundingClientRect().x);
    requestAnimationFrame(note);
  };
  note();
}"""
"""Notes where the second button of the welcome stands, until the six have come in."""


def click(page: Page, name: str) -> None:
    """Click the one button of this name."""
    page.get_by_role("button", name=name).click()


@pytest.mark.parametrize(("dark", "width"), [(False, 1440), (True, 820)], ids=["light", "dark and narrow"])
def test_three_clicks_lead_from_an_empty_store_to_a_downloaded_report(
    dark: bool, width: int, open_page: OpenPage, tmp_path: Path
) -> None:
    with running_server(tmp_path) as server:
        page = open_page(dark=dark, width=width)
        page.goto(server.url)
        page.get_by_role("button", name="Watch the demo class").wait_for()
        page.screenshot(path=tmp_path / "welcome.png")
        page.evaluate(NOTE_PLACES)
        click(page, "Watch the demo class")
        report = page.get_by_role("button", name="See its report")
        expect(report).to_be_disabled()
        card = page.locator(".cards .card").first
        card.wait_for()
        assert len(page.evaluate("[...places]")) == 1, "a button moved while six students came in"
        before = card.bounding_box()
        stage.wait_until(page, stage.all_named)
        expect(report).to_be_enabled(timeout=30_000)
        assert card.bounding_box() == before, "what is offered next moves nothing"
        page.screenshot(path=tmp_path / "demo.png")
        click(page, "See its report")
        page.get_by_text("Beside earlier lessons").wait_for()
        page.screenshot(path=tmp_path / "report.png")
        with page.expect_download() as download:
            click(page, "HTML")
        assert "Fay" in download.value.path().read_text()


def test_a_stopped_demo_stays_stopped_and_the_law_comes_before_the_camera(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        page = open_page(*FAKE_CAMERA)
        page.goto(server.url)
        click(page, "Watch the demo class")
        page.locator(".stage[data-state=live]").wait_for()
        page.locator("button.stop").click()
        click(page, "Bookmark")  # runs the page anew
        page.keyboard.press("Escape")
        page.wait_for_timeout(2000)
        assert page.locator(".stage").get_attribute("data-state") == "idle"
        page.get_by_test_id("stButtonGroup").get_by_text("Camera").click()
        click(page, "I have read this, and I may use it where I am")
        stage.start(page)
        page.reload()
        page.locator(".stage[data-source=camera][data-state=idle]").wait_for()
