"""Turns of small made classes: found where they are, and not where a mood comes back."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fewshot.classroom.turns import find_turns
from fewshot.classroom.wording import turn_in_words
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.lesson import NO_SECONDS, ClassSeconds
from fewshot.messages import messages
from tests.lessons import make_seconds

RULES = replace(load(LiveConfig).classroom, turn_window_s=20, turn_share=0.25, turns_most=6)


def four(*parts: tuple[int, str]) -> ClassSeconds:
    """Four students: two always look neutral, two as ``parts`` say, each for so many seconds."""
    looks = [label for seconds, label in parts for _ in range(seconds)]
    return make_seconds({"Ada": looks, "Bo": looks, "Cy": ["neutral"] * len(looks), "Di": ["neutral"] * len(looks)})


def test_a_turn_is_found_at_its_second_with_what_rose_and_fell() -> None:
    turns = find_turns(four((60, "neutral"), (60, "happy")), RULES)
    assert [(turn.second, turn.share, turn_in_words(turn, messages())) for turn in turns] == [
        (60, 0.5, "More looked happy (0% to 50%), fewer neutral (100% to 50%)")
    ]


def test_a_short_laugh_is_no_turn() -> None:
    assert find_turns(four((60, "neutral"), (8, "happy"), (60, "neutral")), RULES) == ()
    assert len(find_turns(four((60, "neutral"), (40, "happy"), (60, "neutral")), RULES)) == 2


def test_the_greatest_turns_come_first_into_a_short_list_that_is_in_order_of_time() -> None:
    lesson = four((40, "neutral"), (40, "happy"), (40, "sad"), (40, "surprise"))
    assert [turn.second for turn in find_turns(lesson, RULES)] == [40, 80, 120]
    assert [turn.second for turn in find_turns(lesson, replace(RULES, turns_most=2))] == [40, 80]
    assert find_turns(lesson, replace(RULES, turn_share=0.6)) == ()
    assert find_turns(lesson, replace(RULES, turns_most=0)) == ()


def test_unsure_and_absent_are_no_mood() -> None:
    assert find_turns(four((60, "neutral"), (60, "unsure"), (60, "absent")), RULES) == ()


def test_too_short_a_lesson_has_no_turn() -> None:
    assert find_turns(NO_SECONDS, RULES) == ()
    assert find_turns(four((19, "neutral"), (20, "happy")), RULES) == ()
    assert find_turns(make_seconds({"Ada": ["absent"] * 100}), RULES) == ()


def test_a_pause_shifts_the_second_and_nothing_else() -> None:
    lesson = four((60, "neutral"), (60, "happy"))
    paused = replace(lesson, seconds=lesson.seconds + 600 * (np.arange(120) >= 60))
    assert [turn.second for turn in find_turns(paused, RULES)] == [660]


@given(st.lists(st.sampled_from(["neutral", "happy", "sad", "unsure"]), min_size=1, max_size=20))
def test_turns_are_as_great_and_as_far_apart_as_the_rules_say(parts: list[str]) -> None:
    turns = find_turns(four(*((7, label) for label in parts)), RULES)
    assert all(RULES.turn_share <= turn.share <= 1 for turn in turns)
    seconds = [turn.second for turn in turns]
    assert all(later - earlier > RULES.turn_window_s for earlier, later in pairwise(seconds))
