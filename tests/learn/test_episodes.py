"""Episodes: balanced, disjoint, reproducible, and told apart from data that cannot fill them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fewshot.errors import SupportError
from fewshot.learn.config import EpisodeConfig
from fewshot.learn.episodes import EpisodeDataset, EpisodeDealer, StepSampler, balanced_episodes

LABELS = np.repeat(np.arange(5), [30, 31, 40, 64, 100])


def _natural(n_way: int, k_shot: int, n_query: int) -> EpisodeConfig:
    return replace(balanced_episodes(n_way, k_shot, n_query), queries="natural")


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
    spec = balanced_episodes(n_way, k_shot, n_query)
    deal = EpisodeDealer(LABELS, spec, seed).deal(t)
    assert deal.support.shape == (n_way, k_shot)
    assert deal.query.shape == (n_way * n_query,)
    assert len(np.unique([*deal.support.flat, *deal.query])) == n_way * (k_shot + n_query)
    assert len(np.unique(deal.classes)) == n_way
    np.testing.assert_array_equal(LABELS[deal.support], np.repeat(deal.classes[:, None], k_shot, axis=1))
    np.testing.assert_array_equal(LABELS[deal.query], deal.classes[deal.query_labels])


@given(t=st.integers(0, 10_000), k_shot=st.integers(1, 20), n_query=st.integers(1, 10))
def test_natural_queries_never_overlap_the_support(t: int, k_shot: int, n_query: int) -> None:
    deal = EpisodeDealer(LABELS, _natural(5, k_shot, n_query), seed=1).deal(t)
    assert deal.support.shape == (5, k_shot)
    assert len(np.unique([*deal.support.flat, *deal.query])) == deal.support.size + len(deal.query)
    np.testing.assert_array_equal(LABELS[deal.support], np.repeat(np.arange(5)[:, None], k_shot, axis=1))
    np.testing.assert_array_equal(LABELS[deal.query], deal.query_labels)


def test_natural_queries_are_as_frequent_as_the_data() -> None:
    dealer = EpisodeDealer(LABELS, _natural(5, 1, 5), seed=0)
    seen = np.concatenate([dealer.deal(t).query for t in range(len(LABELS) // 25)])
    assert len(np.unique(seen)) == len(seen) == 250  # ten hands of 25 from 265 images, none twice


def test_the_last_episodes_of_a_run_are_balanced_where_asked_for() -> None:
    spec = replace(_natural(5, 1, 5), balanced_share=0.2)
    dealer, natural = (EpisodeDealer(LABELS, spec, seed=0, balanced_from=at) for at in (80, None))
    np.testing.assert_array_equal(dealer.deal(79).query, natural.deal(79).query)
    assert np.bincount(dealer.deal(80).query_labels).tolist() == [5] * 5
    assert np.bincount(natural.deal(80).query_labels, minlength=5).tolist() != [5] * 5


def test_natural_queries_need_every_class() -> None:
    with pytest.raises(SupportError, match="n_way must be 5, got 4"):
        EpisodeDealer(LABELS, _natural(4, 1, 5), seed=0)


@given(t=st.integers(0, 1000))
def test_same_seed_same_episode_another_seed_another(t: int) -> None:
    spec = balanced_episodes(5, 2, 3)
    first, again, other = (EpisodeDealer(LABELS, spec, seed).deal(t).support for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_class_is_seen_evenly() -> None:
    dealer = EpisodeDealer(LABELS, balanced_episodes(5, 2, 3), seed=0)
    seen = np.zeros(len(LABELS), int)
    for t in range(6 * 4):
        deal = dealer.deal(t)
        np.add.at(seen, np.concatenate([deal.support.reshape(-1), deal.query]), 1)
    assert set(seen[LABELS == 0]) == {4}  # 30 images fill 6 hands of 5, dealt out four times


def test_dataset_orders_support_before_query_with_a_way_back() -> None:
    images = np.broadcast_to(LABELS.astype(np.uint8)[:, None, None], (len(LABELS), 48, 48)).copy()
    episode = EpisodeDataset(images, EpisodeDealer(LABELS, balanced_episodes(3, 2, 4), seed=3))[7]
    assert episode.images.shape == (18, 1, 48, 48)
    assert episode.n_support == 6
    assert episode.labels.tolist() == [0, 0, 1, 1, 2, 2] + [0] * 4 + [1] * 4 + [2] * 4
    assert torch.equal(episode.classes[episode.labels], episode.images[:, 0, 0, 0].long())


def test_targets_are_among_the_classes_of_the_episode() -> None:
    images = np.zeros((len(LABELS), 48, 48), np.uint8)
    targets = np.random.default_rng(0).random((len(LABELS), LABELS.max() + 1)).astype(np.float32)
    dealer = EpisodeDealer(LABELS, balanced_episodes(3, 2, 4), seed=3)
    episode = EpisodeDataset(images, dealer, targets=targets)[7]
    deal = dealer.deal(7)
    assert episode.targets is not None
    first = targets[deal.support[0, 0], deal.classes]
    np.testing.assert_allclose(episode.targets[0], first / first.sum(), rtol=1e-6)
    np.testing.assert_allclose(episode.targets.sum(dim=1), np.ones(18), rtol=1e-6)
    assert episode.to(torch.float64).targets.dtype == torch.float64


def test_a_share_of_the_images_is_shown_aligned_anew_in_each_episode() -> None:
    images = np.zeros((len(LABELS), 48, 48), np.uint8)
    dealer = EpisodeDealer(LABELS, replace(balanced_episodes(3, 2, 4), aligned_share=0.3), seed=3)
    dataset = EpisodeDataset(images, dealer, aligned_gray=np.full_like(images, 255))
    shown = [dataset[t].images.amax(dim=(1, 2, 3)) == 255 for t in range(100)]
    assert 0.25 < float(torch.cat(shown).float().mean()) < 0.35
    assert not torch.equal(shown[0], shown[1])
    assert torch.equal(dataset[5].images, dataset[5].images)
    assert not images.any()  # the next episode shows the original again


def test_epochs_continue_where_the_run_stands() -> None:
    progress = SimpleNamespace(global_step=0, global_rank=0, world_size=1)
    sampler = StepSampler(4, progress)
    first = list(sampler)
    progress.global_step = 4
    assert first + list(sampler) == list(range(8))
    assert len(sampler) == 4


def test_processes_share_the_episodes_out() -> None:
    dealt = [list(StepSampler(3, SimpleNamespace(global_step=2, global_rank=rank, world_size=2))) for rank in (0, 1)]
    assert dealt == [[4, 6, 8], [5, 7, 9]]


def test_too_few_images() -> None:
    with pytest.raises(
        SupportError,
        match="class 'angry' has 30 images but k_shot . n_query = 31. Lower them",
    ):
        EpisodeDealer(LABELS, balanced_episodes(5, 1, 30), seed=0)


def test_too_few_classes() -> None:
    with pytest.raises(SupportError, match="n_way = 7 needs as many classes, the images have 5"):
        EpisodeDealer(LABELS, balanced_episodes(7, 1, 1), seed=0)
