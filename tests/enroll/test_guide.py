"""The guide asks for neutral first, then for what helps most, takes no for an answer, and knows when it is enough."""

from __future__ import annotations

import numpy as np
import pytest

from enroll.guide import Wish, suggest_photo, wish_next
from fewshot.person import NextPhoto
from fewshot.prior import Prior
from fewshot.types import EMOTIONS, Float32, Prototypes
from tests.builders import generic, trust_by

CLASSES = ("neutral", "happy", "sad")


def _own(*counts: int) -> Prototypes:
    """Prototypes on the unit circle: neutral and happy lie 30 degrees apart, sad far away."""
    angles = np.deg2rad([0, 30, 180])
    vectors: Float32 = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    return Prototypes(vectors, CLASSES, np.array(counts), np.ones((3, 2), np.float32), 1.0, "encoder")


@pytest.mark.parametrize(
    ("counts", "photo"),
    [
        ([0, 5, 5], NextPhoto("neutral", 0, "happy")),
        ([0, 0, 0], NextPhoto("neutral", 0, "happy")),
        ([1, 0, 0], NextPhoto("happy", 0, "neutral")),
        ([1, 1, 0], NextPhoto("sad", 0, "happy")),
        ([2, 2, 2], NextPhoto("neutral", 2, "happy")),
        ([3, 3, 3], None),
    ],
)
def test_the_photo_that_would_help_most(counts: list[int], photo: NextPhoto | None) -> None:
    assert suggest_photo(_own(*counts)) == photo


@pytest.mark.parametrize(
    ("counts", "skipped", "label", "enough"),
    [
        ([0, 0, 0], "", "neutral", False),
        ([0, 0, 0], "neutral", "happy", False),
        ([1, 0, 0], "", "happy", False),
        ([1, 0, 0], "happy", "sad", False),
        ([1, 1, 1], "", "neutral", True),
        ([1, 0, 0], "happy sad", "neutral", True),
        ([0, 1, 0], "neutral sad", "happy", True),
        ([2, 1, 1], "happy", "sad", True),
        ([3, 3, 3], "", None, True),
        ([3, 0, 3], "happy", None, True),
        ([0, 0, 0], "neutral happy sad", None, False),
    ],
)
def test_what_is_asked_for_next(counts: list[int], skipped: str, label: str | None, enough: bool) -> None:
    wish = wish_next(_own(*counts), skipped.split())
    assert (wish.photo and wish.photo.label, wish.enough) == (label, enough)


def test_it_is_enough_for_now_where_only_what_was_skipped_is_missing() -> None:
    assert not wish_next(_own(1, 1, 1)).lacks_skipped
    assert not wish_next(_own(1, 1, 1), ["sad"]).lacks_skipped
    assert wish_next(_own(1, 1, 0), ["sad"]) == Wish(NextPhoto("neutral", 1, "happy"), True, True)


def test_states_of_the_teacher_s_own_are_counted_and_not_asked_for() -> None:
    vectors = generic().vectors
    own = Prior(generic(), trust_by(1.0)).personal(vectors[:2], [EMOTIONS[0], "confused"])
    assert own.labels == EMOTIONS
    assert own.counts.tolist() == [1, 0, 0, 0, 0, 0, 0]
