"""Whitening: the scatter within the classes becomes round, whatever it was."""

import numpy as np
import torch

from fewshot.learn.whiten import EARLY_RIDGE, FINAL_RIDGE, fit_whitening


def test_the_scatter_within_the_classes_becomes_round() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(3).repeat(400)
    stretched = rng.normal(size=(1200, 4)) @ np.diag([5.0, 1.0, 1.0, 0.5]) @ rng.normal(size=(4, 4))
    features = torch.from_numpy((stretched + 10 * np.eye(3, 4)[labels]).astype(np.float32))
    whitened = fit_whitening(features, torch.from_numpy(labels), EARLY_RIDGE)(features).numpy()
    within = np.concatenate([whitened[labels == c] - whitened[labels == c].mean(axis=0) for c in range(3)])
    spread = np.linalg.eigvalsh(np.cov(within.T))
    assert spread.max() <= 1.01
    assert spread.max() / spread.min() < np.linalg.cond(np.cov(stretched.T)) / 10
    np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=1e-4)


def test_a_direction_that_never_varies_is_not_blown_up() -> None:
    features = torch.randn(100, 3, generator=torch.Generator().manual_seed(0))
    features[:, 2] = 1.0
    whiten = fit_whitening(features, torch.arange(2).repeat(50), EARLY_RIDGE)
    assert whiten.weight.abs().max() < 3 / EARLY_RIDGE**0.5


def test_a_larger_ridge_changes_less_of_the_shape() -> None:
    features = torch.randn(400, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([4.0, 1.0, 1.0])
    spreads = []
    for ridge in (EARLY_RIDGE, FINAL_RIDGE):
        seen = fit_whitening(features, torch.arange(2).repeat(200), ridge)(features).detach().std(dim=0)
        spreads.append(float(seen.max() / seen.min()))
    assert 1 < spreads[0] < spreads[1] < 4.5
