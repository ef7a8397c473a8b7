"""Schemas of conf/: a typo or an impossible value fails at start, with a sentence.

The values live in conf/*.yaml alone; here are their types, units and bounds. Entry points compose a config with Hydra
and hand it to :func:`typed`; everything else asks :func:`load`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from fewshot.errors import ConfigError

CONF_MODULE = "conf"
Schema = TypeVar("Schema")


def _at_least(config: Any, **bounds: float) -> None:
    """Raise ConfigError unless every named field of ``config`` is at least its bound."""
    for name, bound in bounds.items():
        if getattr(config, name) < bound:
            raise ConfigError(
                f"{name} must be at least {bound:g}, got {getattr(config, name)}. Correct it in conf/ or on the command line."
            )


def _one_of(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}; got '{value}'.")


def _share(config: Any, *names: str) -> None:
    """Raise ConfigError unless every named field lies in [0, 1]."""
    for name in names:
        if not 0.0 <= getattr(config, name) <= 1.0:
            raise ConfigError(f"{name} must lie between 0 and 1, got {getattr(config, name)}.")


# --- faces, enrolling, live -------------------------------------------------------------------------------------------


@dataclass
class FacesConfig:
    """Which face backend runs. ``backend``: auto takes InsightFace if its pack is in ``pack_root``, else builtin."""

    backend: str
    pack: str
    pack_root: str
    download: bool
    min_score: float
    min_face_px: float

    def __post_init__(self) -> None:
        _one_of("faces.backend", self.backend, ("auto", "builtin", "insightface"))
        _share(self, "min_score")
        _at_least(self, min_face_px=8)


@dataclass
class EnrollConfig:
    """``store``: SQLAlchemy URL, null for the user's data folder. ``kappa``: weight of the generic prototype, in photos."""

    faces: FacesConfig
    store: str | None
    kappa: float

    def __post_init__(self) -> None:
        _at_least(self, kappa=0)


@dataclass
class LiveConfig:
    """The live loop; times in seconds of the source's own clock, ``min_confidence`` a smoothed probability."""

    faces: FacesConfig
    store: str | None
    kappa: float
    source: str
    output: str | None
    analyze_fps: float
    detect_every_s: float
    identify_every_s: float
    track_gap_s: float
    smoothing_s: float
    min_confidence: float
    hysteresis: float

    def __post_init__(self) -> None:
        _at_least(
            self,
            kappa=0,
            detect_every_s=0,
            identify_every_s=0,
            track_gap_s=0,
            smoothing_s=0,
            hysteresis=0,
            analyze_fps=0.1,
        )
        _share(self, "min_confidence")


# --- training ---------------------------------------------------------------------------------------------------------


@dataclass
class DataConfig:
    """``path``: folder, .zip or fer2013.csv. ``cache``: folder of the decoded array, null for the user's cache folder."""

    path: str
    cache: str | None
    check_counts: bool


@dataclass
class EpisodeConfig:
    """One episode: ``n_way`` classes, ``k_shot`` support and ``n_query`` query images of each."""

    n_way: int
    k_shot: int
    n_query: int

    def __post_init__(self) -> None:
        _at_least(self, n_way=2, k_shot=1, n_query=1)


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
        _at_least(self, crop_px=24, rotation_deg=0, shear=0)
        _share(self, "scale", "shift", "contrast", "brightness", "erase", "low_resolution", "lighting")


@dataclass
class EncoderConfig:
    """A residual network: channels of the stem, channels and blocks of each stage, length of the embedding."""

    stem: int
    widths: list[int]
    blocks: list[int]
    dimension: int
    drop_path: float

    def __post_init__(self) -> None:
        _at_least(self, stem=1, dimension=2)
        _share(self, "drop_path")
        if len(self.widths) != len(self.blocks) or not self.widths:
            raise ConfigError(
                f"encoder.widths and encoder.blocks must name the same stages, got {len(self.widths)} and {len(self.blocks)}."
            )


@dataclass
class LossConfig:
    """Weights of the episodic loss and of a pytorch-metric-learning loss on the whole episode."""

    episodic: float
    metric: str
    metric_weight: float
    label_smoothing: float
    temperature: float

    def __post_init__(self) -> None:
        _one_of("loss.metric", self.metric, ("none", "proxy_nca", "supcon", "triplet"))
        _at_least(self, episodic=0, metric_weight=0, temperature=1e-3)
        _share(self, "label_smoothing")
        if self.episodic == 0 and (self.metric == "none" or self.metric_weight == 0):
            raise ConfigError(
                "loss must keep something to learn from: raise loss.episodic or loss.metric_weight above 0."
            )


@dataclass
class OptimizerConfig:
    """AdamW with warm-up and cosine decay to zero; ``ema`` is the decay of the weight average a step."""

    learning_rate: float
    weight_decay: float
    warmup_steps: int
    ema: float
    clip: float

    def __post_init__(self) -> None:
        _at_least(self, weight_decay=0, warmup_steps=0, clip=0)
        _share(self, "ema")
        if not self.learning_rate > 0:
            raise ConfigError(f"optimizer.learning_rate must be above 0, got {self.learning_rate}.")


@dataclass
class TrainerConfig:
    """``epochs`` of ``steps`` episodes; a checkpoint after each. ``precision`` as Lightning spells it."""

    epochs: int
    steps: int
    precision: str
    accelerator: str
    devices: int
    threads: int | None
    validate_every: int

    def __post_init__(self) -> None:
        _at_least(self, epochs=1, steps=1, devices=1, validate_every=1)
        _one_of("trainer.precision", self.precision, ("32-true", "bf16-mixed"))
        _one_of("trainer.accelerator", self.accelerator, ("auto", "cpu", "gpu"))


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
    optimizer: OptimizerConfig
    trainer: TrainerConfig


@dataclass
class EvaluateConfig:
    """The whole of conf/evaluate.yaml. ``model``: a checkpoint, an ONNX file, or null for the shipped one.

    ``mirror``: average the embeddings of each image and its mirror image, for a checkpoint; an ONNX file has it built in.
    """

    model: str | None
    split: str
    mirror: bool
    episodes: int
    seed: int
    output: str | None
    data: DataConfig
    episode: EpisodeConfig

    def __post_init__(self) -> None:
        _one_of("split", self.split, ("Training", "PublicTest", "PrivateTest", "test"))
        _at_least(self, episodes=2)


@dataclass
class ExportConfig:
    """The whole of conf/export.yaml. ``checkpoint``: of a training run; ``output``: folder of the four files."""

    checkpoint: str
    output: str
    mirror: bool
    seed: int
    read_private_test: bool
    data: DataConfig
    episode: EpisodeConfig


SCHEMAS: dict[str, type] = {
    "train": TrainConfig,
    "evaluate": EvaluateConfig,
    "export": ExportConfig,
    "enroll": EnrollConfig,
    "live": LiveConfig,
}
"""Schema of each file directly under conf/."""


def typed(config: DictConfig, schema: type[Schema]) -> Schema:
    """Turn a composed config into its schema's object.

    Raises:
        ConfigError: an unknown key, a missing value, a value of the wrong type or out of bounds.
    """
    try:
        checked = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(schema), config))
    except OmegaConfBaseException as error:
        raise ConfigError(
            f"{schema.__name__}: {str(error).splitlines()[0]}. Correct it in conf/ or on the command line."
        ) from error
    assert isinstance(checked, schema)
    return checked


def load(name: str, overrides: Sequence[str] = ()) -> Any:
    """Compose conf/``name``.yaml with Hydra overrides such as ``"faces=builtin"`` and check it.

    Returns:
        An object of ``SCHEMAS[name]``.

    Raises:
        ConfigError: as :func:`typed`, or the overrides do not fit the file.
    """
    from hydra import compose, initialize_config_module
    from hydra.errors import HydraException

    try:
        with initialize_config_module(CONF_MODULE, version_base="1.3"):
            return typed(compose(name, overrides=list(overrides)), SCHEMAS[name])
    except HydraException as error:
        raise ConfigError(f"conf/{name}.yaml with {list(overrides)}: {error}") from error
