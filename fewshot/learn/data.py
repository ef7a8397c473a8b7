"""The data a run works on: FER2013 as ``data`` of the config wants it, under its own labels or those of FER+."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fewshot.errors import ConfigError
from fewshot.learn.config import DataConfig
from fewshot.learn.fer2013 import Fer2013, Split, load_fer2013
from fewshot.learn.ferplus import load_votes, majority
from fewshot.types import EMOTIONS


def load_data(config: DataConfig) -> Fer2013:
    """Read FER2013, relabel it where ``labels`` is ferplus, and keep the images of ``emotions`` alone where some are named.

    Labels stay positions in ``EMOTIONS``. Images on which the raters of FER+ disagree have no label there and are left out.

    Raises:
        DatasetError: as :func:`load_fer2013` and :func:`load_votes`.
        ConfigError: FER+ labels are wanted and ``votes`` is not given.
    """
    fer2013 = load_fer2013(config.path, config.cache, config.check_counts, config.skip_broken)
    splits = dict(fer2013.splits)
    if config.labels == "ferplus":
        if config.votes is None:
            raise ConfigError(
                "data.labels=ferplus takes its labels from FER+ votes: give data.votes their .csv, or set data.labels=fer2013."
            )
        splits = {name: _relabel(split, config.votes) for name, split in splits.items()}
    if config.emotions is not None:
        wanted = [EMOTIONS.index(name) for name in config.emotions]
        splits = {name: split.where(np.isin(split.labels, wanted)) for name, split in splits.items()}
    return Fer2013(splits)


def _relabel(split: Split, votes: str) -> Split:
    labels = majority(load_votes(votes, split.rows))
    return replace(split, labels=labels).where(labels >= 0)
