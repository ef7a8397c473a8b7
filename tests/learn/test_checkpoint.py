"""Checkpoints: whole or as before, averaged, and refused where they are another's."""

import resource
from pathlib import Path

import pytest
import torch

from fewshot.errors import OutputError, WeightsError
from fewshot.learn.checkpoint import RenamingIO, load_averaged, load_soup


def test_a_checkpoint_that_cannot_be_written_leaves_the_last_one(tmp_path: Path) -> None:
    RenamingIO().save_checkpoint({"epoch": 1}, tmp_path / "last.ckpt")
    (tmp_path / "last.ckpt.part").mkdir()
    with pytest.raises(OutputError, match=r"last\.ckpt cannot be written: Is a directory"):
        RenamingIO().save_checkpoint({"epoch": 2}, tmp_path / "last.ckpt")
    assert torch.load(tmp_path / "last.ckpt", weights_only=True) == {"epoch": 1}


def test_a_checkpoint_for_which_the_disk_has_no_room(tmp_path: Path) -> None:
    RenamingIO().save_checkpoint({"epoch": 1}, tmp_path / "last.ckpt")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))  # the file ends in its middle, as on a full disk
    try:
        with pytest.raises(
            OutputError, match=r"last\.ckpt cannot be written: File too large\. Name another place, or make"
        ):
            RenamingIO().save_checkpoint({"epoch": 2, "weights": torch.zeros(100_000)}, tmp_path / "last.ckpt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert torch.load(tmp_path / "last.ckpt", weights_only=True) == {"epoch": 1}


def test_a_soup_has_the_mean_of_the_weights(trained: Path, tmp_path: Path) -> None:
    further = torch.load(trained, map_location="cpu", weights_only=True)
    for name, value in further["state_dict"].items():
        if name.startswith("averaged.") and value.is_floating_point():
            further["state_dict"][name] = value + 2
    torch.save(further, tmp_path / "last.ckpt")
    written = (trained.parent / "config.yaml").read_text()
    (tmp_path / "config.yaml").write_text(written)
    soup, runs = load_soup([trained, tmp_path / "last.ckpt"], mirror=False)
    assert len(runs) == 2
    one = load_averaged(trained)[0].state_dict()
    for name, value in soup.state_dict().items():
        torch.testing.assert_close(value, one[name] + 1 if value.is_floating_point() else one[name], msg=name)
    (tmp_path / "config.yaml").write_text(written.replace("crop_px: 40", "crop_px: 44"))
    with pytest.raises(WeightsError, match="must hold an encoder built like that of"):
        load_soup([trained, tmp_path / "last.ckpt"], mirror=False)


def test_foreign_checkpoints_are_refused(tmp_path: Path, trained: Path) -> None:
    with pytest.raises(WeightsError, match="must leave .*last.ckpt, and there is nothing"):
        load_averaged(tmp_path / "last.ckpt")
    (tmp_path / "config.yaml").write_text((trained.parent / "config.yaml").read_text())
    for content in (b"no checkpoint", b""):
        (tmp_path / "last.ckpt").write_bytes(content)
        with pytest.raises(WeightsError, match="must be a checkpoint of the run"):
            load_averaged(tmp_path / "last.ckpt")
    for content in ([1, 2], {"state_dict": [1]}):
        torch.save(content, tmp_path / "last.ckpt")
        with pytest.raises(WeightsError, match="must be a checkpoint of the run"):
            load_averaged(tmp_path / "last.ckpt")
    for other in ("seed: 1\n", "[]", "{"):  # of an earlier version, or no config at all
        (tmp_path / "config.yaml").write_text(other)
        with pytest.raises(WeightsError, match="must be a checkpoint of the run in .*config.yaml, in the version of"):
            load_averaged(tmp_path / "last.ckpt")
