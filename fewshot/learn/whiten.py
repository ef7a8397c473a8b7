"""What is shipped: both scales of an encoder, each whitened so that squared distances are log-odds."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fewshot.learn.backbones import CropEncoder
from fewshot.learn.embed import embed_scales
from fewshot.learn.fer2013 import Split
from fewshot.learn.scores import fit_temperature
from fewshot.prototypes import class_prototypes, squared_distances
from fewshot.types import EMOTIONS

FINAL_RIDGE, EARLY_RIDGE = 5.0, 0.1
"""Share of the mean variance added to each direction before inverting; larger for the final embedding, which its loss has shaped."""


class ShippedEncoder(nn.Module):
    """Crops -> the final embedding and the earlier layer, each whitened."""

    def __init__(self, encoder: CropEncoder, final: nn.Linear, early: nn.Linear) -> None:
        """Map each scale of ``encoder`` by what :func:`fit_whitening` returned."""
        super().__init__()
        self.encoder, self.final, self.early = encoder, final, early

    def forward(self, crops_gray: Tensor) -> tuple[Tensor, Tensor]:
        """Embed (n, 48, 48) uint8 crops as (n, d) and (n, e) float; ONNX knows no other way to name two."""
        scales = self.encoder.scales(crops_gray)
        return self.final(scales.final), self.early(scales.early)


def whitened(encoder: CropEncoder, train: Split, held_out: Split) -> ShippedEncoder:
    """Return the encoder as it is shipped: whitened on ``train``, with temperature 1 on ``held_out`` at both scales."""
    shown, asked = (embed_scales(encoder, split.images_gray) for split in (train, held_out))
    labels = torch.from_numpy(train.labels)
    maps = []
    scales = ((shown.final, asked.final, FINAL_RIDGE), (shown.early, asked.early, EARLY_RIDGE))
    for features, queries, ridge in scales:
        whiten = fit_whitening(features, labels, ridge)
        with torch.inference_mode():
            vectors = class_prototypes(whiten(features).numpy(), train.labels, range(len(EMOTIONS)))
            temperature = fit_temperature(squared_distances(whiten(queries).numpy(), vectors), held_out.labels)
        whiten.weight.data /= temperature**0.5
        whiten.bias.data /= temperature**0.5
        maps.append(whiten)
    return ShippedEncoder(encoder, *maps).eval()


def fit_whitening(features: Tensor, labels: Tensor, ridge: float) -> nn.Linear:
    """Return the map that makes the scatter within classes round: squared Euclidean distance becomes Mahalanobis distance.

    Fisher 1936: the covariance within classes, with a ridge for directions that hardly vary, inverted and split by Cholesky.

    Args:
        features: (n, d) float.
        labels: (n,) int64.
        ridge: Share of the mean variance that is added to each direction.
    """
    x = features.double()
    classes = labels.unique().tolist()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    within = torch.cat([x[labels == c] - x[labels == c].mean(dim=0) for c in classes])
    covariance = within.T @ within / (len(within) - len(classes))
    covariance += ridge * covariance.diagonal().mean() * torch.eye(x.shape[1], dtype=torch.float64)
    root = torch.linalg.cholesky(torch.linalg.inv(covariance))
    whiten = nn.Linear(x.shape[1], x.shape[1])
    whiten.weight.data = root.T.float().contiguous()
    whiten.bias.data = -(x.mean(dim=0) @ root).float()
    return whiten.requires_grad_(False)
