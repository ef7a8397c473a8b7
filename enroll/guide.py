"""Which photo an enrollment needs next, and whether it is enough: pure functions, no state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from fewshot.person import NextPhoto
from fewshot.prototypes import squared_distances
from fewshot.types import Prototypes

ENOUGH = 3
"""Photos of an emotion beyond which another one adds little."""


@dataclass(frozen=True)
class Wish:
    """What would help an enrollment most.

    Attributes:
        photo: The next one; None where nothing is left to ask for.
        enough: Whether one photo of each emotion is there, but for those that were skipped.
        lacks_skipped: Whether one that was skipped has no photo.
    """

    photo: NextPhoto | None
    enough: bool
    lacks_skipped: bool


def wish_next(own: Prototypes, skipped: Collection[str] = ()) -> Wish:
    """Return what an enrollment on its way needs next.

    Args:
        own: As :meth:`fewshot.prior.Prior.personal` makes them of the photos accepted so far.
        skipped: Emotions that are not asked for.
    """
    missing = {label for label, count in zip(own.labels, own.counts, strict=True) if count == 0}
    enough = bool(own.counts.any()) and missing <= set(skipped)
    return Wish(suggest_photo(own, skipped), enough, bool(missing & set(skipped)))


def suggest_photo(own: Prototypes, skipped: Collection[str] = ()) -> NextPhoto | None:
    """Return the photo that would help most next: neutral first, then of the emotions with fewest photos the most confusable one.

    Args:
        own: Personal prototypes, one an emotion, with their counts.
        skipped: Emotions that are not asked for.

    Returns:
        None where every emotion has ``ENOUGH`` photos or is skipped.
    """
    open_ = np.array([label not in skipped for label in own.labels]) & (own.counts < ENOUGH)
    if not open_.any():
        return None
    wanted = open_ & (own.counts == own.counts[open_].min())
    neutral_first = wanted & (own.counts == 0) & [label == "neutral" for label in own.labels]
    apart = squared_distances(own.vectors, own.vectors, own.weights)
    np.fill_diagonal(apart, np.inf)
    apart[~(neutral_first if neutral_first.any() else wanted)] = np.inf
    row, nearest = np.unravel_index(int(apart.argmin()), apart.shape)
    return NextPhoto(own.labels[row], int(own.counts[row]), own.labels[nearest])
