"""Small training runs that differ in one thing: what the experiments on losses and on novel emotions compare.

Each is the recipe of the first release with a smaller encoder, a twentieth of the steps, and neither FER+ votes, whose shares
would name the emotions that an experiment hides, nor aligned images. A run that was killed goes on; a finished one is not
trained again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.commands import shared_dir
from experiments.other_faces.enrollment import enrollment_gain
from experiments.other_faces.faces import Faces, find_faces
from experiments.other_faces.measure import SETS
from fewshot.compose import load
from fewshot.config import LiveConfig, PersonalConfig
from fewshot.face.backend import load_backend
from fewshot.learn.config import TrainConfig
from fewshot.learn.embed import EmbeddedSplits, load_embedder
from fewshot.learn.evaluate import evaluate
from fewshot.learn.evaluate_config import EvaluateConfig
from fewshot.learn.fer2013 import Fer2013, load_fer2013
from fewshot.learn.generic import make_generic
from fewshot.learn.train import train
from fewshot.prior import Prior

RECIPE = (
    "experiment=shipped",
    "encoder=depthwise_xs",
    "distill=none",
    "episode.n_query=13",
    "episode.balanced_share=0.15",
    "episode.aligned_share=0",
    "loss.metric_weight=1",
    "loss.reading_weight=0",
    "loss.votes_weight=0",
    "loss.raters_share=0",
    "optimizer.muon_rate=0",
    "optimizer.decay_share=0.3",
    "trainer.epochs=5",
    "trainer.steps=228",
    "trainer.validate_every=5",
)
SEEDS = (1, 2, 3)


def options(description: str | None) -> argparse.ArgumentParser:
    """Return the options that these experiments share."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="fer2013.zip")
    parser.add_argument("--cache", help="folder of the decoded images; the user's cache folder if left out")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder that the runs are kept in")
    return parser


def small_run(given: argparse.Namespace, name: str, *differences: str) -> Path:
    """Train as the recipe says but for ``differences``, Hydra overrides, and return the checkpoint."""
    where = [f"data.path={given.data}", f"data.cache={given.cache or 'null'}", f"output={given.runs / name}"]
    return train(load(TrainConfig, [*RECIPE, *differences, *where])).checkpoint


def compare(given: argparse.Namespace, target: Path, variants: Mapping[str, Sequence[str]]) -> None:
    """Train each variant, Hydra overrides by name, with each seed, and write its scores to ``target``.

    They are kept as they come; what is there is not measured again. Besides FER2013 each is measured on people it never
    saw (research data under SHARED_DIR).
    """
    kept = json.loads(target.read_text()) if target.is_file() else {}
    shared = shared_dir()
    config = load(LiveConfig, ["faces=builtin"])
    backend = load_backend(config.faces)
    people = {name: find_faces(shared / "data" / name, backend) for name in SETS}
    fer2013 = load_fer2013(given.data, given.cache)
    for seed in SEEDS:
        for name, differences in variants.items():
            rows = kept.setdefault(name, {})
            if str(seed) in rows:
                continue
            folder = f"{target.parent.name}/{name.replace(' ', '_')}_{seed}"
            rows[str(seed)] = scores(
                small_run(given, folder, *differences, f"seed={seed}"), fer2013, people, config.personal
            )
            print(name, "seed", seed, json.dumps(rows[str(seed)], indent=1))
            target.write_text(json.dumps(kept, indent=1) + "\n")


def scores(checkpoint: Path, fer2013: Fer2013, people: dict[str, Faces], personal: PersonalConfig) -> dict[str, float]:
    """Return every score of one encoder, each a share."""
    encoder = load_embedder(str(checkpoint))
    embedded = EmbeddedSplits(encoder, fer2013)
    generic = make_generic(embedded)
    few_shot = load(EvaluateConfig, ["data.path=unused"]).few_shot
    report = evaluate(embedded, generic, "PublicTest", few_shot)
    found = {"PublicTest": report.accuracy.value, "macro-F1": report.macro_f1}
    found |= {name: interval.value for name, interval in report.few_shot.items()}
    for name, faces in people.items():
        gains = enrollment_gain(name, faces, encoder.embed(faces.crops_gray), Prior(generic, personal))
        found |= {f"{name}, {kind}": gain.accuracy.value for kind, gain in gains.items()}
    return found
