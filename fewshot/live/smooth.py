"""Emotions over time: steady enough to read, silent where the evidence is weak. Pure functions, frozen states."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fewshot.config import SmoothingConfig
from fewshot.types import Emotion, Source

# for the few emotions of one face, plain floats take less than half the time of arrays
Simplex = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Smoothed:
    """What is known of one track's emotion at one time.

    Attributes:
        labels: c labels, the order of ``probabilities``.
        probabilities: c that sum to 1, slowly smoothed.
        quick: c that sum to 1, quickly smoothed.
        squared_distance: To the nearest prototype, smoothed alike.
        prototypes: Which ones decided last.
        shown: The label named, or None.
        time_s: Of the last frame that entered.
    """

    labels: tuple[str, ...]
    probabilities: Simplex
    quick: Simplex
    squared_distance: float
    prototypes: Source
    shown: str | None
    time_s: float

    def as_emotion(self) -> Emotion:
        """The state as the noun that leaves the session."""
        by_label = dict(zip(self.labels, self.probabilities, strict=True))
        return Emotion(self.shown, by_label, self.squared_distance, self.prototypes)


def smoothing_weight(elapsed_s: float, time_constant_s: float) -> float:
    """Weight of a new value ``elapsed_s`` after the last: 1 - exp(-elapsed / time constant), in [0, 1].

    Two steps of any lengths weigh as one step of their sum, so results do not depend on the frame rate. A time that
    stands still or goes back weighs nothing; a time constant of 0 means no smoothing at all.
    """
    if time_constant_s <= 0:
        return 1.0
    return -math.expm1(-max(0.0, elapsed_s) / time_constant_s)


def choose_label(
    labels: tuple[str, ...], probabilities: Simplex, shown: str | None, config: SmoothingConfig
) -> str | None:
    """Name an emotion, or None ("unsure") where even the largest probability is below ``min_confidence``.

    The label ``shown`` before stays until another leads it by more than ``hysteresis`` or it falls below
    ``keep_confidence`` itself, so that neither two equally likely emotions flicker, nor one and "unsure".
    """
    largest = max(probabilities)
    if shown in labels:
        held = probabilities[labels.index(shown)]
        if held >= config.keep_confidence and largest - held <= config.hysteresis:
            return shown
    return labels[probabilities.index(largest)] if largest >= config.min_confidence else None


def smooth(
    before: Smoothed | None, emotion: Emotion, time_s: float, config: SmoothingConfig, weight: float = 1.0
) -> Smoothed:
    """Let one unsmoothed ``emotion`` enter a track's state.

    Two exponential averages run side by side: the slow one is what is shown; where the quick one is led clearly by another
    emotion, the face has changed, and the slow one begins anew from it. So a still face is steady and a change is fast,
    which one time constant cannot have both.

    Args:
        before: The state so far; None for a new track. Other prototypes than before (somebody was recognized) start it
            anew, for their probabilities cannot be averaged with the old ones.
        emotion: Of this frame.
        time_s: Of this frame.
        config: Time constants and thresholds.
        weight: In [0, 1]. A poor reading moves the averages as if only this share of the time had passed.

    Returns:
        The next state.
    """
    labels = tuple(emotion.probabilities)
    seen = tuple(emotion.probabilities.values())
    if before is None or before.labels != labels or before.prototypes != emotion.prototypes:
        return _state(labels, seen, seen, emotion.squared_distance, emotion.prototypes, None, time_s, config)
    elapsed_s = weight * (time_s - before.time_s)
    slow_weight = smoothing_weight(elapsed_s, config.slow_s)
    slow = _between(before.probabilities, seen, slow_weight)
    quick = _between(before.quick, seen, smoothing_weight(elapsed_s, config.quick_s))
    reference = labels.index(before.shown) if before.shown is not None else slow.index(max(slow))
    if max(quick) - quick[reference] > config.jump:
        slow = quick
    squared_distance = (1 - slow_weight) * before.squared_distance + slow_weight * emotion.squared_distance
    return _state(labels, slow, quick, squared_distance, emotion.prototypes, before.shown, time_s, config)


def _between(before: Simplex, seen: Simplex, weight: float) -> Simplex:
    return tuple(old + weight * (new - old) for old, new in zip(before, seen, strict=True))


def _state(
    labels: tuple[str, ...],
    slow: Simplex,
    quick: Simplex,
    squared_distance: float,
    prototypes: Source,
    shown: str | None,
    time_s: float,
    config: SmoothingConfig,
) -> Smoothed:
    shown = choose_label(labels, slow, shown, config)
    return Smoothed(labels, slow, quick, squared_distance, prototypes, shown, time_s)
