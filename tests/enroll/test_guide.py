"""The guide asks for neutral first, then for what helps most, takes no for an answer, and knows when it is enough."""

from __future__ import annotations

import numpy as np
import pytest

from enroll.guide import Wish, ask_for, suggest_photo, wish_next
from fewshot.messages import messages
from fewshot.prior import Prior
from fewshot.types import EMOTIONS, Float32, Prototypes
from tests.builders import generic, trust_by

SAY = messages()
CLASSES = ("neutral", "happy", "sad")


def _own(*counts: int) -> Prototypes:
    """Prototypes on the unit circle: neutral and happy lie 30 degrees apart, sad far away."""
    angles = np.deg2rad([0, 30, 180])
    vectors: Float32 = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    return Prototypes(vectors, CLASSES, np.array(counts), np.ones((3, 2), np.float32), 1.0, "encoder")


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ([0, 5, 5], "A neutral photo would help most"),
        (
            [1, 0, 0],
            "A photo of 'happy' would help most: it has no photo, and lies nearest to another emotion, 'neutral'",
        ),
        ([1, 1, 0], "A photo of 'sad' would help most: it has no photo, and lies nearest to another emotion, 'happy'"),
        ([2, 2, 2], "One more photo of 'neutral' would help most: it has 2 so far"),
        ([3, 3, 3], ""),
    ],
)
def test_the_photo_that_would_help_most(counts: list[int], sentence: str) -> None:
    assert suggest_photo(_own(*counts), SAY).startswith(sentence)
    assert bool(suggest_photo(_own(*counts), SAY)) == bool(sentence)


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
    wish = wish_next(_own(*counts), SAY, skipped.split())
    assert (wish.label, wish.enough) == (label, enough)


def test_the_sentence_says_when_it_is_enough_and_what_one_more_would_bring() -> None:
    more = "One more photo of 'neutral' would help most: it has 1 so far, and lies nearest to another emotion, 'happy'."
    assert wish_next(_own(1, 1, 1), SAY) == Wish("neutral", True, f"That is enough: one of each. {more}")
    assert wish_next(_own(1, 1, 0), SAY, ["sad"]).sentence.startswith(
        "That is enough: one of each that was not skipped. One"
    )
    assert wish_next(_own(3, 3, 3), SAY).sentence == "That is enough: one of each. More would add little."
    assert wish_next(_own(0, 0, 0), SAY, CLASSES).sentence == "Everything was skipped. Choose an emotion to go on with."


def test_every_emotion_is_asked_for_in_words_that_help() -> None:
    assert len({ask_for(emotion, {}, SAY) for emotion in EMOTIONS}) == len(EMOTIONS)
    assert ask_for("neutral", {}, SAY) == "First, a neutral face: relaxed, mouth closed."
    assert ask_for("happy", {"neutral": 1}, SAY) == "Now, a happy face: a real smile, up to the eyes."
    assert ask_for("happy", {"happy": 1}, SAY) == "Once more, a happy face: a real smile, up to the eyes."
    assert ask_for("confused", {"happy": 1}, SAY) == "Now, a face that looks confused."


def test_states_of_the_teacher_s_own_are_counted_and_not_asked_for() -> None:
    vectors = generic().vectors
    own = Prior(generic(), trust_by(1.0)).personal(vectors[:2], [EMOTIONS[0], "confused"])
    assert own.labels == EMOTIONS
    assert own.counts.tolist() == [1, 0, 0, 0, 0, 0, 0]
