"""What is known of a student before any photo, and what their own photos make of it. NumPy only, no state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fewshot.config import PersonalConfig
from fewshot.errors import PrototypeError
from fewshot.prototypes import shown_means
from fewshot.types import Float32, Float64, Int64, Prototypes


@dataclass(frozen=True, eq=False)
class Prior:
    """The prior of a student's class means, Gaussian about the generic prototypes; read-only, so threads may share it.

    Attributes:
        generic: One prototype a class.
        shrinkage: How far what the photos show is drawn toward them.
    """

    generic: Prototypes
    shrinkage: PersonalConfig

    @property
    def kappa(self) -> Float64:
        """Photos that a generic prototype is worth in each dimension, (d,) float64."""
        return np.where(self.early, self.shrinkage.early_kappa, self.shrinkage.kappa)

    def worth(self, shots: Int64) -> Float64:
        """Return how many independent shots each of (c,) numbers of shots of one class is worth, (c, 1) float64.

        Shots of one sitting share its light, its camera and the way the face was made. With a correlation of rho among them, m
        tell as much of the class's mean as ``m / (1 + (m - 1) * rho)`` independent ones (the design effect, Kish 1965, "Survey
        Sampling").
        """
        return (shots / (1 + np.maximum(shots - 1, 0) * self.shrinkage.shot_correlation))[:, None]

    @property
    def early(self) -> NDArray[np.bool_]:
        """Which dimensions are the encoder's earlier layer's, (d,) bool: those without weight in the generic prototypes."""
        return np.asarray(~self.generic.weights.any(axis=0))

    def shift(self, embeddings: Float32, labels: Sequence[str]) -> Float32:
        """Return how far a student lies from the generic prototypes on average over the s emotions shown, (d,) float32.

        It is shrunk by ``s / (s + shift_kappa)``, in the earlier layer by its own kappa, and zero where none is shown.

        Raises:
            PrototypeError: foreign dimensions.
        """
        if len(embeddings) and embeddings.shape[1] != self.generic.vectors.shape[1]:
            raise PrototypeError(
                f"embeddings must have dimension {self.generic.vectors.shape[1]}, got {embeddings.shape[1]}. "
                "Were they made by the same encoder?"
            )
        means, counts = shown_means(embeddings, labels, self.generic.labels)
        shown = counts > 0
        if not shown.any():
            return np.zeros(means.shape[1], np.float32)
        kappa = np.where(self.early, self.shrinkage.early_shift_kappa, self.shrinkage.shift_kappa)
        return np.asarray((means - self.generic.vectors)[shown].sum(axis=0) / (shown.sum() + kappa), np.float32)

    def personal(self, embeddings: Float32, labels: Sequence[str]) -> Prototypes:
        """Refine the generic prototypes by a student's own embeddings: shift by what is common, then shrink.

        Each class c whose photos are worth m_c, see :meth:`worth`, gets ``(m_c * mean_c + kappa * (generic_c + shift)) /
        (m_c + kappa)``, a class without photos ``generic_c + shift``: the posterior mean of a Gaussian class mean whose prior,
        worth ``kappa`` photos, is the generic prototype. The shift is :meth:`shift`, so that one neutral photo moves the other
        six too.

        A prototype known from photos lies nearer to its class's next image than one that is only inferred, whatever that
        image shows, so that plain distances favor the classes shown. A squared distance is therefore divided by the variance
        of an image about the prototype, ``1 + 1 / (m_c + kappa)`` times that of a class (the posterior predictive of the same
        model, Bishop 2006, section 2.3.6; its normalizing factor, which many correlated dimensions would inflate, is left
        out), and multiplied by that of a class without photos, which so keeps its weight.

        Dimensions that the generic prototypes give no weight, those of the encoder's earlier layer, tell little about people
        in general and much about one person: their prior is worth ``early_kappa`` photos, and they count by ``early_weight``
        times the share of the classes shown. Two looks at the same face are no independent evidence, so the temperature grows
        with their weight.

        Args:
            embeddings: (k, d) float32, k may be 0.
            labels: k labels; those that ``generic`` does not know do not count, see :mod:`fewshot.states`.

        Returns:
            Prototypes with the labels of ``generic``; ``counts`` are the photos of each.

        Raises:
            PrototypeError: foreign dimensions.
        """
        generic = self.generic
        means, counts = shown_means(embeddings, labels, generic.labels)
        shown = counts > 0
        if not shown.any():
            return replace(generic, counts=counts)
        early, kappa, worth = self.early, self.kappa, self.worth(counts)
        early_weight = self.shrinkage.early_weight * int(shown.sum()) / len(shown) if early.any() else 0.0
        trust = worth / (worth + kappa)
        certainty = (1 + 1 / kappa) / (1 + 1 / (worth + kappa))
        moved = generic.vectors + self.shift(embeddings, labels)
        return replace(
            generic,
            vectors=(trust * means + (1 - trust) * moved).astype(np.float32),
            counts=counts,
            weights=(certainty * np.where(early, early_weight, generic.weights)).astype(np.float32),
            temperature=generic.temperature * (1 + early_weight),
        )
