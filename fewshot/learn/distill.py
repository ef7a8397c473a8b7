"""Teachers: runs of a larger encoder that are finished first and tell a smaller one what each image looks like.

Hinton et al. 2015, "Distilling the knowledge in a neural network". Every third label is a matter of taste; what several
networks agree on after training on them is less so: experiments/distillation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from fewshot.errors import ConfigError
from fewshot.learn.checkpoint import load_averaged, load_temperature
from fewshot.learn.config import DistillConfig, TrainConfig
from fewshot.learn.embed import embed_images
from fewshot.learn.fer2013 import Split
from fewshot.prototypes import class_prototypes, label_probabilities, squared_distances
from fewshot.types import EMOTIONS, Float32

NOBODY = DistillConfig(teachers=0, encoder=None, loss=None, epochs=1, share=0.0)
"""Teachers have no teachers."""


def teacher_runs(config: TrainConfig) -> list[TrainConfig]:
    """Return the runs that train the teachers of ``config``, one by one."""
    distill = config.distill
    if distill.encoder is None or distill.loss is None:
        return []
    return [
        replace(
            config,
            seed=config.seed + number,
            output=str(Path(config.output) / f"teacher-{number}"),
            encoder=distill.encoder,
            loss=distill.loss,
            distill=NOBODY,
            # on one device: several would be started anew for each of them
            trainer=replace(config.trainer, epochs=distill.epochs, devices=1, strategy="auto"),
        )
        for number in range(1, distill.teachers + 1)
    ]


def expect_listener(config: TrainConfig) -> None:
    """Raise ConfigError where the pupil would learn nothing of what its teachers answer."""
    if config.distill.share == 0:
        raise ConfigError(
            "distill.share must be above 0 where teachers are trained, got 0: nobody would learn what they answer. Raise it, or "
            "take distill=none."
        )
    if config.loss.episodic == config.loss.reading_weight == 0:
        raise ConfigError(
            "loss.episodic or loss.reading_weight must be above 0 where teachers are trained: only these learn what they answer. "
            "Raise one, or take distill=none."
        )


def what_they_answer(checkpoints: Sequence[Path], train: Split, device: torch.device | str) -> Float32:
    """Return the mean probabilities that finished runs give the images of ``train``, by the prototypes of these images.

    Args:
        checkpoints: At least one.
        train: Images of all emotions.
        device: Where to embed.

    Returns:
        (n, 7) float32, rows that sum to 1.

    Raises:
        WeightsError: a checkpoint is missing, damaged or of another version.
    """
    named = []
    for checkpoint in checkpoints:
        encoder, _ = load_averaged(checkpoint)
        embeddings = embed_images(encoder.to(device), train.images_gray, device)
        distances = squared_distances(embeddings, class_prototypes(embeddings, train.labels, range(len(EMOTIONS))))
        named.append(label_probabilities(distances, EMOTIONS, EMOTIONS, load_temperature(checkpoint)))
    return np.mean(named, axis=0).astype(np.float32)
