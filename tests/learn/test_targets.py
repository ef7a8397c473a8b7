"""Targets by hand: the label, the raters, the teachers."""

import numpy as np
import pytest

from fewshot.learn.targets import mixed_targets

LABELS = np.array([0, 3, 3, 6])
"""Angry, happy, happy, neutral."""

ANSWERS = np.full((4, 7), 1 / 7, np.float32)


def _shares() -> np.ndarray:
    """Raters who agree with the labels, by the order of VOTED; nobody voted on the last image."""
    shares = np.zeros((4, 8), np.float32)
    shares[0, 4] = shares[1, 1] = shares[2, 1] = 1
    return shares


@pytest.mark.parametrize(
    ("shares", "answers"), [(None, None), (_shares(), None), (None, ANSWERS), (_shares(), ANSWERS)]
)
def test_nobody_who_has_no_share_is_asked(shares: np.ndarray | None, answers: np.ndarray | None) -> None:
    assert mixed_targets(LABELS, shares, 0.0, answers, 0.0) is None


def test_raters_who_agree_change_nothing() -> None:
    named = mixed_targets(LABELS, _shares(), 0.5, None, 0.0)
    np.testing.assert_allclose(named, np.eye(7)[LABELS], atol=1e-6)


def test_teachers_take_their_share_of_the_rest() -> None:
    named = mixed_targets(LABELS, None, 0.0, ANSWERS, 0.3)
    np.testing.assert_allclose(named, 0.7 * np.eye(7)[LABELS] + 0.3 / 7, atol=1e-6)
    named = mixed_targets(LABELS, _shares(), 0.5, ANSWERS, 1.0)
    np.testing.assert_allclose(named, ANSWERS, atol=1e-6)
