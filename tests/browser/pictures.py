"""Draw the README's pictures, one a page: ``python -m tests.browser.pictures``.

The demo class is a photo that is not ours to publish, so faces are blurred beyond recognition before the shot.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
from playwright.sync_api import FilePayload, Page, sync_playwright

from fewshot.live.demo import DemoStudent, demo_people
from tests.browser import stage
from tests.browser.conftest import CHROMIUM, PATIENCE_S, QUIET, ROOT, running_server

FOLDER = ROOT / "docs"
LESSON_MS = 40_000
"""Until the mood of the class, and the report after it, have something to tell."""

PLACE = "~/.local/share/fewshot/students.db"
"""Where a teacher's students are kept; those of the pictures lie in a folder that is gone after them."""


def shoot(page: Page, name: str) -> None:
    """Write what the window shows, without any face, once the page stands still."""
    page.add_style_tag(content="[data-testid=stImage] img { filter: blur(12px) }")
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(1500)  # charts draw themselves a moment later
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"written: docs/{name}.png")


def open_page(page: Page, name: str) -> None:
    """Go to another page by the menu."""
    page.get_by_role("link", name=name).click()
    page.get_by_role("heading", name=name, exact=True).wait_for()


def photo_of(student: DemoStudent) -> FilePayload:
    """A reference photo, as a browser uploads it."""
    content = cv2.imencode(".jpg", student.photo_bgr)[1].tobytes()
    return {"name": f"{student.name}.jpg", "mimeType": "image/jpeg", "buffer": content}


def hold_lesson(page: Page, url: str) -> None:
    """Watch the demo class, bookmark a moment, and end at the lesson's report."""
    stage.watch(page, url, "demo")
    page.locator("video.video").evaluate("video => video.style.filter = 'blur(28px)'")
    stage.expect_counted(page, 6)
    page.wait_for_timeout(LESSON_MS / 2)
    page.get_by_role("button", name="Bookmark").click()
    page.get_by_role("textbox", name="Note").fill("explained recursion")
    page.get_by_role("button", name="Mark this moment").click()
    page.keyboard.press("Escape")
    page.wait_for_timeout(LESSON_MS / 2)
    shoot(page, "live")
    page.get_by_role("button", name="See its report").click()
    page.get_by_text("Beside earlier lessons").wait_for()


def main() -> None:
    """Start the app with an empty store, and use it as a teacher would."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_S * 1000)
        hold_lesson(page, server.url)
        page.get_by_text("Capture off").wait_for()  # it looks again every other second
        shoot(page, "report")
        open_page(page, "Students")
        page.locator("code").filter(has_text=folder).evaluate("(code, place) => { code.textContent = place }", PLACE)
        shoot(page, "students")
        open_page(page, "Settings")
        shoot(page, "settings")
        open_page(page, "Enroll")
        page.locator("input[type=file]").set_input_files([photo_of(student) for student in demo_people()[:2]])
        page.get_by_role("button", name="Remove").nth(1).wait_for()
        shoot(page, "enroll")
        browser.close()


if __name__ == "__main__":
    main()
