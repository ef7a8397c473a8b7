"""The losses against loops that recompute the formulas."""

import math

import pytest
import torch
from torch import Tensor

from fewshot.errors import SupportError
from fewshot.learn.config import LossConfig
from fewshot.learn.losses import EpisodicLoss, ReadingLoss, class_prototypes, metric_loss, squared_distance


@pytest.fixture
def embeddings() -> Tensor:
    """Twelve points of four dimensions."""
    return torch.randn(12, 4, generator=torch.Generator().manual_seed(0))


def test_class_prototypes_are_means_in_any_order(embeddings: Tensor) -> None:
    labels = torch.tensor([0, 1, 2] * 4)
    prototypes = class_prototypes(embeddings, labels, 3)
    torch.testing.assert_close(prototypes[1], (embeddings[1] + embeddings[4] + embeddings[7] + embeddings[10]) / 4)
    order = torch.randperm(12)
    torch.testing.assert_close(class_prototypes(embeddings[order], labels[order], 3), prototypes)


def test_a_class_without_support_is_an_error(embeddings: Tensor) -> None:
    with pytest.raises(SupportError, match="class 2 has none"):
        class_prototypes(embeddings, torch.tensor([0, 1, 3] * 4), 4)


def test_episodic_loss_is_the_formula(embeddings: Tensor) -> None:
    labels = torch.tensor([0, 0, 1, 1, 2, 2, 0, 1, 2, 0, 1, 2])
    loss, logits = EpisodicLoss(temperature=3.0, label_smoothing=0.0)(embeddings, labels, 3, 6)
    expected = 0.0
    for query, label in zip(embeddings[6:], labels[6:], strict=True):
        distances = [float(((query - embeddings[2 * c : 2 * c + 2].mean(0)) ** 2).sum()) for c in range(3)]
        expected += distances[label] / 3 + math.log(sum(math.exp(-d / 3) for d in distances))
    assert loss.item() == pytest.approx(expected / 6, rel=1e-5)
    assert logits.shape == (6, 3)


def test_episodic_loss_teaches_the_temperature(embeddings: Tensor) -> None:
    module = EpisodicLoss(temperature=3.0, label_smoothing=0.1)
    loss, _ = module(embeddings, torch.tensor([0, 0, 1, 1, 2, 2, 0, 1, 2, 0, 1, 2]), 3, 6)
    loss.backward()
    assert module.log_temperature.grad is not None
    assert float(module.log_temperature.grad) != 0


def test_targets_take_the_place_of_labels(embeddings: Tensor) -> None:
    labels = torch.tensor([0, 0, 1, 1, 2, 2, 0, 1, 2, 0, 1, 2])
    module = EpisodicLoss(temperature=3.0, label_smoothing=0.0)
    certain, _ = module(embeddings, labels, 3, 6)
    named, logits = module(embeddings, labels, 3, 6, torch.nn.functional.one_hot(labels, 3).float())
    torch.testing.assert_close(named, certain)
    torn, _ = module(embeddings, labels, 3, 6, torch.full((12, 3), 1 / 3))
    torch.testing.assert_close(torn, -logits.log_softmax(1).mean())


def test_proxy_nca_is_softmax_of_squared_distances(embeddings: Tensor) -> None:
    labels = torch.tensor([0, 1, 2] * 4)
    module = metric_loss(LossConfig(1.0, "proxy_nca", 0.5, 0.0, 0.0, 0.0, 0.1, 5.0), 3, 4)
    assert module is not None
    logits = -squared_distance(embeddings, module.proxies) / 5.0
    torch.testing.assert_close(module(embeddings, labels), torch.nn.functional.cross_entropy(logits, labels))


@pytest.mark.parametrize("name", ["supcon", "triplet"])
def test_metric_losses_prefer_separated_classes(name: str) -> None:
    module = metric_loss(LossConfig(1.0, name, 0.5, 0.0, 0.0, 0.0, 0.1, 4.0), 2, 2)
    assert module is not None
    labels = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[0.0, 0.0], [0.1, 0.0], [5.0, 0.0], [5.0, 0.1]])
    mixed = apart[[0, 2, 1, 3]]
    assert float(module(apart, labels)) < float(module(mixed, labels))


def test_none_is_no_loss() -> None:
    assert metric_loss(LossConfig(1.0, "none", 0.0, 0.0, 0.0, 0.0, 0.1, 4.0), 2, 2) is None


def test_a_reading_weighs_only_what_has_shares(embeddings: Tensor) -> None:
    loss = ReadingLoss(4, 8)
    shares = torch.zeros(12, 8)
    shares[:3, 1] = 1
    shares[3, 0] = shares[3, 4] = 0.5
    expected = 0.0
    for embedding, share in zip(embeddings, shares, strict=True):
        probabilities = torch.softmax(loss.linear(embedding), dim=0).detach()
        expected -= sum(float(s) * math.log(float(p)) for s, p in zip(share, probabilities, strict=True))
    assert loss(embeddings, shares).item() == pytest.approx(expected / 4, rel=1e-5)
    assert loss(embeddings, torch.zeros(12, 8)).item() == 0
