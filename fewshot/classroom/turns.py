"""Moments at which the mood of the class turned: it changed much, and it stayed so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fewshot.classroom.mood import count_looks
from fewshot.config import ClassroomConfig
from fewshot.lesson import ABSENT, UNSURE, ClassSeconds
from fewshot.types import Float32


@dataclass(frozen=True)
class Change:
    """The share of one label before and after a moment."""

    label: str
    before: float
    after: float


@dataclass(frozen=True)
class Turn:
    """One such moment.

    Attributes:
        second: Since the lesson began.
        share: How much the looks before and after differ, in [0, 1]: half the sum of the differences by label.
        rose: What rose most.
        fell: What fell most.
    """

    second: int
    share: float
    rose: Change
    fell: Change


def find_turns(lesson: ClassSeconds, config: ClassroomConfig) -> tuple[Turn, ...]:
    """Return the ``turns_most`` greatest turns in the order of time, none within ``turn_window_s`` of a greater one.

    The looks of the window before a moment are compared with those of each half of the window after it. Both halves must
    differ from before by ``turn_share`` (total variation of the shares by label), so that a short laugh is no turn.
    Looks are those that were named; seconds are those in which frames came.
    """
    labels = [label for label in lesson.legend if label not in (ABSENT, UNSURE)]
    counts = count_looks(lesson)[:, [lesson.legend.index(label) for label in labels]]
    window = config.turn_window_s
    if len(counts) < 2 * window:
        return ()
    summed = np.concatenate([np.zeros((1, len(labels))), counts.cumsum(axis=0, dtype=np.float64)])
    at = np.arange(window, len(counts) - window + 1)
    half = at + window // 2
    before = _shares(summed[at] - summed[at - window])
    halves = (_shares(summed[half] - summed[at]), _shares(summed[at + window] - summed[half]))
    after = _shares(summed[at + window] - summed[at])
    change = np.min([np.abs(share - before).sum(axis=1) / 2 for share in halves], axis=0)
    turns = []
    for _ in range(config.turns_most):
        best = int(np.nan_to_num(change, nan=-1.0).argmax())
        if not change[best] >= config.turn_share:
            break
        rise = after[best] - before[best]
        rose, fell = (
            Change(labels[i], float(before[best, i]), float(after[best, i])) for i in (rise.argmax(), rise.argmin())
        )
        turns.append(Turn(int(lesson.seconds[at[best]]), float(change[best]), rose, fell))
        change[max(0, best - window) : best + window + 1] = -1.0
    return tuple(sorted(turns, key=lambda turn: turn.second))


def _shares(counts: Float32) -> Float32:
    """Return rows as shares; NaN where there was nothing to count."""
    totals = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0)
