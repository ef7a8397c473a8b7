"""Draw the README's picture of the live page: ``python -m tests.browser.picture``.

The demo class is a photo that is not ours to publish, so the video is blurred beyond recognition before the shot.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import stage
from tests.browser.conftest import CHROMIUM, QUIET, ROOT, running_server

PICTURE = ROOT / "docs" / "live.png"


def main() -> None:
    """Start the app with an empty store, enroll the demo class, watch it, and write the picture."""
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        stage.watch(page, server.url, "demo")
        page.locator("video.video").evaluate("video => video.style.filter = 'blur(28px)'")
        stage.expect_counted(page, 6)
        page.wait_for_timeout(30_000)  # until the mood of the class has something to tell
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
