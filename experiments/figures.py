"""Write measured figures into the README: ``python -m experiments.figures``.

The README marks each block with ``<!-- figures: NAME -->`` and ``<!-- end -->``; what stands between comes from the
files that the measuring commands wrote, so nobody types a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def _read(path: str) -> Any:
    return json.loads((ROOT / path).read_text())


def encoder_table() -> str:
    """Return the shipped encoder's scores, as the export measured them."""
    reports = _read("fewshot/weights/metrics.json")
    lines = ["| nearest generic prototype | accuracy (95 % interval) | macro-F1 | ECE |", "|---|---|---|---|"]
    for report in reports:
        accuracy = report["accuracy"]
        interval = f"{100 * accuracy['low']:.1f} to {100 * accuracy['high']:.1f}"
        lines.append(
            f"| FER2013 {report['split']}, n = {report['n']} | {100 * accuracy['value']:.1f} % ({interval}) "
            f"| {report['macro_f1']:.3f} | {report['calibration_error']:.3f} |"
        )
    return "\n".join(lines)


def class_table() -> str:
    """Return what enrollment gains on the made class of ten."""
    results = _read("experiments/jaffe_class/results.json")
    lines = ["| | " + " | ".join(f"{faces}, {run}" for faces in results for run in results[faces]) + " |"]
    columns = [results[faces][run] for faces in results for run in results[faces]]
    lines.append("|---|" + "---|" * len(columns))
    for key, first in columns[0].items():
        count = isinstance(first, int)
        cells = [f"{column[key]:,}" if count else f"{100 * column[key]:.1f} %" for column in columns]
        lines.append(f"| {key} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def other_faces_table() -> str:
    """Return generic accuracy on other sets and on changed pictures, by face backend."""
    results = _read("experiments/other_faces/results.json")
    lines = ["| pictures | " + " | ".join(results) + " |", "|---|" + "---|" * len(results)]
    for group in ("generic", "changed"):
        for title in next(iter(results.values()))[group]:
            answers = [results[faces][group][title] for faces in results]
            cells = [
                f"{100 * a['accuracy']['value']:.1f} % ({100 * a['accuracy']['low']:.1f} to {100 * a['accuracy']['high']:.1f})"
                + (f", {a['missed']} faces not found" if a["missed"] else "")
                for a in answers
            ]
            lines.append(f"| {title if group == 'generic' else 'jaffe, ' + title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def own_photos_table() -> str:
    """Return what enrolling gains by set, through the built-in faces."""
    sets = _read("experiments/other_faces/results.json")["builtin"]["enrollment"]
    lines = ["| prototypes | " + " | ".join(sets) + " |", "|---|" + "---|" * len(sets)]
    for kind in next(iter(sets.values())):
        gains = [sets[name][kind] for name in sets]
        cells = [f"{100 * g['accuracy']['value']:.1f} % ({100 * g['worse']:.0f} %)" for g in gains]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cost_table() -> str:
    """Return what the encoders cost and what they are worth, a row each."""
    lines = ["| encoder | PublicTest | ms a face | MB | parameters | multiply-adds | processor |", "|" + "---|" * 7]
    for name, r in _read("experiments/cost/results.json").items():
        lines.append(
            f"| {name} | {100 * r['PublicTest']:.1f} % | {r['ms a face']:.2f} | {r['megabytes']:.1f} "
            f"| {r['parameters'] / 1e6:.1f} M | {r['multiply-adds'] / 1e6:.0f} M | {r['processor']} |"
        )
    return "\n".join(lines)


def prototype_ideas_table() -> str:
    """Return the accuracy of each way to classify by prototypes."""
    results = _read("experiments/prototype_ideas/results.json")
    rows = [f"| {name} | {100 * value:.1f} % |" for name, value in results.items() if name != "encoder"]
    return "\n".join(["| prototypes | PublicTest |", "|---|---|", *rows])


BLOCKS: dict[str, Callable[[], str]] = {
    "encoder": encoder_table,
    "class": class_table,
    "cost": cost_table,
    "prototype ideas": prototype_ideas_table,
    "other faces": other_faces_table,
    "own photos": own_photos_table,
}


def fill(text: str) -> str:
    """Return ``text`` with every marked block replaced by its figures.

    Raises:
        KeyError: a block that no function writes.
    """

    def block(match: re.Match[str]) -> str:
        return f"{match[1]}\n{BLOCKS[match[2]]()}\n{match[3]}"

    return re.sub(r"(<!-- figures: ([\w ]+) -->)\n.*?(<!-- end -->)", block, text, flags=re.DOTALL)


FILES = (
    "README.md",
    "experiments/first_encoder/README.md",
    "experiments/jaffe_class/README.md",
    "experiments/cost/README.md",
    "experiments/prototype_ideas/README.md",
    "experiments/other_faces/README.md",
)


def main() -> None:
    """Fill every file that quotes figures."""
    for name in FILES:
        path = ROOT / name
        path.write_text(fill(path.read_text()))
        print(f"figures written to {name}")


if __name__ == "__main__":
    main()
