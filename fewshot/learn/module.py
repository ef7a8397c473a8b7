"""The prototypical network as a LightningModule: one encoder pass over support and query, then the losses."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from fewshot.errors import DivergenceError
from fewshot.learn.augment import augment
from fewshot.learn.backbones import Backbone, CropEncoder
from fewshot.learn.config import TrainConfig
from fewshot.learn.embed import embed_images
from fewshot.learn.episodes import Episode
from fewshot.learn.fer2013 import Split
from fewshot.learn.ferplus import VOTED
from fewshot.learn.losses import EpisodicLoss, ReadingLoss, metric_loss
from fewshot.learn.optimizer import make_optimizer
from fewshot.learn.resume import DATA
from fewshot.prototypes import class_prototypes, squared_distances
from fewshot.types import EMOTIONS


class PrototypicalNetwork(pl.LightningModule):
    """Trains :class:`Backbone` on episodes; ``averaged`` holds the moving average that is evaluated and shipped."""

    def __init__(self, config: TrainConfig, train: Split | None = None, validation: Split | None = None) -> None:
        """Build the network; the splits are needed for validation only, not to load a checkpoint."""
        super().__init__()
        self.config, self.train_split, self.validation_split = config, train, validation
        self.digest = None if train is None else train.digest()
        self.encoder = Backbone(config.encoder)
        self.averaged = AveragedModel(self.encoder, multi_avg_fn=self._average, use_buffers=True).requires_grad_(False)
        self.episodic = EpisodicLoss(config.loss.temperature, config.loss.label_smoothing)
        self.metric = metric_loss(config.loss, len(EMOTIONS), config.encoder.dimension)
        if self.metric is not None:
            # several processes wait for the gradient of all that is trained; kept, for checkpoints that hold the proxies
            self.metric.requires_grad_(config.loss.metric_weight > 0)
        self.votes = ReadingLoss(config.encoder.dimension, len(VOTED)) if config.loss.votes_weight > 0 else None
        self.reading = ReadingLoss(config.encoder.dimension, len(EMOTIONS)) if config.loss.reading_weight > 0 else None

    def _average(self, averaged: Any, current: Any, count: Tensor | int) -> None:
        """Move the average; its decay warms up, so that the random start is forgotten (Tarvainen & Valpola 2017)."""
        n = float(count)
        decay = min(self.config.optimizer.ema, (1 + n) / (10 + n))
        get_ema_multi_avg_fn(decay)(averaged, current, count)  # type: ignore[no-untyped-call]  # torch leaves it untyped

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep what the run is trained on, so that it does not go on with other images under the same episode numbers."""
        if self.digest is not None:
            checkpoint[DATA] = self.digest

    def on_train_batch_start(self, batch: Episode, batch_idx: int) -> None:
        """Seed the step by its episode, so that a resumed run draws what the uninterrupted one would have drawn."""
        episode = self.global_step * self.trainer.world_size + self.global_rank
        torch.manual_seed((self.config.seed << 32) + episode)

    def training_step(self, episode: Episode, batch_idx: int) -> Tensor:
        """Return the loss of one episode."""
        images = augment(episode.images, self.config.augment).to(memory_format=torch.channels_last)
        embeddings = self.encoder(images).float()
        loss, logits = self.episodic(embeddings, episode.labels, episode.n_way, episode.n_support, episode.targets)
        accuracy = (logits.argmax(1) == episode.labels[episode.n_support :]).float().mean()
        self.log("train/episode_accuracy", accuracy, prog_bar=True, batch_size=1)
        self.log("train/episodic_loss", loss, batch_size=1)
        loss = self.config.loss.episodic * loss
        if self.metric is not None and self.config.loss.metric_weight > 0:
            metric = self.metric(embeddings, episode.classes[episode.labels])
            self.log("train/metric_loss", metric, batch_size=1)
            loss = loss + self.config.loss.metric_weight * metric
        if self.votes is not None and episode.votes is not None:
            agreement = self.votes(embeddings, episode.votes)
            self.log("train/vote_loss", agreement, batch_size=1)
            loss = loss + self.config.loss.votes_weight * agreement
        if self.reading is not None:
            reading = self.reading(embeddings, _among_all(episode))
            self.log("train/reading_loss", reading, batch_size=1)
            loss = loss + self.config.loss.reading_weight * reading
        if not bool(torch.isfinite(loss)):
            raise DivergenceError(
                f"the loss must be finite, got {loss.item()} at step {self.global_step} of {self.config.output}/config.yaml. "
                "The last whole epoch is kept: lower optimizer.learning_rate, or set optimizer.clip, for another output."
            )
        return loss

    def on_train_batch_end(self, outputs: Any, batch: Episode, batch_idx: int) -> None:
        """Move the average toward the new weights."""
        self.averaged.update_parameters(self.encoder)

    def on_train_epoch_end(self) -> None:
        """Every few epochs, log the accuracy of the averaged encoder on PublicTest by nearest prototype.

        Raises:
            DivergenceError: its embeddings are no longer finite. The checkpoint of the epoch before is still there.
        """
        if self.train_split is None:
            return
        last = self.current_epoch + 1 == self.config.trainer.epochs
        encoder = CropEncoder(cast("Backbone", self.averaged.module), self.config.augment.crop_px, mirror=False)
        if self.validation_split is None or (
            (self.current_epoch + 1) % self.config.trainer.validate_every and not last
        ):
            # one image tells: else the last step could spoil the checkpoint that is kept
            embed_images(encoder, self.train_split.images_gray[:1], self.device)
            return
        labels = self.train_split.labels
        classes = np.unique(labels)
        shown = np.concatenate([np.flatnonzero(labels == c)[::8] for c in classes])  # at least one of each
        train = embed_images(encoder, self.train_split.images_gray[shown], self.device)
        vectors = class_prototypes(train, labels[shown], classes.tolist())
        queries = embed_images(encoder, self.validation_split.images_gray, self.device)
        found = classes[squared_distances(queries, vectors).argmin(axis=1)]
        accuracy = float((found == self.validation_split.labels).mean())
        self.log("val/accuracy", accuracy, prog_bar=True)
        self.log("temperature", self.episodic.log_temperature.exp())

    def configure_optimizers(self) -> Any:
        """AdamW, or Muon and AdamW; no weight decay on norms, biases and the temperature; the rate as configured."""
        config = self.config.optimizer
        trained = [
            p
            for module in (self.encoder, self.episodic, self.metric, self.votes, self.reading)
            if module is not None
            for p in module.parameters()
        ]
        optimizer = make_optimizer(trained, config.learning_rate, config.muon_rate, config.weight_decay)
        total = self.config.trainer.epochs * self.config.trainer.steps
        decay_from = max(config.warmup_steps, round(total * (1 - config.decay_share)))

        def factor(step: int) -> float:
            if step < config.warmup_steps:
                return (step + 1) / config.warmup_steps
            progress = (step - decay_from) / max(1, total - decay_from)
            return 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, progress))))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _among_all(episode: Episode) -> Tensor:
    """Return the images' targets among all emotions, (b, 7) float, zero for emotions outside the episode."""
    wanted = F.one_hot(episode.labels, episode.n_way).float() if episode.targets is None else episode.targets
    return wanted.new_zeros(len(wanted), len(EMOTIONS)).index_copy_(1, episode.classes, wanted)
