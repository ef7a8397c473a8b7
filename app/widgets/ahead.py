"""What the page Report is drawn with, fetched while another page stands still.

Streamlit's page fetches what draws a kind of element when the first of that kind comes. A report needs sixty files, two
megabytes, in rounds one after the other, and a teacher who had seen no chart yet waited for them.

The names of those files change with every release of Streamlit. They stand in the manifest that its builder leaves beside its
page, which is nobody's promise, as of Streamlit 1.67: without it nothing is fetched ahead, and a report takes its second longer.
tests/browser/test_report_ahead.py fails where a newer Streamlit has moved it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import streamlit as st

from app.capture.component import address

KINDS = frozenset({"ArrowVegaLiteChart", "Checkbox", "DownloadButton", "Metric", "Selectbox", "Table"})
"""Kinds of elements on the page Report, as the manifest names them."""

MANIFEST = Path(st.__file__).parent / "static" / "manifest.json"


@cache
def files_of_report(manifest: Path = MANIFEST) -> tuple[str, ...]:
    """Return the file that draws each of :data:`KINDS`, below Streamlit's page; none where they cannot be told.

    Each names the files that it needs itself.
    """
    try:
        entries = json.loads(manifest.read_text(encoding="utf-8")).values()
        return tuple(sorted(entry["file"] for entry in entries if entry.get("name") in KINDS))
    except (OSError, ValueError, AttributeError, KeyError):
        return ()


def fetch_report_ahead() -> None:
    """Let the browser fetch what a report is drawn with, one after the other, whenever it has nothing else to do.

    What has been fetched is not fetched again; what cannot be is left to Streamlit's page, which asks for it in its turn.
    """
    files = json.dumps([address(f"/{file}") for file in files_of_report()])
    script = f"""<script>
(async () => {{
  for (const file of {files}) {{
    await new Promise((idle) => (window.requestIdleCallback ?? setTimeout)(idle));
    await import(file);
  }}
}})().catch(() => {{}});
</script>"""
    st.html(script, unsafe_allow_javascript=True)
