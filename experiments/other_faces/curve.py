"""The figure of the model card: accuracy on JAFFE against the size of the face."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from experiments.other_faces.faces import SIZES_PX

MOST_MISSED = 20
"""Pictures without a face beyond which a point says more about the detector than about the encoder: it is left out."""


def draw_size_curve(results: dict[str, Any], path: Path) -> None:
    """Draw the results of :mod:`experiments.other_faces.measure`, by face backend, as a PNG."""
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.subplots()
    backend, answers = next(iter(results.items()))
    known = [answers["landmarks known"][str(px)]["accuracy"] for px in SIZES_PX]
    axes.plot(SIZES_PX, [100 * a["value"] for a in known], "o--", label=f"landmarks known ({backend})")
    axes.fill_between(
        SIZES_PX, [100 * a["low"] for a in known], [100 * a["high"] for a in known], alpha=0.15, linewidth=0
    )
    for name, answers in results.items():
        sizes = [px for px in SIZES_PX if answers["changed"][f"face {px} px"]["missed"] <= MOST_MISSED]
        shares = [100 * answers["changed"][f"face {px} px"]["accuracy"]["value"] for px in sizes]
        axes.plot(sizes, shares, "o-", label=f"found and aligned by {name}")
    axes.axhline(100 / 7, color="gray", linewidth=0.8, linestyle=":", label="chance")
    axes.set(xlabel="height of the face, px", ylabel="accuracy on JAFFE, %", ylim=(0, 100))
    axes.legend(fontsize="small")
    figure.savefig(path, dpi=110, metadata={"Software": None})
