"""The episodic loss of prototypical networks, and the metric losses of pytorch-metric-learning beside it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from pytorch_metric_learning import distances, losses
from torch import Tensor, nn

from fewshot.errors import SupportError
from fewshot.learn.config import LossConfig


def class_prototypes(embeddings: Tensor, labels: Tensor, n_classes: int) -> Tensor:
    """Average the support embeddings of each class (Snell et al. 2017, eq. 1), differentiably.

    Args:
        embeddings: (s, d) float. Support embeddings.
        labels: (s,) int64 in [0, n_classes).
        n_classes: Rows to return; given, not inferred, so that a class without support is an error, not a missing row.

    Returns:
        (n_classes, d) float, dtype and device of ``embeddings``.

    Raises:
        SupportError: a class has no support.
    """
    one_hot = F.one_hot(labels, n_classes).to(embeddings.dtype)
    counts = one_hot.sum(dim=0)
    if not bool((counts > 0).all()):
        raise SupportError(
            f"every class needs support, class {int(counts.argmin())} has none. Check the episode's labels."
        )
    return (one_hot.T @ embeddings) / counts[:, None]


def squared_distance(queries: Tensor, prototypes: Tensor) -> Tensor:
    """Squared Euclidean distance of every (q, d) query to every (p, d) prototype, as (q, p)."""
    return (queries[:, None, :] - prototypes[None, :, :]).square().sum(dim=2)


class EpisodicLoss(nn.Module):
    """Cross-entropy of queries against support prototypes (Snell et al. 2017, eq. 2) with a learned temperature."""

    def __init__(self, temperature: float, label_smoothing: float) -> None:
        """Start at ``temperature``, in units of squared distance."""
        super().__init__()
        self.log_temperature = nn.Parameter(torch.tensor(temperature).log())
        self.label_smoothing = label_smoothing

    def forward(
        self, embeddings: Tensor, labels: Tensor, n_way: int, n_support: int, targets: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the loss and the (q, n_way) logits of the queries of one episode, embedded in one pass.

        Args:
            embeddings: (b, d) float, support first.
            labels: (b,) int64 in [0, n_way).
            n_way: Number of classes.
            n_support: How many of the first embeddings are support.
            targets: (b, n_way) float, rows that sum to 1: what each image should be named, instead of its label alone.
        """
        support, queries = embeddings[:n_support], embeddings[n_support:]
        prototypes = class_prototypes(support, labels[:n_support], n_way)
        logits = -squared_distance(queries, prototypes) / self.log_temperature.exp()
        wanted = labels[n_support:] if targets is None else targets[n_support:]
        return F.cross_entropy(logits, wanted, label_smoothing=self.label_smoothing), logits


class ReadingLoss(nn.Module):
    """Cross-entropy of a linear reading of the embedding against shares: raters' votes, or teachers' answers.

    The reading is discarded after training: it only teaches the encoder what a single label per image gets wrong (Barsoum
    et al. 2016 for the raters of FER+, Hinton et al. 2015 for teachers).
    """

    def __init__(self, dimension: int, classes: int) -> None:
        """Read embeddings of length ``dimension``."""
        super().__init__()
        self.linear = nn.Linear(dimension, classes)

    def forward(self, embeddings: Tensor, shares: Tensor) -> Tensor:
        """Return the loss of (n, d) embeddings against (n, c) shares; rows of zeros, images without shares, do not count."""
        return -(shares * F.log_softmax(self.linear(embeddings), dim=1)).sum() / shares.sum().clamp_min(1)


def metric_loss(config: LossConfig, n_classes: int, dimension: int) -> nn.Module | None:
    """Return the metric loss that ``config`` names, on (n, d) embeddings and (n,) labels of the data set; None for none.

    All measure squared Euclidean distance, as the prototypes do; pytorch-metric-learning normalizes unless told not to.
    """
    squared = distances.LpDistance(normalize_embeddings=False, p=2, power=2)
    if config.metric == "proxy_nca":  # Movshovitz-Attias et al. 2017
        proxies = losses.ProxyNCALoss(n_classes, dimension, softmax_scale=1.0 / config.temperature, distance=squared)
        proxies.proxies.data.mul_(
            0.05
        )  # near the origin the loss is that of a linear layer, which learns from the first step
        return proxies
    if config.metric == "supcon":  # Khosla et al. 2020
        return losses.SupConLoss(temperature=config.temperature, distance=squared)
    if config.metric == "triplet":  # Schroff et al. 2015
        return losses.TripletMarginLoss(margin=config.temperature, distance=squared)
    return None
