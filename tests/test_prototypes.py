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
    save_prototypes,
    squared_distances,
)
from fewshot.types import Prototypes
from tests.builders import on_circle, prototypes_at


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


# --- files ------------------------------------------------------------------------------------------------------------

GENERIC = prototypes_at(happy=0, sad=90, neutral=180)


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
