"""Results get a folder that can be written, and replace no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fewshot.errors import OutputError
from fewshot.outputs import claim, make_folder


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(OutputError, match="a cannot be written: File exists. Name another place"):
        make_folder(tmp_path / "a")
    with pytest.raises(OutputError, match="b cannot be written: Not a directory"):
        make_folder(tmp_path / "a" / "b")


def test_a_folder_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # as everybody but root is told
    with pytest.raises(OutputError, match="must be a folder that can be written, and this account may not"):
        make_folder(tmp_path)


def test_earlier_results_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    claim(tmp_path, "a.csv", "b.csv")
    (tmp_path / "a.csv").write_text("a row")
    with pytest.raises(
        OutputError, match=r"must not hold results already, found a\.csv\. Name another folder, or go on"
    ):
        claim(tmp_path, "a.csv", "b.csv")
    claim(tmp_path, "b.csv")
