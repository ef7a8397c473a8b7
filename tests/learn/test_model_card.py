"""The model card says what the runs and the export did, and nothing else."""

import dataclasses

import numpy as np
import pytest

from fewshot.compose import load
from fewshot.learn.config import TrainConfig
from fewshot.learn.evaluate_config import ExportConfig
from fewshot.learn.model_card import model_card
from fewshot.learn.report import Report
from fewshot.learn.scores import Interval
from fewshot.types import EMOTIONS
from tests.builders import generic

SHIPPED = ["data.path=x", "data.votes=x", "experiment=shipped"]


def _report(split: str) -> Report:
    some = Interval(0.5, 0.4, 0.6)
    recalls = dict.fromkeys(EMOTIONS, 0.5)
    return Report(split, 7, some, 0.5, 0.1, recalls, [[0] * 7] * 7, {}, {}, {}, "few-shot: none", 0, None, "", None)


def _card(*runs: TrainConfig, splits: tuple[str, ...] = ("PublicTest",), export: tuple[str, ...] = ()) -> str:
    exported = load(ExportConfig, ["data.path=x", "data.votes=x", *export])
    counts = np.array([3995, 436, 4097, 7215, 4830, 3171, 4965])
    prototypes = dataclasses.replace(generic(), counts=counts)
    episodes = [12_312 * (1 + i) for i in range(len(runs))]
    return model_card([_report(split) for split in splits], runs, episodes, exported, 1000, 1000, prototypes)


def test_the_shipped_run_is_described_as_ever() -> None:
    card = _card(load(TrainConfig, SHIPPED), splits=("PublicTest", "PrivateTest"))
    assert (
        "| training | FER2013 Training (28,709 images), 12,312 episodes of 7-way 5-shot with 217 natural queries, "
        "50% of the images aligned, seed 1 |"
    ) in card
    assert "| loss | 1 x episodic + 0.5 x proxy_nca + 2 x FER+ votes |" in card
    assert "| what an image should be named | 50% its label and 50% the raters of FER+ |" in card
    assert (
        "nearest generic prototype of Training; 95 % intervals. PrivateTest was read once; what\n"
        "chose is told in [shipped](../../experiments/shipped/README.md).\n"
    ) in card


def test_a_split_that_was_not_read_was_not_read() -> None:
    card = _card(load(TrainConfig, SHIPPED))
    assert "PrivateTest was not read." in card
    assert "read once" not in card


def test_a_soup_names_each_seed_and_length() -> None:
    card = _card(load(TrainConfig, SHIPPED), load(TrainConfig, [*SHIPPED, "seed=2"]))
    assert "the mean weights of runs of 12,312 and 24,624 episodes of" in card
    assert "seeds 1 and 2 |" in card


@pytest.mark.parametrize(
    ("overrides", "named", "images"),
    [
        (
            ["data=ferplus", "loss.raters_share=0"],
            "what most raters of FER+ name it",
            "FER2013 Training, where most raters",
        ),
        (["loss.episodic=0"], "its label", "FER2013 Training (28,709 images)"),
        (
            ["data.emotions=[happy,sad]", "episode.n_way=2"],
            "50% its label and 50%",
            "FER2013 Training, happy and sad alone",
        ),
    ],
)
def test_labels_and_raters_are_named_as_they_were(overrides: list[str], named: str, images: str) -> None:
    card = _card(load(TrainConfig, [*SHIPPED, *overrides]))
    assert f"| what an image should be named | {named}" in card
    assert f"| training | {images}" in card
