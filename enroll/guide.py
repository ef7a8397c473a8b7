"""Which photo an enrollment needs next, how it is asked for, and whether it is enough: pure functions, no state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from fewshot.prototypes import squared_distances
from fewshot.types import Prototypes

ENOUGH = 3
"""Photos of an emotion beyond which another one adds little."""

LOOKS: Mapping[str, str] = MappingProxyType(
    {
        "neutral": "a neutral face: relaxed, mouth closed",
        "happy": "a happy face: a real smile, up to the eyes",
        "surprise": "a surprised face: brows up, mouth open",
        "sad": "a sad face: corners of the mouth down, brows raised in the middle",
        "angry": "an angry face: brows down, lips pressed together",
        "fear": "a frightened face: eyes wide, brows up and drawn together",
        "disgust": "a disgusted face: nose wrinkled, upper lip raised",
    }
)
"""How somebody is asked to look who is no actor, by emotion."""


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


def wish_next(own: Prototypes, skipped: Collection[str] = ()) -> Wish:
    """Say which photo an enrollment on its way needs next.

    Args:
        own: As :func:`fewshot.prototypes.personal_prototypes` makes them of the photos accepted so far.
        skipped: Emotions that are not asked for.
    """
    wanted, sentence = _most_wanted(own, skipped), suggest_photo(own, skipped)
    missing = [label for label, count in zip(own.labels, own.counts, strict=True) if count == 0]
    if not own.counts.any() or not set(missing) <= set(skipped):
        all_skipped = "Everything was skipped. Choose an emotion to go on with."
        return Wish(wanted and wanted[0], False, sentence or all_skipped)
    each = "one of each that was not skipped" if missing else "one of each"
    return Wish(wanted and wanted[0], True, f"That is enough: {each}. {sentence or 'More would add little.'}")


def suggest_photo(own: Prototypes, skipped: Collection[str] = ()) -> str:
    """Say which photo would help most next: neutral first, then of the emotions with fewest photos the most confusable one.

    Args:
        own: Personal prototypes, one an emotion, with their counts.
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
        return "A neutral photo would help most: it needs no acting, and shows how this face differs from others."
    which, have = ("A", "no photo") if count == 0 else ("One more", f"{count} so far")
    return f"{which} photo of '{label}' would help most: it has {have}, and lies nearest to another emotion, '{other}'."


def ask_for(label: str, taken: Mapping[str, int]) -> str:
    """Ask for one face in a sentence, such as "First, a neutral face: relaxed, mouth closed".

    Args:
        label: An emotion, or a state of the teacher's own.
        taken: Accepted photos by label.
    """
    when = "Once more" if taken.get(label) else "Now" if any(taken.values()) else "First"
    return f"{when}, {LOOKS.get(label, f'a face that looks {label}')}."


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
