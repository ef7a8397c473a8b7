"""Results get a folder that can be written, and replace no others."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fewshot.errors import OutputError
from fewshot.outputs import as_cell, claim, make_folder, scratch_folder


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


def test_scratch_that_a_killed_process_left_is_removed_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    code = f"""
import time
from pathlib import Path
from fewshot.outputs import scratch_folder
with scratch_folder(Path({str(tmp_path)!r})) as folder:
    (folder / "encoder.onnx").write_text("half")
    print(folder.name, flush=True)
    time.sleep(60)
"""

    def start() -> tuple[subprocess.Popen[str], Path]:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, tmp_path / process.stdout.readline().strip()

    with start()[0] as killed:
        killed.kill()
    running, folder = start()
    with running:
        assert list(tmp_path.iterdir()) == [folder]
        with scratch_folder(tmp_path) as ours:
            assert set(tmp_path.iterdir()) == {folder, ours}
        assert (folder / "encoder.onnx").read_text() == "half"
        running.kill()
    with scratch_folder(tmp_path) as ours:
        assert list(tmp_path.iterdir()) == [ours]
    assert not list(tmp_path.iterdir())


def test_many_may_make_scratch_at_once(tmp_path: Path) -> None:
    def make(number: int) -> str:
        with scratch_folder(tmp_path) as folder:
            (folder / "half").write_text(str(number))
            time.sleep(0.01)
            return (folder / "half").read_text()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(make, range(64))) == [str(number) for number in range(64)]
    assert not list(tmp_path.iterdir())


@given(st.text(st.sampled_from('=+-@;, "a')))
@example("Ada;=1+1;")
@example('Ada;"=1+1;')
def test_no_cell_is_computed_whatever_parts_the_cells(text: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["0", as_cell(text)])
    for separator in (",", ";"):
        for row in csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert as_cell("Ada-Lovelace; Bo") == "Ada-Lovelace; Bo"
