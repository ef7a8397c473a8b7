"""Emotions over time: steady enough to read, silent where the evidence is weak. Pure functions, frozen states."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from fewshot.config import MOST_NATS, SmoothingConfig
from fewshot.types import UNSURE, Emotions, Float32, Float64, Int64

_LEAST_PROBABILITY = math.exp(-20)

_TINY = np.finfo(np.float64).tiny

_NO_TIME_S = 1e-9
"""Time constants below are none; what is divided by them could overflow."""


@dataclass(frozen=True, eq=False)
class Smoothed:
    """What is known of the emotions of n faces, a row each.

    Attributes:
        emotions: As shown: their probabilities and distances are slowly smoothed.
        filled: (n,) float64. How much of its memory the slow average has filled since it began, in [0, 1].
        quick: (n, c) float64, rows summing to 1: quickly smoothed.
        evidence: (n, c) float64, none negative, in nats x seconds: what speaks for each emotion against the one shown, or the
            likeliest.
        time_s: (n,) float64. Of the last frame that entered.
    """

    emotions: Emotions
    filled: Float64
    quick: Float64
    evidence: Float64
    time_s: Float64

    def take(self, rows: Sequence[int]) -> Smoothed:
        """Return the state of some faces, in the order given."""
        chosen = np.asarray(rows, np.int64)
        return Smoothed(
            self.emotions.take(chosen),
            self.filled[chosen],
            self.quick[chosen],
            self.evidence[chosen],
            self.time_s[chosen],
        )

    def over(self, labels: tuple[str, ...]) -> Smoothed:
        """Return the state with the columns of other ``labels``; no row knows one that is missing there."""
        old = self.emotions
        if old.labels == labels:
            return self
        places = [old.labels.index(label) if label in old.labels else len(old.labels) for label in labels]

        def moved(table: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return np.pad(table, ((0, 0), (0, 1)))[:, places]

        column = {place: i for i, place in enumerate(places)}
        emotions = replace(
            old,
            labels=labels,
            probabilities=moved(old.probabilities),
            known=moved(old.known),
            named=np.array([column.get(place, UNSURE) for place in old.named.tolist()], np.int64),
        )
        return replace(self, emotions=emotions, quick=moved(self.quick), evidence=moved(self.evidence))


def nothing(faces: int, labels: tuple[str, ...]) -> Smoothed:
    """Return the state of faces that were never read: any prototypes are others than those asked before."""
    rows, table = np.zeros(faces), np.zeros((faces, len(labels)))
    emotions = Emotions(labels, table, table > 0, np.full(faces, UNSURE), rows, rows > 0)
    return Smoothed(emotions, rows, table, table, rows)


def joined(*states: Smoothed) -> Smoothed:
    """Return the states of all faces, one after the other; their labels are the same."""
    emotions = [state.emotions for state in states]
    return Smoothed(
        Emotions(
            emotions[0].labels,
            np.concatenate([e.probabilities for e in emotions]),
            np.concatenate([e.known for e in emotions]),
            np.concatenate([e.named for e in emotions]),
            np.concatenate([e.squared_distances for e in emotions]),
            np.concatenate([e.personal for e in emotions]),
        ),
        np.concatenate([state.filled for state in states]),
        np.concatenate([state.quick for state in states]),
        np.concatenate([state.evidence for state in states]),
        np.concatenate([state.time_s for state in states]),
    )


def smoothing_weight(elapsed_s: float | Float64, time_constant_s: float) -> Float64:
    """Weight of a new value ``elapsed_s`` after the last: 1 - exp(-elapsed / time constant), in [0, 1].

    Two steps of any lengths weigh as one step of their sum, so results do not depend on the frame rate. A time that
    stands still or goes back weighs nothing; a time constant of 0 means no smoothing at all.
    """
    if time_constant_s < _NO_TIME_S:
        return np.ones_like(elapsed_s, np.float64)
    return -np.expm1(-np.maximum(elapsed_s, 0.0) / time_constant_s)


def choose_labels(probabilities: Float64, shown: Int64, config: SmoothingConfig) -> Int64:
    """Name an emotion for each row of (n, c) probabilities, or ``UNSURE`` where even the largest is below ``min_confidence``.

    The label ``shown`` before, (n,), stays until another leads it by more than ``hysteresis`` or it falls below
    ``keep_confidence`` itself, so that neither two equally likely emotions flicker, nor one and "unsure".
    """
    rows, likeliest = np.arange(len(shown)), probabilities.argmax(axis=1)
    largest = probabilities[rows, likeliest]
    held = probabilities[rows, shown]  # where nothing was shown, that of any column, which does not count
    stays = (shown != UNSURE) & (held >= config.keep_confidence) & (largest - held <= config.hysteresis)
    return np.where(stays, shown, np.where(largest >= config.min_confidence, likeliest, UNSURE))


def smooth(
    before: Smoothed, seen: Emotions, time_s: float, config: SmoothingConfig, weights: Float64 | float = 1.0
) -> Smoothed:
    """Add what is ``seen`` in one frame, not smoothed, to the state of the same n faces.

    Two exponential averages run side by side, and the slow one is shown. It begins as a mean, so that one reading does not
    outweigh what follows (the bias correction of Kingma and Ba 2015, section 3). What each reading says for another emotion
    against the one shown, the logarithm of their ratio less a drift, adds up while it speaks for a change (Page 1954,
    "Continuous inspection schemes", the CUSUM); where the sum is large enough, the face has changed, and the slow average
    starts again from the quick one. So a still face is steady and a change is fast; one time constant cannot do both.

    Args:
        before: The state so far, with the labels of ``seen``. Where other prototypes are asked than before (somebody was
            recognized, or is new) a row starts again, because their probabilities cannot be averaged with the old ones.
        seen: In this frame.
        time_s: Of this frame.
        config: Time constants and thresholds.
        weights: (n,) in [0, 1], or one for all. A poor reading counts as if only this share of its time had passed.

    Returns:
        The next state.
    """
    old = before.emotions
    goes_on = (old.personal == seen.personal) & (old.known == seen.known).all(axis=1)
    elapsed_s = np.where(goes_on, np.maximum(time_s - before.time_s, 0.0), config.reading_s)
    counted_s = weights * np.minimum(elapsed_s, config.reading_s)
    added = smoothing_weight(counted_s, config.slow_s)
    filled = goes_on * before.filled * (1 - smoothing_weight(weights * elapsed_s, config.slow_s)) + added
    slow_weight = np.where(goes_on, added / np.maximum(filled, _TINY), 1.0)
    quick_weight = np.where(goes_on, smoothing_weight(weights * elapsed_s, config.quick_s), 1.0)
    slow = _between(old.probabilities, seen.probabilities, slow_weight[:, None])
    quick = _between(before.quick, seen.probabilities, quick_weight[:, None])
    squared_distances = _between(old.squared_distances, seen.squared_distances, slow_weight)
    shown = np.where(goes_on, old.named, UNSURE)
    evidence = _gathered(
        before.evidence * goes_on[:, None],
        seen.probabilities,
        np.where(shown == UNSURE, slow.argmax(axis=1), shown),
        counted_s,
        config,
    )
    changed = (counted_s > 0) & (evidence.max(axis=1) > config.change)
    slow = np.where(changed[:, None], quick, slow)
    named = choose_labels(slow, shown, config)
    return Smoothed(
        replace(
            seen,
            probabilities=slow,
            named=named,
            squared_distances=np.where(changed, seen.squared_distances, squared_distances),
        ),
        np.where(changed, np.minimum(1.0, added / np.maximum(quick_weight, _TINY)), filled),
        quick,
        evidence * ~(changed | (named != shown))[:, None],
        np.full(len(seen), time_s, np.float64),
    )


def _gathered(
    before: Float64, seen: Float32 | Float64, reference: Int64, counted_s: Float64, config: SmoothingConfig
) -> Float64:
    """Add what one reading says for each emotion against that in the column ``reference`` to the evidence so far."""
    log_seen = np.log(np.maximum(seen, _LEAST_PROBABILITY, dtype=np.float64))
    nats = log_seen - log_seen[np.arange(len(reference)), reference][:, None]
    return np.maximum(before + counted_s[:, None] * (np.minimum(nats, MOST_NATS) - config.drift), 0.0)


def _between(before: npt.NDArray[np.floating], seen: npt.NDArray[np.floating], weight: Float64) -> Float64:
    return before + weight * (seen - before)
