"""Muon for the matrices of a network, AdamW for everything else; experiments/shipped measures the gain."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn

_MOMENTUM = 0.95
"""Momentum of the matrices."""

_STEPS = 5
_QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients of the iteration (Jordan et al. 2024): the steepest slope at 0 that still keeps singular values near 1."""


class Muon(torch.optim.AdamW):
    """Moves a matrix along its orthogonalized momentum, all directions alike, and everything else as AdamW does.

    K. Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks". A convolution counts as the matrix of
    its output channels; a depthwise one has no such matrix and is left to AdamW, as are norms and biases.
    torch.optim.Muon takes matrices only, and Lightning wants one optimizer.

    Args:
        parameters: All trained parameters.
        learning_rate: Rate of AdamW's part.
        muon_rate: Step length of the matrices, in units of an orthogonal matrix.
        weight_decay: Each step shrinks matrices, also AdamW's, by ``learning_rate * weight_decay``; norms and biases never.
    """

    def __init__(
        self, parameters: list[nn.Parameter], learning_rate: float, muon_rate: float, weight_decay: float
    ) -> None:
        matrices = [p for p in parameters if is_matrix(p)]
        chosen = {id(p) for p in matrices}
        rest = [p for p in parameters if id(p) not in chosen]
        decay = weight_decay * learning_rate / muon_rate
        groups = [
            {"params": matrices, "lr": muon_rate, "weight_decay": decay, "momentum": _MOMENTUM},
            {"params": [p for p in rest if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
        ]
        super().__init__([group for group in groups if group["params"]], lr=learning_rate)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move all parameters that have a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        everything = self.param_groups
        for group in everything:
            if "momentum" in group:
                self._move_matrices(group)
        try:
            self.param_groups = [group for group in everything if "momentum" not in group]
            super().step()
        finally:
            self.param_groups = everything
        return loss

    def _move_matrices(self, group: dict[str, Any]) -> None:
        """Move matrices of one shape together: an accelerator multiplies a stack of small matrices in the time of one."""
        moved = [p for p in group["params"] if p.grad is not None]
        moved.sort(key=lambda p: (len(p), p[0].numel()))
        for (rows, columns), alike in groupby(moved, key=lambda p: (len(p), p[0].numel())):
            matrices = list(alike)
            updates = orthogonalized(torch.stack([self._momentum(p, group["momentum"]).flatten(1) for p in matrices]))
            for p, update in zip(matrices, updates, strict=True):
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(update.view_as(p), alpha=group["lr"] * max(1.0, rows / columns) ** 0.5)

    def _momentum(self, p: nn.Parameter, momentum: float) -> Tensor:
        """Add the gradient of ``p`` to its moving average, and return the average one step ahead (Nesterov)."""
        assert p.grad is not None
        state = self.state[p]
        if not state:
            state["momentum"] = torch.zeros_like(p)
            state["step"] = torch.zeros(())  # AdamW counts all states, also those it does not move
        state["step"] += 1
        return p.grad.lerp(state["momentum"].lerp_(p.grad, 1 - momentum), momentum)


def make_optimizer(
    parameters: list[nn.Parameter], learning_rate: float, muon_rate: float, weight_decay: float
) -> torch.optim.AdamW:
    """Return the optimizer of a run: :class:`Muon`, or AdamW alone where ``muon_rate`` is 0."""
    if muon_rate > 0:
        return Muon(parameters, learning_rate, muon_rate, weight_decay)
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate)


def is_matrix(parameter: Tensor) -> bool:
    """Tell whether a parameter maps several inputs to several outputs: a linear layer, or a convolution across channels."""
    return parameter.ndim > 1 and min(parameter.shape[:2]) > 1


def orthogonalized(matrices: Tensor) -> Tensor:
    """Bring all singular values of (..., r, c) float matrices near 1 by Newton and Schulz's iteration, in bfloat16.

    Jordan et al. 2024: between about 0.7 and 1.2, which trains as well as exactly 1.
    """
    a, b, c = _QUINTIC
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.bfloat16()
    x = x.mT if tall else x
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp_min(1e-7)
    for _ in range(_STEPS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if tall else x).to(matrices.dtype)
