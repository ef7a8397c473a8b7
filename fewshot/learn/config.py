"""Schemas of training: what conf/train.yaml may say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from fewshot.bounds import at_least, in_unit_interval, named, one_of
from fewshot.config import expand_home
from fewshot.errors import CORRECT_CONFIG, ConfigError
from fewshot.types import CROP_SIZE, EMOTIONS


def expand_homes(config: Any, *names: str) -> None:
    """Expand ``~`` in the named fields of a schema's object; None stays."""
    for name in names:
        value = getattr(config, name)
        if value is not None:
            setattr(config, name, str(expand_home(value)))


@dataclass
class DataConfig:
    """``path``: folder, .zip or fer2013.csv. ``cache``: folder of the decoded array, null for the user's cache folder.

    ``labels``: fer2013, its own, or ferplus, what most raters said. ``emotions``: work on these alone, null for all seven.
    ``votes``: the FER+ votes of the same images as a .csv, null to do without. ``skip_broken``: go on without broken images.
    """

    path: str
    labels: str
    emotions: list[str] | None
    votes: str | None
    cache: str | None
    check_counts: bool
    skip_broken: bool

    def __post_init__(self) -> None:
        named("data", self, "path", "votes", "cache")
        one_of("data.labels", self.labels, ("fer2013", "ferplus"))
        if self.emotions is not None and not self.emotions:
            raise ConfigError(
                f"data.emotions must be null for all, or name at least one emotion, got []. {CORRECT_CONFIG}"
            )
        for name in self.emotions or []:
            one_of("data.emotions", name, EMOTIONS)


@dataclass
class EpisodeConfig:
    """One episode: ``n_way`` classes, ``k_shot`` support images of each and ``n_way * n_query`` query images.

    ``queries``: balanced deals ``n_query`` of each class; natural deals them at the data set's own frequencies, which needs
    every class in each episode. ``balanced_share``: share of a run, at its end, in which queries are balanced anyway, so
    that a rare class is not forgotten (deferred re-balancing, Cao et al. 2019). ``aligned_share``: share of the images,
    drawn anew for each episode, that are shown as live use would crop them.
    """

    n_way: int
    k_shot: int
    n_query: int
    queries: str
    balanced_share: float
    aligned_share: float

    def __post_init__(self) -> None:
        at_least("episode", self, n_way=2, k_shot=1, n_query=1)
        in_unit_interval("episode", self, "balanced_share", "aligned_share")
        one_of("episode.queries", self.queries, ("balanced", "natural"))


@dataclass
class AugmentConfig:
    """Strengths of the batch augmentation; shares in [0, 1], ``rotation_deg`` in degrees, ``crop_px`` the side trained on."""

    crop_px: int
    rotation_deg: float
    scale: float
    shift: float
    shear: float
    contrast: float
    brightness: float
    erase: float
    low_resolution: float
    lighting: float

    def __post_init__(self) -> None:
        at_least("augment", self, crop_px=24, rotation_deg=0, shear=0)
        if self.crop_px > CROP_SIZE:
            raise ConfigError(f"augment.crop_px must be at most the images' {CROP_SIZE}, got {self.crop_px}. Lower it.")
        in_unit_interval(
            "augment", self, "scale", "shift", "contrast", "brightness", "erase", "low_resolution", "lighting"
        )


@dataclass
class EncoderConfig:
    """A residual network: its block, channels of the stem, channels and blocks of each stage, length of the embedding.

    ``block``: basic (two 3x3 convolutions) or depthwise (one 3x3 per channel, then two 1x1).
    """

    block: str
    stem: int
    widths: list[int]
    blocks: list[int]
    dimension: int
    drop_path: float

    def __post_init__(self) -> None:
        at_least("encoder", self, stem=1, dimension=2)
        one_of("encoder.block", self.block, ("basic", "depthwise"))
        in_unit_interval("encoder", self, "drop_path")
        if self.drop_path == 1:
            raise ConfigError(f"encoder.drop_path must be below 1, or no block is left, got 1. {CORRECT_CONFIG}")
        if len(self.widths) != len(self.blocks) or not self.widths:
            raise ConfigError(
                f"encoder.widths and encoder.blocks must name the same stages, got {len(self.widths)} and {len(self.blocks)}. "
                f"{CORRECT_CONFIG}"
            )
        if min(self.widths + self.blocks) < 1:
            raise ConfigError(
                f"encoder.widths and encoder.blocks must be at least 1 each, got {self.widths} and {self.blocks}. {CORRECT_CONFIG}"
            )


@dataclass
class LossConfig:
    """Weights of the episodic loss, of a pytorch-metric-learning loss on the whole episode, and of linear readings.

    ``reading_weight``: of a reading of what an image should be named; ``votes_weight``: of a reading of the FER+ votes on it.
    ``raters_share``: share of a query's target that comes from the FER+ votes on it; the rest is its one label.
    """

    episodic: float
    metric: str
    metric_weight: float
    reading_weight: float
    votes_weight: float
    raters_share: float
    label_smoothing: float
    temperature: float

    def __post_init__(self) -> None:
        one_of("loss.metric", self.metric, ("none", "proxy_nca", "supcon", "triplet"))
        at_least("loss", self, episodic=0, metric_weight=0, reading_weight=0, votes_weight=0, temperature=1e-3)
        in_unit_interval("loss", self, "raters_share", "label_smoothing")
        if self.episodic == 0 and (self.metric == "none" or self.metric_weight == 0):
            raise ConfigError(
                "loss must keep something to learn from: raise loss.episodic or loss.metric_weight above 0."
            )


@dataclass
class DistillConfig:
    """Which teachers a run trains first: ``teachers`` of them, 0 for none.

    Each is a run like the pupil's, without teachers of its own, with another seed, ``encoder``, ``loss`` and ``epochs``.
    ``share``: share of an image's target that comes from the teachers' answers; the rest comes from its labels.
    """

    teachers: int
    encoder: EncoderConfig | None
    loss: LossConfig | None
    epochs: int
    share: float

    def __post_init__(self) -> None:
        at_least("distill", self, teachers=0, epochs=1)
        in_unit_interval("distill", self, "share")
        if self.teachers and (self.encoder is None or self.loss is None):
            raise ConfigError(
                "distill.teachers need an encoder and a loss: take distill=ensemble, or set distill=none."
            )


@dataclass
class OptimizerConfig:
    """AdamW with warm-up, then a constant rate, then a cosine to zero over the last ``decay_share`` of the run.

    A run whose rate has not begun to decay can be extended as if it had been longer from the start. ``muon_rate``: above 0,
    Muon moves the matrices at this rate. ``ema``: decay per step of the weight average.
    """

    learning_rate: float
    muon_rate: float
    decay_share: float
    weight_decay: float
    warmup_steps: int
    ema: float
    clip: float

    def __post_init__(self) -> None:
        at_least("optimizer", self, muon_rate=0, weight_decay=0, warmup_steps=0, clip=0)
        in_unit_interval("optimizer", self, "ema", "decay_share")
        if not 0 < self.learning_rate < math.inf:
            raise ConfigError(
                f"optimizer.learning_rate must be above 0 and finite, got {self.learning_rate}. {CORRECT_CONFIG}"
            )


@dataclass
class TrainerConfig:
    """``epochs`` of ``steps`` episodes; a checkpoint after each. ``precision`` and ``strategy`` as Lightning spells them.

    ``workers``: processes that prepare episodes ahead; 0 where the processor itself does the training.
    """

    epochs: int
    steps: int
    precision: str
    accelerator: str
    devices: int
    strategy: str
    threads: int | None
    workers: int
    validate_every: int

    def __post_init__(self) -> None:
        at_least("trainer", self, epochs=1, steps=1, devices=1, workers=0, validate_every=1)
        if self.threads is not None:
            at_least("trainer", self, threads=1)
        one_of("trainer.precision", self.precision, ("32-true", "bf16-mixed"))
        one_of("trainer.strategy", self.strategy, ("auto", "ddp", "ddp_fork", "ddp_spawn"))
        one_of("trainer.accelerator", self.accelerator, ("auto", "cpu", "gpu"))


@dataclass
class TrainConfig:
    """The whole of conf/train.yaml. ``resume``: go on from ``output``/last.ckpt where there is one."""

    seed: int
    output: str
    resume: bool
    data: DataConfig
    episode: EpisodeConfig
    augment: AugmentConfig
    encoder: EncoderConfig
    loss: LossConfig
    distill: DistillConfig
    optimizer: OptimizerConfig
    trainer: TrainerConfig

    def __post_init__(self) -> None:
        named("", self, "output")
        expand_homes(self, "output")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"seed must lie between 0 and {2**32 - 1}, got {self.seed}. {CORRECT_CONFIG}")
        if self.distill.teachers and self.data.emotions is not None:
            raise ConfigError(
                f"data.emotions must be null where teachers are asked, who name all {len(EMOTIONS)}; got "
                f"{', '.join(self.data.emotions)}. Leave it out, or take distill=none."
            )
