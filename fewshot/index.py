"""Exact search in FAISS, behind guards: it answers an empty index, a NaN or k > n with -1 and no error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import faiss
import numpy as np

from fewshot.errors import PrototypeError
from fewshot.prototypes import label_probabilities
from fewshot.types import Emotion, Float32, Int64, Prototypes


def _queries(rows: Float32, dimension: int, what: str) -> Float32:
    """Return ``rows`` as FAISS wants them, or raise PrototypeError where it would answer nonsense."""
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise PrototypeError(
            f"{what} must be (n, {dimension}), got {rows.shape}. Were they made by the model of this index?"
        )
    if not np.isfinite(rows).all():
        raise PrototypeError(f"{what} must be finite, got NaN or infinity. Look at the images that made them.")
    return np.ascontiguousarray(rows, np.float32)


def _weighed(rows: Float32, prototypes: Prototypes) -> Float32:
    """Scale ``rows`` so that FAISS's distance, in which all dimensions count alike, is that of ``prototypes``."""
    return np.ascontiguousarray(rows * np.sqrt(prototypes.weights), np.float32)


class PrototypeIndex:
    """Generic prototypes and those of each person, in one index; read-only, so threads may share it.

    Each owner's vectors lie side by side, and a query is compared with its own owner's range only.
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
        self._sets = sets
        self._start: dict[str | None, int] = {}
        self._index = faiss.IndexFlatL2(generic.vectors.shape[1])
        for owner, prototypes in sets.items():
            self._start[owner] = self._index.ntotal
            self._index.add(_weighed(prototypes.vectors, prototypes))

    def classify(self, embeddings: Float32, person_ids: Sequence[str | None]) -> tuple[Emotion, ...]:
        """Name the emotion of each face by its nearest prototype.

        Args:
            embeddings: (n, d) float32.
            person_ids: n keys; None, or a key without prototypes of its own, asks the generic ones.

        Returns:
            n emotions, none of them None: abstaining is for who has seen more than one frame.

        Raises:
            PrototypeError: another dimension, NaN, or not one key a row.
        """
        queries = _queries(embeddings, self._index.d, "embeddings")
        if len(person_ids) != len(queries):
            raise PrototypeError(f"embeddings need one person_id each, got {len(queries)} and {len(person_ids)}.")
        owners = [key if key in self._sets else None for key in person_ids]
        answers: dict[int, Emotion] = {}
        for owner in dict.fromkeys(owners):
            rows = [i for i, other in enumerate(owners) if other == owner]
            answers.update(zip(rows, self._classify_as(owner, queries[rows]), strict=True))
        return tuple(answers[i] for i in range(len(owners)))

    def _classify_as(self, owner: str | None, queries: Float32) -> list[Emotion]:
        prototypes, start = self._sets[owner], self._start[owner]
        count = len(prototypes.labels)
        selector = faiss.IDSelectorRange(start, start + count)
        weighed = _weighed(queries, prototypes)
        found, ids = self._index.search(weighed, count, params=faiss.SearchParameters(sel=selector))  # type: ignore[call-arg]  # its Python wrapper takes it
        distances = np.empty_like(found)
        np.put_along_axis(distances, ids - start, found, axis=1)
        probabilities = label_probabilities(distances, prototypes.labels, prototypes.classes, prototypes.temperature)
        return [
            Emotion(
                label=prototypes.labels[int(ids[i, 0] - start)],
                probabilities=dict(zip(prototypes.classes, probabilities[i].tolist(), strict=True)),
                squared_distance=float(found[i, 0]),
                prototypes="generic" if owner is None else "personal",
            )
            for i in range(len(queries))
        ]


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
    """Identity templates by cosine; read-only, so threads may share it. An empty index answers with k = 0."""

    def __init__(self, templates: Float32) -> None:
        """Index (m, e) float32 unit templates; m may be 0."""
        self._index = faiss.IndexFlatIP(templates.shape[1])
        self._index.add(np.ascontiguousarray(templates, np.float32))

    def search(self, probes: Float32, k: int) -> Neighbors:
        """Find the ``k`` most similar templates, or all where there are fewer.

        Args:
            probes: (n, e) float32 unit rows.
            k: Wanted neighbors.

        Raises:
            PrototypeError: another dimension or NaN.
        """
        queries = _queries(probes, self._index.d, "identity embeddings")
        k = min(k, self._index.ntotal)
        if k == 0 or len(queries) == 0:
            return Neighbors(np.zeros((len(queries), k), np.float32), np.zeros((len(queries), k), np.int64))
        similarities, positions = self._index.search(queries, k)
        return Neighbors(similarities, positions)
