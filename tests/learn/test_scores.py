"""Scores against scikit-learn, published values and loops."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as sk_confusion
from sklearn.metrics import f1_score

from fewshot.learn.scores import (
    calibration_error,
    confusion_matrix,
    coverage_accuracy,
    fit_temperature,
    macro_f1,
    mean_interval,
    named_from,
    recalls,
    wilson_interval,
)
from fewshot.prototypes import softmax


@pytest.fixture
def answers() -> tuple[np.ndarray, np.ndarray]:
    """Truth and answers of 400 questions, seven classes, all present."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 7, 400)
    return truth, np.where(rng.random(400) < 0.6, truth, rng.integers(0, 7, 400))


def test_confusion_f1_and_recall_agree_with_scikit_learn(answers: tuple[np.ndarray, np.ndarray]) -> None:
    truth, found = answers
    matrix = confusion_matrix(truth, found, 7)
    np.testing.assert_array_equal(matrix, sk_confusion(truth, found))
    assert macro_f1(matrix) == pytest.approx(f1_score(truth, found, average="macro"))
    assert recalls(matrix)[2] == pytest.approx((found[truth == 2] == 2).mean())


def test_wilson_interval_of_a_known_case() -> None:
    interval = wilson_interval(2620, 3589)  # 73.00 %: facts of FER2013 give about 1.45 points either way
    assert interval.value == pytest.approx(0.73, abs=1e-4)
    assert interval.high - interval.value == pytest.approx(0.0143, abs=5e-4)
    assert wilson_interval(0, 10).low == pytest.approx(0, abs=1e-9)
    with pytest.raises(ValueError, match="got correct = 3, n = 2"):
        wilson_interval(3, 2)


def test_mean_interval_narrows_with_the_root_of_n() -> None:
    values = np.tile(np.array([0.4, 0.6], np.float32), 50)
    few, many = mean_interval(values), mean_interval(np.tile(values, 4))
    assert few.value == pytest.approx(0.5)
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(2, rel=0.02)


def test_calibration_error_of_an_overconfident_answer() -> None:
    probabilities = np.tile(np.array([0.9, 0.1], np.float32), (10, 1))
    assert calibration_error(probabilities, np.array([0] * 5 + [1] * 5)) == pytest.approx(0.4, abs=1e-6)
    assert calibration_error(probabilities, np.array([0] * 9 + [1])) == pytest.approx(0, abs=1e-6)


def test_fit_temperature_finds_the_temperature_that_drew_the_labels() -> None:
    rng = np.random.default_rng(1)
    distances = rng.uniform(0, 30, (20_000, 5)).astype(np.float32)
    probabilities = softmax(-distances / 4.0)
    truth = (probabilities.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    assert fit_temperature(distances, truth) == pytest.approx(4.0, rel=0.05)


def test_coverage_keeps_the_most_confident() -> None:
    confidence, right = np.array([0.9, 0.2, 0.8, 0.4], np.float32), np.array([True, False, True, False])
    assert [coverage_accuracy(confidence, right, share) for share in (0.25, 0.5, 0.75, 1.0)] == pytest.approx(
        [1, 1, 2 / 3, 0.5]
    )


def test_a_least_confidence_leaves_the_surer_answers() -> None:
    confidence, right = np.array([0.9, 0.2, 0.8, 0.4], np.float32), np.array([True, False, True, False])
    found = [named_from(confidence, right, threshold) for threshold in (0.0, 0.4, 0.85, 0.95)]
    assert [(named.share, named.accuracy) for named in found] == [(1, 0.5), (0.75, 2 / 3), (0.25, 1), (0, 1)]
