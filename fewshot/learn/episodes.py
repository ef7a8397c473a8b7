"""Class-balanced episodes from a seeded sampler with random access: episode t is the same in every run of a seed.

Each class is a deck that is shuffled, dealt out k_shot + n_query cards at a time without replacement, and shuffled
again. So support and query never overlap, every image is seen about equally often within its class, and a resumed run
continues with the very episode that would have come next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from fewshot.errors import SupportError
from fewshot.learn.config import EpisodeConfig
from fewshot.types import Int64, UInt8


@dataclass(frozen=True, eq=False)
class Episode:
    """Support and query images of a few classes.

    Attributes:
        images: (n_way * (k_shot + n_query), 1, h, w). All support images, class by class, then all query images; uint8
            as sampled, float32 in [0, 1] once augmented.
        labels: (same,) int64 in [0, n_way). Local to the episode.
        classes: (n_way,) int64. The way back: ``classes[labels]`` are the labels of the data set.
        n_support: How many of the first images are support.
    """

    images: Tensor
    labels: Tensor
    classes: Tensor
    n_support: int

    @property
    def n_way(self) -> int:
        """Number of classes."""
        return len(self.classes)

    def to(self, *args: object, **kwargs: object) -> Episode:
        """Return the episode on another device; Lightning calls it."""
        moved = {name: getattr(self, name).to(*args, **kwargs) for name in ("images", "labels", "classes")}
        return replace(self, **moved)

    def pin_memory(self) -> Episode:
        """Return the episode in page-locked memory; torch's DataLoader calls it."""
        return replace(
            self, images=self.images.pin_memory(), labels=self.labels.pin_memory(), classes=self.classes.pin_memory()
        )


class EpisodeDealer:
    """Deals the positions of the images of episode t; read-only after construction, so threads may share it."""

    def __init__(self, labels: Int64, spec: EpisodeConfig, seed: int) -> None:
        """Check that every class can fill an episode.

        Args:
            labels: (n,) int64 labels of the data set.
            spec: Ways and shots.
            seed: Of the shuffles.

        Raises:
            SupportError: too few classes, or a class has fewer images than one episode takes.
        """
        self.spec, self.seed = spec, seed
        self.decks = {int(c): np.flatnonzero(labels == c) for c in np.unique(labels)}
        if len(self.decks) < spec.n_way:
            raise SupportError(
                f"n_way = {spec.n_way} needs as many classes, the images have {len(self.decks)}. Lower n_way."
            )
        need = spec.k_shot + spec.n_query
        for label, deck in self.decks.items():
            if len(deck) < need:
                raise SupportError(
                    f"class {label} has {len(deck)} images but k_shot + n_query = {need}. Lower k_shot or n_query, or use another split."
                )

    def deal(self, t: int) -> tuple[Int64, Int64]:
        """Return (n_way,) classes and (n_way, k_shot + n_query) positions of episode ``t``, support first."""
        classes = np.sort(np.random.default_rng((self.seed, t)).permutation(sorted(self.decks))[: self.spec.n_way])
        return classes, np.stack([self._hand(int(c), t) for c in classes])

    def _hand(self, label: int, t: int) -> Int64:
        deck, need = self.decks[label], self.spec.k_shot + self.spec.n_query
        hands = len(deck) // need
        shuffled = np.random.default_rng((self.seed, 1 + label, t // hands)).permutation(deck)
        start = t % hands * need
        return shuffled[start : start + need]


class EpisodeDataset(Dataset[Episode]):
    """Episode t of a split, as uint8 images; random access by t, without end."""

    def __init__(self, images_gray: UInt8, labels: Int64, spec: EpisodeConfig, seed: int) -> None:
        """Take (n, 48, 48) uint8 images and (n,) int64 labels; raises SupportError as :class:`EpisodeDealer`."""
        self.images = torch.from_numpy(images_gray)[:, None]
        self.dealer = EpisodeDealer(labels, spec, seed)

    def __getitem__(self, t: int) -> Episode:
        """Return episode ``t``."""
        spec = self.dealer.spec
        classes, positions = self.dealer.deal(t)
        support, query = positions[:, : spec.k_shot].reshape(-1), positions[:, spec.k_shot :].reshape(-1)
        ways = np.arange(spec.n_way)
        return Episode(
            images=self.images[np.concatenate([support, query])],
            labels=torch.from_numpy(np.concatenate([ways.repeat(spec.k_shot), ways.repeat(spec.n_query)])),
            classes=torch.from_numpy(classes),
            n_support=len(support),
        )


class StepSampler(Sampler[int]):
    """The numbers of the next epoch's episodes, counted by the run's own steps, so that a resumed run goes on with them."""

    def __init__(self, steps: int, step: Callable[[], int]) -> None:
        """Deal ``steps`` episodes an epoch; ``step`` tells how many the run has taken."""
        self.steps, self.step = steps, step

    def __iter__(self) -> Iterator[int]:
        """Yield the epoch's episode numbers in order."""
        first = self.step()
        return iter(range(first, first + self.steps))

    def __len__(self) -> int:
        """Return the episodes of an epoch."""
        return self.steps
