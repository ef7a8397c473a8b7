"""Enroll and live as their users run them: the command lines, real photos, a real clip, a real store."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.demo import run_headless
from experiments.jaffe_class.measure import compare, read_truth

ROOT = Path(__file__).parents[2]


def _run(*arguments: str, store: Path) -> str:
    environment = {**os.environ, "FEWSHOT_STORE": str(store)}
    result = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout


def test_a_class_of_ten_is_recognized(shared_dir: Path, tmp_path: Path) -> None:
    clips, store, output = shared_dir / "data" / "clips", tmp_path / "students.db", tmp_path / "lesson"
    listed = [f"--list={clips / 'jaffe_class_10_enroll.csv'}", f"--root={shared_dir / 'data' / 'jaffe'}"]
    consent = ["--consent", "research data under its terms"]
    said = _run("enroll", "add", *listed, *consent, "--confirmed", "faces=builtin", store=store)
    assert "10 of 10 enrolled" in said
    assert "jaffe_NA" in _run("enroll", "list", store=store)

    said = _run(
        *(
            "fewshot.live",
            f"source={clips / 'jaffe_class_10.mp4'}",
            f"output={output}",
            "faces=builtin",
            "analyze_fps=2",
        ),
        store=store,
    )
    assert "builtin" in said
    assert all(name in said for name in ("jaffe_KA", "jaffe_YM"))
    tally = compare(output / "readings.csv", read_truth(clips / "jaffe_class_10_truth.csv"), fps=15.0)
    assert tally.readings > 700
    assert tally.identity_right / tally.readings >= 0.98
    with (output / "readings.csv").open(newline="") as file:
        tracks = {
            (row["track"], int(float(row["x1"]) // 320), int(float(row["y1"]) // 240)) for row in csv.DictReader(file)
        }
    assert len(tracks) == 10, "everybody stays in their tile, on one track"
    assert (output / "annotated.mp4").stat().st_size > 100_000

    _run("enroll", "forget", "jaffe_KA", "--yes", store=store)
    assert "jaffe_KA" not in _run("enroll", "list", store=store)


def test_the_demo_class_runs_without_a_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEWSHOT_OVERRIDES", "faces=builtin analyze_fps=5")
    totals = run_headless(tmp_path, seconds=2.0)
    assert totals.frames == 10
    with (tmp_path / "readings.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["person"] for row in rows} - {""}
    assert len(names) == 6
    assert sum(row["person"] != "" for row in rows) > 0.9 * len(rows)
    assert not list(tmp_path.glob("*.db")), "the demo leaves nobody behind"
