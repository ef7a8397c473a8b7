"""What enrollment gains on a made class of ten, by the command line alone: enroll, watch twice, compare with the truth.

    python -m experiments.jaffe_class.measure --faces builtin

Needs the research data under SHARED_DIR. Writes results.json beside itself. The clip measures; nothing is tuned on it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.commands import shared_dir

HERE = Path(__file__).parent
SETTLED_S = 1.0
"""Readings this long after a change of expression are counted apart: smoothing needs a moment by design."""


@dataclass(frozen=True)
class Tile:
    """Who shows what in one rectangle of the clip, from one frame to another."""

    first: int
    last: int
    person: str
    emotion: str
    x: float
    y: float
    w: float
    h: float


@dataclass
class Tally:
    """Counts over the readings of one run."""

    readings: int = 0
    outside: int = 0
    identity_right: int = 0
    identity_wrong: int = 0
    emotion_right: int = 0
    unsure: int = 0
    settled: int = 0
    settled_right: int = 0
    changes: int = 0
    followed: int = 0

    def shares(self) -> dict[str, float]:
        """Return the shares that the README quotes, each in [0, 1]."""
        n = max(self.readings, 1)
        return {
            "readings": self.readings,
            "readings outside every tile": self.outside,
            "identity right": self.identity_right / n,
            "identity wrong name": self.identity_wrong / n,
            "emotion right, unsure counts as wrong": self.emotion_right / n,
            "unsure": self.unsure / n,
            "emotion right where named": self.emotion_right / max(n - self.unsure, 1),
            f"emotion right {SETTLED_S:g} s after a change": self.settled_right / max(self.settled, 1),
            f"changes shown within {SETTLED_S:g} s": self.followed / max(self.changes, 1),
        }


def read_truth(path: Path) -> list[Tile]:
    """Read the clip's truth."""
    with path.open(newline="") as file:
        return [
            Tile(
                int(row["frame_from"]),
                int(row["frame_to"]),
                row["person"],
                row["emotion"],
                *(float(row[k]) for k in ("x", "y", "w", "h")),
            )
            for row in csv.DictReader(file)
        ]


def compare(readings: Path, truth: list[Tile], fps: float) -> Tally:
    """Count what readings.csv got right."""
    tally = Tally()
    shown: dict[Tile, list[tuple[float, str]]] = defaultdict(list)
    for row in _rows(readings):
        frame = int(row["frame"])
        x, y = (float(row["x1"]) + float(row["x2"])) / 2, (float(row["y1"]) + float(row["y2"])) / 2
        tile = next(
            (t for t in truth if t.first <= frame <= t.last and t.x <= x < t.x + t.w and t.y <= y < t.y + t.h), None
        )
        if tile is None:
            tally.outside += 1
            continue
        right = row["emotion"] == tile.emotion
        tally.readings += 1
        tally.identity_right += row["person"] == tile.person
        tally.identity_wrong += row["person"] not in ("", tile.person)
        tally.emotion_right += right
        tally.unsure += row["emotion"] == ""
        shown[tile].append(((frame - tile.first) / fps, row["emotion"]))
        if frame - tile.first >= SETTLED_S * fps:
            tally.settled += 1
            tally.settled_right += right
    for tile, labels in shown.items():
        if tile.first > 0:  # whether or not it is the truth: what the expression is read as in the end
            settled = Counter(label for since_s, label in labels if since_s >= SETTLED_S).most_common(1)
            tally.changes += 1
            tally.followed += any(label == settled[0][0] for since_s, label in labels if since_s < SETTLED_S)
    return tally


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


def _run(*arguments: str, env: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-m", *arguments], check=True, env=env, stdout=sys.stderr)


def main() -> None:
    """Enroll, watch with and without the students, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", choices=("builtin", "insightface"), default="builtin")
    options = parser.parse_args()
    shared = shared_dir()
    clips = shared / "data" / "clips"
    faces = [f"faces={options.faces}", f"faces.pack_root={shared / 'models' / 'insightface'}"]
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for title, enrolled in (("enrolled", True), ("nobody enrolled", False)):
            env = {**os.environ, "FEWSHOT_STORE": f"{folder}/{title.replace(' ', '_')}.db"}
            if enrolled:
                _run(
                    *("enroll", "add", "--list", str(clips / "jaffe_class_10_enroll.csv")),
                    *(
                        "--root",
                        str(shared / "data" / "jaffe"),
                        "--consent",
                        "research data, used under its terms",
                        "--confirmed",
                        *faces,
                    ),
                    env=env,
                )
            output = Path(folder) / title
            _run(
                *("fewshot.live", f"source={clips / 'jaffe_class_10.mp4'}", f"output={output}", *faces),
                env=env,
            )
            tally = compare(output / "readings.csv", read_truth(clips / "jaffe_class_10_truth.csv"), fps=15.0)
            results[title] = tally.shares()
    target = HERE / "results.json"
    merged = json.loads(target.read_text()) if target.is_file() else {}
    target.write_text(json.dumps({**merged, options.faces: results}, indent=1) + "\n")
    print(f"| {options.faces} | " + " | ".join(results) + " |\n|---|" + "---|" * len(results))
    for key in results["enrolled"]:
        values = [results[title][key] for title in results]
        print(f"| {key} | " + " | ".join(f"{v:,}" if isinstance(v, int) else f"{100 * v:.1f} %" for v in values) + " |")


if __name__ == "__main__":
    main()
