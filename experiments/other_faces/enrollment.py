"""What one photo of each emotion gains, on people the encoder never saw: the study of enrollment in its first form.

Support and query never share a session: KDEF enrolls in one session and asks about the other; NTU enrolls in one acting
style and asks about the others (its neutral pictures, which have one session, only enroll); JAFFE, whose sessions are
shots of one day, enrolls by one shot each and asks about the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from experiments.other_faces.faces import Faces
from fewshot.learn.scores import Interval, mean_interval
from fewshot.prior import Prior
from fewshot.prototypes import nearest
from fewshot.types import EMOTIONS, Float32, Int64

ROUNDS = 5
"""Random choices of the support where a session offers several pictures of an emotion."""

HARM = 0.02
"""A person who loses more than this share of the queries was made worse."""


KINDS: dict[str, Callable[[Int64], np.ndarray]] = {
    "generic": lambda labels: labels < 0,
    "neutral photo": lambda labels: labels == EMOTIONS.index("neutral"),
    "one photo of each": lambda labels: labels >= 0,
}
"""Which of the support's labels are enrolled."""


@dataclass(frozen=True, eq=False)
class Gain:
    """Accuracy over people, and the share of people whom enrolling made worse than the generic prototypes."""

    accuracy: Interval
    worse: float


def enrollment_gain(name: str, faces: Faces, embeddings: Float32, prior: Prior) -> dict[str, Gain]:
    """Return what generic prototypes reach, what one neutral photo gains, and what one photo of each emotion."""
    people = sorted(set(faces.people))
    shares = np.zeros((len(people), len(KINDS)))
    for i, person in enumerate(people):
        rounds = [
            [
                _accuracy(embeddings, faces.labels, support[wanted(faces.labels[support])], query, prior)
                for wanted in KINDS.values()
            ]
            for support, query in tasks(name, faces, np.flatnonzero(faces.people == person))
        ]
        shares[i] = np.mean(rounds, axis=0)
    worse = (shares < shares[:, :1] - HARM).mean(axis=0)
    return {kind: Gain(mean_interval(shares[:, j].astype(np.float32)), float(worse[j])) for j, kind in enumerate(KINDS)}


def _accuracy(embeddings: Float32, labels: Int64, support: Int64, query: Int64, prior: Prior) -> float:
    own = prior.personal(embeddings[support], [EMOTIONS[label] for label in labels[support]])
    found = nearest(embeddings[query], own).labels
    return float(np.mean([EMOTIONS[label] == answer for label, answer in zip(labels[query], found, strict=True)]))


def tasks(name: str, faces: Faces, mine: Int64) -> Iterator[tuple[Int64, Int64]]:
    """Yield (support, query) positions of one person, whose pictures are ``mine``."""
    rng, labels, sessions = np.random.default_rng(0), faces.labels, faces.sessions
    neutral = EMOTIONS.index("neutral")
    for _ in range(ROUNDS):
        if name == "jaffe":
            support = _one_each(rng, mine, labels)
            yield support, np.setdiff1d(mine, support)
            continue
        for session in sorted(set(sessions[mine]) - {"neutral"}):
            here = mine[(sessions[mine] == session) | (sessions[mine] == "neutral")]
            query = mine[(sessions[mine] != session) & (sessions[mine] != "neutral")]
            if name == "ntu_tw":
                query = query[labels[query] != neutral]
            if len(query):
                yield _one_each(rng, here, labels), query


def _one_each(rng: np.random.Generator, positions: Int64, labels: Int64) -> Int64:
    return np.array([rng.choice(positions[labels[positions] == c]) for c in sorted(set(labels[positions]))], np.int64)
