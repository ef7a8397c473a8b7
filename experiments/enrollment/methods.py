"""What else a student's own photos could decide: how much each counts, how sure to be, when to be silent, and whether at all.

Each method has a strength, 0 being the product as it is, and each person is scored at the strength that the others choose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import cv2
import numpy as np

from experiments.enrollment.study import HARM, KINDS, Group, bootstrap_interval, choose_for_each, enrollments
from fewshot.encoder import Encoder
from fewshot.face.sharpness import measure_sharpness
from fewshot.prior import Prior
from fewshot.prototypes import label_probabilities, nearest, squared_distances
from fewshot.types import EMOTIONS, Float32, Float64, Int64, Prototypes

Scores = dict[str, float]

BLUR_PX = 1.2
"""Blurs a crop, 48 px wide, as far as the photo checks let pass."""
COVERAGE = 0.8
"""Share of the readings that is named, the rest being left unsure."""
LOG_TEMPERATURES = np.linspace(-1.5, 1.5, 61)


def weighted_prototypes(embeddings: Float32, labels: Sequence[str], weights: Float64, prior: Prior) -> Prototypes:
    """Return personal prototypes to which each of k photos contributes ``weights``, (k,), instead of 1."""
    own, kappa = prior.personal(embeddings, labels), prior.kappa
    moved = prior.generic.vectors + prior.shift(embeddings, labels)
    owners, vectors = np.asarray(labels, dtype=object), moved.copy()
    for i in np.flatnonzero(own.counts):
        mine = weights[owners == prior.generic.labels[i]]
        total = mine @ embeddings[owners == prior.generic.labels[i]]
        vectors[i] = (total + kappa * moved[i]) / (mine.sum() + kappa)
    return replace(own, vectors=vectors.astype(np.float32))


def held_out_distances(embeddings: Float32, labels: Sequence[str], prior: Prior) -> Float32:
    """Return by photo the squared distances over temperature to the prototypes that the other photos make, (k, c) float32."""
    rows = []
    for i in range(len(labels)):
        others = [label for j, label in enumerate(labels) if j != i]
        own = prior.personal(np.delete(embeddings, i, axis=0), others)
        rows.append(squared_distances(embeddings[i : i + 1], own.vectors, own.weights) / np.float32(own.temperature))
    return np.concatenate(rows)


def own_temperature(distances: Float32, truth: Int64, strength: float) -> float:
    """Return the temperature that makes held-out photos likeliest, drawn toward 1; ``strength`` is the variance of its logarithm."""
    if strength == 0:
        return 1.0
    losses = [_surprise(distances, truth, np.exp(t)).sum() + t * t / (2 * strength) for t in LOG_TEMPERATURES]
    return float(np.exp(LOG_TEMPERATURES[int(np.argmin(losses))]))


def own_threshold(confidences: Float64, shared: float, strength: float) -> float:
    """Return the confidence below which a student is not named: their own quantile drawn toward the ``shared`` one."""
    trust = len(confidences) * strength / (len(confidences) * strength + 10)
    return float(trust * np.quantile(confidences, 1 - COVERAGE) + (1 - trust) * shared)


def _surprise(distances: Float32, truth: Int64, temperature: float) -> Float64:
    """Return minus the log-probability of the truth, (n,), in nats."""
    logits = -distances.astype(np.float64) / temperature
    top = logits.max(axis=1, keepdims=True)
    return np.asarray(np.log(np.exp(logits - top).sum(axis=1)) + (top[:, 0] - logits[np.arange(len(truth)), truth]))


@dataclass(frozen=True, eq=False)
class Study:
    """What every method is given."""

    encoder: Encoder
    prior: Prior

    def columns(self, labels: Int64) -> Int64:
        """Return positions among the prototypes of positions in ``EMOTIONS``."""
        return np.array([self.prior.generic.labels.index(EMOTIONS[label]) for label in labels], np.int64)

    def weigh_by_sharpness(self, group: Group, strengths: Sequence[float], blurred: float) -> list[Scores]:
        """Blur a share of the photos, weigh each by a power of its sharpness, and return each person's accuracy."""
        faces, rng = group.faces, np.random.default_rng(0)
        crops = faces.crops_gray.copy()
        for i in np.flatnonzero(rng.random(len(crops)) < blurred):
            crops[i] = cv2.GaussianBlur(crops[i], (0, 0), BLUR_PX)
        photos, sharpness = self.encoder.embed(crops), measure_sharpness(crops).astype(np.float64)
        found: list[dict[str, list[float]]] = [{} for _ in strengths]
        for task, shown in enrollments(group, KINDS["two of each"]):
            names = [EMOTIONS[c] for c in faces.labels[shown]]
            for scores, strength in zip(found, strengths, strict=True):
                weights = (sharpness[shown] / sharpness[shown].max()) ** strength
                own = weighted_prototypes(photos[shown], names, weights, self.prior)
                answers = nearest(group.embeddings[task.query], own).labels
                right = [EMOTIONS[c] == answer for c, answer in zip(faces.labels[task.query], answers, strict=True)]
                scores.setdefault(task.person, []).append(float(np.mean(right)))
        return [_mean(scores) for scores in found]

    def fit_temperatures(self, group: Group, strengths: Sequence[float]) -> list[Scores]:
        """Give each student a temperature of their own and return minus the surprise at the truth, in nats."""
        labels = group.faces.labels
        found: list[dict[str, list[float]]] = [{} for _ in strengths]
        for task, shown in enrollments(group, KINDS["two of each"]):
            photos, names = group.embeddings[shown], [EMOTIONS[c] for c in labels[shown]]
            own = self.prior.personal(photos, names)
            asked = squared_distances(group.embeddings[task.query], own.vectors, own.weights) / own.temperature
            held_out = held_out_distances(photos, names, self.prior)
            for scores, strength in zip(found, strengths, strict=True):
                temperature = own_temperature(held_out, self.columns(labels[shown]), strength)
                surprise = _surprise(asked, self.columns(labels[task.query]), temperature).mean()
                scores.setdefault(task.person, []).append(-float(surprise))
        return [_mean(scores) for scores in found]

    def set_thresholds(self, group: Group, strengths: Sequence[float]) -> list[Scores]:
        """Give each student a threshold of their own, name as many readings as with one for all, and return their accuracy."""
        labels, generic = group.faces.labels, self.prior.generic
        people, own_sure, asked_sure, rights = [], [], [], []
        for task, shown in enrollments(group, KINDS["two of each"]):
            photos, names = group.embeddings[shown], [EMOTIONS[c] for c in labels[shown]]
            held_out = held_out_distances(photos, names, self.prior)
            own_sure.append(label_probabilities(held_out, generic.labels, generic.classes, 1.0).max(axis=1))
            own = self.prior.personal(photos, names)
            probabilities = nearest(group.embeddings[task.query], own).probabilities
            asked_sure.append(probabilities.max(axis=1))
            rights.append(probabilities.argmax(axis=1) == self.columns(labels[task.query]))
            people.append(task.person)
        shared = float(np.mean([np.quantile(sure, 1 - COVERAGE) for sure in own_sure]))
        found = []
        for strength in strengths:
            above = [
                sure - own_threshold(mine, shared, strength) for sure, mine in zip(asked_sure, own_sure, strict=True)
            ]
            least = np.quantile(np.concatenate(above), 1 - COVERAGE)
            scores: dict[str, list[float]] = {}
            for person, margin, right in zip(people, above, rights, strict=True):
                scores.setdefault(person, []).extend(right[margin >= least].astype(float).tolist())
            found.append(_mean(scores))
        return found


def _mean(scores: dict[str, list[float]]) -> Scores:
    return {person: float(np.mean(values)) if values else 0.0 for person, values in scores.items()}


POWERS = (0.0, 0.25, 0.5, 1.0)
METHODS: dict[str, tuple[Callable[[Study, Group, Sequence[float]], list[Scores]], tuple[float, ...]]] = {
    "photos weighed by sharpness, as they are: right": (partial(Study.weigh_by_sharpness, blurred=0.0), POWERS),
    "photos weighed by sharpness, half of them blurred: right": (
        partial(Study.weigh_by_sharpness, blurred=0.5),
        POWERS,
    ),
    "a temperature of one's own: minus surprise, nats": (Study.fit_temperatures, (0.0, 0.02, 0.1, 0.5)),
    "a threshold of one's own: right of the surest 80 %": (Study.set_thresholds, (0.0, 0.3, 1.0, 3.0, 10.0)),
}


def compare_methods(study: Study, groups: dict[str, Group]) -> dict[str, dict[str, Any]]:
    """Return by method and set the score without it, and what the strength that the others chose for each person adds."""
    table = {}
    for name, (score, strengths) in METHODS.items():
        by_set = {title: score(study, group, strengths) for title, group in groups.items()}
        tried = [{title: by_set[title][i] for title in groups} for i in range(len(strengths))]
        best = choose_for_each(tried)
        table[name] = {
            title: {
                "without": float(np.mean(list(scores[0].values()))),
                "gain": asdict(bootstrap_interval(np.array([scores[best[p]][p] - scores[0][p] for p in scores[0]]))),
                "strength": float(np.mean([strengths[best[p]] for p in scores[0]])),
            }
            for title, scores in by_set.items()
        }
    return table


RECEIPTS = {"as shipped": None, "no photo less likely on average": 0.0, "photos likelier by 0.3 nats": 0.3}
"""What a receipt asks of photos held out one at a time, all of them counted, on the mean over the photos."""


def compare_receipts(study: Study, groups: dict[str, Group]) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """Return by receipt, kind of enrollment and set the gain and the share of people made worse."""
    kinds = [kind for kind, spec in KINDS.items() if spec.shots and not spec.swapped and not spec.receipt]
    table: dict[str, dict[str, dict[str, dict[str, float]]]] = {rule: {kind: {} for kind in kinds} for rule in RECEIPTS}
    for title, group in groups.items():
        for kind in kinds:
            gains: dict[str, dict[str, list[float]]] = {rule: {} for rule in RECEIPTS}
            for task, shown in enrollments(group, KINDS[kind]):
                gain, likelier = _gains(study, group, task.query, shown)
                for rule, least in RECEIPTS.items():
                    used = least is None or likelier >= least
                    gains[rule].setdefault(task.person, []).append(gain if used else 0.0)
            for rule, by_person in gains.items():
                means = np.array(list(_mean(by_person).values()))
                table[rule][kind][title] = {"gain": float(means.mean()), "worse": float((means < -HARM).mean())}
    return table


def _gains(study: Study, group: Group, query: Int64, shown: Int64) -> tuple[float, float]:
    """Return what a student's photos gain on the queries, and by how much likelier they make one another, in nats a photo."""
    labels, generic = group.faces.labels, study.prior.generic
    photos, names = group.embeddings[shown], [EMOTIONS[c] for c in labels[shown]]
    own = study.prior.personal(photos, names)
    asked, truth = group.embeddings[query], np.array([EMOTIONS[c] for c in labels[query]])
    gain = np.mean(np.array(nearest(asked, own).labels) == truth) - np.mean(
        np.array(nearest(asked, generic).labels) == truth
    )
    columns = study.columns(labels[shown])
    before = squared_distances(photos, generic.vectors, generic.weights) / np.float32(generic.temperature)
    held_out = held_out_distances(photos, names, study.prior)
    return float(gain), float((_surprise(before, columns, 1.0) - _surprise(held_out, columns, 1.0)).mean())
