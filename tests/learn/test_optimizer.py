"""Muon against torch's own, AdamW against torch's own, and who moves what."""

import copy

import pytest
import torch
from torch import Tensor, nn

from fewshot.learn.optimizer import Muon, is_matrix, make_optimizer, orthogonalized


def _draw(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def _train(optimizer: torch.optim.Optimizer, parameter: nn.Parameter, steps: int = 4) -> Tensor:
    for step in range(steps):
        parameter.grad = _draw(*parameter.shape, 1 + step)[..., 0]
        optimizer.step()
    return parameter.detach()


@pytest.mark.parametrize("shape", [(6, 9), (12, 5), (4, 4)])
def test_a_linear_layer_moves_as_by_torch(shape: tuple[int, int]) -> None:
    mine, theirs = (nn.Parameter(_draw(*shape)) for _ in range(2))
    moved = _train(Muon([mine], learning_rate=0.002, muon_rate=0.02, weight_decay=0.5), mine)
    expected = _train(torch.optim.Muon([theirs], lr=0.02, weight_decay=0.05), theirs)
    way = (expected - _draw(*shape)).norm()
    assert float(way) > 0.05
    assert float((moved - expected).norm() / way) < 0.1  # bfloat16 rounds in another order


def test_a_convolution_is_the_matrix_of_its_output_channels() -> None:
    convolution, matrix = nn.Parameter(_draw(6, 3, 3, 3)), nn.Parameter(_draw(6, 3, 3, 3).flatten(1))
    gradient = _draw(6, 3, 3, 3, 1)[..., 0]
    convolution.grad, matrix.grad = gradient, gradient.flatten(1).clone()
    for parameter in (convolution, matrix):
        Muon([parameter], 0.002, 0.02, 0.0).step()
    torch.testing.assert_close(convolution.detach().flatten(1), matrix.detach())


def test_its_memory_format_does_not_matter() -> None:
    plain = nn.Parameter(_draw(8, 4, 3, 3))
    last = nn.Parameter(_draw(8, 4, 3, 3).contiguous(memory_format=torch.channels_last))
    for parameter in (plain, last):
        parameter.grad = _draw(8, 4, 3, 3, 1)[..., 0].contiguous(
            memory_format=torch.channels_last if parameter is last else torch.contiguous_format
        )
        Muon([parameter], 0.002, 0.02, 0.1).step()
    torch.testing.assert_close(plain.detach(), last.detach())


def test_norms_biases_and_channelwise_convolutions_are_left_to_adamw() -> None:
    network = nn.Sequential(nn.Conv2d(4, 4, 3, groups=4), nn.BatchNorm2d(4), nn.Conv2d(4, 5, 1))
    assert [name for name, p in network.named_parameters() if is_matrix(p)] == ["2.weight"]
    reference = copy.deepcopy(network)
    rest = [p for p in reference.parameters() if not is_matrix(p)]
    theirs = torch.optim.AdamW(
        [
            {"params": [p for p in rest if p.ndim > 1], "weight_decay": 0.3},
            {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=0.002,
    )
    mine = make_optimizer(list(network.parameters()), 0.002, 0.02, 0.3)
    before = network[2].weight.detach().clone()
    for optimizer, trained in ((mine, network), (theirs, reference)):
        for p in trained.parameters():
            p.grad = _draw(*p.shape, 1)[..., 0]
        optimizer.step()
    for (name, p), expected in zip(network.named_parameters(), reference.parameters(), strict=True):
        if name != "2.weight":
            torch.testing.assert_close(p, expected, msg=name)
    assert not torch.equal(network[2].weight, before)


def test_without_a_rate_of_its_own_there_is_no_muon() -> None:
    assert type(make_optimizer([nn.Parameter(_draw(3, 3))], 0.002, 0.0, 0.1)) is torch.optim.AdamW


def test_what_has_no_gradient_stays_and_the_closure_is_asked() -> None:
    still, moved = nn.Parameter(_draw(3, 4)), nn.Parameter(_draw(4, 4))
    optimizer = Muon([still, moved], 0.002, 0.02, 0.1)

    def closure() -> Tensor:
        loss = moved.square().sum()
        loss.backward()
        return loss

    before = float(moved.detach().square().sum())
    assert optimizer.step(closure).item() == pytest.approx(before)
    torch.testing.assert_close(still.detach(), _draw(3, 4))
    assert float(moved.detach().square().sum()) < before


def test_its_state_is_saved_and_loaded() -> None:
    whole, resumed = (nn.Parameter(_draw(5, 7)) for _ in range(2))
    first = Muon([whole], 0.002, 0.02, 0.1)
    _train(first, whole, 2)
    resumed.data = whole.detach().clone()
    second = Muon([resumed], 0.002, 0.02, 0.1)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    torch.testing.assert_close(_train(second, resumed, 2), _train(first, whole, 2))


def test_orthogonalized_has_singular_values_near_one() -> None:
    for shape in ((6, 40), (40, 6)):
        values = torch.linalg.svdvals(orthogonalized(_draw(*shape) * 1e-3))
        assert float(values.min()) > 0.6
        assert float(values.max()) < 1.3
