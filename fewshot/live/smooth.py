"""Emotions over time: steady enough to read, silent where the evidence is weak. Pure functions, frozen states."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fewshot.config import MOST_NATS, SmoothingConfig
from fewshot.types import Emotion, Source

_LEAST_PROBABILITY = math.exp(-20)

# for the few emotions of one face, plain floats take less than half the time of arrays
Simplex = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Smoothed:
    """What is known of one track's emotion at one time.

    Attributes:
        labels: c labels, the order of ``probabilities``.
        probabilities: c that sum to 1, slowly smoothed.
        filled: How much of its memory the slow average has filled since it began, in [0, 1].
        quick: c that sum to 1, quickly smoothed.
        evidence: c, none negative, in nats x seconds: what speaks for each emotion against the one shown, or the likeliest.
        squared_distance: To the nearest prototype, smoothed alike.
        prototypes: Which ones decided last.
        shown: The label named, or None.
        time_s: Of the last frame that entered.
    """

    labels: tuple[str, ...]
    probabilities: Simplex
    filled: float
    quick: Simplex
    evidence: tuple[float, ...]
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
    """Add one unsmoothed ``emotion`` to a track's state.

    Two exponential averages run side by side, and the slow one is shown. It begins as a mean, so that one reading does not
    outweigh what follows (the bias correction of Kingma and Ba 2015, section 3). What each reading says for another emotion
    against the one shown, the logarithm of their ratio less a drift, adds up while it speaks for a change (Page 1954,
    "Continuous inspection schemes", the CUSUM); where the sum is large enough, the face has changed, and the slow average
    starts again from the quick one. So a still face is steady and a change is fast; one time constant cannot do both.

    Args:
        before: The state so far; None for a new track. Other prototypes than before (somebody was recognized) start it
            again, because their probabilities cannot be averaged with the old ones.
        emotion: Of this frame.
        time_s: Of this frame.
        config: Time constants and thresholds.
        weight: In [0, 1]. A poor reading counts as if only this share of its time had passed.

    Returns:
        The next state.
    """
    labels = tuple(emotion.probabilities)
    seen = tuple(emotion.probabilities.values())
    nothing = (0.0,) * len(labels)
    if before is None or before.labels != labels or before.prototypes != emotion.prototypes:
        named = choose_label(labels, seen, None, config)
        filled = smoothing_weight(weight * config.reading_s, config.slow_s)
        return Smoothed(
            labels, seen, filled, seen, nothing, emotion.squared_distance, emotion.prototypes, named, time_s
        )
    elapsed_s = max(0.0, time_s - before.time_s)
    counted_s = weight * min(elapsed_s, config.reading_s)
    added = smoothing_weight(counted_s, config.slow_s)
    filled = before.filled * (1 - smoothing_weight(weight * elapsed_s, config.slow_s)) + added
    slow_weight = added / filled if added else 0.0
    slow = _between(before.probabilities, seen, slow_weight)
    quick_weight = smoothing_weight(weight * elapsed_s, config.quick_s)
    quick = _between(before.quick, seen, quick_weight)
    reference = labels.index(before.shown) if before.shown is not None else slow.index(max(slow))
    evidence = _gathered(before.evidence, seen, seen[reference], counted_s, config)
    squared_distance = (1 - slow_weight) * before.squared_distance + slow_weight * emotion.squared_distance
    has_changed = counted_s > 0 and max(evidence) > config.change
    if has_changed:
        slow, filled = quick, min(1.0, added / quick_weight)
        squared_distance = emotion.squared_distance
    shown = choose_label(labels, slow, before.shown, config)
    return Smoothed(
        labels,
        slow,
        filled,
        quick,
        nothing if has_changed or shown != before.shown else evidence,
        squared_distance,
        emotion.prototypes,
        shown,
        time_s,
    )


def _gathered(
    before: tuple[float, ...], seen: Simplex, shown: float, counted_s: float, config: SmoothingConfig
) -> tuple[float, ...]:
    """Add what one reading says for each emotion against that of probability ``shown`` to the evidence so far."""
    shown = max(shown, _LEAST_PROBABILITY)
    least = shown * math.exp(config.drift)
    if max(seen) <= least and not any(before):
        return before
    return tuple(
        [
            0.0
            if old == 0 and p <= least  # most of them, and what needs no logarithm
            else max(
                0.0, old + counted_s * (min(math.log(max(p, _LEAST_PROBABILITY) / shown), MOST_NATS) - config.drift)
            )
            for old, p in zip(before, seen, strict=True)
        ]
    )


def _between(before: Simplex, seen: Simplex, weight: float) -> Simplex:
    # by way of a list, which takes half the time of a generator
    return tuple([old + weight * (new - old) for old, new in zip(before, seen, strict=True)])
