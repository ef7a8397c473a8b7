"""What a report is drawn with has come before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from app.widgets.ahead import files_of_report
from experiments.report_speed.lesson import make_lesson
from fewshot.store.lessons import LessonStore
from fewshot.store.students import Store
from tests.browser.conftest import OpenPage, running_server
from tests.lessons import make_entry
from tests.people import CONSENT, make_person

pytestmark = pytest.mark.browser

NAMES = ("Ada", "Bo", "Cy", "Di", "Eve")
LOADED = "() => performance.getEntriesByType('resource').map((file) => new URL(file.name).pathname)"


def keep_lessons(file: Path, titles: Mapping[int, str]) -> None:
    """Keep lessons with every panel of a report, by how many days ago they were."""
    with closing(Store(str(file))) as store:
        for number, name in enumerate(NAMES):
            store.add(replace(make_person(number, name), person_id=name.lower()), CONSENT)
        lessons = LessonStore(store.database)
        for days, title in titles.items():
            began = datetime.now(UTC) - timedelta(days=days)
            lessons.save(make_entry(f"lesson-{days}", title, began), make_lesson(NAMES, 10), [])


def once_still(page: Page) -> set[str]:
    """Return what the page has loaded, once nothing has come for two seconds."""
    loaded: list[str] = []
    while (now := page.evaluate(LOADED)) != loaded:
        loaded = now
        page.wait_for_timeout(2000)
    return set(loaded)


def test_a_report_is_drawn_without_asking_for_another_file(open_page: OpenPage, tmp_path: Path) -> None:
    keep_lessons(tmp_path / "students.db", {2: "Trees", 3: "Trees"})
    with running_server(tmp_path, "--server.baseUrlPath=school") as server:
        page = open_page()
        page.goto(f"{server.url}/school/students")
        page.get_by_role("heading", name="Students", exact=True).wait_for()
        page.wait_for_function(f"(file) => ({LOADED})().includes(file)", arg=f"/school/{files_of_report()[-1]}")
        before = once_still(page)
        page.get_by_role("link", name="Report").click()
        page.locator("[data-testid=stVegaLiteChart] svg").nth(3).wait_for()
        page.locator("[data-test-script-state=notRunning]").wait_for()
        page.screenshot(path=tmp_path / "report.png")
        assert [file for file in page.evaluate(LOADED) if file.endswith(".js") and file not in before] == []
