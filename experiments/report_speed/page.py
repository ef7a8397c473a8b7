"""How long the page Report takes in a browser: ``python -m experiments.report_speed.page``.

The app runs with the lessons of experiments.report_speed.measure. By the wall clock, from the click until every chart is drawn
and the script has ended; medians are kept in page.json beside this file. Needs Chromium, and a machine that does nothing else.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from experiments.commands import no_options
from experiments.machine import processor
from experiments.report_speed.measure import EARLIER, HERE, MINUTES, STUDENTS, fill
from tests.browser.conftest import CHROMIUM, PATIENCE_S, QUIET, running_server

TURNS, SEEN = 7, 3
CHARTS = 4
DRAWN = f"""() => document.querySelectorAll('[data-testid=stVegaLiteChart] svg').length === {CHARTS}
    && document.querySelector('[data-test-script-state=notRunning]') !== null"""
NEVER_IDLE = "window.requestIdleCallback = () => 0"
"""A browser that always has something else to do, and so fetches nothing ahead."""

LOOKED_AT_MS = 2000
"""So long a page is looked at before the report is opened."""

Times = dict[str, list[float]]


def timed_ms(page: Page, act: Callable[[], object]) -> float:
    """Return the milliseconds from an action on ``page`` until the report is drawn."""
    started = time.perf_counter()
    act()
    page.wait_for_function(DRAWN)
    return 1000 * (time.perf_counter() - started)


def settle(page: Page) -> None:
    """Look at the page Students for a while."""
    page.get_by_role("heading", name="Students", exact=True).wait_for()
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(LOOKED_AT_MS)


@contextmanager
def new_tab(browser: Browser) -> Iterator[Page]:
    """A tab that has loaded nothing yet."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    yield page
    context.close()


def measure_turn(browser: Browser, url: str, times: Times) -> None:
    """Note what the report takes in a tab without anything fetched ahead, in one with it, and in one that comes for the report."""
    for what, script in (("nothing fetched ahead", NEVER_IDLE), ("its scripts fetched ahead", "")):
        with new_tab(browser) as page:
            page.add_init_script(script)
            page.goto(f"{url}/students")
            settle(page)
            report, students = page.get_by_role("link", name="Report"), page.get_by_role("link", name="Students")
            times[what].append(timed_ms(page, report.click))
            for _ in range(SEEN if not script else 0):
                students.click()
                settle(page)
                times["once charts were seen"].append(timed_ms(page, report.click))
    with new_tab(browser) as page:
        times["the app opened with it"].append(timed_ms(page, partial(page.goto, f"{url}/report")))


def measure(browser: Browser, url: str) -> dict[str, float]:
    """Return the medians of some turns, after one that warms the server."""
    measure_turn(browser, url, defaultdict(list))
    times: Times = defaultdict(list)
    for _ in range(TURNS):
        measure_turn(browser, url, times)
    return {what: statistics.median(taken) for what, taken in times.items()}


def main() -> None:
    """Measure, print and keep."""
    no_options(__doc__)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        # of the last days, for older ones are deleted
        fill(Path(folder) / "students.db", datetime.now(UTC) - timedelta(days=EARLIER + 1))
        with running_server(Path(folder)) as server:
            browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
            times = measure(browser, server.url)
            browser.close()
    kept = {"ms": times, "processor": processor(), "students": STUDENTS, "minutes": MINUTES, "lessons": EARLIER + 1}
    text = json.dumps(kept, indent=1)
    print(text)
    (HERE / "page.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
