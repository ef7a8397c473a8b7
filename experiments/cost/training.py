"""How many images a second each encoder of conf/encoder learns from: the second table.

    python -m experiments.cost.training

Whole training steps of `experiment=shipped`: dealt episode, augmentation, forward, backward, step, moving average. Pixels are
random, which costs the same as faces. The medians are kept in training.json beside this file.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from experiments.commands import no_options
from experiments.machine import processor
from fewshot.compose import load
from fewshot.learn.config import TrainConfig
from fewshot.learn.episodes import EpisodeDataset, EpisodeDealer
from fewshot.learn.module import PrototypicalNetwork
from fewshot.types import CROP_SIZE, EMOTIONS

HERE = Path(__file__).parent
STEPS, WARM_UP, IMAGES = 25, 5, 7000
PRECISIONS = ("32-true", "bf16-mixed")


class StepTimes(pl.Callback):
    """Collects how long each step took, in seconds, from one batch's end to the next one's."""

    def __init__(self) -> None:
        self._ends: list[float] = []

    def on_train_batch_end(self, *_: object) -> None:
        """Note the time."""
        self._ends.append(time.perf_counter())

    def median_s(self) -> float:
        """Return the median step after the first ones, which allocate."""
        return statistics.median(np.diff(self._ends)[WARM_UP:])


def images_per_second(encoder: str, precision: str, folder: str) -> float:
    """Return the images of an episode over the median time of a training step."""
    made = ["data.path=random", "loss.votes_weight=0", f"trainer.precision={precision}", f"output={folder}"]
    config = load(TrainConfig, ["experiment=shipped", f"encoder={encoder}", *made])
    rng = np.random.default_rng(config.seed)
    images_gray = rng.integers(0, 256, (IMAGES, CROP_SIZE, CROP_SIZE), dtype=np.uint8)
    labels = np.arange(IMAGES, dtype=np.int64) % len(EMOTIONS)
    episodes = EpisodeDataset(images_gray, EpisodeDealer(labels, config.episode, config.seed, STEPS))
    times = StepTimes()
    trainer = pl.Trainer(
        max_steps=STEPS,
        precision=config.trainer.precision,  # type: ignore[arg-type]  # checked by TrainerConfig
        accelerator=config.trainer.accelerator,
        default_root_dir=folder,
        callbacks=[times],
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
    )
    loader = DataLoader(episodes, batch_size=None, sampler=range(STEPS))
    trainer.fit(PrototypicalNetwork(config).to(memory_format=torch.channels_last), loader)
    return len(episodes[0].images) / times.median_s()


def main() -> None:
    """Measure every encoder, print and keep the figures."""
    no_options(__doc__)
    encoders = sorted(Path(str(entry)).stem for entry in files("conf").joinpath("encoder").iterdir())
    with tempfile.TemporaryDirectory() as folder:
        measured = {
            encoder: {precision: images_per_second(encoder, precision, folder) for precision in PRECISIONS}
            for encoder in encoders
        }
    kept = {
        "processor": processor(),
        "threads": torch.get_num_threads(),
        "jemalloc": "jemalloc" in os.environ.get("LD_PRELOAD", ""),
        "torch": torch.__version__,
        "images a second": measured,
    }
    text = json.dumps(kept, indent=1)
    print(text)
    (HERE / "training.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
