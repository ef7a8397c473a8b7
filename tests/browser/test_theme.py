"""The choice between light and dark in a real browser; what it relies on in Streamlit's page is nobody's promise."""

from __future__ import annotations

import tomllib

import pytest
from playwright.sync_api import Page, expect

from app.pages import PAGES
from tests.browser.conftest import ROOT, OpenPage, Server
from tests.browser.test_access import tab_to

pytestmark = pytest.mark.browser

LIGHT, DARK = (
    tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"][theme]["backgroundColor"]
    for theme in ("light", "dark")
)


def expect_background(page: Page, color_rgb: str) -> None:
    """Wait until the page is as ``.streamlit/config.toml`` has a theme."""
    red, green, blue = (int(color_rgb[at : at + 2], 16) for at in (1, 3, 5))
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", f"rgb({red}, {green}, {blue})")


def open_settings(page: Page, address: str) -> None:
    """Open the page Settings and wait for the choice on it."""
    page.goto(address)
    page.get_by_role("group", name="Theme").wait_for()
    page.locator("[data-test-script-state=notRunning]").wait_for()


def test_a_theme_counts_at_once_and_on_every_page_that_is_loaded_later(server: Server, open_page: OpenPage) -> None:
    page = open_page()
    open_settings(page, f"{server.url}/settings")
    expect(page.get_by_role("radio", name="As the system")).to_be_checked()
    expect_background(page, LIGHT)
    page.evaluate("() => { window.loadedBefore = true }")
    tab_to(page, "As the system")
    page.keyboard.press("ArrowLeft")  # which begins again at the last
    expect_background(page, DARK)
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    expect(page.get_by_role("radio", name="Dark")).to_be_focused()
    expect(page.get_by_test_id("stMainMenuPopover")).to_have_count(0)
    expect(page.get_by_role("group", name="Theme").get_by_role("status")).to_be_empty()
    assert page.evaluate("() => window.loadedBefore"), "a photo of Enroll that was not saved would be lost"
    _, *others = PAGES
    for name in ("", *others):
        page.goto(f"{server.url}/{name}")
        page.get_by_role("heading", level=1).wait_for()
        expect_background(page, DARK)
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    page.get_by_role("radio", name="As the system").check(force=True)
    expect_background(page, LIGHT)
    page.emulate_media(color_scheme="dark")
    expect_background(page, DARK)


def test_what_is_chosen_in_streamlits_menu_is_shown_as_the_choice(server: Server, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(server.url)
    page.get_by_test_id("stMainMenuButton").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    page.get_by_test_id("stMainMenuButton").click()
    page.get_by_role("menuitemradio", name="Light").click()
    expect(page.get_by_role("radio", name="Light")).to_be_checked()


def test_without_streamlits_menu_a_theme_counts_from_the_next_load(server: Server, open_page: OpenPage) -> None:
    page = open_page()
    open_settings(page, f"{server.url}/settings?embed=true")
    page.get_by_role("radio", name="Dark").check(force=True)
    page.get_by_text("It counts from the next time that a page is loaded.").wait_for()
    expect_background(page, LIGHT)
    page.reload()
    expect_background(page, DARK)
