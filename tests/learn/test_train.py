"""Journey 1 on a tiny data set: train, be killed, resume, and be measured."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from fewshot.compose import load
from fewshot.errors import ConfigError, DivergenceError, OutputError
from fewshot.learn.checkpoint import load_averaged
from fewshot.learn.data import load_data
from fewshot.learn.embed import EmbeddedSplits, load_embedder
from fewshot.learn.evaluate import evaluate
from fewshot.learn.evaluate_config import EvaluateConfig
from fewshot.learn.fer2013 import load_fer2013
from fewshot.learn.ferplus import VOTED
from fewshot.learn.generic import make_generic
from fewshot.learn.train import train
from fewshot.learn.whiten import whitened
from fewshot.types import EMOTIONS
from tests.learn.conftest import FEW_SHOT, TINY, run_config


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


def test_a_measurement_is_written_whole_or_not_at_all(patterns: Path, trained: Path, tmp_path: Path) -> None:
    def measure(split: str, most_bytes: int) -> subprocess.CompletedProcess[str]:
        where = [f"data.path={patterns}", f"data.cache={tmp_path / 'cache'}", f"output={tmp_path / 'out'}"]
        limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most_bytes}, resource.RLIM_INFINITY))"
        start = f"import runpy; {limit}; runpy.run_module('fewshot.learn.evaluate', run_name='__main__')"
        asked = [f"model={trained}", f"split={split}", "data.check_counts=false", *FEW_SHOT]
        return subprocess.run(
            [sys.executable, "-c", start, *where, *asked], capture_output=True, text=True, cwd=tmp_path
        )

    assert measure("PublicTest", 10_000_000).returncode == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert set(before) == {"report.json", "confusion.png", "embeddings.png"}
    assert json.loads(before["report.json"])["split"] == "PublicTest"
    stopped = measure("PrivateTest", 8_000)  # enough for the report, as on a disk that is full by then
    assert stopped.returncode == 1
    assert "out cannot be written: File too large. Name another place" in stopped.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_run_on_some_emotions_is_measured_on_all(patterns: Path, tmp_path: Path) -> None:
    some = train(run_config(patterns, tmp_path / "some", "data.emotions=[happy,sad]", "episode.n_way=2")).checkpoint
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
    assert train(run_config(tmp_path / "few", tmp_path / "run", "trainer.epochs=1")).accuracy is not None


def test_a_share_of_the_images_is_aligned_before_the_run_begins(patterns: Path, tmp_path: Path) -> None:
    train(run_config(patterns, tmp_path / "aligned", "episode.aligned_share=0.5", "trainer.epochs=1"))
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
    train(run_config(patterns, output))
    assert torch.load(output / "last.ckpt", weights_only=True)["epoch"] == 2 >= epoch
    whole, resumed = (load_averaged(path)[0].state_dict() for path in (trained, output / "last.ckpt"))
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value, rtol=1e-4, atol=1e-5, msg=name)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        (signal.SIGTERM, 143, rb"stopped in epoch \d+ of 1000 of .*run; the same command goes on"),
        (signal.SIGINT, 130, rb"train: stopped\. The same command goes on after the last whole epoch\."),
    ],
)
def test_a_run_that_is_told_to_end_has_not_succeeded(
    end: signal.Signals, code: int, said: bytes, patterns: Path, tmp_path: Path
) -> None:
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
    process.send_signal(end)
    _, stderr = process.communicate()
    assert process.returncode == code, stderr.decode()[-2000:]
    assert re.search(said, stderr)
    assert b"Traceback" not in stderr
    assert not list((tmp_path / "run").glob("*.part"))
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "run"}


def test_another_config_does_not_continue_a_run(patterns: Path, trained: Path) -> None:
    with pytest.raises(
        ConfigError, match="was made with another optimizer, seed|was made with another seed, .*optimizer"
    ):
        train(run_config(patterns, trained.parent, "seed=9", "optimizer.ema=0.5"))
    with pytest.raises(ConfigError, match=r"was made with another data\.emotions"):
        train(run_config(patterns, trained.parent, "data.emotions=[happy,sad]"))
    with pytest.raises(ConfigError, match="resume=false would overwrite it"):
        train(run_config(patterns, trained.parent, "resume=false"))


@pytest.mark.parametrize("left", [None, b"", b"trainer: [", b"only words", b"seed: 1", b"seed: \xc3"])
def test_a_run_whose_config_is_lost_or_damaged_is_not_gone_on_with(
    patterns: Path, tmp_path: Path, left: bytes | None
) -> None:
    (tmp_path / "last.ckpt").write_bytes(b"what a run of days left")
    if left is not None:
        (tmp_path / "config.yaml").write_bytes(left)
    with pytest.raises(ConfigError, match=r"config.yaml must say how last.ckpt beside it was made, and cannot be read"):
        train(run_config(patterns, tmp_path))
    assert (tmp_path / "last.ckpt").read_bytes() == b"what a run of days left"


def test_what_would_end_the_run_is_said_before_it_begins(patterns: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written: Not a directory"):
        train(run_config(patterns, tmp_path / "file" / "run", f"data.cache={tmp_path / 'cache'}"))
    with pytest.raises(ConfigError, match="trainer.devices=99 is not to be had here: .* Give trainer=cpu, or fewer"):
        train(run_config(patterns, tmp_path / "run", "trainer.accelerator=gpu", "trainer.devices=99"))


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
        train(run_config(patterns, tmp_path / "run", "optimizer.learning_rate=1e30", "optimizer.clip=0"))


def test_an_epoch_that_ends_beyond_the_finite_numbers_is_not_kept(patterns: Path, tmp_path: Path) -> None:
    too_fast = ["optimizer.learning_rate=1e30", "optimizer.muon_rate=0", "trainer.steps=1"]
    for validate_every in (1, 9):
        output = tmp_path / f"every_{validate_every}"
        with pytest.raises(DivergenceError, match="embeddings must be finite, got NaN or infinity"):
            train(run_config(patterns, output, *too_fast, f"trainer.validate_every={validate_every}"))
        assert not (output / "last.ckpt").is_file()


def test_an_encoder_that_diverged_is_neither_measured_nor_exported(
    patterns: Path, trained: Path, tmp_path: Path
) -> None:
    left = torch.load(trained, map_location="cpu", weights_only=True)
    left["state_dict"]["averaged.module.project.weight"][:] = torch.nan
    torch.save(left, tmp_path / "last.ckpt")
    (tmp_path / "config.yaml").write_text((trained.parent / "config.yaml").read_text())
    embedded = EmbeddedSplits(
        load_embedder(str(tmp_path / "last.ckpt")), load_fer2013(patterns, tmp_path / "cache", check_counts=False)
    )
    with pytest.raises(DivergenceError, match="the run that made this encoder has diverged"):
        make_generic(embedded)
    encoder, train_split = load_averaged(tmp_path / "last.ckpt")[0], embedded.data.split("Training")
    with pytest.raises(DivergenceError, match="the run that made this encoder has diverged"):
        whitened(encoder, train_split, train_split)


@pytest.mark.parametrize("asked", ["loss.votes_weight=0.5", "loss.raters_share=0.5"])
def test_votes_that_are_asked_must_be_given(patterns: Path, tmp_path: Path, asked: str) -> None:
    with pytest.raises(
        ConfigError, match=r"raters_share take FER\+ votes: give data.votes their .csv, or set both to 0"
    ):
        train(run_config(patterns, tmp_path / "run", asked))


def test_queries_are_named_by_raters_too(patterns: Path, tmp_path: Path) -> None:
    """Named by raters alone, who see what the labels say, queries teach as much as by their labels."""
    votes = tmp_path / "votes.csv"
    lines = [
        f"{path.parent.name}/{path.name}," + ",".join("10" if c == path.parent.name else "0" for c in VOTED)
        for path in patterns.rglob("*.png")
    ]
    votes.write_text("\n".join([",".join(["file", *VOTED]), *lines]) + "\n")
    config = run_config(patterns, tmp_path / "run", "loss.raters_share=1", f"data.votes={votes}")
    trained = train(config)
    assert trained.accuracy is not None
    assert trained.accuracy > 0.8
    embedded = EmbeddedSplits(load_embedder(str(trained.checkpoint)), load_data(config.data))
    few_shot = load(EvaluateConfig, ["data.path=x", *FEW_SHOT]).few_shot
    report = evaluate(embedded, make_generic(embedded), "PublicTest", few_shot)
    assert report.prototypes == "75% by the raters of FER+, else by labels"
    assert report.ferplus is not None
    assert report.ferplus.value == report.accuracy.value
