"""The data a run works on: FER2013 as ``data`` of the config wants it, under its own labels or those of FER+."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fewshot.errors import ConfigError
from fewshot.learn.config import DataConfig
from fewshot.learn.fer2013 import Fer2013, Split, load_fer2013
from fewshot.learn.ferplus import majority, with_votes
from fewshot.types import EMOTIONS


def load_data(config: DataConfig) -> Fer2013:
    """Read FER2013 and the votes of FER+ where they are given, relabel it where ``labels`` is ferplus, and keep ``emotions``.

    Labels stay positions in ``EMOTIONS``. Images on which the raters of FER+ disagree have no label there and are left out.

    Raises:
        DatasetError: as :func:`load_fer2013` and :func:`with_votes`.
        ConfigError: FER+ labels are wanted and ``votes`` is not given.
    """
    fer2013 = load_fer2013(config.path, config.cache, config.check_counts, config.skip_broken)
    if config.votes is not None:
        fer2013 = with_votes(fer2013, config.votes)
    splits = dict(fer2013.splits)
    if config.labels == "ferplus":
        splits = {name: _relabel(split) for name, split in splits.items()}
    if config.emotions is not None:
        wanted = [EMOTIONS.index(name) for name in config.emotions]
        splits = {name: split.where(np.isin(split.labels, wanted)) for name, split in splits.items()}
    return Fer2013(splits)


def _relabel(split: Split) -> Split:
    if split.votes is None:
        raise ConfigError(
            "data.labels=ferplus takes its labels from FER+ votes: give data.votes their .csv, or set data.labels=fer2013."
        )
    labels = majority(split.votes)
    return replace(split, labels=labels).where(labels >= 0)
