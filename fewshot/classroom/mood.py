"""The mood of the class over time: which share of the students looked how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fewshot.lesson import ABSENT, UNSURE, ClassSeconds
from fewshot.types import Float32

PLEASANT, UNPLEASANT = ("happy",), ("angry", "disgust", "fear", "sad")
"""Emotions of positive and of negative valence; surprise may be either (Russell 1980, "A circumplex model of affect")."""


@dataclass(frozen=True, eq=False)
class Mood:
    """The class over time.

    Attributes:
        step_s: Seconds a step.
        seconds: n times, since the lesson began; the middle of each step.
        labels: c labels: absent, unsure, the emotions, states of the teacher's own.
        shares: (n, c) float32, rows summing to 1: of the students who had been seen by then.
        valence: (n,) float32 in [-1, 1]. Share of pleasant minus share of unpleasant looks, among those that were named; NaN
            where none was.
    """

    step_s: int
    seconds: tuple[float, ...]
    labels: tuple[str, ...]
    shares: Float32
    valence: Float32

    def spans(self) -> list[tuple[float, float]]:
        """Return begin and end of each step; between one and the next there may be a pause."""
        begins = [second // self.step_s * self.step_s for second in self.seconds]
        return [(begin, begin + self.step_s) for begin in begins]


def class_mood(lesson: ClassSeconds, step_s: int) -> Mood:
    """Return the mood in steps of ``step_s`` seconds; a step in which no frame came is left out.

    Raises:
        ValueError: ``step_s`` is below 1.
    """
    if step_s < 1:
        raise ValueError(f"step_s must be at least 1, got {step_s}")
    labels, counts = lesson.legend, count_looks(lesson)
    edges = np.flatnonzero(np.diff(lesson.seconds // step_s, prepend=-1))
    summed = np.add.reduceat(counts, edges, axis=0) if len(edges) else counts
    middles = np.add.reduceat(lesson.seconds, edges) / np.diff(edges, append=len(counts)) if len(edges) else edges
    known = summed.sum(axis=1) > 0
    summed = summed[known]
    return Mood(
        step_s=step_s,
        seconds=tuple(middles[known].tolist()),
        labels=labels,
        shares=np.asarray(summed / summed.sum(axis=1, keepdims=True), np.float32),
        valence=valence_of(summed, labels),
    )


def valence_trend(mood: Mood, last_s: float) -> tuple[float, float] | None:
    """Return the mean valence of the last ``last_s`` seconds, and how much more that is than before.

    None while no emotion was named in one of the two.
    """
    seconds = np.array(mood.seconds)
    lately = seconds > seconds[-1] - last_s if len(seconds) else np.zeros(0, bool)
    now, before = mean_valence(mood.valence[lately]), mean_valence(mood.valence[~lately])
    return None if now is None or before is None else (now, now - before)


def mean_valence(valence: Float32) -> float | None:
    """Return the mean over the steps in which an emotion was named; None where there is none."""
    named = valence[~np.isnan(valence)]
    return float(named.mean()) if len(named) else None


def count_looks(lesson: ClassSeconds) -> Float32:
    """Return (n, c) float32: how many of the students who had been seen by then looked how, in each second."""
    counts = np.zeros((len(lesson.seconds), len(lesson.legend)), np.float32)
    for student in lesson.students.values():
        where = np.arange(student.first, len(counts))
        counts[where, student.codes[where]] += 1
    return counts


def valence_of(counts: Float32, labels: Sequence[str]) -> Float32:
    """Return (n,) float32 in [-1, 1] of (n, c) counts of looks, one column a label; NaN where no emotion was named."""
    named = counts[:, [label not in (ABSENT, UNSURE) for label in labels]].sum(axis=1)
    pleasant, unpleasant = (
        counts[:, [label in group for label in labels]].sum(axis=1) for group in (PLEASANT, UNPLEASANT)
    )
    undefined = np.full(len(counts), np.nan, np.float32)
    return np.divide(pleasant - unpleasant, named, out=undefined, where=named > 0, dtype=np.float32)


def valence_lines(lesson: ClassSeconds, last_s: int, step_s: int) -> dict[str, list[float]]:
    """Return each student's valence over the last ``last_s`` seconds, in [-1, 1], by person_id.

    A step of ``step_s`` seconds is the mean over its seconds in which an emotion was named; 0 where none was. Who has not
    been seen yet has no line.
    """
    if len(lesson.seconds) == 0:
        return {}
    begin = int(lesson.seconds[-1]) + 1 - last_s
    lately = lesson.at(lesson.seconds >= begin)
    steps, count = (lately.seconds - begin) // step_s, -(-last_s // step_s)
    signs = np.array([(label in PLEASANT) - float(label in UNPLEASANT) for label in lesson.legend])
    told = np.array([label not in (ABSENT, UNSURE) for label in lesson.legend], float)
    lines = {}
    for key, student in lately.students.items():
        summed, seconds = (np.bincount(steps, of[student.codes], count) for of in (signs, told))
        lines[key] = (summed / np.maximum(seconds, 1)).tolist()
    return lines
