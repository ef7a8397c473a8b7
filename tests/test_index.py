"""FAISS behind its guards, against brute force."""

from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.errors import PrototypeError
from fewshot.index import IdentityIndex, PrototypeIndex
from fewshot.prototypes import nearest
from fewshot.types import Prototypes


def _prototypes(rng: np.random.Generator, fingerprint: str = "test") -> Prototypes:
    vectors, weights = rng.normal(size=(7, 16)).astype(np.float32), rng.integers(0, 3, (7, 16)).astype(np.float32)
    return Prototypes(vectors, tuple("abcdefg"), np.ones(7, np.int64), weights, 2.0, fingerprint)


@given(seed=st.integers(0, 500), n=st.integers(0, 12))
def test_classify_is_brute_force_over_each_owner(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    generic, ada, bob = (_prototypes(rng) for _ in range(3))
    index = PrototypeIndex(generic, {"ada": ada, "bob": bob})
    embeddings = rng.normal(size=(n, 16)).astype(np.float32)
    owners = [["ada", "bob", None, "stranger"][i] for i in rng.integers(0, 4, n)]
    for emotion, embedding, owner in zip(index.classify(embeddings, owners), embeddings, owners, strict=True):
        table = {"ada": ada, "bob": bob}.get(owner or "", generic)
        expected = nearest(embedding[None], table)
        assert emotion.label == expected.labels[0]
        assert emotion.squared_distance == pytest.approx(float(expected.squared_distances[0]), rel=1e-4)
        np.testing.assert_allclose(
            list(emotion.probabilities.values()), expected.probabilities[0], rtol=1e-3, atol=1e-6
        )
        assert emotion.prototypes == ("personal" if owner in ("ada", "bob") else "generic")


def test_classify_refuses_what_faiss_would_answer_with_nonsense() -> None:
    index = PrototypeIndex(_prototypes(np.random.default_rng(0)), {})
    with pytest.raises(PrototypeError, match="finite"):
        index.classify(np.full((1, 16), np.nan, np.float32), [None])
    with pytest.raises(PrototypeError, match=r"must be \(n, 16\), got \(1, 8\)"):
        index.classify(np.zeros((1, 8), np.float32), [None])
    with pytest.raises(PrototypeError, match="one person_id each, got 1 and 2"):
        index.classify(np.zeros((1, 16), np.float32), [None, None])


def test_prototypes_of_another_encoder_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(PrototypeError, match="those of 'ada' come from other"):
        PrototypeIndex(_prototypes(rng), {"ada": _prototypes(rng, "other")})


def test_identity_search_agrees_with_numpy_and_is_never_minus_one() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(9, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = IdentityIndex(rows[:5]).search(rows[5:], k=50)
    assert found.positions.shape == (4, 5)
    assert found.positions.min() >= 0
    cosines = rows[5:] @ rows[:5].T
    np.testing.assert_array_equal(found.positions, np.argsort(-cosines, axis=1))
    np.testing.assert_allclose(found.similarities, -np.sort(-cosines, axis=1), rtol=1e-5)


def test_templates_that_are_no_numbers_are_refused() -> None:
    rows = np.eye(3, 8, dtype=np.float32)
    rows[1, 2] = np.nan
    with pytest.raises(PrototypeError, match=r"identity templates must be finite, got NaN or infinity"):
        IdentityIndex(rows)


def test_empty_identity_index_answers_nothing() -> None:
    found = IdentityIndex(np.zeros((0, 8), np.float32)).search(np.ones((2, 8), np.float32), k=1)
    assert found.positions.shape == (2, 0)


def test_a_large_index_is_inexact_and_finds_the_own_face_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fewshot.index.EXACT_UP_TO", 1000)
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(1500, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    probes = rows[::100] + 0.05 * rng.normal(size=(15, 16)).astype(np.float32)
    index = IdentityIndex(rows)
    assert index.search(probes, k=2).positions[:, 0].tolist() == list(range(0, 1500, 100))
    every = index.search(probes, k=1500)
    assert every.positions.min() >= 0


def test_a_search_wakes_no_other_threads_whoever_asks() -> None:
    index, rows = PrototypeIndex(_prototypes(np.random.default_rng(0)), {}), np.eye(3, 16, dtype=np.float32)
    templates = IdentityIndex(rows)

    def threads_of(search: str) -> int:
        faiss.omp_set_num_threads(4)  # as a thread of its own has on a machine of four cores
        index.classify(rows, [None] * 3) if search == "classify" else templates.search(rows, k=1)
        return faiss.omp_get_max_threads()

    for search in ("classify", "search"):
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(threads_of, search).result() == 1
