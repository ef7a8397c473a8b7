"""A run goes on with what it was begun with, or says what is different."""

from pathlib import Path

import numpy as np
import pytest
import torch

from fewshot.compose import load
from fewshot.errors import ConfigError, DatasetError, WeightsError
from fewshot.learn.checkpoint import load_averaged
from fewshot.learn.config import TrainConfig
from fewshot.learn.fer2013 import load_fer2013
from fewshot.learn.ferplus import VOTED
from fewshot.learn.resume import check_data
from fewshot.learn.train import train
from tests.learn.conftest import TINY


def _config(data: Path, output: Path, *overrides: str) -> TrainConfig:
    where = [f"data.path={data}", f"data.cache={output.parent / 'cache'}", f"output={output}"]
    return load(TrainConfig, [*where, *TINY, "trainer.epochs=1", *overrides])


@pytest.fixture(scope="module")
def run(patterns: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a run of one epoch."""
    output = tmp_path_factory.mktemp("runs") / "run"
    train(_config(patterns, output))
    return output


def _csv(archive: Path, path: Path, backwards: bool) -> Path:
    """The same images as rows, in the order of the archive or backwards."""
    rows = []
    for usage, split in load_fer2013(archive, path.parent / "cache", check_counts=False).splits.items():
        for label, image in zip(split.labels, split.images_gray, strict=True):
            rows.append(f"{label},{' '.join(map(str, image.ravel()))},{usage}")
    path.write_text("\n".join(["emotion,pixels,Usage", *(reversed(rows) if backwards else rows)]))
    return path


def test_the_same_images_in_another_order_are_other_episodes(patterns: Path, run: Path, tmp_path: Path) -> None:
    before = (run / "config.yaml").read_bytes()
    with pytest.raises(DatasetError, match=r"last\.ckpt must go on with the images, their order and the votes"):
        train(_config(_csv(patterns, tmp_path / "fer2013.csv", backwards=True), run))
    assert (run / "config.yaml").read_bytes() == before
    train(_config(_csv(patterns, tmp_path / "fer2013.csv", backwards=False), run))


def test_answers_belong_to_images_in_their_order() -> None:
    check_data({"answers": np.zeros((1, 7))}, Path("answers.npz"), "b")  # of an earlier version
    check_data({"training_data": np.array("a")}, Path("answers.npz"), "a")
    with pytest.raises(DatasetError, match=r"answers\.npz must go on with .* Give the same data in the same form"):
        check_data({"training_data": np.array("a")}, Path("answers.npz"), "b")


def test_votes_may_not_change_where_they_are_asked(patterns: Path, run: Path, tmp_path: Path) -> None:
    names = sorted(f"{path.parent.name}/{path.name}" for path in patterns.rglob("*.png"))
    tables = {}
    for said in ("sad", "happy"):
        lines = [f"{name}," + ",".join("10" if c == said else "0" for c in VOTED) for name in names]
        tables[said] = tmp_path / f"{said}.csv"
        tables[said].write_text("\n".join([",".join(["file", *VOTED]), *lines]))
    asked = "loss.votes_weight=1"
    train(_config(patterns, tmp_path / "asks", asked, f"data.votes={tables['sad']}"))
    with pytest.raises(DatasetError, match=r"data\.path or data\.votes give others"):
        train(_config(patterns, tmp_path / "asks", asked, f"data.votes={tables['happy']}"))
    train(_config(patterns, run, f"data.votes={tables['happy']}"))  # which does not use them


def test_a_checkpoint_of_an_earlier_version_goes_on(patterns: Path, tmp_path: Path) -> None:
    left = torch.load(train(_config(patterns, tmp_path)).checkpoint, weights_only=True)
    assert left.pop("training_data")
    torch.save(left, tmp_path / "last.ckpt")
    train(_config(patterns, tmp_path, "trainer.epochs=2"))
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["epoch"] == 1


def test_a_run_is_not_made_shorter(patterns: Path, tmp_path: Path) -> None:
    train(_config(patterns, tmp_path, "trainer.epochs=2"))
    with pytest.raises(
        ConfigError, match=r"trainer\.epochs must be at least the 2 that .*last\.ckpt has behind it, got 1"
    ):
        train(_config(patterns, tmp_path))
    assert "epochs: 2" in (tmp_path / "config.yaml").read_text()


@pytest.mark.parametrize("left", [b"", b"cut", None])
def test_a_damaged_checkpoint_is_a_sentence(patterns: Path, run: Path, tmp_path: Path, left: bytes | None) -> None:
    checkpoint = tmp_path / "last.ckpt"
    (tmp_path / "config.yaml").write_bytes((run / "config.yaml").read_bytes())
    checkpoint.write_bytes((run / "last.ckpt").read_bytes()[:5000] if left is None else left)
    with pytest.raises(
        WeightsError, match=r"last\.ckpt must be a whole checkpoint for its run to go on, and cannot be"
    ):
        train(_config(patterns, tmp_path))


def test_an_unreadable_checkpoint_is_a_sentence(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(torch, "load", refuse)
    with pytest.raises(WeightsError, match=r"must be a checkpoint of the run in .*Permission denied"):
        load_averaged(run / "last.ckpt")
