"""What classmates add to a student's own photos, on people the encoder never saw.

    python -m experiments.enrollment.classmates

Needs the research data under SHARED_DIR. Every student is put into a class drawn at random, whose others have enrolled too: in
the session or acting style in which the student enrolls, never in one that is asked about. Chooses how many of them count, and
for how much, by all people but the one who is scored; writes classmates.json beside itself.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from experiments.commands import shared_dir
from experiments.enrollment.measure import CHOSEN_BY, DRAWS, DRAWS_TO_CHOOSE, summary, utility
from experiments.enrollment.study import (
    EVERY,
    KINDS,
    Among,
    Group,
    Outcome,
    Task,
    choose_for_each,
    enroll_and_ask,
    make_group,
)
from experiments.other_faces.faces import find_faces
from experiments.other_faces.measure import SETS
from fewshot.classmates import Showing, nearest_classmates, prior_among, showing
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.encoder import load_encoder
from fewshot.face.backend import load_backend
from fewshot.prior import Prior
from fewshot.prototypes import load_generic
from fewshot.types import EMOTIONS, Int64

HERE = Path(__file__).parent
MOST = 24
"""Classmates, where a set has as many."""

COUNTS, KAPPAS = (5, 10, 20), (5.0, 15.0, 45.0)
"""What is tried: ``classmates`` and ``classmates_kappa``."""

_NEUTRAL = (EMOTIONS.index("neutral"),)


@dataclass(frozen=True)
class Class:
    """Who the classmates are: from the student's own set, from others, or both; and the emotions that they enrolled by."""

    own_set: bool
    other_sets: bool
    emotions: tuple[int, ...] = EVERY


CLASSES = {
    "alone": None,
    "classmates of the same set": Class(own_set=True, other_sets=False),
    "of all three sets": Class(own_set=True, other_sets=True),
    "of the other two sets": Class(own_set=False, other_sets=True),
    "of the same set, by one neutral photo": Class(own_set=True, other_sets=False, emotions=_NEUTRAL),
}
CHOSEN_IN = ("classmates of the same set", "of all three sets", "of the other two sets")
ENROLLED_BY = ("no photo", "one neutral photo", "neutral, happy", "neutral, happy, sad", "one of each", "two of each")


class Classes:
    """Draws the class of each task, the same one however the student enrolls."""

    def __init__(self, groups: dict[str, Group], prior: Prior) -> None:
        self.groups, self.prior = groups, prior
        self._seen: dict[tuple[str, bytes], Showing | None] = {}
        self.everybody = [
            (name, person) for name, group in groups.items() for person in sorted(set(group.faces.people))
        ]

    def among(self, name: str, drawn: Class, prior: Prior) -> Among:
        """Return the prior of who learns in such a class, of the set ``name``."""
        group = self.groups[name]
        number = {id(task): i for i, task in enumerate(group.tasks)}

        @cache
        def classmates(i: int) -> tuple[Showing, ...]:
            return tuple(self._enrolled(name, group.tasks[i], drawn, np.random.default_rng((1, i))))

        def prior_of(task: Task, shown: Int64) -> Prior:
            mine = self._showing(name, shown)
            if mine is None:
                return prior
            everybody = [mine, *classmates(number[id(task)])]
            (row,) = nearest_classmates([mine], everybody, prior.shrinkage.classmates)
            return prior_among(prior, [everybody[i] for i in row])

        return prior_of

    def _showing(self, name: str, positions: Int64) -> Showing | None:
        key = name, positions.tobytes()
        if key not in self._seen:  # most sets have one or two pictures to draw from
            group = self.groups[name]
            labels = [EMOTIONS[c] for c in group.faces.labels[positions]]
            self._seen[key] = showing(group.embeddings[positions], labels, self.prior)
        return self._seen[key]

    def _enrolled(self, name: str, task: Task, drawn: Class, rng: np.random.Generator) -> Iterator[Showing]:
        others = [
            (of, person)
            for of, person in self.everybody
            if (of, person) != (name, task.person) and (drawn.own_set if of == name else drawn.other_sets)
        ]
        sessions = set(self.groups[name].faces.sessions[task.support])
        for i in rng.permutation(len(others))[:MOST]:
            of, person = others[i]
            faces = self.groups[of].faces
            mine = np.flatnonzero(faces.people == person)
            if of != "jaffe":  # whose shots are of one day
                here = (
                    sessions if of == name else {rng.choice(sorted(set(faces.sessions[mine]) - {"neutral"})), "neutral"}
                )
                mine = mine[np.isin(faces.sessions[mine], sorted(here))]
            shots = [rng.permutation(mine[faces.labels[mine] == c])[:1] for c in drawn.emotions]
            if (shows := self._showing(of, np.concatenate([np.zeros(0, np.int64), *shots]))) is not None:
                yield shows


def ask(classes: Classes, name: str, kind: str, drawn: Class | None, prior: Prior) -> Outcome:
    """Enroll everybody of a set by photos of ``kind`` in such a class, and ask."""
    among = None if drawn is None else classes.among(name, drawn, prior)
    return enroll_and_ask(classes.groups[name], KINDS[kind], prior, among)


def choose(classes: Classes, prior: Prior) -> dict[str, Prior]:
    """Return for each person the prior with the count and the kappa that all others choose together."""
    tried = [
        Prior(prior.generic, replace(prior.shrinkage, classmates=count, classmates_kappa=kappa))
        for count, kappa in product(COUNTS, KAPPAS)
    ]
    scores = [
        {
            name: _mean(
                [utility([ask(classes, name, kind, CLASSES[where], one) for kind in CHOSEN_BY]) for where in CHOSEN_IN]
            )
            for name in classes.groups
        }
        for one in tried
    ]
    return {person: tried[i] for person, i in choose_for_each(scores).items()}


def _mean(scores: list[dict[str, float]]) -> dict[str, float]:
    return {person: float(np.mean([score[person] for score in scores])) for person in scores[0]}


def table(ask_in: Callable[[str, str, Class | None], Outcome], groups: dict[str, Group]) -> dict[str, Any]:
    """Return every cell: class -> kind of enrollment -> set."""
    return {
        where: {kind: {name: summary(ask_in(name, kind, drawn)) for name in groups} for kind in ENROLLED_BY}
        for where, drawn in CLASSES.items()
    }


def main() -> None:
    """Measure, print and keep."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    shared = shared_dir()
    config, encoder, generic = load(LiveConfig, ["faces=builtin"]), load_encoder(), load_generic()
    backend = load_backend(config.faces)
    prior = Prior(generic, config.personal)
    found = {name: find_faces(shared / "data" / name, backend) for name in SETS}
    embedded = {name: encoder.embed(faces.crops_gray) for name, faces in found.items()}

    def draw(draws: int) -> Classes:
        return Classes({name: make_group(name, found[name], embedded[name], draws) for name in SETS}, prior)

    chosen = choose(draw(DRAWS_TO_CHOOSE), prior)
    texts = Counter(
        f"{one.shrinkage.classmates} classmates, kappa {one.shrinkage.classmates_kappa:g}" for one in chosen.values()
    )
    print("chosen by all but one:", dict(texts.most_common()))
    classes = draw(DRAWS)
    results = {
        "fingerprint": encoder.fingerprint,
        "shipped": asdict(config.personal),
        "chosen by all but one": dict(texts.most_common()),
        "by shipped weights": table(lambda name, kind, drawn: ask(classes, name, kind, drawn, prior), classes.groups),
    }
    for where, kinds in results["by shipped weights"].items():
        for kind, cells in kinds.items():
            told = [f"{100 * c['accuracy']['value']:.1f} ({100 * c['worse']:.0f} % worse)" for c in cells.values()]
            print(f"{where:40}{kind:22}", *told)
    (HERE / "classmates.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
