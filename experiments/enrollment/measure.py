"""What enrolling gains on people the encoder never saw: JAFFE, KDEF and NTU, one method, one set of weights.

    python -m experiments.enrollment.measure

Needs the research data under SHARED_DIR. Measures the shipped encoder with the weights of conf/personal, prints which weights
the people of all sets would choose together, and scores each person with the weights that all the others choose. Compares
further methods and stricter receipts. Writes results.json beside itself. ``--adopt``, after an encoder was released, writes the
weights that most choose into conf/personal first.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from enroll.session import LABEL_ODDS
from experiments.commands import shared_dir
from experiments.enrollment.methods import Study, compare_methods, compare_receipts
from experiments.enrollment.study import (
    HARM,
    KINDS,
    Group,
    Outcome,
    asked_about,
    bootstrap_interval,
    enroll_and_ask,
    leave_one_person_out,
    make_group,
)
from experiments.other_faces.faces import find_faces
from experiments.other_faces.measure import SETS
from fewshot.compose import load
from fewshot.config import LiveConfig, PersonalConfig
from fewshot.encoder import load_encoder
from fewshot.face.backend import load_backend
from fewshot.prior import Prior
from fewshot.prototypes import load_generic
from fewshot.types import Prototypes

HERE = Path(__file__).parent
SHIPPED_WEIGHTS = HERE.parents[1] / "conf" / "personal" / "shrinkage.yaml"
DRAWS, DRAWS_TO_CHOOSE = 200, 20
TRIED: dict[str, tuple[float, ...]] = {
    "kappa": (0.25, 0.5, 1.0),
    "early_kappa": (2.0, 4.0, 6.0),
    "shift_kappa": (0.3, 1.0, 2.0, 4.0),
    "early_shift_kappa": (0.1, 0.3, 1.0),
    "early_weight": (0.0, 2.0, 4.0, 6.0),
    "shot_correlation": (0.0, 0.5),
}
"""Weights that are chosen here, and their values; what classmates add is chosen in classmates.py."""
HARM_COST = 0.1
"""What a person who was made worse costs the weights that are chosen: as much as ten points gained by another."""
CHOSEN_BY = ("one neutral photo", "neutral, happy, sad", "one of each", "two of each")
"""Kinds of enrollment that the weights are chosen by."""


def grid(shipped: PersonalConfig) -> list[PersonalConfig]:
    """Return every combination of ``TRIED``."""
    return [replace(shipped, **dict(zip(TRIED, weights, strict=True))) for weights in product(*TRIED.values())]


def utility(gains: Sequence[Outcome]) -> dict[str, float]:
    """Return each person's mean gain over the kinds that choose; to have been made worse costs ``HARM_COST`` more."""
    felt = np.mean([g.gain - HARM_COST * (g.gain < -HARM) for g in gains], axis=0)
    return dict(zip(gains[0].people, felt.tolist(), strict=True))


def enroll_as_chosen(group: Group, prior: Prior) -> list[Outcome]:
    """Return what each of the kinds that choose gives."""
    return [enroll_and_ask(group, KINDS[kind], prior) for kind in CHOSEN_BY]


def summary(outcome: Outcome) -> dict[str, Any]:
    """Return one cell of the table."""
    return {
        "accuracy": asdict(bootstrap_interval(outcome.accuracy)),
        "gain": asdict(bootstrap_interval(outcome.gain)),
        "macro_f1": outcome.macro_f1,
        "worse": outcome.worse,
    }


def held_out(
    groups: dict[str, Group], generic: Prototypes, chosen: dict[str, PersonalConfig]
) -> dict[str, dict[str, Any]]:
    """Return the accuracy of every kind where each person is scored with the weights that the others chose."""
    cells: dict[str, dict[str, Any]] = {}
    for name, group in groups.items():
        cells[name] = {}
        mine = {p: chosen[p] for p in dict.fromkeys(task.person for task in group.tasks)}
        distinct = list({_text(c): c for c in mine.values()}.values())
        for kind, spec in KINDS.items():
            by_weights = {_text(c): enroll_and_ask(group, spec, Prior(generic, c)) for c in distinct}
            outcome = next(iter(by_weights.values()))
            rows = [(by_weights[_text(c)], i) for i, c in enumerate(mine.values())]
            accuracy = np.array([o.accuracy[i] for o, i in rows])
            gain = np.array([o.gain[i] for o, i in rows])
            cells[name][kind] = summary(Outcome(outcome.people, accuracy, gain, outcome.confusion))
    return cells


def adopt(personal: PersonalConfig, path: Path) -> None:
    """Write the weights over those of a file in conf/personal; its comments stay."""
    text = path.read_text()
    for name, value in asdict(personal).items():
        text = re.sub(rf"^{name}: \S+", f"{name}: {value}", text, flags=re.MULTILINE)
    path.write_text(text)


def _text(personal: PersonalConfig) -> str:
    """Return the weights as text."""
    return ", ".join(f"{name} {getattr(personal, name):g}" for name in TRIED)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", choices=("builtin", "insightface"), default="builtin")
    parser.add_argument("--adopt", action="store_true", help="ship the weights that are chosen here")
    options = parser.parse_args()
    shared = shared_dir()
    overrides = [f"faces={options.faces}", f"faces.pack_root={shared / 'models' / 'insightface'}"]
    config, encoder, generic = load(LiveConfig, overrides), load_encoder(), load_generic()
    backend = load_backend(config.faces)
    found = {name: find_faces(shared / "data" / name, backend) for name in SETS}
    embedded = {name: encoder.embed(faces.crops_gray) for name, faces in found.items()}
    few = {name: make_group(name, found[name], embedded[name], DRAWS_TO_CHOOSE) for name in SETS}
    chosen = leave_one_person_out(
        few, grid(config.personal), lambda group, personal: utility(enroll_as_chosen(group, Prior(generic, personal)))
    )
    votes = Counter(_text(personal) for personal in chosen.values())
    print("chosen by all but one:", dict(votes.most_common()))
    personal = config.personal
    if options.adopt:
        personal = next(weights for weights in chosen.values() if _text(weights) == votes.most_common(1)[0][0])
        adopt(personal, SHIPPED_WEIGHTS)
    groups = {name: make_group(name, found[name], embedded[name], DRAWS) for name in SETS}
    prior = Prior(generic, personal)
    shipped = {
        name: {kind: summary(enroll_and_ask(group, spec, prior)) for kind, spec in KINDS.items()}
        for name, group in groups.items()
    }
    study = Study(encoder, prior)
    results = {
        "fingerprint": encoder.fingerprint,
        "shipped": asdict(personal),
        "chosen by all but one": dict(votes.most_common()),
        "asked about": {name: asdict(asked_about(group, generic, LABEL_ODDS)) for name, group in groups.items()},
        "by shipped weights": shipped,
        "by weights that others chose": held_out(groups, generic, chosen),
        "methods": compare_methods(study, few),
        "receipts": compare_receipts(study, few),
    }
    for way in ("by shipped weights", "by weights that others chose"):
        for name, cells in results[way].items():
            for kind, cell in cells.items():
                print(
                    f"{way:30}{name:8}{kind:32}{100 * cell['accuracy']['value']:5.1f} % "
                    f"{100 * cell['gain']['value']:+5.1f}, {100 * cell['worse']:.0f} % worse"
                )
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
