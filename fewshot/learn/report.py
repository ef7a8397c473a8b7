"""What one encoder is worth on one split, as a page and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from fewshot.learn.scores import Interval, Named
from fewshot.types import EMOTIONS


@dataclass(frozen=True, eq=False)
class Report:
    """Scores by nearest generic prototype; shares in [0, 1].

    Attributes:
        split: Name of the split that was scored.
        n: Its images.
        accuracy: With its 95 % interval.
        macro_f1: Mean of the classes' F1.
        calibration_error: ECE of the probabilities at the prototypes' temperature.
        recalls: By emotion.
        confusion: Counts; rows are the truth, in the order of ``EMOTIONS``.
        coverage: Accuracy by coverage in percent ("80"), where the least confident answers are left unsure.
        named: What remains, by least confidence ("0.30"), when less confident answers are left unsure.
        few_shot: Accuracy of few-shot episodes by shots ("7-way 5-shot"), support from another split than the queries.
        few_shot_protocol: How the episodes were made, in a sentence.
        near_duplicates: Images that Training shows too.
        accuracy_without_them: Accuracy on the other images; None if there are none.
        prototypes: What they were made by, in a phrase: votes of FER+ move the scores.
        ferplus: Against the FER+ majority, where five of ten raters agree, with prototypes of FER+ labels; None without votes.
    """

    split: str
    n: int
    accuracy: Interval
    macro_f1: float
    calibration_error: float
    recalls: dict[str, float]
    confusion: list[list[int]]
    coverage: dict[str, float]
    named: dict[str, Named]
    few_shot: dict[str, Interval]
    few_shot_protocol: str
    near_duplicates: int
    accuracy_without_them: Interval | None
    prototypes: str
    ferplus: Interval | None

    def rows(self) -> dict[str, str]:
        """Return every score but the confusions as text by its name."""
        return {
            "accuracy, 95 % interval": str(self.accuracy),
            "macro-F1": f"{self.macro_f1:.3f}",
            "ECE": f"{self.calibration_error:.3f}",
            **{f"accuracy at {share} % coverage": f"{100 * value:.1f} %" for share, value in self.coverage.items()},
            **{f"recall {name}": f"{value:.3f}" for name, value in self.recalls.items()},
            **{name: str(interval) for name, interval in self.few_shot.items()},
            f"without its near-duplicates of Training ({self.near_duplicates})": str(self.accuracy_without_them or "-"),
            **({"FER+ majority, prototypes of FER+ labels": str(self.ferplus)} if self.ferplus else {}),
        }

    def __str__(self) -> str:
        """Return it as a page for the terminal."""
        rows, cell = self.rows(), max(map(len, EMOTIONS)) + 2
        width = max(map(len, rows)) + 2
        table = [f"{name:{width}}{value}" for name, value in rows.items()]
        names = "".join(f"{name:>{cell}}" for name in EMOTIONS)
        confusion = [
            f"{name:{width}}" + "".join(f"{count:>{cell}}" for count in row)
            for name, row in zip(EMOTIONS, self.confusion, strict=True)
        ]
        title = f"{self.split}, {self.n} images, nearest generic prototype ({self.prototypes})"
        truth = "truth \\ found"
        return "\n".join([title, "", *table, self.few_shot_protocol, "", f"{truth:{width}}{names}", *confusion])

    def save(self, path: Path) -> Path:
        """Write it as JSON, and return where."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        return path
