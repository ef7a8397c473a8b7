"""Emotions over time: steady enough to read, silent where the evidence is weak. Pure functions, frozen states."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fewshot.types import Emotion, Float32, Source


@dataclass(frozen=True, eq=False)
class Smoothed:
    """What is known of one track's emotion at one time.

    Attributes:
        labels: c labels, the order of ``probabilities``.
        probabilities: (c,) float32 on the simplex.
        squared_distance: To the nearest prototype, smoothed alike.
        prototypes: Which ones decided last.
        shown: The label named, or None.
        time_s: Of the last frame that entered.
    """

    labels: tuple[str, ...]
    probabilities: Float32
    squared_distance: float
    prototypes: Source
    shown: str | None
    time_s: float

    def as_emotion(self) -> Emotion:
        """The state as the noun that leaves the session."""
        by_label = {label: float(p) for label, p in zip(self.labels, self.probabilities, strict=True)}
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
    labels: tuple[str, ...], probabilities: Float32, shown: str | None, min_confidence: float, hysteresis: float
) -> str | None:
    """Name an emotion, or None ("unsure") where even the largest probability is below ``min_confidence``.

    The label ``shown`` before stays until another leads it by more than ``hysteresis`` or it falls below
    ``min_confidence`` itself, so that two equally likely emotions do not flicker.
    """
    top = int(np.argmax(probabilities))
    if probabilities[top] < min_confidence:
        return None
    if shown in labels:
        held = float(probabilities[labels.index(shown)])
        if held >= min_confidence and probabilities[top] - held <= hysteresis:
            return shown
    return labels[top]


def smooth(
    before: Smoothed | None,
    emotion: Emotion,
    time_s: float,
    *,
    smoothing_s: float,
    min_confidence: float,
    hysteresis: float,
) -> Smoothed:
    """Let one unsmoothed ``emotion`` enter a track's state.

    Args:
        before: The state so far; None for a new track. Other prototypes than before (somebody was recognized) start it
            anew, for their probabilities cannot be averaged with the old ones.
        emotion: Of this frame.
        time_s: Of this frame.
        smoothing_s: Time constant of the exponential average.
        min_confidence: See :func:`choose_label`.
        hysteresis: See :func:`choose_label`.

    Returns:
        The next state.
    """
    labels = tuple(emotion.probabilities)
    probabilities = np.array([emotion.probabilities[label] for label in labels], dtype=np.float64)
    squared_distance = emotion.squared_distance
    shown = None
    if before is not None and before.labels == labels and before.prototypes == emotion.prototypes:
        weight = smoothing_weight(time_s - before.time_s, smoothing_s)
        probabilities = (1 - weight) * before.probabilities + weight * probabilities
        squared_distance = (1 - weight) * before.squared_distance + weight * squared_distance
        shown = before.shown
    probabilities32 = (probabilities / probabilities.sum()).astype(np.float32)
    shown = choose_label(labels, probabilities32, shown, min_confidence, hysteresis)
    return Smoothed(labels, probabilities32, float(squared_distance), emotion.prototypes, shown, time_s)
