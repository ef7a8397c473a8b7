"""Pictures of a run and of an encoder: learning curves, the confusion matrix, a map of the embeddings."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from fewshot.types import EMOTIONS, Float32, Int64, Prototypes

_DPI = 120
_CURVES = {
    "loss": ("train/episodic_loss", "train/metric_loss", "train/vote_loss", "train/reading_loss"),
    "accuracy": ("val/accuracy",),
}


def draw_curves(run: Path) -> Path:
    """Draw the losses and the validation accuracy of all the logs of a run, resumed or not; return the picture's path."""
    points: dict[str, dict[int, float]] = defaultdict(dict)
    for log in sorted((run / "log").glob("version_*/metrics.csv"), key=lambda path: path.stat().st_mtime):
        with log.open(newline="") as file:
            for row in csv.DictReader(file):
                try:
                    step = int(row["step"])
                    told = {name: float(value) for name, value in row.items() if value}
                except (KeyError, TypeError, ValueError):  # a kill cut the last row off
                    continue
                for name, value in told.items():
                    points[name][step] = value
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    for axes, (title, names) in zip(figure.subplots(1, 2), _CURVES.items(), strict=True):
        for name in names:
            if name in points:
                steps = sorted(points[name])
                axes.plot(
                    steps, [points[name][step] for step in steps], label=name, marker="." if len(steps) < 50 else ""
                )
        axes.set(title=title, xlabel="step")
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend()
    return _save(figure, run / "curves.png")


def draw_confusion(confusion: Int64, path: Path) -> Path:
    """Draw a (7, 7) confusion matrix, rows being the truth, as shares of each row."""
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=45)
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set(xlabel="found", ylabel="truth")
    for row, column in np.ndindex(shares.shape):
        share = shares[row, column]
        axes.text(
            column, row, f"{100 * share:.0f}", ha="center", va="center", color="white" if share > 0.5 else "black"
        )
    return _save(figure, path)


def draw_map(embeddings: Float32, labels: Int64, generic: Prototypes, path: Path) -> Path:
    """Draw (n, d) embeddings and the prototypes in the plane in which the prototypes lie furthest apart."""
    embeddings, stars = (vectors * np.sqrt(generic.weights[0]) for vectors in (embeddings, generic.vectors))
    center = stars.mean(axis=0)
    _, _, directions = np.linalg.svd(stars - center, full_matrices=False)
    points, prototypes = ((vectors - center) @ directions[:2].T for vectors in (embeddings, stars))
    figure = Figure(figsize=(6, 5.5), layout="constrained")
    axes = figure.subplots()
    for label, name in enumerate(EMOTIONS):
        mine = points[labels == label]
        drawn = axes.scatter(mine[:, 0], mine[:, 1], s=5, alpha=0.4, linewidths=0)
        here = prototypes[generic.labels.index(name)]
        axes.scatter(
            here[0], here[1], s=120, marker="*", color=drawn.get_facecolor()[0], alpha=1, edgecolors="black", label=name
        )
    axes.set(xticks=[], yticks=[], title="embeddings and prototypes (stars)")
    axes.legend()
    return _save(figure, path)


def _save(figure: Figure, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=_DPI)
    return path
