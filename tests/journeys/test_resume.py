"""A recording whose process is killed, then interrupted, is watched to its end by the same command."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fewshot.live.demo import write_clip
from fewshot.live.sources import open_source
from tests.live.builders import PATIENCE

ROOT = Path(__file__).parents[2]
SECONDS, FPS = 16, 15


def start(clip: Path, output: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fewshot.live", f"source={clip}", f"output={output}", "faces=builtin", *more]
    environment = {**os.environ, "FEWSHOT_STORE": str(output.parent / "students.db")}
    # a shell without job control lets what it starts in the background ignore Ctrl+C, and its children inherit that
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    finally:
        signal.signal(signal.SIGINT, inherited)


def frames_of(output: Path) -> list[int]:
    """The frame of each whole row, and 0 before there are any."""
    path = output / "readings.csv"
    lines = path.read_text().splitlines()[1:-1] if path.exists() else []
    return [int(line.split(",")[0]) for line in lines] or [0]


def end_at(process: subprocess.Popen[str], output: Path, frame: int, by: signal.Signals) -> str:
    """Send the signal once that frame is written; return what was said on stderr."""
    while frames_of(output)[-1] < frame:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(by)
    return process.communicate(timeout=60)[1]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_and_an_interrupted_run_are_gone_on_with(tmp_path):
    clip = write_clip(tmp_path / "class.mp4", SECONDS, FPS, (640, 360))
    output = tmp_path / "out"
    killed = start(clip, output)
    end_at(killed, output, 20, signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL

    interrupted = start(clip, output, "resume=true")
    said = end_at(interrupted, output, 60, signal.SIGINT)
    assert interrupted.returncode == 130
    assert "live: Going on at frame " in said
    assert "goes on with resume=true" in said
    assert frames_of(output)[-1] < SECONDS * FPS - 1

    last = start(clip, output, "resume=true")
    printed, said = last.communicate(timeout=60)
    assert last.returncode == 0, said
    assert f"{SECONDS * FPS}/{SECONDS * FPS}" in said
    with (output / "readings.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted({int(row["frame"]) for row in rows}) == list(range(SECONDS * FPS))
    assert [int(row["frame"]) for row in rows] == sorted(int(row["frame"]) for row in rows)
    assert len({(row["frame"], row["track"]) for row in rows}) == len(rows)  # no frame twice
    assert float(rows[-1]["time_s"]) == pytest.approx(SECONDS - 1 / FPS, abs=0.002)

    # The kill cost the first part of the video its end, as MP4 has its index there; the parts after it are whole.
    assert sorted(path.name for path in output.iterdir()) == [
        "annotated-2.mp4",
        "annotated-3.mp4",
        "annotated.partial.mp4",
        "readings.csv",
    ]
    assert f"{output / 'annotated-2.mp4'}, {output / 'annotated-3.mp4'}\n" in printed
    for part in ("annotated-2.mp4", "annotated-3.mp4"):
        with open_source(str(output / part), patience=PATIENCE) as video:
            assert video.frame_count > 10
