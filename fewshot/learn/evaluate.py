"""Measure an encoder: ``python -m fewshot.learn.evaluate data.path=fer2013.zip split=PublicTest``.

Choose on PublicTest; read PrivateTest once per released encoder. Prototypes always come from Training alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import hydra
import numpy as np
from omegaconf import DictConfig

from fewshot.config import CONF_MODULE, typed
from fewshot.encoder import load_encoder
from fewshot.errors import FewshotError, WeightsError
from fewshot.learn.checkpoint import load_averaged
from fewshot.learn.config import EpisodeConfig, EvaluateConfig
from fewshot.learn.embed import embed_images
from fewshot.learn.episodes import EpisodeDealer
from fewshot.learn.fer2013 import Fer2013, load_fer2013
from fewshot.learn.scores import (
    Interval,
    calibration_error,
    confusion_matrix,
    macro_f1,
    mean_interval,
    recalls,
    wilson_interval,
)
from fewshot.prototypes import class_prototypes, label_probabilities, squared_distances
from fewshot.types import EMOTIONS, Float32, Int64, UInt8

Embed = Callable[[UInt8], Float32]


@dataclass(frozen=True, eq=False)
class Report:
    """What one encoder is worth on one split; shares in [0, 1], confusion rows are the truth."""

    split: str
    n: int
    accuracy: Interval
    macro_f1: float
    calibration_error: float | None
    recalls: dict[str, float]
    confusion: list[list[int]]
    episode: str
    episode_accuracy: Interval

    def __str__(self) -> str:
        """Return it as a page for the terminal."""
        width = max(map(len, EMOTIONS)) + 2
        lines = [
            f"{self.split}, {self.n} images, nearest generic prototype",
            f"accuracy   {self.accuracy}, 95 % interval",
            f"macro-F1   {self.macro_f1:.4f}",
            *([f"ECE        {self.calibration_error:.4f}"] if self.calibration_error is not None else []),
            f"episodes   {self.episode_accuracy}, {self.episode}",
            "",
            "truth \\ found".ljust(width + 4) + "".join(name.rjust(width) for name in EMOTIONS) + "recall".rjust(width),
        ]
        for name, row in zip(EMOTIONS, self.confusion, strict=True):
            lines.append(
                name.ljust(width + 4)
                + "".join(str(c).rjust(width) for c in row)
                + f"{self.recalls[name]:.3f}".rjust(width)
            )
        return "\n".join(lines)

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")


def generic_vectors(embed: Embed, fer2013: Fer2013) -> Float32:
    """Average the embeddings of each class of Training: (7, d) in the order of ``EMOTIONS``."""
    train = fer2013.split("Training")
    return class_prototypes(embed(train.images_gray), train.labels, range(len(EMOTIONS)))


def evaluate(
    embed: Embed,
    fer2013: Fer2013,
    split: str,
    spec: EpisodeConfig,
    episodes: int,
    seed: int,
    vectors: Float32,
    temperature: float | None,
) -> Report:
    """Score nearest-prototype classification and few-shot episodes on one split.

    Args:
        embed: (n, 48, 48) uint8 -> (n, d) float32.
        fer2013: The data.
        split: Name of the split that is scored.
        spec: Of the episodes.
        episodes: How many.
        seed: Of the episodes.
        vectors: (7, d) float32 generic prototypes.
        temperature: Of the probabilities; None leaves the calibration out.

    Raises:
        DatasetError: no such split.
        SupportError: the split cannot fill an episode.
    """
    scored = fer2013.split(split)
    queries = embed(scored.images_gray)
    distances = squared_distances(queries, vectors)
    found = distances.argmin(axis=1)
    confusion = confusion_matrix(scored.labels, found, len(EMOTIONS))
    accuracies = _episode_accuracies(queries, scored.labels, spec, episodes, seed)
    ece = None
    if temperature is not None:
        ece = calibration_error(label_probabilities(distances, EMOTIONS, EMOTIONS, temperature), scored.labels)
    return Report(
        split=split,
        n=len(scored),
        accuracy=wilson_interval(int((found == scored.labels).sum()), len(scored)),
        macro_f1=macro_f1(confusion),
        calibration_error=ece,
        recalls=dict(zip(EMOTIONS, recalls(confusion).tolist(), strict=True)),
        confusion=confusion.tolist(),
        episode=f"{episodes} episodes of {spec.n_way}-way {spec.k_shot}-shot with {spec.n_query} queries a class, seed {seed}",
        episode_accuracy=mean_interval(accuracies),
    )


def _episode_accuracies(embeddings: Float32, labels: Int64, spec: EpisodeConfig, episodes: int, seed: int) -> Float32:
    dealer = EpisodeDealer(labels, spec, seed)
    accuracies = np.empty(episodes, np.float32)
    for t in range(episodes):
        deal = dealer.deal(t)
        prototypes = embeddings[deal.support].mean(axis=1)
        found = squared_distances(embeddings[deal.query], prototypes).argmin(axis=1)
        accuracies[t] = (found == deal.query_labels).mean()
    return accuracies


def load_embed(path: str | None, mirror: bool = False) -> Embed:
    """Return the embedding of a training checkpoint (.ckpt, perhaps mirrored), an ONNX file, or the shipped encoder."""
    if path is None or path.endswith(".onnx"):
        encoder = load_encoder(None if path is None else Path(path))
        return lambda images: np.concatenate([encoder.embed(images[i : i + 64]) for i in range(0, len(images), 64)])
    if not path.endswith(".ckpt"):
        raise WeightsError(f"model must be a .ckpt of a training run or an .onnx file, got {path}.")
    return partial(embed_images, load_averaged(Path(path), mirror)[0], device="cpu")


@hydra.main(version_base="1.3", config_path=f"pkg://{CONF_MODULE}", config_name="evaluate")
def main(config: DictConfig) -> None:
    """Entry point of Hydra."""
    try:
        checked = typed(config, EvaluateConfig)
        fer2013 = load_fer2013(checked.data.path, checked.data.cache, checked.data.check_counts)
        embed = load_embed(checked.model, checked.mirror)
        vectors = generic_vectors(embed, fer2013)
        report = evaluate(embed, fer2013, checked.split, checked.episode, checked.episodes, checked.seed, vectors, None)
    except FewshotError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(report)
    if checked.output:
        report.save(Path(checked.output))


if __name__ == "__main__":
    main()
