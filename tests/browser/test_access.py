"""Every page in a real browser, as a screen reader and somebody without a mouse meet it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import stage
from tests.browser.axe import faults
from tests.browser.conftest import OpenPage, running_server

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_has_a_grave_fault(dark: bool, open_page: OpenPage, tmp_path: Path) -> None:
    found: dict[str, list[str]] = {}
    with running_server(tmp_path) as server:
        page = open_page(dark=dark, width=1280)
        page.goto(server.url)
        page.get_by_role("button", name="Watch the demo class").wait_for()
        found["welcome"] = faults(page)
        page.get_by_role("button", name="Watch the demo class").click()
        stage.wait_until(page, stage.all_named)
        page.get_by_role("button", name="See its report").wait_for()
        found["live"] = faults(page)
        page.get_by_role("button", name="See its report").click()
        page.get_by_text("Beside earlier lessons").wait_for()
        page.wait_for_timeout(1000)
        found["report"] = faults(page)
        for name in ("Enroll", "Students", "Settings"):
            page.get_by_role("link", name=name).click()
            page.get_by_role("heading", name=name, exact=True).wait_for()
            expect(page).to_have_title(f"{name} · Fewshot")
            page.wait_for_timeout(1500)
            if name == "Students":
                classes = page.get_by_role("combobox", name="Classes").first
                classes.fill("7b")
                classes.press("Enter")
                page.locator(".st-key-course").get_by_text("7b").wait_for()
                classes.press("Escape")  # an open list hides the rest of the page from a screen reader
                expect(page.get_by_text("No results")).to_have_count(0)
            found[name] = faults(page)
            if name == "Enroll":
                page.get_by_text("Guide me with the camera").click()
                page.get_by_role("button", name="Skip this one").wait_for()
                found["guided camera"] = faults(page)
                page.get_by_role("radio", name="A whole class").click()
                page.get_by_role("button", name="Enroll the class").wait_for()
                found["whole class"] = faults(page)
    grave = {name: lines for name, lines in found.items() if lines}
    assert not grave, "\n".join(f"{name}: {line}" for name, lines in grave.items() for line in lines)


WITH_KEYBOARD = """() => {
    let focused = document.activeElement
    while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
    const style = getComputedStyle(focused)
    return {
        name: focused.ariaLabel || focused.innerText || focused.labels?.[0]?.innerText || "",
        shown: style.boxShadow !== "none" || style.outlineStyle !== "none" || focused.matches("input, textarea"),
    }
}"""
"""What has the keyboard: its name, and whether one sees that, as by the caret in a field."""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the keyboard is on what is called ``name``."""
    passed = []
    for _ in range(80):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(WITH_KEYBOARD)["name"])
        lines = [line.strip() for line in passed[-1].splitlines()]
        if name in lines and len(lines) < 6:  # beside the names of icons, but not the whole page that scrolls
            page.wait_for_function(f"({WITH_KEYBOARD})().shown")
            return
    raise AssertionError(f"{name} cannot be reached by Tab, only {passed}")


def test_a_lesson_needs_no_mouse(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        page = open_page()
        page.goto(server.url)
        page.get_by_role("button", name="Watch the demo class").wait_for()
        tab_to(page, "Watch the demo class")
        page.keyboard.press("Enter")
        stage.wait_until(page, stage.all_named)
        expect(page.get_by_role("button", name="See its report")).to_be_enabled(timeout=30_000)

        tab_to(page, "Bookmark")
        page.keyboard.press("Enter")
        expect(page.get_by_role("textbox", name="Note")).to_be_focused()
        page.keyboard.type("explained recursion")
        page.keyboard.press("Enter")
        page.get_by_text("explained recursion").first.wait_for()
        page.keyboard.press("Escape")

        tab_to(page, "Stop")
        page.keyboard.press("Space")
        page.locator(".stage[data-state=idle]").wait_for()
        tab_to(page, "See its report")
        page.keyboard.press("Enter")
        page.get_by_text("Beside earlier lessons").wait_for()
        page.get_by_text("explained recursion").first.wait_for()
