"""How long the page Report takes in a browser: ``python -m experiments.report_speed.page``.

The app runs with the lessons of experiments.report_speed.measure. By the wall clock, from the click until every chart is drawn
and the script has ended; medians are kept in page.json beside this file. Needs Chromium, and a machine that does nothing else.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from experiments.commands import no_options
from experiments.machine import processor
from experiments.report_speed.measure import EARLIER, HERE, MINUTES, STUDENTS, fill
from tests.browser.conftest import CHROMIUM, PATIENCE_S, QUIET, running_server

REPEATS = 7
CHARTS = 4
DRAWN = f"""() => document.querySelectorAll('[data-testid=stVegaLiteChart] svg').length === {CHARTS}
    && document.querySelector('[data-test-script-state=notRunning]') !== null"""


def timed_ms(page: Page, act: Callable[[], object]) -> float:
    """Return the milliseconds from an action on ``page`` until the report is drawn."""
    started = time.perf_counter()
    act()
    page.wait_for_function(DRAWN)
    return 1000 * (time.perf_counter() - started)


def settle(page: Page) -> None:
    """Wait until the page that was chosen stands still."""
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(500)


def measure(page: Page, url: str) -> dict[str, float]:
    """Return what the first opening, each further one, and another lesson take."""
    page.goto(url)
    page.get_by_role("link", name="Report").wait_for()
    settle(page)
    report, students = page.get_by_role("link", name="Report"), page.get_by_role("link", name="Students")
    opened = []
    for _ in range(REPEATS):
        opened.append(timed_ms(page, report.click))
        students.click()
        page.get_by_role("heading", name="Students", exact=True).wait_for()
        settle(page)
    return {"no chart before": opened[0], "once charts were seen": statistics.median(opened[1:])}


def main() -> None:
    """Measure, print and keep."""
    no_options(__doc__)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        # of the last days, for older ones are deleted
        fill(Path(folder) / "students.db", datetime.now(UTC) - timedelta(days=EARLIER + 1))
        with running_server(Path(folder)) as server:
            browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE_S * 1000)
            times = measure(page, server.url)
            browser.close()
    kept = {"ms": times, "processor": processor(), "students": STUDENTS, "minutes": MINUTES, "lessons": EARLIER + 1}
    text = json.dumps(kept, indent=1)
    print(text)
    (HERE / "page.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
