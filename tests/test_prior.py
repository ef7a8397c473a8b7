"""What a student's own photos make of the generic prototypes: examples readable by eye."""

from dataclasses import replace

import numpy as np
import pytest

from fewshot.prior import Prior
from fewshot.prototypes import nearest
from fewshot.types import Prototypes
from tests.builders import on_circle, prototypes_at, trust_by

GENERIC = prototypes_at(happy=0, sad=90, neutral=180)


def test_no_photos_leave_the_generic_prototypes() -> None:
    result = Prior(GENERIC, trust_by(1.0)).personal(np.zeros((0, 2), np.float32), [])
    np.testing.assert_array_equal(result.vectors, GENERIC.vectors)
    assert result.counts.tolist() == [0, 0, 0]


def test_small_kappa_trusts_the_photos_alone() -> None:
    own = on_circle(20, 100, 170, radius=2)
    result = Prior(GENERIC, trust_by(0.001)).personal(own, ["happy", "sad", "neutral"])
    np.testing.assert_allclose(result.vectors, own, atol=5e-3)


def test_large_kappa_approaches_generic_and_more_photos_leave_it() -> None:
    own = on_circle(30, 30, 30)
    far = Prior(GENERIC, trust_by(1e6)).personal(own, ["happy"] * 3)
    np.testing.assert_allclose(far.vectors, GENERIC.vectors, atol=1e-4)
    gaps = []
    for n in (1, 2, 3):
        result = Prior(GENERIC, trust_by(1.0)).personal(own[:n], ["happy"] * n)
        gaps.append(np.linalg.norm(result.vectors[0] - own[0]))
    assert gaps[0] > gaps[1] > gaps[2]


def test_shots_that_are_alike_count_for_fewer() -> None:
    own = on_circle(30, 30, 30)

    def gap(shots: int, shot_correlation: float) -> float:
        prior = Prior(GENERIC, trust_by(1.0, shot_correlation))
        return float(np.linalg.norm(prior.personal(own[:shots], ["happy"] * shots).vectors[0] - own[0]))

    assert gap(1, 0.5) == gap(1, 0.0)
    assert gap(3, 0.0) < gap(3, 0.5) < gap(1, 0.5)
    assert gap(3, 1.0) == pytest.approx(gap(1, 1.0))
    np.testing.assert_allclose(Prior(GENERIC, trust_by(1.0, 0.5)).worth(np.array([0, 1, 3])), [[0], [1], [1.5]])


def test_one_neutral_photo_moves_the_other_classes_half_the_way_at_kappa_one() -> None:
    offset = np.array([0.4, -0.2], np.float32)
    result = Prior(GENERIC, trust_by(1.0)).personal(GENERIC.vectors[2:] + offset, ["neutral"])
    np.testing.assert_allclose(result.vectors[0], GENERIC.vectors[0] + offset / 2, atol=1e-6)


def test_a_person_whose_every_expression_is_offset_is_learned_from_one_photo_each() -> None:
    offset = np.array([3.0, 1.0], np.float32)
    own = GENERIC.vectors + offset
    result = Prior(GENERIC, trust_by(1.0)).personal(own, GENERIC.labels)
    assert nearest(own, result).labels == GENERIC.labels
    assert nearest(own, GENERIC).labels != GENERIC.labels


def test_the_earlier_layer_counts_by_the_share_of_emotions_shown() -> None:
    """Two dimensions: the first compares generic prototypes, the second is an earlier layer's."""
    vectors, weights = np.array([[0, 0], [1, 0]], np.float32), np.array([[1, 0], [1, 0]], np.float32)
    generic = Prototypes(vectors, ("sad", "happy"), np.ones(2, np.int64), weights, temperature=1.0, fingerprint="x")
    own = np.array([[0.4, 5], [0.6, -5]], np.float32)
    assert nearest(np.array([[0.55, 5]], np.float32), generic).labels == ("happy",)
    both = Prior(generic, trust_by(1)).personal(own, ("sad", "happy"))
    np.testing.assert_allclose(both.weights, np.full((2, 2), 2 / 1.5))
    assert both.temperature == 2
    assert nearest(np.array([[0.55, 5]], np.float32), both).labels == ("sad",)
    one = Prior(generic, trust_by(1)).personal(own[:1], ("sad",))
    np.testing.assert_allclose(one.weights, [[2 / 1.5, 1 / 1.5], [1, 0.5]])
    assert one.temperature == 1.5


def test_the_layers_are_shifted_each_by_its_own_kappa() -> None:
    vectors, weights = np.zeros((2, 2), np.float32), np.array([[1, 0], [1, 0]], np.float32)
    generic = Prototypes(vectors, ("sad", "happy"), np.ones(2, np.int64), weights, temperature=1.0, fingerprint="x")
    prior = Prior(generic, replace(trust_by(1.0), shift_kappa=3.0, early_shift_kappa=0.0))
    np.testing.assert_allclose(prior.shift(np.array([[4, 4]], np.float32), ["sad"]), [1, 4])


def test_an_image_half_way_belongs_to_the_prototype_that_is_less_certain() -> None:
    vectors = np.array([[-1.0, 0], [1, 0]], np.float32)
    generic = Prototypes(vectors, ("sad", "happy"), np.ones(2, np.int64), np.ones_like(vectors), 1.0, "x")
    own = Prior(generic, trust_by(1)).personal(vectors[:1], ("sad",))
    np.testing.assert_allclose(own.vectors, vectors)
    assert nearest(np.array([[-0.02, 0]], np.float32), own).labels == ("happy",)
    np.testing.assert_allclose(own.weights[0] / own.weights[1], 2 / 1.5, rtol=1e-6)  # (1 + 1/1) / (1 + 1/2)
