"""Who enrolls with which photos and is asked about which others, and what that gains by person.

Support and query never share a picture, nor a burst: JAFFE asks about one shot of each emotion, drawn at random, and enrolls by
others;
KDEF enrolls in one session and asks about the other, both ways; NTU enrolls in one acting style and asks about the others
(its neutral pictures, which have one session, only enroll).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from enroll.receipt import measure_gain
from experiments.other_faces.faces import Faces
from fewshot.config import PersonalConfig
from fewshot.learn.scores import Interval, confusion_matrix, macro_f1
from fewshot.prior import Prior
from fewshot.prototypes import nearest
from fewshot.types import EMOTIONS, Float32, Float64, Int64, Prototypes

HARM = 0.02
"""A person who loses more than this share of the queries was made worse."""

_NEUTRAL, _HAPPY, _SAD = (EMOTIONS.index(name) for name in ("neutral", "happy", "sad"))


@dataclass(frozen=True)
class Kind:
    """Which photos are enrolled: ``shots`` of each of ``emotions``, positions in ``EMOTIONS``.

    Attributes:
        swapped: The photos are another person's.
        receipt: Whose own prototypes name fewer of their held-out photos right keeps the generic ones, as in the product.
    """

    shots: int
    emotions: tuple[int, ...]
    swapped: bool = False
    receipt: bool = False


Score = Callable[["Group", PersonalConfig], dict[str, float]]
Among = Callable[["Task", Int64], Prior]
EVERY = tuple(range(len(EMOTIONS)))
KINDS: dict[str, Kind] = {
    "no photo": Kind(0, ()),
    "one neutral photo": Kind(1, (_NEUTRAL,)),
    "neutral, happy": Kind(1, (_NEUTRAL, _HAPPY)),
    "neutral, happy, sad": Kind(1, (_NEUTRAL, _HAPPY, _SAD)),
    "one of each": Kind(1, EVERY),
    "two of each": Kind(2, EVERY),
    "two of each, the receipt decides": Kind(2, EVERY, receipt=True),
    "one of each, of another person": Kind(1, EVERY, swapped=True),
}


@dataclass(frozen=True, eq=False)
class Task:
    """Positions of the photos that a person enrolls with, in the order drawn, and of those asked about."""

    person: str
    support: Int64
    query: Int64


@dataclass(frozen=True, eq=False)
class Group:
    """One set of people, embedded.

    Attributes:
        faces: Their pictures.
        embeddings: (n, d) float32 of them.
        tasks: Of everybody.
    """

    faces: Faces
    embeddings: Float32
    tasks: tuple[Task, ...]


def make_group(name: str, faces: Faces, embeddings: Float32, draws: int) -> Group:
    """Draw the tasks of one set: ``draws`` each for JAFFE, a tenth of that for each session of KDEF and style of NTU."""
    rng = np.random.default_rng(0)
    tasks = [
        Task(str(person), rng.permutation(support), query)
        for person in sorted(set(faces.people))
        for support, query in _splits(name, faces, np.flatnonzero(faces.people == person), draws, rng)
    ]
    return Group(faces, embeddings, tuple(tasks))


def _splits(
    name: str, faces: Faces, mine: Int64, draws: int, rng: np.random.Generator
) -> Iterator[tuple[Int64, Int64]]:
    sessions = faces.sessions
    if name == "jaffe":
        for _ in range(
            draws
        ):  # one shot of each emotion is asked about, so that all numbers of shots face the same question
            query = np.array([rng.choice(mine[faces.labels[mine] == c]) for c in sorted(set(faces.labels[mine]))])
            yield np.setdiff1d(mine, query), query
        return
    for session in sorted(set(sessions[mine]) - {"neutral"}):
        support = mine[(sessions[mine] == session) | (sessions[mine] == "neutral")]
        query = mine[(sessions[mine] != session) & (sessions[mine] != "neutral")]
        if name == "ntu_tw":
            query = query[faces.labels[query] != _NEUTRAL]
        for _ in range(max(1, draws // 10) if len(query) else 0):
            yield support, query


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one kind of enrollment gives each person of a group.

    Attributes:
        people: Their names.
        accuracy: (p,) float64.
        gain: (p,) float64. Over the generic prototypes on the same queries.
        confusion: (7, 7) int64 over all queries; rows are the truth.
    """

    people: tuple[str, ...]
    accuracy: Float64
    gain: Float64
    confusion: Int64

    @property
    def macro_f1(self) -> float:
        """Of all queries together, over the emotions that were asked about."""
        asked = self.confusion.sum(axis=1) > 0
        return macro_f1(self.confusion[np.ix_(asked, asked)])

    @property
    def worse(self) -> float:
        """Share of the people who lost more than ``HARM``."""
        return float((self.gain < -HARM).mean())


def enrollments(group: Group, kind: Kind) -> Iterator[tuple[Task, Int64]]:
    """Yield every task with the positions of the photos that are enrolled."""
    for i, task in enumerate(group.tasks):
        source = _other(group, i) if kind.swapped else task
        mine = [source.support[group.faces.labels[source.support] == c][: kind.shots] for c in kind.emotions]
        yield task, np.concatenate([np.zeros(0, np.int64), *mine])


def enroll_and_ask(group: Group, kind: Kind, prior: Prior, among: Among | None = None) -> Outcome:
    """Enroll everybody with photos of ``kind`` and classify their queries by nearest prototype.

    ``among`` makes the prior of who is not alone in their class, of the task and the positions of the photos.
    """
    labels = group.faces.labels
    shares: dict[str, list[tuple[float, float]]] = {}
    answered: dict[bytes, Int64] = {}
    generic_found = _found(group.embeddings, prior.generic)
    confusion = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    for task, shown in enrollments(group, kind):
        truth, asked = labels[task.query], group.embeddings[task.query]
        key = shown.tobytes() + task.query.tobytes()  # where there is little to draw from, many draws are the same
        if key not in answered:
            photos, names = group.embeddings[shown], [EMOTIONS[c] for c in labels[shown]]
            own = (prior if among is None else among(task, shown)).personal(photos, names)
            if kind.receipt and measure_gain(photos, names, prior).uses == "generic":
                own = prior.generic
            answered[key] = _found(asked, own)
        found, before = answered[key], generic_found[task.query]
        shares.setdefault(task.person, []).append(((found == truth).mean(), (before == truth).mean()))
        confusion += confusion_matrix(truth, found, len(EMOTIONS))
    means = np.array([np.mean(rounds, axis=0) for rounds in shares.values()])
    return Outcome(tuple(shares), means[:, 0], means[:, 0] - means[:, 1], confusion)


def _other(group: Group, i: int) -> Task:
    """Return a task of the next person in the group."""
    people = list(dict.fromkeys(task.person for task in group.tasks))
    stranger = people[(people.index(group.tasks[i].person) + 1) % len(people)]
    return next(task for task in group.tasks if task.person == stranger)


def _found(embeddings: Float32, prototypes: Prototypes) -> Int64:
    return np.array([EMOTIONS.index(label) for label in nearest(embeddings, prototypes).labels], np.int64)


@dataclass(frozen=True)
class Asked:
    """Share of photos about whose emotion the teacher is asked: given for the right emotion, and for each wrong one."""

    right: float
    wrong: float


def asked_about(group: Group, generic: Prototypes, odds: float) -> Asked:
    """Give every photo for every emotion and return how often another one is ``odds`` times likelier."""
    probabilities = nearest(group.embeddings, generic).probabilities
    doubted = probabilities.max(axis=1, keepdims=True) > odds * probabilities
    right = np.eye(len(EMOTIONS), dtype=bool)[group.faces.labels]
    return Asked(float(doubted[right].mean()), float(doubted[~right].mean()))


def bootstrap_interval(values: Float64, draws: int = 10_000) -> Interval:
    """95 % interval of the mean over people, by resampling people (Efron 1979)."""
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (draws, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def leave_one_person_out(
    groups: dict[str, Group], grid: list[PersonalConfig], score: Score
) -> dict[str, PersonalConfig]:
    """Return for each person the weights that do best on all the others.

    Args:
        groups: By name; people of all of them choose together, each set counting alike.
        grid: What is tried.
        score: (group, weights) -> by person, what is maximized in the mean.
    """
    tried = [{name: score(group, personal) for name, group in groups.items()} for personal in grid]
    return {person: grid[best] for person, best in choose_for_each(tried).items()}


def choose_for_each(tried: list[dict[str, dict[str, float]]]) -> dict[str, int]:
    """Return for each person which trial does best on all the others: trial -> set -> person -> score, sets counting alike."""
    everybody = [person for scores in tried[0].values() for person in scores]

    def without(person: str, scores: dict[str, dict[str, float]]) -> float:
        return float(np.mean([np.mean([v for p, v in one.items() if p != person]) for one in scores.values()]))

    return {person: int(np.argmax([without(person, scores) for scores in tried])) for person in everybody}
