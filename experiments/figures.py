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


def _table(*rows: list[str]) -> str:
    """Return rows of cells, the first being the head, as Markdown."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def _percent(share: dict[str, float]) -> str:
    return f"{100 * share['value']:.1f} % ({100 * share['low']:.1f} to {100 * share['high']:.1f})"


def encoder_table() -> str:
    """Return the shipped encoder's scores, as the export measured them."""
    rows = [
        [
            f"FER2013 {report['split']}, n = {report['n']}",
            _percent(report["accuracy"]),
            f"{report['macro_f1']:.3f}",
            f"{report['calibration_error']:.3f}",
        ]
        for report in _read("fewshot/weights/metrics.json")
    ]
    return _table(["nearest generic prototype", "accuracy (95 % interval)", "macro-F1", "ECE"], *rows)


def class_table() -> str:
    """Return what enrollment gains on the made class of ten."""
    results = _read("experiments/jaffe_class/results.json")
    columns = {f"{faces}, {run}": results[faces][run] for faces in results for run in results[faces]}
    rows = [
        [key, *(f"{c[key]:,}" if isinstance(c[key], int) else f"{100 * c[key]:.1f} %" for c in columns.values())]
        for key in next(iter(columns.values()))
    ]
    return _table(["", *columns], *rows)


def other_faces_table() -> str:
    """Return generic accuracy on other sets and on changed pictures, by face backend."""
    results = _read("experiments/other_faces/results.json")
    rows = []
    for group in ("generic", "changed"):
        for title in next(iter(results.values()))[group]:
            answers = [results[faces][group][title] for faces in results]
            cells = [
                _percent(a["accuracy"]) + (f", {a['missed']} faces not found" if a["missed"] else "") for a in answers
            ]
            rows.append([title if group == "generic" else f"jaffe, {title}", *cells])
    return _table(["pictures", *results], *rows)


def own_photos_table() -> str:
    """Return what enrolling gains by set, through the built-in faces."""
    sets = _read("experiments/other_faces/results.json")["builtin"]["enrollment"]
    rows = []
    for kind in next(iter(sets.values())):
        gains = [sets[name][kind] for name in sets]
        rows.append([kind, *(f"{100 * g['accuracy']['value']:.1f} % ({100 * g['worse']:.0f} %)" for g in gains)])
    return _table(["prototypes", *sets], *rows)


def cost_table() -> str:
    """Return what the encoders cost and what they are worth, a row each."""
    rows = [
        [
            name,
            f"{100 * r['PublicTest']:.1f} %",
            f"{r['ms a face']:.2f}",
            f"{r['megabytes']:.1f}",
            f"{r['parameters'] / 1e6:.1f} M",
            f"{r['multiply-adds'] / 1e6:.0f} M",
            r["processor"],
        ]
        for name, r in _read("experiments/cost/results.json").items()
    ]
    return _table(["encoder", "PublicTest", "ms a face", "MB", "parameters", "multiply-adds", "processor"], *rows)


def prototype_ideas_table() -> str:
    """Return the accuracy of each way to classify by prototypes."""
    results = _read("experiments/prototype_ideas/results.json")
    rows = [[name, f"{100 * value:.1f} %"] for name, value in results.items() if name != "encoder"]
    return _table(["prototypes", "PublicTest"], *rows)


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
