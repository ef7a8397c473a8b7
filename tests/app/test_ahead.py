"""Which files a report is drawn with: told by Streamlit's manifest, and nothing where that has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.widgets.ahead import KINDS, files_of_report


def test_this_streamlit_names_a_file_for_each_kind() -> None:
    assert len(files_of_report()) == len(KINDS)


def test_without_a_manifest_there_is_none(tmp_path: Path) -> None:
    assert files_of_report(tmp_path / "manifest.json") == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": {"name": "Table"}}', '{"a": ["Table"]}', "\xff"])
def test_another_manifest_names_none(text: str, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(text, encoding="latin-1")
    assert files_of_report(manifest) == ()
