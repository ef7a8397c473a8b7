"""The paper's functions: examples readable by eye, an oracle, and properties."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestCentroid

from fewshot.errors import PrototypeError, SupportError, WeightsError
from fewshot.prototypes import (
    class_prototypes,
    label_probabilities,
    load_generic,
    nearest,
    personal_prototypes,
    save_prototypes,
    squared_distances,
)
from fewshot.types import Float32, Prototypes
from tests.builders import trust_by


def on_circle(*degrees: float, radius: float = 1.0) -> Float32:
    """2-D embeddings at these angles."""
    return np.array(
        [[radius * math.cos(math.radians(a)), radius * math.sin(math.radians(a))] for a in degrees], np.float32
    )


def prototypes_at(**degrees: float) -> Prototypes:
    """One prototype a label on the unit circle, temperature 1."""
    return Prototypes(
        on_circle(*degrees.values()),
        tuple(degrees),
        np.ones(len(degrees), np.int64),
        np.ones((len(degrees), 2), np.float32),
        1.0,
        "test",
    )


def test_nearest_by_eye() -> None:
    answer = nearest(on_circle(10, 100, 350), prototypes_at(happy=0, sad=90, neutral=180))
    assert answer.labels == ("happy", "sad", "happy")
    np.testing.assert_allclose(answer.probabilities.sum(axis=1), 1, rtol=1e-6)
    assert answer.squared_distances[0] == pytest.approx((2 * math.sin(math.radians(5))) ** 2, rel=1e-4)
    assert answer.probabilities[0, 0] < answer.probabilities[2, 0]  # as near to happy, but sad is nearer on its side


def test_nearest_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 200)
    support, queries = rng.normal(size=(200, 16)).astype(np.float32), rng.normal(size=(50, 16)).astype(np.float32)
    vectors = class_prototypes(support, labels, range(5))
    table = Prototypes(vectors, tuple("abcde"), np.bincount(labels), np.ones_like(vectors), 1.0, "test")
    expected = NearestCentroid().fit(support, labels).predict(queries)
    assert nearest(queries, table).labels == tuple("abcde"[i] for i in expected)


def test_squared_distances_are_squared() -> None:
    a, b = np.array([[0, 0], [3, 4]], np.float32), np.array([[0, 0], [6, 8]], np.float32)
    np.testing.assert_allclose(squared_distances(a, b), [[0, 100], [25, 25]])


@given(seed=st.integers(0, 1000))
def test_prototypes_do_not_depend_on_support_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings, labels = rng.normal(size=(20, 3)).astype(np.float32), np.arange(20) % 4
    order = rng.permutation(20)
    np.testing.assert_allclose(
        class_prototypes(embeddings, labels, range(4)),
        class_prototypes(embeddings[order], labels[order], range(4)),
        atol=1e-6,
    )


def test_labels_with_gaps_do_not_shift_rows() -> None:
    vectors = class_prototypes(on_circle(0, 90), ["a", "c"], ["a", "c"])
    np.testing.assert_allclose(vectors, on_circle(0, 90), atol=1e-6)
    with pytest.raises(SupportError, match="'b' has none"):
        class_prototypes(on_circle(0, 90), ["a", "c"], ["a", "b", "c"])


def test_several_prototypes_of_a_label_count_by_their_nearest() -> None:
    distances = np.array([[9.0, 1.0, 4.0]], np.float32)
    found = label_probabilities(distances, ["a", "a", "b"], ["a", "b"], 1.0)
    assert found[0, 0] == pytest.approx(1 / (1 + math.exp(-3)), rel=1e-5)


def test_higher_temperature_is_less_sure() -> None:
    distances = np.array([[1.0, 3.0]], np.float32)
    cool, warm = (label_probabilities(distances, ["a", "b"], ["a", "b"], t)[0, 0] for t in (0.5, 5.0))
    assert cool > warm > 0.5


def test_bad_embeddings_are_refused() -> None:
    table = prototypes_at(happy=0, sad=90)
    with pytest.raises(PrototypeError, match="must share d, got .1, 3. and .2, 2."):
        nearest(np.zeros((1, 3), np.float32), table)
    with pytest.raises(PrototypeError, match="finite"):
        nearest(np.array([[np.nan, 0]], np.float32), table)


# --- personal prototypes ----------------------------------------------------------------------------------------------

GENERIC = prototypes_at(happy=0, sad=90, neutral=180)


def test_no_photos_leave_the_generic_prototypes() -> None:
    result = personal_prototypes(np.zeros((0, 2), np.float32), [], GENERIC, trust_by(1.0))
    np.testing.assert_array_equal(result.vectors, GENERIC.vectors)
    assert result.counts.tolist() == [0, 0, 0]


def test_small_kappa_trusts_the_photos_alone() -> None:
    own = on_circle(20, 100, 170, radius=2)
    result = personal_prototypes(own, ["happy", "sad", "neutral"], GENERIC, trust_by(0.001))
    np.testing.assert_allclose(result.vectors, own, atol=5e-3)


def test_large_kappa_approaches_generic_and_more_photos_leave_it() -> None:
    own = on_circle(30, 30, 30)
    far = personal_prototypes(own, ["happy"] * 3, GENERIC, trust_by(1e6))
    np.testing.assert_allclose(far.vectors, GENERIC.vectors, atol=1e-4)
    gaps = []
    for n in (1, 2, 3):
        result = personal_prototypes(own[:n], ["happy"] * n, GENERIC, trust_by(1.0))
        gaps.append(np.linalg.norm(result.vectors[0] - own[0]))
    assert gaps[0] > gaps[1] > gaps[2]


def test_one_neutral_photo_moves_the_other_classes_half_the_way_at_kappa_one() -> None:
    offset = np.array([0.4, -0.2], np.float32)
    result = personal_prototypes(GENERIC.vectors[2:] + offset, ["neutral"], GENERIC, trust_by(1.0))
    np.testing.assert_allclose(result.vectors[0], GENERIC.vectors[0] + offset / 2, atol=1e-6)


def test_a_person_whose_every_expression_is_offset_is_learned_from_one_photo_each() -> None:
    offset = np.array([3.0, 1.0], np.float32)
    own = GENERIC.vectors + offset
    result = personal_prototypes(own, GENERIC.labels, GENERIC, trust_by(1.0))
    assert nearest(own, result).labels == GENERIC.labels
    assert nearest(own, GENERIC).labels != GENERIC.labels


# --- files ------------------------------------------------------------------------------------------------------------


def test_saved_prototypes_come_back(tmp_path: Path) -> None:
    save_prototypes(GENERIC, tmp_path / "p.npz")
    back = load_generic(tmp_path / "p.npz")
    np.testing.assert_array_equal(back.vectors, GENERIC.vectors)
    assert (back.labels, back.temperature, back.fingerprint) == (GENERIC.labels, 1.0, "test")


def test_missing_and_damaged_files(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="must be at .*p.npz, and there is nothing"):
        load_generic(tmp_path / "p.npz")
    (tmp_path / "p.npz").write_bytes(b"PK broken")
    with pytest.raises(
        WeightsError, match="must be prototypes written by the export, and is damaged or of another kind"
    ):
        load_generic(tmp_path / "p.npz")


def test_the_earlier_layer_counts_by_the_share_of_emotions_shown() -> None:
    """Two dimensions: the first compares generic prototypes, the second is an earlier layer's."""
    vectors, weights = np.array([[0, 0], [1, 0]], np.float32), np.array([[1, 0], [1, 0]], np.float32)
    generic = Prototypes(vectors, ("sad", "happy"), np.ones(2, np.int64), weights, temperature=1.0, fingerprint="x")
    own = np.array([[0.4, 5], [0.6, -5]], np.float32)
    assert nearest(np.array([[0.55, 5]], np.float32), generic).labels == ("happy",)
    both = personal_prototypes(own, ("sad", "happy"), generic, trust_by(1))
    np.testing.assert_allclose(both.weights, np.full((2, 2), 2 / 1.5))
    assert both.temperature == 2
    assert nearest(np.array([[0.55, 5]], np.float32), both).labels == ("sad",)
    one = personal_prototypes(own[:1], ("sad",), generic, trust_by(1))
    np.testing.assert_allclose(one.weights, [[2 / 1.5, 1 / 1.5], [1, 0.5]])
    assert one.temperature == 1.5


def test_an_image_half_way_belongs_to_the_prototype_that_is_less_certain() -> None:
    vectors = np.array([[-1.0, 0], [1, 0]], np.float32)
    generic = Prototypes(vectors, ("sad", "happy"), np.ones(2, np.int64), np.ones_like(vectors), 1.0, "x")
    own = personal_prototypes(vectors[:1], ("sad",), generic, trust_by(1))
    np.testing.assert_allclose(own.vectors, vectors)
    assert nearest(np.array([[-0.02, 0]], np.float32), own).labels == ("happy",)
    np.testing.assert_allclose(own.weights[0] / own.weights[1], 2 / 1.5, rtol=1e-6)  # (1 + 1/1) / (1 + 1/2)
