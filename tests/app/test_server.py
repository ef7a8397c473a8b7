"""What the server does beside answering: what it imports when, what it does again and again, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from streamlit import config, net_util
from streamlit.web.server import server_util

from app.socket import server
from app.state.process import shared
from app.state.resources import Resources
from fewshot.store.students import Store
from tests.browser.conftest import running_server
from tests.people import CONSENT, make_person

WARMED = """
import sys
from app.socket import server
from app.state.process import shared
from app.state.resources import Resources
heavy = {"altair", "pandas", "vl_convert", "weasyprint"}
assert not heavy & set(sys.modules), "the server starts without them"
server._warm_report()
warm = set(sys.modules)
import app.widgets.panels, fewshot.classroom.spreadsheet
late = {name.split(".")[0] for name in set(sys.modules) - warm} - {"app", "fewshot"}
assert not late, late
"""


def test_the_report_is_warmed_after_the_start_and_needs_nothing_more_then() -> None:
    result = subprocess.run([sys.executable, "-c", WARMED], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_pages_behind_a_proxy_reach_streamlit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("browser.serverAddress", "server.corsAllowedOrigins")
    before = [(name, config.get_option(name), config.get_where_defined(name)) for name in options]
    monkeypatch.setattr(net_util, "get_external_ip", lambda: pytest.fail("the internet was asked"))
    server._open_streamlit_to(["https://class.example.org", "https://school.example.org"])
    try:
        assert server_util.is_url_from_allowed_origins("https://class.example.org")
        monkeypatch.setattr(net_util, "get_external_ip", lambda: None)
        assert server_util.is_url_from_allowed_origins("https://school.example.org")
        assert not server_util.is_url_from_allowed_origins("https://example.org")
    finally:
        for option in before:
            config.set_option(*option)


def test_what_fails_once_is_done_again(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def work() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise OSError("disk full")

    async def watch() -> None:
        task = asyncio.create_task(server._again_and_again(0.01, work, "not this time"))
        while len(done) < 3:
            await asyncio.sleep(0.01)
        task.cancel()

    with caplog.at_level(logging.ERROR):
        asyncio.run(asyncio.wait_for(watch(), 30))
    assert [(record.message, "disk full" in str(record.exc_info)) for record in caplog.records] == [
        ("not this time", True)
    ]


def test_a_server_that_was_stopped_leaves_everything_in_the_file_itself(tmp_path: Path) -> None:
    file, copy = tmp_path / "students.db", tmp_path / "copy" / "students.db"
    with running_server(tmp_path) as running, closing(Store(str(file))) as another:
        time.sleep(2)  # until it has looked for old lessons, which empties the log as well
        another.add(make_person(1), CONSENT)
        running.stop()
        copy.parent.mkdir()
        shutil.copy(file, copy)  # what an admin takes along, who knows nothing of SQLite's other files
    with closing(Store(str(copy))) as store:
        assert [person.name for person in store.people()] == ["Student 1"]


def test_what_another_program_keeps_in_the_log_is_told(resources: Resources, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(resources.store.location)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM person").fetchall()
        resources.store.add(make_person(1), CONSENT)
        with caplog.at_level(logging.WARNING):
            shared.close()
    assert "students.db is read or cannot be written: what was written last is in the file -wal" in caplog.text
