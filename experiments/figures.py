"""Write measured figures into the README: ``python -m experiments.figures``.

The README marks each block with ``<!-- figures: NAME -->`` and ``<!-- end -->``; what stands between comes from the
files that the measuring commands wrote, so nobody types a number.
"""

from __future__ import annotations

import re

from experiments.commands import no_options
from experiments.other_faces.curve import draw_size_curve
from experiments.tables import encoders, live, people, summary
from experiments.tables.markdown import ROOT, read

BLOCKS = {**summary.BLOCKS, **encoders.BLOCKS, **people.BLOCKS, **live.BLOCKS}


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
    "fewshot/weights/MODEL_CARD.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "experiments").glob("*/README.md")),
)


def main() -> None:
    """Fill every file that quotes figures."""
    no_options(__doc__)
    for name in FILES:
        path = ROOT / name
        path.write_text(fill(path.read_text()))
        print(f"figures written to {name}")
    draw_size_curve(read("experiments/other_faces/results.json"), ROOT / "experiments/other_faces/face_size.png")


if __name__ == "__main__":
    main()
