"""Train the encoder: ``python -m fewshot.learn.train data.path=fer2013.zip``."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import hydra
import numpy as np
import pytorch_lightning as pl
import torch
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from lightning_fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.callbacks import LearningRateMonitor, ModelCheckpoint, TQDMProgressBar
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger
from pytorch_lightning.utilities import rank_zero_only
from pytorch_lightning.utilities.exceptions import SIGTERMException
from torch.utils.data import DataLoader

from fewshot.compose import CONF_MODULE, quote_texts, typed
from fewshot.errors import ConfigError, DatasetError, DivergenceError, FewshotError
from fewshot.learn.aligned import load_aligned
from fewshot.learn.cache import read_arrays, write_arrays
from fewshot.learn.checkpoint import RenamingIO
from fewshot.learn.config import LossConfig, TrainConfig
from fewshot.learn.data import load_data
from fewshot.learn.distill import expect_listener, teacher_runs, what_they_answer
from fewshot.learn.episodes import EpisodeDataset, EpisodeDealer, StepSampler
from fewshot.learn.fer2013 import Split
from fewshot.learn.ferplus import vote_shares
from fewshot.learn.module import PrototypicalNetwork
from fewshot.learn.pictures import draw_curves
from fewshot.learn.resume import ANSWERS, DATA, check_checkpoint, check_config, check_data
from fewshot.learn.targets import mixed_targets
from fewshot.outputs import make_folder, written_to
from fewshot.terminal import TERMINATED, run_command
from fewshot.types import Float32

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Trained:
    """What a run leaves.

    Attributes:
        checkpoint: The last one, written at the end of every epoch by renaming, so that a kill leaves a whole one.
        accuracy: On PublicTest after the last epoch, by nearest prototype; None where nothing was left to train, or the
            data set does not tell that split apart.
    """

    checkpoint: Path
    accuracy: float | None


_HABITS = (
    ".*isinstance.treespec, LeafSpec.*",
    ".*does not have many workers.*",
    "Checkpoint directory .* exists and is not empty",
)
"""What Lightning warns of in every run, and nobody can do anything about."""


@contextmanager
def _without_habits() -> Iterator[None]:
    """Keep what Lightning says in every run, and what it advertises, from the terminal."""
    told = logging.getLogger("pytorch_lightning.utilities.rank_zero")

    def is_news(record: logging.LogRecord) -> bool:
        return "try installing [lit" not in record.getMessage()

    told.addFilter(is_news)
    try:
        with warnings.catch_warnings():
            for habit in _HABITS:
                warnings.filterwarnings("ignore", habit)
            yield
    finally:
        told.removeFilter(is_news)


@_without_habits()
def train(config: TrainConfig) -> Trained:
    """Train as ``config`` says, teachers first, from ``output``/last.ckpt where there is one and ``resume`` is set.

    Raises:
        DatasetError, SupportError, ConfigError, WeightsError, OutputError: before the first step.
        DivergenceError: the loss is no longer finite; the last whole epoch is kept.
        SIGTERMException: the process was told to end.
    """
    output = Path(config.output)
    checkpoint = output / "last.ckpt"
    make_folder(output)
    _check_config(config, output)
    fer2013 = load_data(config.data)
    split = _with_what_is_asked(config, fer2013.split("Training"))
    _begin(config, output, split.digest())
    answers = _teachers_answers(config, split)
    pl.seed_everything(config.seed, workers=True, verbose=False)
    if config.trainer.threads is not None:
        torch.set_num_threads(config.trainer.threads)
    shares = _vote_shares(config, split)
    targets = mixed_targets(split.labels, shares, config.loss.raters_share, answers, config.distill.share)
    total = config.trainer.epochs * config.trainer.steps * config.trainer.devices
    balanced_from = round(total * (1 - config.episode.balanced_share))
    dealer = EpisodeDealer(split.labels, config.episode, config.seed, balanced_from)
    aligned = load_aligned(split.images_gray, config.data.cache) if config.episode.aligned_share else None
    episodes = EpisodeDataset(split.images_gray, dealer, shares, aligned, targets)
    validation = fer2013.splits.get("PublicTest")
    module = PrototypicalNetwork(config, split, validation).to(memory_format=torch.channels_last)
    trainer = _make_trainer(config, output)
    loader = DataLoader(
        episodes,
        batch_size=None,
        sampler=StepSampler(config.trainer.steps, trainer),
        pin_memory=torch.cuda.is_available(),
        num_workers=config.trainer.workers,
        persistent_workers=config.trainer.workers > 0,
    )
    left = checkpoint if config.resume and checkpoint.is_file() else None
    try:
        trainer.fit(module, loader, ckpt_path=left, weights_only=True)
    except SIGTERMException as stop:
        epoch = f"epoch {trainer.current_epoch + 1} of {config.trainer.epochs}"
        raise SIGTERMException(f"stopped in {epoch} of {output}") from stop
    except SystemExit as left:  # Lightning's answer to Ctrl-C, which looks like a failure
        if trainer.interrupted:
            raise KeyboardInterrupt from left
        raise
    if trainer.is_global_zero:
        draw_curves(output)
    accuracy = trainer.callback_metrics.get("val/accuracy")
    return Trained(checkpoint, None if accuracy is None else float(accuracy))


def _with_what_is_asked(config: TrainConfig, split: Split) -> Split:
    """Return ``split`` with the FER+ votes only if the run or its teachers use them; raises ConfigError where they are missing."""
    losses = {"loss": config.loss}
    if config.distill.teachers and config.distill.loss is not None:
        losses["distill.loss"] = config.distill.loss
    asking = [name for name, loss in losses.items() if _asks_raters(loss)]
    if not asking:
        return replace(split, votes=None)
    if split.votes is None:
        raise ConfigError(
            f"{asking[0]}.votes_weight and {asking[0]}.raters_share take FER+ votes: give data.votes their .csv, or set both to 0."
        )
    return split


def _asks_raters(loss: LossConfig) -> bool:
    return loss.votes_weight > 0 or loss.raters_share > 0


def _vote_shares(config: TrainConfig, split: Split) -> Float32 | None:
    """Return the shares of FER+ raters on each image, (n, 8); None where the loss does not use them."""
    return vote_shares(split.votes) if split.votes is not None and _asks_raters(config.loss) else None


def _teachers_answers(config: TrainConfig, split: Split) -> Float32 | None:
    """Return the teachers' answers for each image of Training, (n, 7), kept from before or by training them; None without."""
    runs = teacher_runs(config)
    if not runs:
        return None
    kept = Path(config.output) / ANSWERS
    arrays = read_arrays(kept)
    if arrays is None:
        expect_listener(config)
        _make_trainer(config, Path(config.output))  # a device that is not there is told before days of teachers
        checkpoints = [train(run).checkpoint for run in runs]
        device = "cuda" if config.trainer.accelerator != "cpu" and torch.cuda.is_available() else "cpu"
        arrays = {"answers": what_they_answer(checkpoints, split, device), DATA: np.array(split.digest())}
        write_arrays(kept, arrays)
    if len(arrays["answers"]) != len(split):
        raise DatasetError(
            f"{kept} must name each of the {len(split)} images of Training, and names {len(arrays['answers'])}: the teachers saw "
            "other data. Choose another output, or give the same data."
        )
    check_data(arrays, kept, split.digest())  # the answers are told apart by their place alone
    return arrays["answers"]


def _make_trainer(config: TrainConfig, output: Path) -> pl.Trainer:
    """Return Lightning's trainer, with a checkpoint and logs in ``output``; raises ConfigError without such a device."""
    try:
        return pl.Trainer(
            max_epochs=config.trainer.epochs,
            precision=config.trainer.precision,  # type: ignore[arg-type]  # checked by TrainerConfig
            accelerator=config.trainer.accelerator,
            devices=config.trainer.devices,
            strategy=config.trainer.strategy,
            gradient_clip_val=config.optimizer.clip or None,
            # a resumed run writes the next version of each log, so that nothing is lost
            logger=[CSVLogger(output, name="log"), TensorBoardLogger(output, name="tensorboard")],
            callbacks=[
                ModelCheckpoint(
                    output, filename="last", save_top_k=1, enable_version_counter=False, save_on_train_epoch_end=True
                ),
                LearningRateMonitor("epoch"),
                TQDMProgressBar(refresh_rate=10),
            ],
            log_every_n_steps=min(50, config.trainer.steps),
            plugins=[RenamingIO()],
            benchmark=True,  # an episode has the same size at every step
            use_distributed_sampler=False,
            enable_model_summary=False,
        )
    except MisconfigurationException as error:
        device = f"trainer.accelerator={config.trainer.accelerator} trainer.devices={config.trainer.devices}"
        raise ConfigError(f"{device} is not to be had here: {error} Give trainer=cpu, or fewer devices.") from error


@rank_zero_only
def _check_config(config: TrainConfig, output: Path) -> None:
    """Check that the run may go on, as :func:`check_config`; only the first of several processes does."""
    check_config(config, output)


@rank_zero_only
def _begin(config: TrainConfig, output: Path, digest: str) -> None:
    """Write the config, unless what was left is of other data, damaged, or longer than what is asked for."""
    check_checkpoint(config, output / "last.ckpt", digest)
    written = output / "config.yaml.part"
    with written_to(output):
        OmegaConf.save(OmegaConf.structured(config), written)
        written.replace(output / "config.yaml")  # whole or as before: a checkpoint is of no use without it


@hydra.main(version_base="1.3", config_path=f"pkg://{CONF_MODULE}", config_name="train")
def main(config: DictConfig) -> float | None:
    """Entry point of Hydra; a sweep maximizes what it returns, the accuracy on PublicTest."""
    sweep = HydraConfig.get().mode == RunMode.MULTIRUN
    try:
        checked = typed(config, TrainConfig)
        if sweep and "direction" in HydraConfig.get().sweeper:
            load_data(checked.data).split("PublicTest")  # by which it chooses
        trained = train(checked)
        print(f"last checkpoint: {trained.checkpoint}")
        if trained.accuracy is not None:
            print(f"accuracy on PublicTest: {100 * trained.accuracy:.1f} %; fewshot.learn.evaluate tells more")
        return trained.accuracy
    except FewshotError as error:
        if sweep and isinstance(error, DivergenceError):
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            return 0.0  # as bad as can be; the other runs go on
        sys.exit(f"{type(error).__name__}: {error}")
    except SIGTERMException as stop:  # left alone, it ends as if all were done
        print(stop.code if sweep else f"{stop.code}; the same command goes on", file=sys.stderr)
        sys.exit(TERMINATED)


if __name__ == "__main__":
    sys.argv[1:] = quote_texts(TrainConfig, sys.argv[1:])
    sys.exit(run_command("train", lambda: main() or 0, "stopped. The same command goes on after the last whole epoch."))
