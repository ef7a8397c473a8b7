"""How many faces the live loop keeps up with: galleries of 1 to 49 faces at 1080p, and single faces.

    python -m experiments.live_speed.measure

Needs LFW's pairs under SHARED_DIR, and a machine that does nothing else. Each row is a process of its own
(experiments.live_speed.row). Writes results.json and faces.png beside itself.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from experiments.commands import no_options, shared_dir
from experiments.machine import machine

HERE = Path(__file__).parent
GALLERIES = (1, 9, 25, 49)
SECONDS = 16
ROWS: tuple[dict[str, str], ...] = (
    *(
        {"faces": f, "count": str(n), "size": "1920x1080", "cores": "2"}
        for f in ("builtin", "insightface")
        for n in GALLERIES
    ),
    *({"faces": f, "count": "49", "size": "1920x1080", "cores": "1"} for f in ("builtin", "insightface")),
    *(
        {"faces": f, "count": "1", "size": size, "cores": "2", "fps": "120"}
        for size in ("640x480", "1280x720")
        for f in ("builtin", "insightface")
    ),
    {"faces": "builtin", "count": "1", "size": "640x480", "cores": "1", "fps": "120"},
)


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw analyzed frames, refreshed emotions and what a frame costs against the number of faces at 1080p with two cores."""
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    for faces in ("builtin", "insightface"):
        mine = [row for row in rows if (row["faces"], row["size"], row["cores"]) == (faces, "1920x1080", "2")]
        counts = [int(row["count"]) for row in mine]
        (line,) = left.plot(counts, [row["analyzed frames/s"] for row in mine], "o-", label=faces)
        middle.plot(counts, [row["slowest face, emotions/s"] for row in mine], "o-")
        for style, what, ms in (
            ("o-", "time", [sum(row["ms by stage"].values()) for row in mine]),
            ("o:", "CPU", [1000 * row["CPU s a frame"] for row in mine]),
        ):
            right.plot(counts, ms, style, color=line.get_color(), label=f"{faces}, {what}")
    left.set(xlabel="faces at 1920x1080", ylabel="analyzed frames/s", ylim=(0, 32))
    middle.set(xlabel="faces at 1920x1080", ylabel="emotions/s of the slowest face", ylim=(0, 32))
    right.set(xlabel="faces at 1920x1080", ylabel="ms a frame", ylim=(0, None))
    left.axhline(10, color="gray", linestyle=":", linewidth=1)
    middle.axhline(5, color="gray", linestyle=":", linewidth=1)
    left.legend()
    right.legend()
    for axes in (left, middle, right):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run every row, print and keep."""
    no_options(__doc__)
    shared_dir()  # which each row would miss
    rows = []
    for row in ROWS:
        arguments = [word for key, value in row.items() for word in (f"--{key}", value)]
        command = [sys.executable, "-m", "experiments.live_speed.row", *arguments, "--seconds", str(SECONDS)]
        cores = range(int(row["cores"]))
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, preexec_fn=partial(os.sched_setaffinity, 0, cores)
        )
        rows.append(row | json.loads(done.stdout.splitlines()[-1]))
        print(json.dumps(rows[-1]), flush=True)
    versions = {name: version(name) for name in ("onnxruntime", "opencv-python", "numpy", "faiss-cpu")}
    commit = subprocess.run(("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=True)
    result = {
        "machine": machine(),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "versions": versions,
        "rows": rows,
    }
    (HERE / "results.json").write_text(json.dumps(result, indent=1) + "\n")
    draw(rows, HERE / "faces.png")


if __name__ == "__main__":
    main()
