from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.live.smooth import Smoothed, choose_labels, joined, nothing, smooth, smoothing_weight
from fewshot.types import EMOTIONS, UNSURE, Emotion
from tests.live.builders import make_emotion, make_emotions, make_smoothing

RULES = make_smoothing(slow_s=1.0)

simplex = (
    st.lists(st.floats(0, 1), min_size=7, max_size=7)
    .filter(lambda values: sum(values) > 1e-3)
    .map(lambda values: [value / sum(values) for value in values])
)
steps_s = st.floats(0, 100)


def emotion_of(probabilities: list[float]) -> Emotion:
    return Emotion(
        EMOTIONS[int(np.argmax(probabilities))], dict(zip(EMOTIONS, probabilities, strict=True)), 1.0, "generic"
    )


NEW = nothing(1, EMOTIONS)


def feed(pairs: list[tuple[float, Emotion]], before: Smoothed = NEW, **rules: float) -> Smoothed:
    state = before
    for time_s, emotion in pairs:
        state = smooth(state, make_emotions(emotion), time_s, replace(RULES, **rules))
    return state


def shown(state: Smoothed) -> str | None:
    return state.emotions[0].label


def probability(state: Smoothed, label: str) -> float:
    return state.emotions[0].probabilities[label]


def test_a_new_track_shows_what_it_sees_first():
    state = feed([(5.0, make_emotion("sad", 0.7))])
    assert shown(state) == "sad"
    assert probability(state, "sad") == pytest.approx(0.7)


def test_equals_the_formula_in_loops():
    rng = np.random.default_rng(0)
    rows, times = rng.dirichlet(np.ones(7), 30), np.cumsum(rng.uniform(0, 0.3, 30))
    expected = rows[0].copy()
    for k in range(1, 30):
        weight = 1 - math.exp(-(times[k] - times[k - 1]) / 0.7)
        for c in range(7):
            expected[c] = (1 - weight) * expected[c] + weight * rows[k][c]
    state = feed([(t, emotion_of(list(row))) for t, row in zip(times, rows, strict=True)], slow_s=0.7)
    np.testing.assert_allclose(state.emotions.probabilities[0], expected, atol=1e-5)


@given(st.lists(st.tuples(steps_s, simplex), min_size=1, max_size=8), st.floats(0, 10))
def test_stays_on_the_simplex(steps, slow_s):
    time_s, pairs = 0.0, []
    for step_s, probabilities in steps:
        time_s += step_s
        pairs.append((time_s, emotion_of(probabilities)))
    (probabilities,) = feed(pairs, slow_s=slow_s).emotions.probabilities
    assert min(probabilities) >= 0
    assert sum(probabilities) == pytest.approx(1, abs=1e-5)


@given(steps_s, steps_s, st.floats(0.01, 10))
def test_does_not_depend_on_the_frame_rate(first_s, second_s, tau):
    kept = (1 - smoothing_weight(first_s, tau)) * (1 - smoothing_weight(second_s, tau))
    assert kept == pytest.approx(1 - smoothing_weight(first_s + second_s, tau), abs=1e-9)


def test_no_smoothing_with_time_constant_zero():
    state = feed([(0, make_emotion("sad")), (0.001, make_emotion("happy"))], slow_s=0)
    assert probability(state, "happy") == pytest.approx(0.8)


def test_a_clock_that_stands_still_or_jumps_back_weighs_nothing_and_goes_on():
    before = feed([(10, make_emotion("sad"))])
    back = feed([(2, make_emotion("happy"))], before)
    np.testing.assert_allclose(back.emotions.probabilities, before.emotions.probabilities, atol=1e-6)
    assert shown(feed([(12, make_emotion("happy"))], back)) == "happy"  # ten seconds later by the new clock


@given(st.floats(0, 1), st.floats(0.01, 5))
def test_a_poor_reading_counts_like_a_good_one_of_a_shorter_time(weight, step_s):
    before = feed([(0.0, make_emotion("sad"))])
    poor = smooth(before, make_emotions(make_emotion("happy")), step_s, RULES, weight)
    short = smooth(before, make_emotions(make_emotion("happy")), weight * step_s, RULES)
    np.testing.assert_allclose(poor.emotions.probabilities, short.emotions.probabilities, atol=1e-6)
    np.testing.assert_allclose(poor.quick, short.quick, atol=1e-6)
    np.testing.assert_allclose(poor.evidence, short.evidence, atol=1e-6)
    assert poor.time_s.tolist() == [step_s]


def test_other_prototypes_start_anew():
    state = feed([(0, make_emotion("sad", 0.9)), (0.01, make_emotion("happy", 0.6, "personal"))])
    assert shown(state) == "happy"
    assert state.emotions[0].prototypes == "personal"


def test_abstains_below_the_least_confidence():
    assert shown(feed([(0, make_emotion("sad", 0.34))])) is None
    assert shown(feed([(0, make_emotion("sad", 0.36))])) == "sad"


def choose(row: tuple[float, ...], before: int, **rules: float) -> int:
    (chosen,) = choose_labels(np.array([row]), np.array([before]), replace(RULES, **rules)).tolist()
    return int(chosen)


def test_label_holds_until_another_leads_clearly():
    rules = {"min_confidence": 0.4, "keep_confidence": 0.4, "hysteresis": 0.1}
    assert choose((0.54, 0.46), 1, **rules) == 1
    assert choose((0.56, 0.44), 1, **rules) == 0
    assert choose((0.54, 0.46), UNSURE, **rules) == 0


def test_label_does_not_hold_below_the_least_confidence():
    rules = {"min_confidence": 0.4, "keep_confidence": 0.4, "hysteresis": 0.1}
    assert choose((0.41, 0.39, 0.2), 1, **rules) == 0
    assert choose((0.39, 0.39, 0.22), 1, **rules) == UNSURE


def test_one_odd_frame_does_not_change_the_label():
    calm = [(k / 15, make_emotion("neutral")) for k in range(30)]
    state = feed([*calm, (2.0, make_emotion("angry", 0.95))])
    assert shown(state) == "neutral"


def test_a_named_emotion_and_unsure_do_not_flicker():
    row, rules = (0.35, 0.25, 0.2, 0.2), {"min_confidence": 0.4, "keep_confidence": 0.3}
    assert choose(row, 0, **rules) == 0
    assert choose(row, UNSURE, **rules) == UNSURE


NOTICING = {"slow_s": 5.0, "quick_s": 0.15, "change": 0.3, "drift": 0.3, "reading_s": 0.1}


@pytest.mark.parametrize("frames_per_s", [3, 15, 30])
def test_a_clear_change_shows_within_a_second_though_a_still_face_is_smoothed_for_long(frames_per_s):
    calm = [(k / frames_per_s, make_emotion("neutral", 0.6)) for k in range(10 * frames_per_s)]
    before = feed(calm, **NOTICING)
    state, time_s = before, calm[-1][0]
    while shown(state) == "neutral":
        time_s += 1 / frames_per_s
        state = feed([(time_s, make_emotion("happy", 0.6))], state, **NOTICING)
    assert shown(state) == "happy"
    assert time_s - calm[-1][0] <= 1.0
    assert shown(feed([(calm[-1][0] + 1.0, make_emotion("happy", 0.6))], before, slow_s=5.0)) == "neutral"


def test_one_reading_counts_for_a_tenth_of_a_second_at_most_however_sure_it_is():
    before = feed([(k / 15, make_emotion("neutral", 0.6)) for k in range(30)], **NOTICING)
    odd = feed([(3.0, make_emotion("happy", 0.999))], before, **NOTICING)
    assert shown(odd) == "neutral"
    assert odd.evidence.max() == pytest.approx(0.1 * (3 - 0.3))
    assert shown(feed([(3.0, make_emotion("happy", 0.999))], before, **NOTICING | {"reading_s": 1.0})) == "happy"


@pytest.mark.parametrize(
    ("frames_per_s", "confidence", "expected"), [(15, 0.999, "neutral"), (5, 0.6, "neutral"), (5, 0.95, "happy")]
)
def test_as_shipped_one_reading_is_a_change_only_where_readings_are_rare_and_it_is_very_sure(
    frames_per_s: float, confidence: float, expected: str
) -> None:
    shipped = load(LiveConfig, []).smoothing
    state = NEW
    for k in range(60):
        state = smooth(state, make_emotions(make_emotion("neutral", 0.8)), k / frames_per_s, shipped)
    state = smooth(state, make_emotions(make_emotion("happy", confidence)), 60 / frames_per_s, shipped)
    assert shown(state) == expected


@pytest.mark.parametrize("frames_per_s", [5, 10, 30])
def test_it_begins_as_a_mean(frames_per_s):
    """As long as nothing is forgotten, all readings of a rate count alike, the first as well as the last."""
    rng = np.random.default_rng(0)
    rows = rng.dirichlet(np.ones(7), 20)
    pairs = [(k / frames_per_s, emotion_of(list(row))) for k, row in enumerate(rows)]
    state = feed(pairs, slow_s=1e6, reading_s=1 / frames_per_s)
    np.testing.assert_allclose(state.emotions.probabilities[0], rows.mean(axis=0), atol=1e-4)


def test_after_a_change_only_the_new_readings_are_shown():
    calm = [(k / 15, make_emotion("neutral", 0.6)) for k in range(150)]
    after = [(10 + k / 15, make_emotion("happy", 0.6)) for k in range(15)]
    state = feed([*calm, *after], **NOTICING)
    assert probability(state, "happy") == pytest.approx(0.6, abs=0.05)
    assert state.filled[0] < 0.3  # and they are so few that what comes still moves them


def test_what_contradicts_a_change_takes_its_evidence_back():
    calm = [(k / 15, make_emotion("neutral", 0.6)) for k in range(30)]
    state = feed([*calm, (2.0, make_emotion("happy", 0.6))], **NOTICING)
    happy = state.evidence[0, EMOTIONS.index("happy")]
    assert happy > 0
    for k in range(4):
        state = feed([(2.1 + k / 10, make_emotion("neutral", 0.6))], state, **NOTICING)
    assert state.evidence.max() == 0


def test_less_than_the_drift_is_no_evidence():
    slightly = emotion_of([0.4, 0.48, 0.024, 0.024, 0.024, 0.024, 0.024])  # a ratio of 1.2, that is 0.18 nats
    rows = [(0.0, make_emotion(EMOTIONS[0], 0.6)), *((1 + k / 15, slightly) for k in range(30))]
    for drift, gathers in ((0.3, False), (0.1, True)):
        state = feed(rows, **NOTICING | {"change": 1e9, "drift": drift, "hysteresis": 0.2})
        assert shown(state) == EMOTIONS[0]
        assert (state.evidence[0, 1] > 0) == gathers


def test_a_change_uses_its_evidence_up():
    calm = [(k / 15, make_emotion("neutral", 0.6)) for k in range(30)]
    state = feed(calm, **NOTICING)
    for k in range(15):
        state = feed([(2 + k / 15, make_emotion("happy", 0.6))], state, **NOTICING)
        if shown(state) == "happy":
            break
    assert shown(state) == "happy"
    assert state.evidence.max() == 0
    assert state.emotions[0].squared_distance == make_emotion("happy", 0.6).squared_distance


def test_an_impossible_emotion_is_as_good_as_evidence_gets():
    sure = [1.0, 0, 0, 0, 0, 0, 0]
    state = feed([(0, emotion_of(sure)), (0.05, emotion_of(sure[::-1]))], **NOTICING)
    assert state.evidence[0, -1] == pytest.approx(0.05 * (3 - 0.3))


@given(st.lists(st.lists(simplex, min_size=3, max_size=3), min_size=1, max_size=6), st.data())
def test_several_faces_at_once_are_each_as_alone(frames, data):
    together, alone = nothing(3, EMOTIONS), [NEW] * 3
    for k, rows in enumerate(frames):
        weights = np.array(data.draw(st.lists(st.floats(0, 1), min_size=3, max_size=3)))
        seen = [
            replace(emotion_of(row), prototypes=data.draw(st.sampled_from(("generic", "personal")))) for row in rows
        ]
        together = smooth(together, make_emotions(*seen), k / 5, RULES, weights)
        alone = [
            smooth(state, make_emotions(emotion), k / 5, RULES, weight)
            for state, emotion, weight in zip(alone, seen, weights, strict=True)
        ]
    expected = joined(*alone)
    np.testing.assert_allclose(together.emotions.probabilities, expected.emotions.probabilities, atol=1e-12)
    np.testing.assert_allclose(together.evidence, expected.evidence, atol=1e-12)
    assert together.emotions.named.tolist() == expected.emotions.named.tolist()


def test_a_new_label_moves_no_other():
    state = feed([(0, make_emotion("sad", 0.7))]).over(("confused", *EMOTIONS))
    assert shown(state) == "sad"
    assert "confused" not in state.emotions[0].probabilities  # nobody asked a prototype of it
    assert probability(state, "sad") == pytest.approx(0.7)
    back = state.over(EMOTIONS)
    assert shown(back) == "sad"
    assert probability(back, "sad") == pytest.approx(0.7)
