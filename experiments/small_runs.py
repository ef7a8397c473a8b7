"""Small training runs that differ in one thing: what the experiments on losses and on novel emotions compare.

Each is the shipped recipe with a smaller encoder, a twentieth of the steps and no FER+ votes, whose shares would name the
emotions that an experiment hides. A run that was killed goes on; a finished one is not trained again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fewshot.compose import load
from fewshot.learn.config import TrainConfig
from fewshot.learn.train import train

RECIPE = ("experiment=shipped", "encoder=depthwise_xs", "trainer.epochs=5", "trainer.validate_every=5")


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
    return train(load(TrainConfig, [*RECIPE, "loss.votes_weight=0", *differences, *where])).checkpoint
