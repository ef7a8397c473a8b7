"""What the episodic loss brings over plain cross-entropy, with three seeds each.

    python -m experiments.losses.measure --data fer2013.zip

Trains nine small encoders that differ in the loss and the seed alone, and measures each on PublicTest by nearest generic
prototype, by few-shot episodes with support from Training, and on people it never saw (research data under SHARED_DIR).
Rows are kept in results.json beside this file as they come; what is there is not measured again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from experiments.other_faces.enrollment import enrollment_gain
from experiments.other_faces.faces import Faces, find_faces
from experiments.other_faces.measure import SETS
from experiments.small_runs import options, small_run
from fewshot.compose import load
from fewshot.config import LiveConfig, PersonalConfig
from fewshot.face.backend import load_backend
from fewshot.learn.config import EvaluateConfig
from fewshot.learn.embed import load_embedder
from fewshot.learn.evaluate import evaluate
from fewshot.learn.fer2013 import Fer2013, load_fer2013
from fewshot.learn.generic import make_generic

HERE = Path(__file__).parent
LOSSES = {
    "cross-entropy alone": "loss=proxy",
    "episodic alone": "loss=episodic",
    "episodic and cross-entropy": "loss=episodic_proxy",
}
SEEDS = (1, 2, 3)


def scores(checkpoint: Path, fer2013: Fer2013, people: dict[str, Faces], personal: PersonalConfig) -> dict[str, float]:
    """Return every score of one encoder, each a share."""
    embed = load_embedder(str(checkpoint))
    generic = make_generic(embed, fer2013, fingerprint="unsaved")
    few_shot = load(EvaluateConfig, ["data.path=unused"]).few_shot
    report = evaluate(embed, generic, fer2013, "PublicTest", few_shot)
    found = {"PublicTest": report.accuracy.value, "macro-F1": report.macro_f1}
    found |= {name: interval.value for name, interval in report.few_shot.items()}
    for name, faces in people.items():
        gains = enrollment_gain(name, faces, embed(faces.crops_gray), generic, personal)
        found |= {f"{name}, {kind}": gain.accuracy.value for kind, gain in gains.items()}
    return found


def main() -> None:
    """Train, measure and keep what is not there yet."""
    given = options(__doc__).parse_args()
    target = HERE / "results.json"
    kept = json.loads(target.read_text()) if target.is_file() else {}
    shared = Path(os.environ.get("SHARED_DIR", "../shared")).resolve()
    config = load(LiveConfig, ["faces=builtin"])
    backend = load_backend(config.faces)
    people = {name: find_faces(shared / "data" / name, backend) for name in SETS}
    fer2013 = load_fer2013(given.data, given.cache)
    for seed in SEEDS:
        for name, loss in LOSSES.items():
            rows = kept.setdefault(name, {})
            if str(seed) in rows:
                continue
            checkpoint = small_run(given, f"losses/{loss.removeprefix('loss=')}_{seed}", loss, f"seed={seed}")
            rows[str(seed)] = scores(checkpoint, fer2013, people, config.personal)
            print(name, "seed", seed, json.dumps(rows[str(seed)], indent=1))
            target.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
