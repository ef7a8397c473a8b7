"""Who may need a look, in a real browser: a meeting whose students leave the picture one after the other, and come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Locator, Page, expect

from fewshot.live.demo import class_photo, demo_people
from tests.browser import stage
from tests.browser.axe import faults
from tests.browser.conftest import OpenPage, Server, running_server

pytestmark = pytest.mark.browser

SHARED = "--auto-select-tab-capture-source-by-title=The meeting"
SOON = "classroom.absent_s=2 classroom.looks_s=600 classroom.turned_s=600"
"""Who is out of view is noticed at once, and nothing else is."""


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that notices soon who is out of view."""
    with running_server(tmp_path_factory.mktemp("hasty"), overrides=SOON) as running:
        yield running


def open_meeting(page: Page, folder: Path) -> Page:
    """A tab with the six of the demo class, and a curtain before each, which is drawn back."""
    photo_bgr = class_photo()
    cv2.imwrite(str(folder / "class.jpg"), photo_bgr)
    curtains = ""
    for student in demo_people():
        _, _, (left, top), _ = cv2.minMaxLoc(cv2.matchTemplate(photo_bgr, student.photo_bgr, cv2.TM_SQDIFF))
        height, width = student.photo_bgr.shape[:2]
        place = f"left:{left}px; top:{top}px; width:{width}px; height:{height}px"
        curtains += f"<div hidden style='position:absolute; background:#222; {place}'></div>"
    meeting = page.context.new_page()
    meeting.set_viewport_size({"width": 1400, "height": 950})
    (folder / "meeting.html").write_text(
        f"<title>The meeting</title><body style='margin:0'><img src='class.jpg'>{curtains}"
    )
    meeting.goto((folder / "meeting.html").as_uri())
    page.bring_to_front()
    return meeting


def hide(meeting: Page, count: int) -> None:
    """Draw the curtain before so many students, from the left."""
    meeting.evaluate(
        "n => document.querySelectorAll('div').forEach((curtain, i) => { curtain.hidden = i >= n; })", count
    )


def row(page: Page) -> Locator:
    return page.locator(".attention .row")


def expect_told(page: Page, first: str, others: str | None) -> None:
    """Wait for the name in the row, and for what its button says."""
    expect(row(page)).to_contain_text(first, timeout=60_000)
    button = page.locator(".attention .more")
    if others is None:
        expect(button).to_be_hidden(timeout=60_000)
    else:
        expect(button).to_have_text(others, timeout=60_000)


def expect_keyboard_at(element: Locator) -> None:
    """Wait until the keyboard is there, whichever of the browser's tabs is in front."""
    element.page.wait_for_function("e => e.getRootNode().activeElement === e", arg=element.element_handle())


def top_of_cards(page: Page) -> float:
    place = page.locator(".cards .card").first.bounding_box()
    assert place is not None
    return place["y"]


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (820, True)], ids=["laptop", "tablet"])
def test_no_card_moves_however_many_may_need_a_look(
    width: int, dark: bool, hasty: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(SHARED, width=width, dark=dark)
    meeting = open_meeting(page, tmp_path)
    stage.watch(page, hasty.url, "screen")
    expect_told(page, "Who may need a look: nobody now", None)
    page.locator(".cards .card").first.scroll_into_view_if_needed()  # below the video on a tablet
    tops = {0: top_of_cards(page)}
    for count, others in ((1, None), (2, "1 more"), (5, "4 more")):
        hide(meeting, count)
        expect_told(page, "Alex not seen for", others)
        tops[count] = top_of_cards(page)
        page.screenshot(path=tmp_path / f"{count}.png")
    assert len(set(tops.values())) == 1, f"the first card moves: {tops}"
    page.locator(".attention .more").click()
    expect(page.locator(".attention li")).to_have_count(5)
    assert top_of_cards(page) == tops[0], "the list lies over the cards"
    page.screenshot(path=tmp_path / "open.png")
    assert not faults(page)


def test_the_list_stays_open_and_the_keyboard_in_it_while_it_changes(
    hasty: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(SHARED)
    meeting = open_meeting(page, tmp_path)
    stage.watch(page, hasty.url, "screen")
    hide(meeting, 2)
    more, lines = page.locator(".attention .more"), page.locator(".attention li")
    expect_told(page, "Alex", "1 more")
    more.focus()
    page.keyboard.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(lines).to_have_count(2)
    bo = page.get_by_role("button", name="Put aside: Bo")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(bo).to_be_focused()
    hide(meeting, 4)
    expect(lines).to_have_count(4, timeout=60_000)
    expect(bo).to_be_focused()
    page.keyboard.press("Enter")
    back = page.get_by_role("button", name="Show again: Bo")
    expect(back).to_be_focused()
    expect(more).to_have_text("2 more")
    hide(meeting, 0)
    expect(lines.filter(has_text="no more")).to_have_count(4, timeout=60_000)
    expect(back).to_be_focused()
    expect(row(page)).to_contain_text("nobody now")
    page.screenshot(path=tmp_path / "over.png")
    page.keyboard.press("Escape")
    expect(lines).to_have_count(0)
    expect(more).to_be_focused()
    page.keyboard.press("Tab")
    expect(more).to_be_hidden()


def test_who_is_put_aside_makes_room_for_the_next_and_comes_back_when_wanted(
    hasty: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(SHARED)
    meeting = open_meeting(page, tmp_path)
    stage.watch(page, hasty.url, "screen")
    hide(meeting, 1)
    expect_told(page, "Alex", None)
    page.get_by_role("button", name="Put aside: Alex").focus()
    hide(meeting, 0)
    expect_told(page, "nobody now", None)
    expect_keyboard_at(row(page))
    hide(meeting, 2)
    expect_told(page, "Alex", "1 more")
    page.get_by_role("button", name="Put aside: Alex").dblclick()
    expect_told(page, "Bo", "1 put aside")
    page.get_by_role("button", name="Put aside: Bo").press("Enter")
    expect_told(page, "nobody else now", "2 put aside")
    expect_keyboard_at(page.locator(".attention .more"))
    page.locator(".attention .more").press("Enter")
    page.get_by_role("button", name="Show again: Bo").click()
    expect_told(page, "Bo", "1 put aside")
    page.reload()
    stage.choose(page, "screen")
    stage.start(page)
    expect_told(page, "Bo", "1 put aside")
