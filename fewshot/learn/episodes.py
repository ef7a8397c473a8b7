"""Class-balanced episodes from a seeded sampler with random access: episode t is the same in every run of a seed.

Each class is a deck that is shuffled, dealt out k_shot + n_query cards at a time without replacement, and shuffled
again. So support and query never overlap, every image is seen about equally often within its class, and a resumed run
continues with the very episode that would have come next. Natural queries come from one deck of the whole data set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from fewshot.errors import SupportError
from fewshot.learn.config import EpisodeConfig
from fewshot.types import EMOTIONS, Float32, Int64, UInt8


@dataclass(frozen=True, eq=False)
class Episode:
    """Support and query images of a few classes.

    Attributes:
        images: (n_way * (k_shot + n_query), 1, h, w). All support images, class by class, then all query images; uint8
            as sampled, float32 in [0, 1] once augmented.
        labels: (same,) int64 in [0, n_way). Local to the episode.
        classes: (n_way,) int64. The way back: ``classes[labels]`` are the labels of the data set.
        n_support: How many of the first images are support.
        votes: (same, 8) float32 shares of raters by emotion as :func:`fewshot.learn.ferplus.vote_shares` gives them, or None.
        targets: (same, n_way) float32, rows that sum to 1: what each image should be named, or None for its label alone.
    """

    images: Tensor
    labels: Tensor
    classes: Tensor
    n_support: int
    votes: Tensor | None = None
    targets: Tensor | None = None

    @property
    def n_way(self) -> int:
        """Number of classes."""
        return len(self.classes)

    def to(self, *args: object, **kwargs: object) -> Episode:
        """Return the episode on another device; Lightning calls it."""
        return self._each(lambda tensor: tensor.to(*args, **kwargs))  # type: ignore[call-overload]

    def pin_memory(self) -> Episode:
        """Return the episode in page-locked memory; torch's DataLoader calls it."""
        return self._each(lambda tensor: tensor.pin_memory())

    def _each(self, change: Callable[[Tensor], Tensor]) -> Episode:
        tensors: dict[str, Any] = {
            field.name: change(value)
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), Tensor)
        }
        return replace(self, **tensors)


@dataclass(frozen=True, eq=False)
class Deal:
    """Which images make an episode.

    Attributes:
        classes: (n_way,) int64, ascending.
        support: (n_way, k_shot) int64 positions.
        query: (q,) int64 positions.
        query_labels: (q,) int64 in [0, n_way).
    """

    classes: Int64
    support: Int64
    query: Int64
    query_labels: Int64


def balanced_episodes(n_way: int, k_shot: int, n_query: int) -> EpisodeConfig:
    """Return the spec of episodes that an encoder is measured on: queries balanced throughout, images as they are."""
    return EpisodeConfig(n_way, k_shot, n_query, queries="balanced", balanced_share=0.0, aligned_share=0.0)


class EpisodeDealer:
    """Deals the positions of the images of episode t; read-only after construction, so threads may share it."""

    def __init__(self, labels: Int64, spec: EpisodeConfig, seed: int, balanced_from: int | None = None) -> None:
        """Check that every class can fill an episode.

        Args:
            labels: (n,) int64 positions in ``EMOTIONS``.
            spec: Ways and shots.
            seed: Of the shuffles.
            balanced_from: First episode whose queries are balanced whatever ``spec`` says; None for never.

        Raises:
            SupportError: too few classes, or a class has fewer images than one episode takes.
        """
        self.spec, self.seed, self.labels, self.balanced_from = spec, seed, labels, balanced_from
        self.decks = {int(c): np.flatnonzero(labels == c) for c in np.unique(labels)}
        if len(self.decks) < spec.n_way:
            raise SupportError(
                f"n_way = {spec.n_way} needs as many classes, the images have {len(self.decks)}. Lower n_way."
            )
        if spec.queries == "natural" and len(self.decks) > spec.n_way:
            raise SupportError(
                f"queries=natural needs every class in each episode: n_way must be {len(self.decks)}, got {spec.n_way}."
            )
        need = spec.k_shot + spec.n_query
        for label, deck in self.decks.items():
            if len(deck) < need:
                raise SupportError(
                    f"class '{EMOTIONS[label]}' has {len(deck)} images but k_shot + n_query = {need}. Lower them, or "
                    "use another split."
                )

    def deal(self, t: int) -> Deal:
        """Return episode ``t``."""
        by_now = self.balanced_from is not None and t >= self.balanced_from
        return self._balanced(t) if by_now or self.spec.queries == "balanced" else self._natural(t)

    def _balanced(self, t: int) -> Deal:
        spec = self.spec
        classes = np.sort(np.random.default_rng((self.seed, t)).permutation(sorted(self.decks))[: spec.n_way])
        hands = [self._hand(self.decks[int(c)], 1 + int(c), spec.k_shot + spec.n_query, t) for c in classes]
        positions = np.stack(hands)
        return Deal(
            classes=classes,
            support=positions[:, : spec.k_shot],
            query=positions[:, spec.k_shot :].reshape(-1),
            query_labels=np.arange(spec.n_way).repeat(spec.n_query),
        )

    def _natural(self, t: int) -> Deal:
        spec, rng = self.spec, np.random.default_rng((self.seed, t))
        query = self._hand(np.arange(len(self.labels)), 0, spec.n_way * spec.n_query, t)
        classes = np.array(sorted(self.decks))
        # what is asked about must not be shown: a class keeps enough images, or its queries beyond that are dropped
        query_labels = np.searchsorted(classes, self.labels[query])
        kept = np.concatenate(
            [
                np.flatnonzero(query_labels == way)[: len(self.decks[int(c)]) - spec.k_shot]
                for way, c in enumerate(classes)
            ]
        )
        query, query_labels = query[kept], query_labels[kept]
        support = np.stack([rng.permutation(np.setdiff1d(self.decks[int(c)], query))[: spec.k_shot] for c in classes])
        return Deal(classes, support, query, query_labels)

    def _hand(self, deck: Int64, key: int, size: int, t: int) -> Int64:
        hands = len(deck) // size
        shuffled = np.random.default_rng((self.seed, key, t // hands)).permutation(deck)
        start = t % hands * size
        return shuffled[start : start + size]


_ALIGNED = 1 << 16
"""Random key for drawing aligned images, beyond the keys of the decks."""


class EpisodeDataset(Dataset[Episode]):
    """Episode t of a split, as uint8 images; random access by t, without end."""

    def __init__(
        self,
        images_gray: UInt8,
        dealer: EpisodeDealer,
        votes: Float32 | None = None,
        aligned_gray: UInt8 | None = None,
        targets: Float32 | None = None,
    ) -> None:
        """Take what makes an episode.

        Args:
            images_gray: (n, 48, 48) uint8.
            dealer: Of the labels of these.
            votes: (n, 8) float32.
            aligned_gray: (n, 48, 48) uint8, the same images aligned, shown instead as often as the dealer's spec says.
            targets: (n, c) float32 by class of the data set, rows that sum to 1.
        """
        self.images = torch.from_numpy(images_gray)[:, None]
        self.votes = None if votes is None else torch.from_numpy(votes)
        self.aligned = None if aligned_gray is None else torch.from_numpy(aligned_gray)[:, None]
        self.targets = None if targets is None else torch.from_numpy(targets)
        self.dealer = dealer

    def __getitem__(self, t: int) -> Episode:
        """Return episode ``t``."""
        deal = self.dealer.deal(t)
        positions = np.concatenate([deal.support.reshape(-1), deal.query])
        support_labels = np.arange(len(deal.classes)).repeat(deal.support.shape[1])
        return Episode(
            images=self._images(positions, t),
            labels=torch.from_numpy(np.concatenate([support_labels, deal.query_labels])),
            classes=torch.from_numpy(deal.classes),
            n_support=deal.support.size,
            votes=None if self.votes is None else self.votes[positions],
            targets=None if self.targets is None else self._targets(positions, deal.classes),
        )

    def _targets(self, positions: Int64, classes: Int64) -> Tensor:
        """Return the images' targets among the episode's classes alone; zeros where none of them applies."""
        assert self.targets is not None
        among = self.targets[positions][:, classes]
        return among / among.sum(dim=1, keepdim=True).clamp_min(1e-6)

    def _images(self, positions: Int64, t: int) -> Tensor:
        images = self.images[positions]
        if self.aligned is not None:
            rng = np.random.default_rng((self.dealer.seed, _ALIGNED, t))
            shown = rng.random(len(positions)) < self.dealer.spec.aligned_share
            images[torch.from_numpy(shown)] = self.aligned[positions[shown]]
        return images


class Progress(Protocol):
    """How far a run is and which of its processes asks; Lightning's trainer."""

    @property
    def global_step(self) -> int: ...
    @property
    def global_rank(self) -> int: ...
    @property
    def world_size(self) -> int: ...


class StepSampler(Sampler[int]):
    """The numbers of the next epoch's episodes, counted by the run's own steps, so that a resumed run goes on with them.

    Several processes share the episodes out; no two deal the same.
    """

    def __init__(self, steps: int, progress: Progress) -> None:
        """Deal ``steps`` episodes an epoch to each process."""
        self.steps, self.progress = steps, progress

    def __iter__(self) -> Iterator[int]:
        """Yield the epoch's episode numbers in order."""
        first, processes = self.progress.global_step, self.progress.world_size
        return iter(range(first * processes + self.progress.global_rank, (first + self.steps) * processes, processes))

    def __len__(self) -> int:
        """Return the episodes of an epoch."""
        return self.steps
