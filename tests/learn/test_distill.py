"""Teachers are trained once, name the images as a product would, and their pupil listens."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from fewshot.compose import load
from fewshot.errors import ConfigError, DatasetError
from fewshot.learn.checkpoint import load_averaged, load_temperature
from fewshot.learn.config import TrainConfig
from fewshot.learn.distill import teacher_runs, what_they_answer
from fewshot.learn.embed import embed_images
from fewshot.learn.fer2013 import load_fer2013
from fewshot.learn.train import train
from fewshot.types import EMOTIONS
from tests.learn.conftest import TINY

ENSEMBLE = [
    "distill=ensemble",
    "distill.teachers=2",
    "distill.epochs=2",
    "distill.encoder.stem=4",
    "distill.encoder.widths=[8,16]",
    "distill.encoder.blocks=[1,1]",
    "distill.encoder.dimension=8",
    "distill.loss.votes_weight=0",
    "distill.loss.raters_share=0",
    "loss.reading_weight=1",
]


def _config(patterns: Path, output: Path, *overrides: str) -> TrainConfig:
    where = [f"data.path={patterns}", f"data.cache={output.parent / 'cache'}", f"output={output}"]
    return load(TrainConfig, [*where, *TINY, *ENSEMBLE, *overrides])


def test_a_teacher_is_a_run_of_its_own(patterns: Path, tmp_path: Path) -> None:
    config = _config(patterns, tmp_path / "run", "seed=5", "trainer.devices=2", "trainer.strategy=ddp")
    first, second = teacher_runs(config)
    assert (first.seed, second.seed) == (6, 7)
    assert (first.output, second.output) == (f"{tmp_path}/run/teacher-1", f"{tmp_path}/run/teacher-2")
    assert first.encoder == config.distill.encoder != config.encoder
    assert first.loss == config.distill.loss != config.loss
    assert (first.trainer.epochs, first.trainer.steps) == (2, config.trainer.steps)
    assert (first.trainer.devices, first.trainer.strategy) == (1, "auto")
    assert teacher_runs(first) == []


def test_teachers_that_cannot_be_asked_are_refused(patterns: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="data.emotions must be null where teachers are asked, who name all 7"):
        _config(patterns, tmp_path, "data.emotions=[happy,sad]")
    with pytest.raises(ConfigError, match="need an encoder and a loss: take distill=ensemble"):
        load(TrainConfig, [f"data.path={patterns}", "distill.teachers=1"])


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["distill.share=0"], r"distill\.share must be above 0 where teachers are trained"),
        (["loss.episodic=0", "loss.reading_weight=0"], r"loss\.episodic or loss\.reading_weight must be above 0"),
        (
            ["distill.loss.votes_weight=1"],
            r"distill\.loss\.votes_weight and distill\.loss\.raters_share take FER\+ votes",
        ),
        (["trainer.accelerator=gpu", "trainer.devices=99"], r"trainer\.devices=99 is not to be had here"),
    ],
)
def test_what_would_end_the_run_is_said_before_teachers_are_trained(
    patterns: Path, tmp_path: Path, overrides: list[str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        train(_config(patterns, tmp_path / "run", *overrides))
    assert not (tmp_path / "run" / "teacher-1").exists()


def test_teachers_are_asked_once(patterns: Path, tmp_path: Path) -> None:
    config = _config(patterns, tmp_path / "run")
    trained = train(config)
    assert trained.accuracy is not None
    assert trained.accuracy > 0.5
    kept = np.load(tmp_path / "run" / "answers.npz")["answers"]
    split = load_fer2013(patterns, tmp_path / "cache", check_counts=False).split("Training")
    probabilities = []
    for run in teacher_runs(config):
        checkpoint = Path(run.output) / "last.ckpt"
        encoder, _ = load_averaged(checkpoint)
        embedded = torch.from_numpy(embed_images(encoder, split.images_gray))
        means = torch.stack([embedded[split.labels == c].mean(dim=0) for c in range(len(EMOTIONS))])
        distances = torch.cdist(embedded, means, compute_mode="donot_use_mm_for_euclid_dist").square()
        probabilities.append((-distances / load_temperature(checkpoint)).softmax(dim=1))
    np.testing.assert_allclose(kept, torch.stack(probabilities).mean(dim=0), atol=1e-5)
    one = what_they_answer([checkpoint], split, "cpu")
    np.testing.assert_allclose(one, probabilities[-1], atol=1e-5)
    # a run that goes on needs the answers alone
    for run in teacher_runs(config):
        shutil.rmtree(run.output)
    longer = train(_config(patterns, tmp_path / "run", "trainer.epochs=4"))
    assert torch.load(longer.checkpoint, weights_only=True)["epoch"] == 3
    assert not (tmp_path / "run" / "teacher-1").exists()


def test_answers_of_other_teachers_or_data_are_not_used(patterns: Path, tmp_path: Path) -> None:
    """Killed once the teachers were asked, before the pupil's first epoch was over."""
    output = tmp_path / "run"
    train(_config(patterns, output, "trainer.epochs=1"))
    (output / "last.ckpt").unlink()
    with pytest.raises(ConfigError, match="answers.npz was made with another distill. Choose another output"):
        train(_config(patterns, output, "distill.epochs=3"))
    with pytest.raises(ConfigError, match="answers.npz exists and resume=false would overwrite it"):
        train(_config(patterns, output, "resume=false"))
    np.savez(output / "answers.npz", answers=np.full((140, 7), 1 / 7, np.float32), training_data="of others")
    with pytest.raises(DatasetError, match=r"answers\.npz must go on with the images, their order and the votes"):
        train(_config(patterns, output))
    np.savez(output / "answers.npz", answers=np.full((3, 7), 1 / 7, np.float32))
    with pytest.raises(DatasetError, match="must name each of the 140 images of Training, and names 3"):
        train(_config(patterns, output))


def test_the_pupil_learns_what_it_is_told(patterns: Path, tmp_path: Path) -> None:
    """Told that every image is of the next emotion, the reading of its embedding says so."""
    config = _config(patterns, tmp_path / "run", "trainer.epochs=6", "loss.metric_weight=0", "loss.label_smoothing=0")
    split = load_fer2013(patterns, tmp_path / "cache", check_counts=False).split("Training")
    wanted = (split.labels + 1) % len(EMOTIONS)
    (tmp_path / "run").mkdir()
    OmegaConf.save(OmegaConf.structured(config), tmp_path / "run" / "config.yaml")
    np.savez(tmp_path / "run" / "answers.npz", answers=np.eye(len(EMOTIONS), dtype=np.float32)[wanted])
    checkpoint = train(config).checkpoint
    state = torch.load(checkpoint, weights_only=True)["state_dict"]
    encoder, _ = load_averaged(checkpoint)
    embedded = torch.from_numpy(embed_images(encoder, split.images_gray))
    read = (embedded @ state["reading.linear.weight"].T + state["reading.linear.bias"]).argmax(dim=1).numpy()
    assert (read == wanted).mean() > 0.7
