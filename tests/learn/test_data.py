"""The data a run works on: its own labels or those of FER+, all emotions or some."""

from pathlib import Path

import numpy as np
import pytest

from fewshot.compose import load
from fewshot.errors import ConfigError
from fewshot.learn.config import DataConfig, TrainConfig
from fewshot.learn.data import load_data
from fewshot.learn.ferplus import VOTED
from fewshot.types import EMOTIONS


def _config(archive: Path, *overrides: str) -> DataConfig:
    cache = f"data.cache={archive.parent / 'cache'}"
    return load(TrainConfig, [f"data.path={archive}", cache, "data.check_counts=false", *overrides]).data


def _votes(archive: Path, folder: Path, everybody_says: str) -> Path:
    """Nine raters name that emotion on the first image of each class in each split, and disagree on all others."""
    names = sorted(str(path.relative_to(archive)) for path in archive.rglob("*.png"))
    firsts = {name.rpartition("_")[0]: name for name in reversed(names)}
    path = folder / "votes.csv"
    columns = ["neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt"]
    agreed = ",".join("9" if c == everybody_says else "0" for c in columns)
    lines = [f"{name},{agreed if name in firsts.values() else '2,2,2,2,2,0,0,0'}" for name in names]
    path.write_text("\n".join(["file," + ",".join(columns), *lines]))
    return path


def test_all_of_it_under_its_own_labels(patterns: Path) -> None:
    training = load_data(_config(patterns)).split("Training")
    assert np.bincount(training.labels).tolist() == [20] * 7


def test_some_emotions_alone_keep_their_numbers(patterns: Path) -> None:
    fer2013 = load_data(_config(patterns, "data.emotions=[happy,neutral]"))
    expected = {EMOTIONS.index("happy"), EMOTIONS.index("neutral")}
    assert all(set(split.labels.tolist()) == expected for split in fer2013.splits.values())
    assert len(fer2013.split("Training")) == len(fer2013.split("Training").images_gray) == 40


def test_labels_of_ferplus_leave_out_what_raters_disagree_on(patterns: Path, tmp_path: Path) -> None:
    votes = _votes(patterns, tmp_path, "sad")
    fer2013 = load_data(_config(patterns, "data=ferplus", f"data.votes={votes}"))
    assert fer2013.split("Training").labels.tolist() == [EMOTIONS.index("sad")] * 7


def test_votes_are_told_with_the_images_they_are_on(patterns: Path, tmp_path: Path) -> None:
    votes = f"data.votes={_votes(patterns, tmp_path, 'sad')}"
    fer2013 = load_data(_config(patterns, votes, "data.emotions=[happy,neutral]"))
    for split in fer2013.splits.values():
        assert split.votes is not None
        firsts = [split.rows[split.labels == label].min() for label in np.unique(split.labels)]
        np.testing.assert_array_equal(split.votes[:, VOTED.index("sad")] == 9, np.isin(split.rows, firsts))
    assert load_data(_config(patterns)).split("Training").votes is None


def test_labels_of_ferplus_need_the_votes(patterns: Path) -> None:
    with pytest.raises(ConfigError, match=r"give data\.votes their \.csv, or set data\.labels=fer2013"):
        load_data(_config(patterns, "data=ferplus"))


def test_unknown_names_are_refused(patterns: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.emotions must be one of angry, .*; got 'bored'"):
        _config(patterns, "data.emotions=[bored]")
    with pytest.raises(ConfigError, match=r"data\.labels must be one of fer2013, ferplus; got 'mine'"):
        _config(patterns, "data.labels=mine")
