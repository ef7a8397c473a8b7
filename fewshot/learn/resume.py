"""Going on with a run: what it left must be whole, and come from the same config and the same data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]  # what OmegaConf reads with

from fewshot.errors import ConfigError, DatasetError
from fewshot.learn.checkpoint import read_checkpoint
from fewshot.learn.config import TrainConfig

ANSWERS = "answers.npz"
"""File in a run's output: what its teachers answered for each image."""

DATA = "training_data"
"""Key in a checkpoint and in ``ANSWERS`` of the digest of what they were made with; earlier versions wrote none."""


def check_config(config: TrainConfig, output: Path) -> None:
    """Raise ConfigError where a run of another config would be continued or overwritten."""
    left = next((file for file in (output / "last.ckpt", output / ANSWERS) if file.is_file()), None)
    if left is None:
        return
    if not config.resume:
        raise ConfigError(f"{left} exists and resume=false would overwrite it. Choose another output, or delete it.")
    beside = output / "config.yaml"
    try:
        before = OmegaConf.load(beside)
        steps = before.trainer.steps
    except (OSError, UnicodeDecodeError, YAMLError, OmegaConfBaseException, AttributeError) as error:
        raise ConfigError(
            f"{beside} must say how {left.name} beside it was made, and cannot be read: {str(error).splitlines()[0]} "
            "Bring it back, or choose another output to start anew."
        ) from error
    now = OmegaConf.structured(config)
    # a run may be made longer, the cosine is stretched from there on, and it may go on with another machine
    before.trainer = {**now.trainer, "steps": steps}
    changed = [key for key in now if key not in ("resume", "output", "data") and before.get(key) != now[key]]
    # where the data lies may change, what it is may not: of its images and votes there is a digest
    changed += [
        f"data.{key}" for key in ("labels", "emotions") if OmegaConf.select(before, f"data.{key}") != now.data[key]
    ]
    if changed:
        raise ConfigError(
            f"{left} was made with another {', '.join(changed)}. Choose another output to start anew, or give the same values."
        )


def check_checkpoint(config: TrainConfig, checkpoint: Path, digest: str) -> None:
    """Check that a run may go on from ``checkpoint``, where there is one.

    Args:
        config: Of the run as it is asked for now.
        checkpoint: Where the run left it.
        digest: Of the images of Training that the run would go on with.

    Raises:
        WeightsError: it is damaged or may not be read.
        ConfigError: the run is longer already than it is asked to be.
        DatasetError: it was trained on other data.
    """
    if not checkpoint.is_file():
        return
    left = read_checkpoint(checkpoint)
    done = int(left["epoch"]) + 1
    if config.trainer.epochs < done:
        raise ConfigError(
            f"trainer.epochs must be at least the {done} that {checkpoint} has behind it, got {config.trainer.epochs}. "
            "Raise it, or choose another output to start anew."
        )
    check_data(left, checkpoint, digest)


def check_data(left: Mapping[str, Any], file: Path, digest: str) -> None:
    """Raise DatasetError where ``left``, the content of ``file``, names the digest of other data than ``digest``."""
    if str(left.get(DATA, digest)) != digest:
        raise DatasetError(
            f"{file} must go on with the images, their order and the votes that it was made with, and data.path or data.votes "
            "give others: an archive and fer2013.csv sort their images differently. Give the same data in the same form, or "
            "choose another output to start anew."
        )
