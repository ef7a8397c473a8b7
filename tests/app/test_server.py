"""When the server imports what: little before it answers, the rest before anybody asks for it."""

from __future__ import annotations

import subprocess
import sys

WARMED = """
import sys
from app import server
heavy = {"altair", "pandas", "vl_convert", "weasyprint"}
assert not heavy & set(sys.modules), "the server starts without them"
server._warm_report()
warm = set(sys.modules)
import app.panels, fewshot.classroom.spreadsheet
late = {name.split(".")[0] for name in set(sys.modules) - warm} - {"app", "fewshot"}
assert not late, late
"""


def test_the_report_is_warmed_after_the_start_and_needs_nothing_more_then() -> None:
    result = subprocess.run([sys.executable, "-c", WARMED], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
