"""Schemas of measuring what was trained: what conf/evaluate.yaml and export.yaml may say."""

from __future__ import annotations

from dataclasses import dataclass

from fewshot.bounds import at_least, named, one_of
from fewshot.config import expand_home
from fewshot.errors import CORRECT_CONFIG, ConfigError
from fewshot.learn.config import DataConfig, expand_homes
from fewshot.types import EMOTIONS


@dataclass
class FewShotConfig:
    """``episodes`` of all classes for each number in ``shots``, with ``n_query`` queries per class."""

    shots: list[int]
    n_query: int
    episodes: int
    seed: int

    def __post_init__(self) -> None:
        at_least("few_shot", self, n_query=1, episodes=2, seed=0)
        if not self.shots or min(self.shots) < 1:
            raise ConfigError(
                f"few_shot.shots must be one number or more, each at least 1; got {self.shots}. {CORRECT_CONFIG}"
            )


@dataclass
class EvaluateConfig:
    """The whole of conf/evaluate.yaml. ``model``: a checkpoint, an ONNX file, or null for the shipped one.

    ``mirror``: average the embeddings of each image and its mirror image, for a checkpoint; an ONNX file has it built in or not.
    """

    model: str | None
    split: str
    mirror: bool
    output: str | None
    data: DataConfig
    few_shot: FewShotConfig

    def __post_init__(self) -> None:
        named("", self, "model", "output")
        expand_homes(self, "model", "output")
        one_of("split", self.split, ("Training", "PublicTest", "PrivateTest", "test"))
        if self.mirror and (self.model is None or not self.model.endswith(".ckpt")):
            raise ConfigError(
                f"mirror=true must have a checkpoint (.ckpt) as model, got {self.model or 'the shipped ONNX file'}: an ONNX file "
                "has it built in or not. Leave mirror out, or export with mirror=true."
            )
        _all_emotions(self.data)


@dataclass
class ExportConfig:
    """The whole of conf/export.yaml. ``checkpoint``: of a training run; ``output``: folder of the four files.

    ``soup``: checkpoints of runs that began as that one did; their weights are averaged with its weights.
    ``quantize``: ship 8-bit integers. All figures are measured on the file that is shipped.
    """

    checkpoint: str
    soup: list[str]
    output: str
    mirror: bool
    quantize: bool
    read_private_test: bool
    data: DataConfig
    few_shot: FewShotConfig

    def __post_init__(self) -> None:
        named("", self, "checkpoint", "soup", "output")
        expand_homes(self, "checkpoint", "output")
        self.soup = [str(expand_home(path)) for path in self.soup]
        _all_emotions(self.data)


def _all_emotions(data: DataConfig) -> None:
    """Raise ConfigError if some emotions are left out: generic prototypes and their scores cover all."""
    if data.emotions is not None:
        raise ConfigError(
            f"data.emotions must be null where an encoder is evaluated or exported, with a prototype for each of the "
            f"{len(EMOTIONS)} emotions; got {', '.join(data.emotions)}. Leave it out: an encoder that was trained on some "
            "emotions is measured on all of them."
        )
