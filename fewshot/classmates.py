"""What classmates who look alike have shown: it lets expect what a student has not shown yet.

Students of one class have more in common than with the faces of a training set: age and origin, camera and light, the way
they were asked to act. So the prior of a student's prototypes is itself refined by those of others, as in a hierarchical
model (Gelman et al. 2013, "Bayesian Data Analysis", chapter 5), and only by the nearest of them, for a class may be mixed.
What is taken from a student is made anew with each gallery, so that forgetting takes it along. NumPy only, no state: threads
may share all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fewshot.prior import Prior
from fewshot.prototypes import shown_means, squared_distances
from fewshot.types import Float32, Int64


@dataclass(frozen=True, eq=False)
class Showing:
    """How one student's shots differ from the generic prototypes.

    Attributes:
        differences: (c, d) float32. Of the mean of each class from its generic prototype, zero where the class is not shown.
        shown: (c,) bool. Which classes are.
        shift: (d,) float32. What is common to the differences, see :meth:`fewshot.prior.Prior.shift`.
        looks: (e,) float32. Mean difference in the encoder's earlier layer, or in all dimensions where there is none:
            what a student is compared by.
    """

    differences: Float32
    shown: NDArray[np.bool_]
    shift: Float32
    looks: Float32


def showing(embeddings: Float32, labels: Sequence[str], prior: Prior) -> Showing | None:
    """Return what a student's (k, d) embeddings and their labels show; None where that is none of the emotions.

    Raises:
        PrototypeError: foreign dimensions.
    """
    shift = prior.shift(embeddings, labels)
    means, counts = shown_means(embeddings, labels, prior.generic.labels)
    shown = counts > 0
    if not shown.any():
        return None
    differences = np.where(shown[:, None], means - prior.generic.vectors, 0).astype(np.float32)
    compared = prior.early if prior.early.any() else ~prior.early
    return Showing(differences, shown, shift, differences[shown][:, compared].mean(axis=0))


def nearest_classmates(students: Sequence[Showing], classmates: Sequence[Showing], count: int) -> Int64:
    """Return the positions of the ``count`` classmates who look most like each student, in no order.

    Args:
        students: n of them.
        classmates: m, among them the students themselves, who are not their own classmates.
        count: Fewer where there are not as many.

    Returns:
        (n, k) int64, k at most ``count`` and m - 1.
    """
    count = min(count, len(classmates) - 1)
    if not students or count < 1:
        return np.zeros((len(students), 0), np.int64)
    distances = squared_distances(np.stack([s.looks for s in students]), np.stack([c.looks for c in classmates]))
    position = {id(classmate): i for i, classmate in enumerate(classmates)}
    distances[np.arange(len(students)), [position[id(student)] for student in students]] = np.inf
    return np.sort(np.argpartition(distances, count - 1, axis=1)[:, :count], axis=1)


def prior_among(prior: Prior, classmates: Sequence[Showing]) -> Prior:
    """Return the prior of a student among n classmates: what they have in common moves the generic prototypes.

    That is the mean of their shifts for all classes, and for each class the mean of what those who show it differ beyond their
    shifts; each is drawn toward the generic prototype, which is worth ``classmates_kappa`` classmates (the posterior mean of a
    Gaussian). So classmates with a neutral photo alone tell nothing wrong of the other emotions.
    """
    if not classmates:
        return prior
    kappa = prior.shrinkage.classmates_kappa
    shifts = np.stack([classmate.shift for classmate in classmates])
    shown = np.stack([classmate.shown for classmate in classmates])
    beyond = np.stack([classmate.differences for classmate in classmates]) - shifts[:, None]
    moved = shifts.sum(axis=0) / (len(classmates) + kappa)
    moved = moved + np.einsum("nc,ncd->cd", shown, beyond) / (shown.sum(axis=0) + kappa)[:, None]
    return replace(prior, generic=replace(prior.generic, vectors=(prior.generic.vectors + moved).astype(np.float32)))
