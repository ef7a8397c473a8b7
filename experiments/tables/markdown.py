"""Results of the measuring commands, and their way into Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

ROOT = Path(__file__).parents[2]


def read(path: str) -> Any:
    """Return the JSON of a file, by its path in the repository."""
    return json.loads((ROOT / path).read_text())


def table(*rows: list[str]) -> str:
    """Return rows of cells, the first being the head, as Markdown."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def percent(share: dict[str, float]) -> str:
    """Return a share with its interval."""
    return f"{100 * share['value']:.1f} % ({100 * share['low']:.1f} to {100 * share['high']:.1f})"


def seeds(shares: list[float]) -> str:
    """Return the mean over seeds with its 95 % interval by Student's t."""
    values = 100 * np.array(shares)
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return f"{values.mean():.1f} ± {half:.1f} %"
