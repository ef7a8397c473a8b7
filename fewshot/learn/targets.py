"""What an image should be named, according to its one label, the raters of FER+, and teachers."""

from __future__ import annotations

import numpy as np

from fewshot.learn.ferplus import label_shares, shared_labels
from fewshot.types import EMOTIONS, Float32, Int64


def mixed_targets(
    labels: Int64, shares: Float32 | None, raters_share: float, answers: Float32 | None, teachers_share: float
) -> Float32 | None:
    """Mix them: the raters take their share from the label, then the teachers theirs from both.

    Args:
        labels: (n,) int64 positions in ``EMOTIONS``.
        shares: (n, 8) float32 of the raters, as :func:`fewshot.learn.ferplus.vote_shares` returns them; None for no raters.
        raters_share: In [0, 1].
        answers: (n, 7) float32 probabilities of the teachers; None for no teachers.
        teachers_share: In [0, 1].

    Returns:
        (n, 7) float32, rows that sum to 1; None where the one label alone decides.
    """
    asks_raters, asks_teachers = shares is not None and raters_share > 0, answers is not None and teachers_share > 0
    if not asks_raters and not asks_teachers:
        return None
    named: Float32 = np.eye(len(EMOTIONS), dtype=np.float32)[labels]
    if shares is not None and asks_raters:
        named = shared_labels(labels, label_shares(shares, labels), raters_share)
    if answers is not None and asks_teachers:
        named = (1 - teachers_share) * named + teachers_share * answers
    return named.astype(np.float32)
