"""Optuna's sweeps, as a process each."""

import os
import subprocess
import sys
from pathlib import Path

from omegaconf import OmegaConf

from tests.learn.conftest import TINY


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
