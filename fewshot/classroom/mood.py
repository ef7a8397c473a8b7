"""The mood of the class over time: which share of the students looked how."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fewshot.looks import ABSENT, UNSURE, ClassSeconds
from fewshot.types import Float32

PLEASANT, UNPLEASANT = ("happy",), ("angry", "disgust", "fear", "sad")
"""Emotions of positive and of negative valence; surprise may be either (Russell 1980, "A circumplex model of affect")."""


@dataclass(frozen=True, eq=False)
class Mood:
    """The class over time.

    Attributes:
        seconds: n times, since the lesson began; the middle of each step.
        labels: c labels: absent, unsure, the emotions, states of the teacher's own.
        shares: (n, c) float32, rows summing to 1: of the students who had been seen by then.
        valence: (n,) float32 in [-1, 1]. Share of pleasant minus share of unpleasant looks, among those that were named.
    """

    seconds: tuple[float, ...]
    labels: tuple[str, ...]
    shares: Float32
    valence: Float32


def class_mood(lesson: ClassSeconds, step_s: int) -> Mood:
    """Return the mood in steps of ``step_s`` observed seconds; the last step may be shorter.

    Raises:
        ValueError: ``step_s`` is below 1.
    """
    if step_s < 1:
        raise ValueError(f"step_s must be at least 1, got {step_s}")
    labels, seconds = lesson.legend, lesson.seconds
    counts = np.zeros((len(seconds), len(labels)), np.float32)
    for student in lesson.students.values():
        present = np.arange(len(seconds)) >= student.first
        np.add.at(counts, (np.flatnonzero(present), student.codes[present]), 1)
    edges = range(0, len(seconds), step_s)
    summed = np.add.reduceat(counts, edges, axis=0) if len(seconds) else counts
    known = summed.sum(axis=1) > 0
    summed = summed[known]
    middles = [float(np.mean(seconds[start : start + step_s])) for start in edges]
    named = summed[:, [label not in (ABSENT, UNSURE) for label in labels]].sum(axis=1)
    pleasant, unpleasant = (
        summed[:, [label in group for label in labels]].sum(axis=1) for group in (PLEASANT, UNPLEASANT)
    )
    return Mood(
        seconds=tuple(middle for middle, is_known in zip(middles, known, strict=True) if is_known),
        labels=labels,
        shares=summed / summed.sum(axis=1, keepdims=True),
        valence=((pleasant - unpleasant) / np.maximum(named, 1)).astype(np.float32),
    )
