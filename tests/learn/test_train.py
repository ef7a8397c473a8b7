"""Journey 1 on a tiny data set: train, be killed, resume, evaluate, export, and load what was shipped."""

import errno
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from fewshot.compose import load
from fewshot.encoder import load_encoder
from fewshot.errors import ConfigError, DatasetError, DivergenceError, OutputError, SupportError, WeightsError
from fewshot.learn.checkpoint import RenamingIO, load_averaged, load_soup
from fewshot.learn.config import TrainConfig
from fewshot.learn.data import load_data
from fewshot.learn.embed import EmbeddedSplits, load_embedder
from fewshot.learn.evaluate import evaluate
from fewshot.learn.evaluate_config import EvaluateConfig, ExportConfig
from fewshot.learn.export import export, write_onnx
from fewshot.learn.fer2013 import load_fer2013
from fewshot.learn.ferplus import VOTED
from fewshot.learn.generic import make_generic
from fewshot.learn.quantize import quantize
from fewshot.learn.train import train
from fewshot.learn.whiten import whitened
from fewshot.prototypes import load_generic, nearest
from fewshot.types import EMOTIONS
from tests.learn.conftest import LIGHTNINGS_HABITS, TINY

pytestmark = LIGHTNINGS_HABITS
FEW_SHOT = ["few_shot.shots=[1,2]", "few_shot.n_query=3", "few_shot.episodes=20"]


def _config(patterns: Path, output: Path, *overrides: str) -> TrainConfig:
    arguments = [
        f"data.path={patterns}",
        f"data.cache={output.parent / 'cache'}",
        f"output={output}",
        *TINY,
        *overrides,
    ]
    config = load(TrainConfig, arguments)
    assert isinstance(config, TrainConfig)
    return config


@pytest.fixture(scope="module")
def trained(patterns: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished tiny run's checkpoint."""
    return train(_config(patterns, tmp_path_factory.mktemp("runs") / "whole")).checkpoint


def test_it_learns(patterns: Path, trained: Path) -> None:
    fer2013 = load_fer2013(patterns, trained.parent.parent / "cache", check_counts=False)
    embedded = EmbeddedSplits(load_embedder(str(trained)), fer2013)
    few_shot = load(EvaluateConfig, ["data.path=x", *FEW_SHOT]).few_shot
    report = evaluate(embedded, make_generic(embedded), "PublicTest", few_shot)
    assert report.accuracy.value > 0.8
    assert report.few_shot["7-way 1-shot"].value > 0.7
    assert np.sum(report.confusion) == 42
    assert "accuracy" in str(report)
    assert str(report).startswith(
        "PublicTest, 42 images, nearest generic prototype (by labels alone, data.votes not given)"
    )


def test_a_run_on_some_emotions_is_measured_on_all(patterns: Path, tmp_path: Path) -> None:
    some = train(_config(patterns, tmp_path / "some", "data.emotions=[happy,sad]", "episode.n_way=2")).checkpoint
    fer2013 = load_fer2013(patterns, tmp_path / "cache", check_counts=False)
    embedded = EmbeddedSplits(load_embedder(str(some)), fer2013)
    few_shot = load(EvaluateConfig, ["data.path=x", *FEW_SHOT]).few_shot
    report = evaluate(embedded, make_generic(embedded), "PublicTest", few_shot)
    assert report.n == 42
    assert set(report.recalls) == set(EMOTIONS)


def test_few_images_are_validated_by_all_their_classes(patterns: Path, tmp_path: Path) -> None:
    for path in sorted((patterns / "train").rglob("*.png")):
        if int(path.stem.rpartition("_")[2]) % 3 == 0:  # six or seven of each
            few = tmp_path / "few" / path.relative_to(patterns)
            few.parent.mkdir(parents=True, exist_ok=True)
            few.write_bytes(path.read_bytes())
    for path in (patterns / "test").rglob("PublicTest_*.png"):
        few = tmp_path / "few" / path.relative_to(patterns)
        few.parent.mkdir(parents=True, exist_ok=True)
        few.write_bytes(path.read_bytes())
    assert train(_config(tmp_path / "few", tmp_path / "run", "trainer.epochs=1")).accuracy is not None


def test_a_share_of_the_images_is_aligned_before_the_run_begins(patterns: Path, tmp_path: Path) -> None:
    train(_config(patterns, tmp_path / "aligned", "episode.aligned_share=0.5", "trainer.epochs=1"))
    (kept,) = (tmp_path / "cache").glob("aligned-*.npz")
    assert np.load(kept)["aligned"].shape == (140, 48, 48)


def test_resuming_repeats_the_uninterrupted_run(patterns: Path, trained: Path, tmp_path: Path) -> None:
    """Kill the command once it has written a checkpoint; the resumed run ends with the very weights of the whole run."""
    output = tmp_path / "killed"
    arguments = [
        f"data.path={patterns}",
        f"data.cache={tmp_path / 'cache'}",
        f"output={output}",
        f"hydra.run.dir={tmp_path}",
        *TINY,
    ]
    command = [sys.executable, "-m", "fewshot.learn.train", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    deadline = time.monotonic() + 240
    while not (output / "last.ckpt").is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    _, stderr = process.communicate()
    assert (output / "last.ckpt").is_file(), stderr.decode()[-2000:]
    epoch = torch.load(output / "last.ckpt", weights_only=True)["epoch"]
    train(_config(patterns, output))
    assert torch.load(output / "last.ckpt", weights_only=True)["epoch"] == 2 >= epoch
    whole, resumed = (load_averaged(path)[0].state_dict() for path in (trained, output / "last.ckpt"))
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value, rtol=1e-4, atol=1e-5, msg=name)


def test_a_run_that_is_told_to_end_has_not_succeeded(patterns: Path, tmp_path: Path) -> None:
    where = [f"data.path={patterns}", f"data.cache={tmp_path / 'cache'}", f"output={tmp_path / 'run'}"]
    command = [sys.executable, "-m", "fewshot.learn.train", *where, *TINY, "trainer.epochs=1000"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    deadline = time.monotonic() + 240
    while not (tmp_path / "run" / "last.ckpt").is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.terminate()
    _, stderr = process.communicate()
    assert process.returncode == 143, stderr.decode()[-2000:]
    assert re.search(rb"stopped in epoch \d+ of 1000 of .*run; the same command goes on", stderr)
    assert not list((tmp_path / "run").glob("*.part"))
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "run"}


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


def test_another_config_does_not_continue_a_run(patterns: Path, trained: Path) -> None:
    with pytest.raises(
        ConfigError, match="was made with another optimizer, seed|was made with another seed, .*optimizer"
    ):
        train(_config(patterns, trained.parent, "seed=9", "optimizer.ema=0.5"))
    with pytest.raises(ConfigError, match=r"was made with another data\.emotions"):
        train(_config(patterns, trained.parent, "data.emotions=[happy,sad]"))
    with pytest.raises(ConfigError, match="resume=false would overwrite it"):
        train(_config(patterns, trained.parent, "resume=false"))


@pytest.mark.parametrize("left", [None, b"", b"trainer: [", b"only words", b"seed: 1", b"seed: \xc3"])
def test_a_run_whose_config_is_lost_or_damaged_is_not_gone_on_with(
    patterns: Path, tmp_path: Path, left: bytes | None
) -> None:
    (tmp_path / "last.ckpt").write_bytes(b"what a run of days left")
    if left is not None:
        (tmp_path / "config.yaml").write_bytes(left)
    with pytest.raises(ConfigError, match=r"config.yaml must say how last.ckpt beside it was made, and cannot be read"):
        train(_config(patterns, tmp_path))
    assert (tmp_path / "last.ckpt").read_bytes() == b"what a run of days left"


def test_export_ships_what_was_measured(patterns: Path, trained: Path, tmp_path: Path) -> None:
    overrides = [
        f"checkpoint={trained}",
        f"output={tmp_path}",
        f"data.path={patterns}",
        f"data.cache={tmp_path / 'cache'}",
    ]
    config = load(
        ExportConfig,
        [*overrides, "data.check_counts=false", *FEW_SHOT, "read_private_test=true"],
    )
    reports = export(config)
    assert [r.split for r in reports] == ["PublicTest", "PrivateTest"]
    encoder, generic = load_encoder(tmp_path / "encoder.onnx"), load_generic(tmp_path / "prototypes.npz")
    assert generic.fingerprint == encoder.fingerprint
    assert generic.labels == EMOTIONS
    test = load_fer2013(patterns, tmp_path / "cache", check_counts=False).split("PrivateTest")
    found = nearest(encoder.embed(test.images_gray), generic).labels
    accuracy = np.mean([EMOTIONS[truth] == label for truth, label in zip(test.labels, found, strict=True)])
    assert accuracy == pytest.approx(reports[1].accuracy.value)
    averaged, fer2013 = load_averaged(trained)[0], load_fer2013(patterns, tmp_path / "cache", check_counts=False)
    shipped = whitened(averaged, fer2013.split("Training"), fer2013.split("PublicTest"))
    expected = torch.cat(shipped(torch.from_numpy(test.images_gray)), dim=1).detach()
    np.testing.assert_allclose(encoder.embed(test.images_gray), expected, rtol=1e-3, atol=1e-2)
    assert generic.weights.tolist() == [[1.0] * 8 + [0.0] * 8] * 7
    assert generic.temperature == pytest.approx(1, rel=0.05)
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert "FER2013 Training (140 images), 24 episodes of 7-way 2-shot with 21 balanced queries, seed 1 |" in card
    assert "PrivateTest was read once" in card
    assert str(reports[1].accuracy) in card
    assert encoder.fingerprint in card


def test_an_export_that_cannot_be_written_leaves_the_last_one(
    patterns: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    where = [f"checkpoint={trained}", f"output={tmp_path / 'out'}", f"data.cache={tmp_path / 'cache'}"]
    config = load(ExportConfig, [*where, f"data.path={patterns}", "data.check_counts=false", *FEW_SHOT])
    monkeypatch.setattr(Path, "write_text", full)  # the last that is written
    with pytest.raises(OutputError, match="out cannot be written: No space left on device"):
        export(config)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_cannot_be_measured_is_said_before_anything_is_embedded(
    patterns: Path, trained: Path, tmp_path: Path
) -> None:
    for path in patterns.rglob("*.png"):  # names that tell no split
        untold = tmp_path / "untold" / path.relative_to(patterns).with_name(path.name.replace("Test_", ""))
        untold.parent.mkdir(parents=True, exist_ok=True)
        untold.write_bytes(path.read_bytes())
    where = [f"checkpoint={trained}", f"output={tmp_path / 'out'}", f"data.cache={tmp_path / 'cache'}"]
    with pytest.raises(DatasetError, match="split 'PublicTest' is wanted"):
        export(load(ExportConfig, [*where, f"data.path={tmp_path / 'untold'}", "data.check_counts=false", *FEW_SHOT]))
    with pytest.raises(SupportError, match="class 0 has 6 images but k_shot"):
        export(load(ExportConfig, [*where, f"data.path={patterns}", "data.check_counts=false"]))
    assert not (tmp_path / "out").exists()


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


def test_what_would_end_the_run_is_said_before_it_begins(patterns: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written: Not a directory"):
        train(_config(patterns, tmp_path / "file" / "run", f"data.cache={tmp_path / 'cache'}"))
    with pytest.raises(ConfigError, match="trainer.devices=99 is not to be had here: .* Give trainer=cpu, or fewer"):
        train(_config(patterns, tmp_path / "run", "trainer.accelerator=gpu", "trainer.devices=99"))


def test_command_line_errors_are_one_sentence(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "fewshot.learn.train",
        f"data.path={tmp_path / 'none (1).zip'}",
        f"hydra.run.dir={tmp_path}",
        f"output={tmp_path / 'run'}",
    ]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1
    assert f"DatasetError: FER2013 must be at {tmp_path / 'none (1).zip'}, and there is nothing" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_quantized_encoder_embeds_almost_alike(patterns: Path, trained: Path, tmp_path: Path) -> None:
    fer2013 = load_fer2013(patterns, tmp_path / "cache", check_counts=False)
    floats, integers = tmp_path / "floats.onnx", tmp_path / "integers.onnx"
    shown, public = fer2013.split("Training"), fer2013.split("PublicTest")
    write_onnx(whitened(load_averaged(trained)[0], shown, public), floats)
    quantize(floats, integers, shown.images_gray)
    crops = public.images_gray
    exact, rounded = (load_encoder(file).embed(crops) for file in (floats, integers))
    assert 0 < np.abs(exact - rounded).max() < 0.1 * np.abs(exact).max()


def test_two_processes_train_one_network(patterns: Path, tmp_path: Path) -> None:
    arguments = [f"data.path={patterns}", f"data.cache={tmp_path / 'cache'}", f"output={tmp_path / 'run'}", *TINY]
    command = [sys.executable, "-m", "fewshot.learn.train", *arguments, "trainer=ddp", f"hydra.run.dir={tmp_path}"]
    command += ["loss.metric_weight=0"]  # neither waits for the gradient of proxies that are not asked
    loopback = "lo" if sys.platform == "linux" else "lo0"  # not the host's name, which need not resolve
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": loopback}
    finished = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert "Starting with 2 processes" in finished.stderr
    assert torch.load(tmp_path / "run" / "last.ckpt", weights_only=True)["global_step"] == 24


def test_a_loss_that_is_no_number_stops_the_run(patterns: Path, tmp_path: Path) -> None:
    with pytest.raises(DivergenceError, match=r"the loss must be finite, got nan at step \d+ of .*config.yaml"):
        train(_config(patterns, tmp_path / "run", "optimizer.learning_rate=1e30", "optimizer.clip=0"))


@pytest.mark.parametrize("asked", ["loss.votes_weight=0.5", "loss.raters_share=0.5"])
def test_votes_that_are_asked_must_be_given(patterns: Path, tmp_path: Path, asked: str) -> None:
    with pytest.raises(
        ConfigError, match=r"raters_share take FER\+ votes: give data.votes their .csv, or set both to 0"
    ):
        train(_config(patterns, tmp_path / "run", asked))


def test_queries_are_named_by_raters_too(patterns: Path, tmp_path: Path) -> None:
    """Named by raters alone, who see what the labels say, queries teach as much as by their labels."""
    votes = tmp_path / "votes.csv"
    lines = [
        f"{path.parent.name}/{path.name}," + ",".join("10" if c == path.parent.name else "0" for c in VOTED)
        for path in patterns.rglob("*.png")
    ]
    votes.write_text("\n".join([",".join(["file", *VOTED]), *lines]) + "\n")
    config = _config(patterns, tmp_path / "run", "loss.raters_share=1", f"data.votes={votes}")
    trained = train(config)
    assert trained.accuracy is not None
    assert trained.accuracy > 0.8
    embedded = EmbeddedSplits(load_embedder(str(trained.checkpoint)), load_data(config.data))
    few_shot = load(EvaluateConfig, ["data.path=x", *FEW_SHOT]).few_shot
    report = evaluate(embedded, make_generic(embedded), "PublicTest", few_shot)
    assert report.prototypes == "75% by the raters of FER+, else by labels"
    assert report.ferplus is not None
    assert report.ferplus.value == report.accuracy.value


def test_a_sweep_chooses_by_public_test(patterns: Path, tmp_path: Path) -> None:
    arguments = [f"data.path={patterns}", f"data.cache={tmp_path / 'cache'}", *TINY, "trainer.epochs=1"]
    sweep = ["-m", "experiment=sweep", "hydra.sweeper.n_trials=2", f"hydra.sweep.dir={tmp_path / 'sweep'}"]
    command = [sys.executable, "-m", "fewshot.learn.train", *sweep, *arguments]
    finished = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    best = OmegaConf.load(tmp_path / "sweep" / "optimization_results.yaml")
    runs = sorted((tmp_path / "sweep").glob("*/config.yaml"))
    tried = [OmegaConf.load(run).loss.metric_weight for run in runs]
    assert len(set(tried)) == 2
    assert best.best_params["loss.metric_weight"] in tried
    assert 1 / 7 < best.best_value <= 1
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "sweep"}


def test_a_run_that_diverges_does_not_end_a_sweep(patterns: Path, tmp_path: Path) -> None:
    tiny = [override for override in TINY if not override.startswith("optimizer.learning_rate")]
    arguments = [f"data.path={patterns}", f"data.cache={tmp_path / 'cache'}", *tiny, "trainer.epochs=1"]
    sweep = ["-m", "experiment=sweep", "hydra.sweeper.n_trials=6", f"hydra.sweep.dir={tmp_path / 'sweep'}"]
    swept = ["optimizer.learning_rate=1e30,0.01", "optimizer.clip=0", "episode.queries=balanced,natural"]
    finished = subprocess.run(
        [sys.executable, "-m", "fewshot.learn.train", *sweep, *arguments, *swept],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert "DivergenceError: the loss must be finite" in finished.stderr
    runs = [OmegaConf.load(run) for run in (tmp_path / "sweep").glob("*/config.yaml")]
    assert len(runs) == 6
    assert {run.episode.queries for run in runs} == {"balanced", "natural"}
    assert (
        OmegaConf.load(tmp_path / "sweep" / "optimization_results.yaml").best_params["optimizer.learning_rate"] == 0.01
    )


def test_a_sweep_without_a_split_to_choose_by_is_refused(patterns: Path, tmp_path: Path) -> None:
    for path in (patterns / "train").rglob("*.png"):
        copy = tmp_path / "data" / path.relative_to(patterns)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    arguments = [f"data.path={tmp_path / 'data'}", f"data.cache={tmp_path / 'cache'}", *TINY]
    finished = subprocess.run(
        [sys.executable, "-m", "fewshot.learn.train", "-m", "experiment=sweep", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert finished.returncode == 1
    assert "DatasetError: split 'PublicTest' is wanted, this copy of FER2013 offers Training." in finished.stderr
    assert not list(tmp_path.rglob("last.ckpt"))
