"""The paper in pure functions: prototypes, squared distances, logits.

Snell, Swersky, Zemel 2017, "Prototypical Networks for Few-shot Learning". How a student's own photos refine
prototypes is :mod:`fewshot.prior`. NumPy only, no state: threads may share all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from fewshot.errors import PrototypeError, SupportError, WeightsError
from fewshot.types import Float32, Int64, Prototypes

SHIPPED_PROTOTYPES = Path(__file__).parent / "weights" / "prototypes.npz"
Label = TypeVar("Label")


def class_means(embeddings: Float32, shares: Float32) -> Float32:
    """Average the embeddings of each class, each as far as it belongs there.

    Snell et al. 2017, eq. 1, with the partial memberships of Ren et al. 2018, eq. 4 ("Meta-learning for semi-supervised
    few-shot classification").

    Args:
        embeddings: (n, d) float32, n may be 0.
        shares: (n, c) float32, how far each belongs to each class; none of them negative.

    Returns:
        (c, d) float32, zero where nothing belongs to a class.
    """
    belongs = shares.astype(np.float64)
    totals = belongs.sum(axis=0)
    return (belongs.T @ embeddings / np.where(totals > 0, totals, 1)[:, None]).astype(np.float32)


def shown_means(
    embeddings: Float32, labels: Sequence[Label] | np.ndarray, classes: Sequence[Label]
) -> tuple[Float32, Int64]:
    """Average the embeddings of each class, whether there are any or not.

    Args:
        embeddings: (k, d) float32, k may be 0.
        labels: k labels; those that are no class do not count.
        classes: c labels, in the order of the rows of the result.

    Returns:
        (c, d) float32 means, zero where there are none, and (c,) int64 embeddings of each.
    """
    shows = np.asarray(labels, dtype=object)[:, None] == np.asarray(classes, dtype=object)
    return class_means(embeddings, shows), shows.sum(axis=0, dtype=np.int64)


def class_prototypes(embeddings: Float32, labels: Sequence[Label] | np.ndarray, classes: Sequence[Label]) -> Float32:
    """Average the support embeddings of each class (Snell et al. 2017, eq. 1).

    Args:
        embeddings: (s, d) float32.
        labels: s labels.
        classes: One row each; given, not inferred, so that a class without support is an error, not a missing row.

    Returns:
        (len(classes), d) float32.

    Raises:
        SupportError: a class has no support.
    """
    means, counts = shown_means(embeddings, labels, classes)
    expect_support(counts, classes)
    return means


def expect_support(totals: np.ndarray, classes: Sequence[Label]) -> None:
    """Raise SupportError where one of the (c,) totals, of what belongs to each class, is zero."""
    if not totals.all():
        missing = classes[int(totals.argmin())]
        raise SupportError(f"every class needs support, '{missing}' has none. Add an image of it.")


def squared_distances(embeddings: Float32, vectors: Float32, weights: Float32 | None = None) -> Float32:
    """Squared Euclidean distance of every (n, d) embedding to every (p, d) vector, as (n, p) float32.

    ``weights``, (p, d) or (d,), say how much each dimension counts in the distance to each vector; all alike if left out.

    Raises:
        PrototypeError: the dimensions differ.
    """
    if embeddings.ndim != 2 or vectors.ndim != 2 or embeddings.shape[1] != vectors.shape[1]:
        raise PrototypeError(
            f"embeddings (n, d) and prototypes (p, d) must share d, got {embeddings.shape} and {vectors.shape}. "
            "Were they made by the same encoder?"
        )
    weights = np.ones_like(vectors) if weights is None else np.broadcast_to(weights, vectors.shape)
    weighed = weights * vectors
    squares = np.square(embeddings) @ weights.T + np.einsum("pd,pd->p", weighed, vectors)[None, :]
    return np.maximum(squares - 2 * embeddings @ weighed.T, 0).astype(np.float32)


def softmax(logits: Float32) -> Float32:
    """Softmax over the last axis, safe for large values."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), np.float32)


def label_probabilities(
    distances: Float32, labels: Sequence[str], classes: Sequence[str], temperature: float
) -> Float32:
    """Softmax of minus squared distance over temperature (Snell et al. 2017, eq. 2), by class.

    Args:
        distances: (n, p) float32 squared distances to the prototypes.
        labels: Label of each of the p prototypes; a class may own several, its nearest counts.
        classes: Columns of the result.
        temperature: In units of squared distance.

    Returns:
        (n, len(classes)) float32, rows summing to 1.
    """
    if tuple(labels) != tuple(classes):  # nearly always they are the same
        owners = np.asarray(labels)
        distances = np.stack([distances[:, owners == name].min(axis=1) for name in classes], axis=1)
    return softmax(-distances / np.float32(temperature))


@dataclass(frozen=True, eq=False)
class Nearest:
    """Answer of :func:`nearest` for n embeddings.

    Attributes:
        labels: n labels of the nearest prototypes.
        probabilities: (n, c) float32, columns in the order of ``prototypes.classes``.
        squared_distances: (n,) float32 to the nearest prototype.
    """

    labels: tuple[str, ...]
    probabilities: Float32
    squared_distances: Float32


def nearest(embeddings: Float32, prototypes: Prototypes) -> Nearest:
    """Classify (n, d) embeddings by their nearest prototype.

    Raises:
        PrototypeError: the dimensions differ, or an embedding is not finite.
    """
    if not np.isfinite(embeddings).all():
        raise PrototypeError("embeddings must be finite, got NaN or infinity. Look at the crops that made them.")
    distances = squared_distances(embeddings, prototypes.vectors, prototypes.weights)
    best = distances.argmin(axis=1)
    return Nearest(
        labels=tuple(prototypes.labels[i] for i in best),
        probabilities=label_probabilities(distances, prototypes.labels, prototypes.classes, prototypes.temperature),
        squared_distances=distances[np.arange(len(best)), best],
    )


def save_prototypes(prototypes: Prototypes, path: Path) -> None:
    """Write prototypes as an .npz that :func:`load_generic` reads."""
    np.savez(
        path,
        vectors=prototypes.vectors,
        labels=np.array(prototypes.labels),
        counts=prototypes.counts,
        weights=prototypes.weights,
        temperature=np.float32(prototypes.temperature),
        fingerprint=np.array(prototypes.fingerprint),
    )


def load_generic(path: Path | None = None) -> Prototypes:
    """Read generic prototypes; the shipped ones where ``path`` is None.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    path = path or SHIPPED_PROTOTYPES
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Prototypes(
                vectors=arrays["vectors"],
                labels=tuple(str(name) for name in arrays["labels"]),
                counts=arrays["counts"],
                weights=arrays["weights"],
                temperature=float(arrays["temperature"]),
                fingerprint=str(arrays["fingerprint"]),
            )
    except FileNotFoundError as error:
        raise WeightsError(
            f"generic prototypes must be at {path}, and there is nothing. Reinstall, or run the export."
        ) from error
    except Exception as error:  # numpy raises ValueError, KeyError, OSError or zipfile's own for a damaged file
        raise WeightsError(
            f"{path} must be prototypes written by the export, and is damaged or of another kind. "
            "Reinstall, or run the export."
        ) from error


def expect_encoder(generic: Prototypes, fingerprint: str) -> None:
    """Raise PrototypeError unless ``generic`` were made by the encoder of that fingerprint."""
    if generic.fingerprint != fingerprint:
        raise PrototypeError(
            f"The generic prototypes must come from the encoder in use ({fingerprint}), these are of "
            f"{generic.fingerprint}. Reinstall, or export both together."
        )
