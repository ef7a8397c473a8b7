"""Measure an encoder: ``python -m fewshot.learn.evaluate data.path=fer2013.zip data.votes=fer2013new.csv split=PublicTest``.

Choose on PublicTest; read PrivateTest once per released encoder. Prototypes always come from Training alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

import hydra
import numpy as np
from numpy.typing import NDArray
from omegaconf import DictConfig

from fewshot.compose import CONF_MODULE, quote_texts, typed
from fewshot.errors import FewshotError
from fewshot.learn.data import load_data
from fewshot.learn.embed import EmbeddedSplits, load_embedder
from fewshot.learn.episodes import EpisodeDealer, balanced_episodes
from fewshot.learn.evaluate_config import EvaluateConfig, FewShotConfig
from fewshot.learn.fer2013 import Fer2013, Split
from fewshot.learn.ferplus import majority
from fewshot.learn.generic import make_generic, said_of
from fewshot.learn.near_duplicates import near_duplicates
from fewshot.learn.pictures import draw_confusion, draw_map
from fewshot.learn.report import Report
from fewshot.learn.scores import (
    Interval,
    calibration_error,
    confusion_matrix,
    coverage_accuracy,
    macro_f1,
    mean_interval,
    named_from,
    recalls,
    wilson_interval,
)
from fewshot.outputs import make_folder, scratch_folder, written_to
from fewshot.prototypes import class_prototypes, label_probabilities, squared_distances
from fewshot.terminal import run_command
from fewshot.types import EMOTIONS, Float32, Int64, Prototypes

COVERAGES = (90, 80, 70, 50)
"""Percentages of the answers that are kept."""

LEAST_CONFIDENCES = tuple(percent / 100 for percent in range(15, 85, 5))
"""Confidences from which an answer is named."""


def check_episodes(fer2013: Fer2013, split: str, few_shot: FewShotConfig) -> None:
    """Check that few-shot episodes can be made as :func:`evaluate` will, before minutes of embedding.

    Raises:
        DatasetError: no such split.
        SupportError: a split cannot fill an episode.
    """
    for shots in few_shot.shots:
        _dealers(fer2013.split(_support_split(fer2013, split)).labels, fer2013.split(split).labels, shots, few_shot)


def evaluate(embedded: EmbeddedSplits, generic: Prototypes, split: str, few_shot: FewShotConfig) -> Report:
    """Score nearest-prototype classification and few-shot episodes on one split, and with votes also the FER+ majority.

    Args:
        embedded: The data as the encoder that is measured sees it.
        generic: What :func:`fewshot.learn.generic.make_generic` made of it.
        split: Name of the split that is scored.
        few_shot: The episodes; support comes from PublicTest when PrivateTest is scored, else from Training.

    Raises:
        DatasetError: no such split.
        SupportError: a split cannot fill an episode.
    """
    fer2013 = embedded.data
    scored, train = fer2013.split(split), fer2013.split("Training")
    queries = embedded.final(split)
    distances = squared_distances(queries, generic.vectors[:, embedded.encoder.weights > 0])
    right = distances.argmin(axis=1) == scored.labels
    confusion = confusion_matrix(scored.labels, distances.argmin(axis=1), len(EMOTIONS))
    probabilities = label_probabilities(distances, EMOTIONS, EMOTIONS, generic.temperature)
    shown_before = near_duplicates(scored.images_gray, train.images_gray)
    support_split = _support_split(fer2013, split)
    support, support_labels = embedded.final(support_split), fer2013.split(support_split).labels
    episodes = {
        f"{len(EMOTIONS)}-way {shots}-shot": mean_interval(
            _episode_accuracies(support, support_labels, queries, scored.labels, shots, few_shot)
        )
        for shots in few_shot.shots
    }
    return Report(
        split=split,
        n=len(scored),
        accuracy=_accuracy(right),
        macro_f1=macro_f1(confusion),
        calibration_error=calibration_error(probabilities, scored.labels),
        recalls=dict(zip(EMOTIONS, recalls(confusion).tolist(), strict=True)),
        confusion=confusion.tolist(),
        coverage={str(c): coverage_accuracy(probabilities.max(axis=1), right, c / 100) for c in COVERAGES},
        named={f"{least:.2f}": named_from(probabilities.max(axis=1), right, least) for least in LEAST_CONFIDENCES},
        few_shot=episodes,
        few_shot_protocol=(
            f"few-shot: {few_shot.episodes} episodes, support from {support_split}, "
            f"{few_shot.n_query} queries a class from {split}, seed {few_shot.seed}"
        ),
        near_duplicates=int(shown_before.sum()),
        accuracy_without_them=None if shown_before.all() else _accuracy(right[~shown_before]),
        prototypes=said_of(fer2013),
        ferplus=_ferplus_accuracy(embedded.final("Training"), train, queries, scored),
    )


def _accuracy(right: NDArray[np.bool_]) -> Interval:
    return wilson_interval(int(right.sum()), len(right))


def _support_split(fer2013: Fer2013, split: str) -> str:
    return "PublicTest" if split == "PrivateTest" and "PublicTest" in fer2013.splits else "Training"


def _dealers(
    support_labels: Int64, query_labels: Int64, shots: int, spec: FewShotConfig
) -> tuple[EpisodeDealer, EpisodeDealer]:
    """Return who deals the support and who deals the queries of an episode of all emotions."""
    episode = balanced_episodes(len(EMOTIONS), shots, spec.n_query)
    return EpisodeDealer(support_labels, episode, spec.seed), EpisodeDealer(query_labels, episode, spec.seed)


def _episode_accuracies(
    support: Float32, support_labels: Int64, queries: Float32, query_labels: Int64, shots: int, spec: FewShotConfig
) -> Float32:
    shown, asked = _dealers(support_labels, query_labels, shots, spec)
    accuracies = np.empty(spec.episodes, np.float32)
    for t in range(spec.episodes):
        question = asked.deal(t)
        prototypes = support[shown.deal(t).support].mean(axis=1)
        found = squared_distances(queries[question.query], prototypes).argmin(axis=1)
        accuracies[t] = (found == question.query_labels).mean()
    return accuracies


def _ferplus_accuracy(shown: Float32, train: Split, queries: Float32, scored: Split) -> Interval | None:
    if train.votes is None or scored.votes is None:
        return None
    taught, asked = majority(train.votes), majority(scored.votes)
    told, known = taught >= 0, asked >= 0
    vectors = class_prototypes(shown[told], taught[told], range(len(EMOTIONS)))
    found = squared_distances(queries[known], vectors).argmin(axis=1)
    return _accuracy(found == asked[known])


@hydra.main(version_base="1.3", config_path=f"pkg://{CONF_MODULE}", config_name="evaluate")
def main(config: DictConfig) -> None:
    """Entry point of Hydra."""
    try:
        checked = typed(config, EvaluateConfig)
        if checked.output:
            make_folder(Path(checked.output))  # before the work whose result would be lost
        fer2013 = load_data(checked.data)
        check_episodes(fer2013, checked.split, checked.few_shot)
        embedded = EmbeddedSplits(load_embedder(checked.model, checked.mirror), fer2013)
        generic = make_generic(embedded)
        report = evaluate(embedded, generic, checked.split, checked.few_shot)
        print(report)
        if checked.output:
            output, labels = Path(checked.output), fer2013.split(checked.split).labels
            with written_to(output), scratch_folder(output) as folder:
                files = (
                    report.save(folder / "report.json"),
                    draw_confusion(np.array(report.confusion), folder / "confusion.png"),
                    draw_map(embedded.split(checked.split), labels, generic, folder / "embeddings.png"),
                )
                for file in files:  # all are written before the first takes the place of another
                    file.replace(output / file.name)
    except FewshotError as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    sys.argv[1:] = quote_texts(EvaluateConfig, sys.argv[1:])
    sys.exit(run_command("evaluate", lambda: main() or 0))
