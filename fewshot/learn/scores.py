"""What a classifier is worth, in pure functions: accuracy with its interval, macro-F1, recall, confusion, calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fewshot.types import Float32, Int64

_BINS = 15
"""Bins of the calibration error, as many as Guo et al. 2017 take."""


@dataclass(frozen=True, eq=False)
class Interval:
    """A share with its 95 % interval, all in [0, 1]."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it in percent."""
        return f"{100 * self.value:.2f} % ({100 * self.low:.2f} to {100 * self.high:.2f})"


def wilson_interval(correct: int, n: int) -> Interval:
    """95 % score interval of a share (Wilson 1927).

    Raises:
        ValueError: no trials, or more successes than trials.
    """
    if not 0 <= correct <= n or n == 0:
        raise ValueError(f"0 <= correct <= n and n > 0 must hold, got correct = {correct}, n = {n}")
    z, p = 1.959964, correct / n
    center = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(p, center - half, center + half)


def mean_interval(values: Float32) -> Interval:
    """95 % normal interval of the mean of (n,) independent values, n >= 2."""
    mean, half = float(np.mean(values)), 1.959964 * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def confusion_matrix(truth: Int64, found: Int64, n_classes: int) -> Int64:
    """Count (n_classes, n_classes) pairs: rows are the truth, columns what was found."""
    matrix = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(matrix, (truth, found), 1)
    return matrix


def recalls(confusion: Int64) -> Float32:
    """Share of each class that was found, (n_classes,); 0 for a class without images."""
    return (np.diag(confusion) / np.maximum(confusion.sum(axis=1), 1)).astype(np.float32)


def macro_f1(confusion: Int64) -> float:
    """Mean over classes of 2 TP / (2 TP + FP + FN)."""
    hits = np.diag(confusion)
    return float(np.mean(2 * hits / np.maximum(confusion.sum(axis=0) + confusion.sum(axis=1), 1)))


def calibration_error(probabilities: Float32, truth: Int64) -> float:
    """Expected calibration error over equal-width bins of confidence (Guo et al. 2017, eq. 3)."""
    confidence, hit = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bin_of = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(hit[bin_of == b].mean() - confidence[bin_of == b].mean()) * (bin_of == b).mean() for b in np.unique(bin_of)
    ]
    return float(sum(gaps))


def coverage_accuracy(confidence: Float32, right: np.ndarray, coverage: float) -> float:
    """Accuracy on the ``coverage`` share of (n,) answers that are most confident, the rest being left unsure."""
    kept = np.argsort(-confidence, kind="stable")[: max(1, round(coverage * len(confidence)))]
    return float(right[kept].mean())


@dataclass(frozen=True, eq=False)
class Named:
    """What remains above a least confidence: the share of answers that are named, and the share of these that are right."""

    share: float
    accuracy: float


def named_from(confidence: Float32, right: np.ndarray, threshold: float) -> Named:
    """Name only those of (n,) answers whose confidence reaches ``threshold``; nothing named counts as right."""
    named = confidence >= threshold
    return Named(float(named.mean()), float(right[named].mean()) if named.any() else 1.0)


def fit_temperature(distances: Float32, truth: Int64) -> float:
    """Return the temperature at which the confidence in the nearest class best matches how often that class is right.

    It minimizes the cross-entropy of that confidence alone (top-label calibration, Gupta and Ramdas 2022), by golden section.
    Fitting all seven probabilities (Guo et al. 2017) would also follow how the unlikely classes share the rest, which nobody
    is shown: experiments/shipped.

    Args:
        distances: (n, c) float32 squared distances to one prototype per class.
        truth: (n,) int64 columns.
    """
    scores = -np.sort(distances.astype(np.float64), axis=1)
    sign = np.where(distances.argmin(axis=1) == truth, -1.0, 1.0)

    def cross_entropy(log_temperature: float) -> float:
        logits = scores / math.exp(log_temperature)
        margin = logits[:, 0] - np.logaddexp.reduce(logits[:, 1:], axis=1)
        return float(np.logaddexp(0, sign * margin).mean())

    golden = (math.sqrt(5) - 1) / 2
    low, high = math.log(1e-3), math.log(1e4)
    for _ in range(60):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if cross_entropy(left) < cross_entropy(right) else (left, high)
    return math.exp((low + high) / 2)
