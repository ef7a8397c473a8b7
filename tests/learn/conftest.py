"""A tiny data set that a tiny encoder can learn in seconds."""

from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

from fewshot.compose import load
from fewshot.learn.config import TrainConfig
from fewshot.learn.train import train
from fewshot.types import EMOTIONS

TINY = [
    "encoder.stem=4",
    "encoder.widths=[8,16]",
    "encoder.blocks=[1,1]",
    "encoder.dimension=8",
    "episode.k_shot=2",
    "episode.n_query=3",
    "trainer.steps=8",
    "trainer.epochs=3",
    "trainer.threads=1",
    "trainer.validate_every=1",
    "optimizer.learning_rate=0.01",
    "optimizer.warmup_steps=2",
    "optimizer.ema=0.9",
    "data.check_counts=false",
]
"""Overrides of conf/train.yaml for a run of a few seconds."""

FEW_SHOT = ["few_shot.shots=[1,2]", "few_shot.n_query=3", "few_shot.episodes=20"]
"""Overrides of conf/evaluate.yaml and export.yaml for so few images."""


@pytest.fixture(scope="session")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose seven classes are seven blurred patterns under noise: 20 training and 2 x 6 test images each.

    As in FER2013 each file is named after a row of its own, so that votes can be joined.
    """
    root = tmp_path_factory.mktemp("patterns")
    rng, rows = np.random.default_rng(0), count()
    for emotion in EMOTIONS:
        half = rng.integers(0, 256, (5, 3), np.uint8)
        pattern = cv2.resize(np.concatenate([half, half[:, ::-1]], axis=1), (48, 48)).astype(
            float
        )  # symmetric: flips keep it
        for folder, usages in {"train": ["Training"] * 20, "test": ["PublicTest"] * 6 + ["PrivateTest"] * 6}.items():
            (root / folder / emotion).mkdir(parents=True)
            for usage in usages:
                image = np.clip(pattern + rng.normal(0, 20, (48, 48)), 0, 255).astype(np.uint8)
                cv2.imwrite(str(root / folder / emotion / f"{usage}_{next(rows):03d}.png"), image)
    return root


def run_config(patterns: Path, output: Path, *overrides: str) -> TrainConfig:
    """The config of a tiny run on the patterns."""
    arguments = [
        f"data.path={patterns}",
        f"data.cache={output.parent / 'cache'}",
        f"output={output}",
        *TINY,
        *overrides,
    ]
    config = load(TrainConfig, arguments)
    assert isinstance(config, TrainConfig)
    return config


@pytest.fixture(scope="session")
def trained(patterns: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished tiny run's checkpoint."""
    return train(run_config(patterns, tmp_path_factory.mktemp("runs") / "whole")).checkpoint
