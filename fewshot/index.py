"""Search in FAISS, behind guards: it answers an empty index, a NaN or k > n with -1 and no error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import faiss
import numpy as np

from fewshot.errors import PrototypeError
from fewshot.prototypes import softmax
from fewshot.types import Emotions, Float32, Int64, Prototypes

EXACT_UP_TO = 10_000
"""Templates up to which identity search is exact: it then takes less than a millisecond (experiments/identity)."""

CANDIDATES = 20

TRAINED_ON = 40_000

_NO_ID = -1
"""What FAISS leaves out."""


def _queries(rows: Float32, dimension: int, what: str) -> Float32:
    """Return ``rows`` as FAISS wants them; raises PrototypeError where it would answer nonsense."""
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise PrototypeError(
            f"{what} must be (n, {dimension}), got {rows.shape}. Were they made by the model of this index?"
        )
    if not np.isfinite(rows).all():
        raise PrototypeError(f"{what} must be finite, got NaN or infinity. Look at the images that made them.")
    return np.ascontiguousarray(rows, np.float32)


def _stay_in_this_thread() -> None:
    """Let FAISS wake no other thread for whoever calls: a frame's few searches take less time than that.

    OpenMP keeps the number by thread, so a thread that asks for the first time would get all cores.
    """
    faiss.omp_set_num_threads(1)


def _expanded(vectors: Float32, weights: Float32) -> Float32:
    """Return the rows whose inner product with ``[q * q, q, 1]`` is minus the weighed squared distance to a query q.

    sum(w (q - p)^2) = <w, q^2> - <2 w p, q> + <w, p^2>: so FAISS finds the nearest though each prototype has its own weights.
    """
    weighed = weights * vectors
    return np.hstack([-weights, 2 * weighed, -(weighed * vectors).sum(axis=1, keepdims=True)]).astype(np.float32)


class PrototypeIndex:
    """Generic prototypes and those of each person, in one index; read-only, so threads may share it.

    Each owner's vectors lie side by side, and a query is compared with its own owner's range only. All are told from the
    middle of the generic prototypes, so that no distance is a small difference of large numbers.
    """

    def __init__(self, generic: Prototypes, personal: Mapping[str, Prototypes]) -> None:
        """Index ``generic`` and the prototypes of each person by key.

        Raises:
            PrototypeError: prototypes of another encoder or dimension.
        """
        sets: dict[str | None, Prototypes] = {None: generic}
        sets.update(personal)
        for owner, prototypes in sets.items():
            if prototypes.fingerprint != generic.fingerprint or prototypes.vectors.shape[1] != generic.vectors.shape[1]:
                raise PrototypeError(
                    f"all prototypes must come from encoder {generic.fingerprint}, those of '{owner}' come from "
                    f"{prototypes.fingerprint}. Enroll again with this encoder."
                )
        self._middle: Float32 = generic.vectors.mean(axis=0)
        vectors, weights = (
            np.concatenate([getattr(p, part) for p in sets.values()]) for part in ("vectors", "weights")
        )
        self._index = faiss.IndexFlatIP(2 * len(self._middle) + 1)
        self._index.add(_expanded(vectors - self._middle, weights))
        # one row an owner, the first of those without prototypes of their own
        self._row = {owner: row for row, owner in enumerate(sets)}
        self._temperatures = np.array([p.temperature for p in sets.values()], np.float32)
        self.labels = tuple(dict.fromkeys(label for p in sets.values() for label in p.labels))
        column = {label: i for i, label in enumerate(self.labels)}
        most = max(len(p.labels) for p in sets.values())
        self._ids = np.full((len(sets), most), _NO_ID, np.int64)
        self._columns = np.zeros((len(sets), most), np.int64)
        self._known = np.zeros((len(sets), len(self.labels)), np.bool_)
        start = 0
        for row, prototypes in enumerate(sets.values()):
            count = len(prototypes.labels)
            self._ids[row, :count] = np.arange(start, start + count)
            self._columns[row, :count] = [column[label] for label in prototypes.labels]
            self._known[row, self._columns[row, :count]] = True
            start += count

    def classify(self, embeddings: Float32, person_ids: Sequence[str | None]) -> Emotions:
        """Name the emotion of each face by its nearest prototype (Snell et al. 2017, eq. 2).

        Args:
            embeddings: (n, d) float32.
            person_ids: n keys; None, or a key without prototypes of its own, asks the generic ones.

        Returns:
            n rows, none of them unsure: abstaining is for who has seen more than one frame.

        Raises:
            PrototypeError: another dimension, NaN, or not one key a row.
        """
        _stay_in_this_thread()
        queries = _queries(embeddings, len(self._middle), "embeddings") - self._middle
        if len(person_ids) != len(queries):
            raise PrototypeError(f"embeddings need one person_id each, got {len(queries)} and {len(person_ids)}.")
        rows = np.array([self._row.get(key, 0) for key in person_ids], np.int64)
        distances = self._distances(queries, rows)
        return Emotions(
            labels=self.labels,
            probabilities=softmax(-distances / self._temperatures[rows, None]),
            known=self._known[rows],
            named=distances.argmin(axis=1),
            squared_distances=distances.min(axis=1),
            personal=rows > 0,
        )

    def _distances(self, queries: Float32, rows: Int64) -> Float32:
        """Return the weighed squared distances of each (d,) query to its owner's nearest prototype of each label.

        (n, c) float32, infinite for a label that the owner does not know.
        """
        expanded = np.hstack([np.square(queries), queries, np.ones((len(queries), 1), np.float32)])
        ids = self._ids[rows]
        negated = np.empty(ids.shape, np.float32)
        self._index.compute_distance_subset(  # type: ignore[attr-defined]  # its stubs leave it out
            len(ids), faiss.swig_ptr(expanded), ids.shape[1], faiss.swig_ptr(negated), faiss.swig_ptr(ids)
        )
        to_each = np.where(ids == _NO_ID, np.inf, np.maximum(-negated, 0))
        distances = np.full((len(ids), len(self.labels)), np.inf, np.float32)
        np.minimum.at(distances, (np.arange(len(ids))[:, None], self._columns[rows]), to_each)
        return distances


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Answer of :meth:`IdentityIndex.search` for n probes.

    Attributes:
        similarities: (n, k) float32 cosines, best first.
        positions: (n, k) int64 rows of the templates.
    """

    similarities: Float32
    positions: Int64


class IdentityIndex:
    """Identity templates by cosine; read-only, so threads may share it. An empty index answers with k = 0.

    Up to ``EXACT_UP_TO`` templates the search is exact. Beyond, four bits a part of each template (André et al. 2015) choose the
    ``CANDIDATES`` times as many as asked for that are then compared exactly: a distant template may be overlooked, the face's
    own is not.
    """

    def __init__(self, templates: Float32) -> None:
        """Index (m, e) float32 unit templates; m may be 0.

        Raises:
            PrototypeError: NaN or infinity, which FAISS would answer with -1.
        """
        _stay_in_this_thread()
        size = templates.shape[1]
        rows = _queries(templates, size, "identity templates")
        if len(rows) <= EXACT_UP_TO:
            self._index: faiss.Index = faiss.IndexFlatIP(size)
        else:
            parts = next(n for n in range(64, 0, -1) if size % n == 0)
            self._index = faiss.index_factory(size, f"PQ{parts}x4fs,RFlat", faiss.METRIC_INNER_PRODUCT)
            self._index.k_factor = CANDIDATES  # type: ignore[attr-defined]  # of what the factory makes
            self._index.train(rows[:TRAINED_ON])
        self._index.add(rows)

    def search(self, probes: Float32, k: int) -> Neighbors:
        """Find the ``k`` most similar templates, or all where there are fewer.

        Args:
            probes: (n, e) float32 unit rows.
            k: Wanted neighbors.

        Raises:
            PrototypeError: another dimension or NaN.
        """
        _stay_in_this_thread()
        queries = _queries(probes, self._index.d, "identity embeddings")
        k = min(k, self._index.ntotal)
        if k == 0 or len(queries) == 0:
            return Neighbors(np.zeros((len(queries), k), np.float32), np.zeros((len(queries), k), np.int64))
        similarities, positions = self._index.search(queries, k)
        return Neighbors(similarities, positions)
