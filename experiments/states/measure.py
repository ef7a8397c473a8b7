"""What to expect of a state of the teacher's own: an emotion that the prototypes do not know, taught from a few photos.

    python -m experiments.states.measure

Needs the research data under SHARED_DIR. Writes results.json beside itself.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.commands import no_options, shared_dir
from experiments.enrollment.study import Group, Task, bootstrap_interval, make_group
from experiments.other_faces.faces import find_faces
from experiments.other_faces.measure import SETS
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.encoder import load_encoder
from fewshot.face.backend import load_backend
from fewshot.prior import Prior
from fewshot.prototypes import load_generic, nearest
from fewshot.states import with_states
from fewshot.types import EMOTIONS, Float32, Prototypes

HERE = Path(__file__).parent
DRAWS = 20
STATES = tuple(emotion for emotion in EMOTIONS if emotion != "neutral")
TAUGHT = {
    "1 own shot": (1, 0),
    "2 own shots": (2, 0),
    "1 other student": (0, 1),
    "3 other students": (0, 3),
    "5 other students": (0, 5),
    "9 other students": (0, 9),
    "1 own shot, 5 other students": (1, 5),
}
"""Shots of the student, and other students with one shot each."""

MEASURES = ("state found", "the other six before", "the other six after", "state said rightly")


def without(generic: Prototypes, state: str) -> Prototypes:
    """Return the generic prototypes as if ``state`` were no emotion."""
    kept = [i for i, label in enumerate(generic.labels) if label != state]
    return replace(
        generic,
        vectors=generic.vectors[kept],
        labels=tuple(generic.labels[i] for i in kept),
        counts=generic.counts[kept],
        weights=generic.weights[kept],
    )


def _shots(group: Group, task: Task, label: str, count: int) -> Float32:
    mine = task.support[group.faces.labels[task.support] == EMOTIONS.index(label)][:count]
    return group.embeddings[mine]


def _enrolled(group: Group, task: Task, generic: Prototypes) -> tuple[Float32, list[str]]:
    """Return one photo of each emotion that ``generic`` knows."""
    photos = [(_shots(group, task, label, 1), label) for label in generic.labels]
    return np.concatenate([rows for rows, _ in photos]), [label for rows, label in photos for _ in rows]


def ask(group: Group, task: Task, state: str, own: int, teachers: list[Task], prior: Prior) -> np.ndarray | None:
    """Return MEASURES as counts right and asked, (4, 2) float64; None where photos are lacking."""
    known = replace(prior, generic=without(prior.generic, state))
    mine = _shots(group, task, state, own)
    theirs = [
        _shots(group, teacher, state, 1).mean(axis=0) - known.shift(*_enrolled(group, teacher, known.generic))
        for teacher in teachers
        if len(_shots(group, teacher, state, 1))
    ]
    if len(mine) < own or len(theirs) < len(teachers):
        return None
    photos, names = _enrolled(group, task, known.generic)
    taught = {state: np.mean(theirs, axis=0)} if theirs else {}
    enrolled = known.personal(photos, names)
    after = with_states(enrolled, np.concatenate([photos, mine]), [*names, *[state] * own], known, taught)
    queries = group.embeddings[task.query]
    truth = np.array(EMOTIONS)[group.faces.labels[task.query]]
    is_state = truth == state
    before = np.array(nearest(queries, enrolled).labels)
    found = np.array(nearest(queries, after).labels)
    said = found == state
    return np.array(
        [
            [(said & is_state).sum(), is_state.sum()],
            [(before == truth)[~is_state].sum(), (~is_state).sum()],
            [(found == truth)[~is_state].sum(), (~is_state).sum()],
            [(said & is_state).sum(), said.sum()],
        ],
        np.float64,
    )


def measure(group: Group, own: int, others: int, prior: Prior) -> dict[str, Any]:
    """Return each measure with its interval over people; what was said is counted over all of them together."""
    rng = np.random.default_rng(0)
    first = {task.person: task for task in reversed(group.tasks)}
    by_person: dict[str, list[np.ndarray]] = {}
    for task in group.tasks:
        rest = [first[person] for person in first if person != task.person]
        for state in STATES:
            teachers = [rest[i] for i in rng.permutation(len(rest))[:others]]
            counts = ask(group, task, state, own, teachers, prior)
            if counts is not None:
                by_person.setdefault(task.person, []).append(counts)
    if not by_person:
        return {}
    totals = np.array([np.sum(counts, axis=0) for counts in by_person.values()])
    shares = {
        name: asdict(bootstrap_interval(totals[:, i, 0] / totals[:, i, 1])) for i, name in enumerate(MEASURES[:3])
    }
    return {**shares, MEASURES[3]: float(totals[:, 3, 0].sum() / totals[:, 3, 1].sum())}


def main() -> None:
    """Measure, print and keep."""
    no_options(__doc__)
    shared = shared_dir()
    config, encoder = load(LiveConfig, ["faces=builtin"]), load_encoder()
    prior = Prior(load_generic(), config.personal)
    backend = load_backend(config.faces)
    results: dict[str, Any] = {"fingerprint": encoder.fingerprint, "sets": {}}
    for name in SETS:
        faces = find_faces(shared / "data" / name, backend)
        group = make_group(name, faces, encoder.embed(faces.crops_gray), DRAWS)
        results["sets"][name] = {how: measure(group, own, others, prior) for how, (own, others) in TAUGHT.items()}
        print(name, json.dumps(results["sets"][name], indent=1))
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
