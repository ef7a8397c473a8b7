"""What the address of a page does in a real browser: it is gone back to, and it may be that of a moment ago."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import stage
from tests.browser.conftest import OpenPage, Server, running_server
from tests.browser.line import line_to
from tests.browser.test_report_ahead import keep_lessons

pytestmark = pytest.mark.browser

SERVER_MS = 1500
"""Until a server has run a page whose answer nobody hears."""


def expect_source(page: Page, source: str) -> None:
    """Wait until a source is chosen and on the stage."""
    page.locator(f".stage[data-source={source}]").wait_for(timeout=20_000)
    expect(page.get_by_role("radio", checked=True)).to_contain_text(stage.WORDS[source])


def test_going_back_undoes_a_change_of_the_source(server: Server, open_page: OpenPage) -> None:
    page = open_page()
    stage.enter(page, server.url)
    stage.choose(page, "screen")
    stage.choose(page, "recording")
    for source in ("screen", "camera"):
        page.go_back()
        expect_source(page, source)


def test_a_click_that_comes_with_the_address_of_before_leaves_the_source(server: Server, open_page: OpenPage) -> None:
    with line_to(server.port) as line:
        page = open_page()
        stage.enter(page, line.url)
        line.hold_answers()
        page.get_by_test_id("stButtonGroup").get_by_text(stage.WORDS["recording"]).click()
        page.wait_for_timeout(SERVER_MS)
        title = page.get_by_placeholder("Title of this lesson")
        title.fill("Trees")
        title.press("Enter")
        page.wait_for_timeout(SERVER_MS)
        line.speak()
        expect_source(page, "recording")
        page.wait_for_timeout(SERVER_MS)
        expect_source(page, "recording")


def test_going_back_shows_the_lesson_of_before_and_a_click_the_one_of_now(open_page: OpenPage, tmp_path: Path) -> None:
    keep_lessons(tmp_path / "students.db", {2: "Trees", 3: "Recursion"})
    with running_server(tmp_path) as server, line_to(server.port) as line:
        page = open_page()
        page.goto(f"{line.url}/report")
        page.get_by_role("heading", name="Trees").wait_for()
        page.get_by_role("combobox", name="Lesson").click()
        line.hold_answers()
        page.get_by_role("option", name="Recursion").click()
        page.wait_for_timeout(SERVER_MS)
        page.get_by_text("Hide individuals").click()
        page.wait_for_timeout(SERVER_MS)
        line.speak()
        page.get_by_role("heading", name="Recursion").wait_for()
        page.wait_for_timeout(SERVER_MS)
        expect(page.get_by_role("heading", name="Recursion")).to_be_visible()
        page.go_back()
        page.get_by_role("heading", name="Trees").wait_for()
        page.get_by_role("link", name="Students").click()
        page.get_by_role("heading", name="Students", exact=True).wait_for()
        page.go_back()
        page.get_by_role("heading", name="Trees").wait_for()
