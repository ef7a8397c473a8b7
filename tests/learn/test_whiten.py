"""Whitening: the scatter within the classes becomes round, whatever it was."""

import numpy as np
import torch

from fewshot.learn.whiten import RIDGE, fit_whitening


def test_the_scatter_within_the_classes_becomes_round() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(3).repeat(400)
    stretched = rng.normal(size=(1200, 4)) @ np.diag([5.0, 1.0, 1.0, 0.5]) @ rng.normal(size=(4, 4))
    features = torch.from_numpy((stretched + 10 * np.eye(3, 4)[labels]).astype(np.float32))
    whitened = fit_whitening(features, torch.from_numpy(labels))(features).numpy()
    within = np.concatenate([whitened[labels == c] - whitened[labels == c].mean(axis=0) for c in range(3)])
    spread = np.linalg.eigvalsh(np.cov(within.T))
    assert spread.max() <= 1.01
    assert spread.max() / spread.min() < np.linalg.cond(np.cov(stretched.T)) / 10
    np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=1e-4)


def test_a_direction_that_never_varies_is_not_blown_up() -> None:
    features = torch.randn(100, 3, generator=torch.Generator().manual_seed(0))
    features[:, 2] = 1.0
    whiten = fit_whitening(features, torch.arange(2).repeat(50))
    assert whiten.weight.abs().max() < 3 / RIDGE**0.5
