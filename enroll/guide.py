"""Which photo an enrollment needs next, how it is asked for, and whether it is enough: pure functions, no state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from fewshot.messages import Messages
from fewshot.prototypes import squared_distances
from fewshot.types import EMOTIONS, Prototypes

ENOUGH = 3
"""Photos of an emotion beyond which another one adds little."""


@dataclass(frozen=True)
class Wish:
    """What would help an enrollment most.

    Attributes:
        label: The emotion of the next photo; None where nothing is left to ask for.
        enough: Whether one photo of each emotion is there, but for those that were skipped.
        sentence: Why this one, and what the student has.
    """

    label: str | None
    enough: bool
    sentence: str


def wish_next(own: Prototypes, say: Messages, skipped: Collection[str] = ()) -> Wish:
    """Say which photo an enrollment on its way needs next.

    Args:
        own: As :meth:`fewshot.prior.Prior.personal` makes them of the photos accepted so far.
        say: The words of the sentence.
        skipped: Emotions that are not asked for.
    """
    wanted, sentence = _most_wanted(own, skipped), suggest_photo(own, say, skipped)
    missing = [label for label, count in zip(own.labels, own.counts, strict=True) if count == 0]
    if not own.counts.any() or not set(missing) <= set(skipped):
        return Wish(wanted and wanted[0], False, sentence or say("guide.all_skipped"))
    enough = say("guide.enough_but_skipped" if missing else "guide.enough")
    return Wish(wanted and wanted[0], True, f"{enough} {sentence or say('guide.little')}")


def suggest_photo(own: Prototypes, say: Messages, skipped: Collection[str] = ()) -> str:
    """Say which photo would help most next: neutral first, then of the emotions with fewest photos the most confusable one.

    Args:
        own: Personal prototypes, one an emotion, with their counts.
        say: The words of the sentence.
        skipped: Emotions that are not asked for.

    Returns:
        A sentence; empty where every emotion has ``ENOUGH`` photos or is skipped.
    """
    wanted = _most_wanted(own, skipped)
    if wanted is None:
        return ""
    label, other = wanted
    count = int(own.counts[own.labels.index(label)])
    if (label, count) == ("neutral", 0):
        return say("guide.neutral_first")
    key = "another" if count else "one"
    return say(f"guide.{key}", label=say.label(label), other=say.label(other), count=count)


def ask_for(label: str, taken: Mapping[str, int], say: Messages) -> str:
    """Ask for one face in a sentence, such as "First, a neutral face: relaxed, mouth closed".

    Args:
        label: An emotion, or a state of the teacher's own.
        taken: Accepted photos by label.
        say: The words of the sentence; how somebody is asked to look who is no actor.
    """
    when = "again" if taken.get(label) else "now" if any(taken.values()) else "first"
    face = say(f"guide.{label}") if label in EMOTIONS else say("guide.state", label=label)
    return say(f"guide.{when}", face=face)


def _most_wanted(own: Prototypes, skipped: Collection[str]) -> tuple[str, str] | None:
    """The emotion whose photo would help most and the one it lies nearest to, or None; see :func:`suggest_photo`."""
    open_ = np.array([label not in skipped for label in own.labels]) & (own.counts < ENOUGH)
    if not open_.any():
        return None
    if "neutral" in own.labels and open_[own.labels.index("neutral")] and own.counts[own.labels.index("neutral")] == 0:
        return "neutral", "neutral"
    apart = squared_distances(own.vectors, own.vectors, own.weights)
    np.fill_diagonal(apart, np.inf)
    apart[~open_ | (own.counts > own.counts[open_].min())] = np.inf
    wanted, rival = np.unravel_index(int(apart.argmin()), apart.shape)
    return own.labels[wanted], own.labels[rival]
