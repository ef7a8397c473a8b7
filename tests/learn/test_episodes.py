"""Episodes: balanced, disjoint, reproducible, and told apart from data that cannot fill them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fewshot.errors import SupportError
from fewshot.learn.config import EpisodeConfig
from fewshot.learn.episodes import EpisodeDataset, EpisodeDealer, StepSampler

LABELS = np.repeat(np.arange(5), [30, 31, 40, 64, 100])


@given(
    t=st.integers(0, 10_000),
    seed=st.integers(0, 99),
    n_way=st.integers(2, 5),
    k_shot=st.integers(1, 5),
    n_query=st.integers(1, 9),
)
def test_support_and_query_never_overlap_and_classes_are_pure(
    t: int, seed: int, n_way: int, k_shot: int, n_query: int
) -> None:
    spec = EpisodeConfig(n_way, k_shot, n_query)
    classes, positions = EpisodeDealer(LABELS, spec, seed).deal(t)
    assert positions.shape == (n_way, k_shot + n_query)
    assert len(np.unique(positions)) == positions.size
    assert len(np.unique(classes)) == n_way
    np.testing.assert_array_equal(LABELS[positions], np.repeat(classes[:, None], k_shot + n_query, axis=1))


@given(t=st.integers(0, 1000))
def test_same_seed_same_episode_another_seed_another(t: int) -> None:
    spec = EpisodeConfig(5, 2, 3)
    first, again, other = (EpisodeDealer(LABELS, spec, seed).deal(t)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_class_is_seen_evenly() -> None:
    dealer = EpisodeDealer(LABELS, EpisodeConfig(5, 2, 3), seed=0)
    seen = np.zeros(len(LABELS), int)
    for t in range(6 * 4):
        np.add.at(seen, dealer.deal(t)[1].reshape(-1), 1)
    assert set(seen[LABELS == 0]) == {4}  # 30 images fill 6 hands of 5, dealt out four times


def test_dataset_orders_support_before_query_with_a_way_back() -> None:
    images = np.broadcast_to(LABELS.astype(np.uint8)[:, None, None], (len(LABELS), 48, 48)).copy()
    episode = EpisodeDataset(images, LABELS, EpisodeConfig(3, 2, 4), seed=3)[7]
    assert episode.images.shape == (18, 1, 48, 48)
    assert episode.n_support == 6
    assert episode.labels.tolist() == [0, 0, 1, 1, 2, 2] + [0] * 4 + [1] * 4 + [2] * 4
    assert torch.equal(episode.classes[episode.labels], episode.images[:, 0, 0, 0].long())


def test_epochs_continue_where_the_run_stands() -> None:
    taken = 0
    sampler = StepSampler(4, lambda: taken)
    first = list(sampler)
    taken = 4
    assert first + list(sampler) == list(range(8))
    assert len(sampler) == 4


def test_too_few_images() -> None:
    with pytest.raises(SupportError, match="class 0 has 30 images but k_shot . n_query = 31. Lower k_shot or n_query"):
        EpisodeDealer(LABELS, EpisodeConfig(5, 1, 30), seed=0)


def test_too_few_classes() -> None:
    with pytest.raises(SupportError, match="n_way = 7 needs as many classes, the images have 5"):
        EpisodeDealer(LABELS, EpisodeConfig(7, 1, 1), seed=0)
