"""Embeddings of many images, by a torch encoder in training and for export, or by the ONNX file that is shipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fewshot.encoder import file_fingerprint, load_encoder
from fewshot.errors import DivergenceError, WeightsError
from fewshot.learn.backbones import CropEncoder, Scales
from fewshot.learn.checkpoint import load_averaged
from fewshot.learn.fer2013 import Fer2013
from fewshot.types import Float32, UInt8


@torch.inference_mode()
def embed_images(encoder: CropEncoder, images_gray: UInt8, device: torch.device | str = "cpu") -> Float32:
    """Embed (n, 48, 48) uint8 images as (n, d) float32; the encoder's mode is left as it was.

    Raises:
        DivergenceError: an embedding is not finite.
    """
    was_training = encoder.training
    encoder.eval()
    try:
        parts = [encoder(images.to(device)).float().cpu() for images in _batches(images_gray)]
    finally:
        encoder.train(was_training)
    return _finite(torch.cat(parts)).numpy()


@torch.inference_mode()
def embed_scales(encoder: CropEncoder, images_gray: UInt8) -> Scales:
    """Embed (n, 48, 48) uint8 images at both scales of an encoder in evaluation mode; raises as :func:`embed_images`."""
    parts = [encoder.scales(images) for images in _batches(images_gray)]
    return Scales(*(_finite(torch.cat(scale)) for scale in zip(*((p.final, p.early) for p in parts), strict=True)))


def _finite(embeddings: Tensor) -> Tensor:
    if not bool(torch.isfinite(embeddings).all()):
        raise DivergenceError(
            "embeddings must be finite, got NaN or infinity: the run that made this encoder has diverged. Train again for another "
            "output, with a lower optimizer.learning_rate or with optimizer.clip."
        )
    return embeddings


def _batches(images_gray: UInt8, size: int = 256) -> Iterator[Tensor]:
    for start in range(0, len(images_gray), size):
        yield torch.from_numpy(np.ascontiguousarray(images_gray[start : start + size]))


@dataclass(frozen=True, eq=False)
class Embedder:
    """An encoder as it is measured.

    Attributes:
        embed: (n, 48, 48) uint8 -> (n, d) float32.
        weights: (d,) float32. Weight of each dimension in distances to generic prototypes: 1 for the final embedding, 0 for
            the earlier layer, which only personal prototypes use.
        fingerprint: Of the file it was read from; what is made with it carries this.
    """

    embed: Callable[[UInt8], Float32]
    weights: Float32
    fingerprint: str

    def final(self, images_gray: UInt8) -> Float32:
        """Embed the images as generic prototypes see them, without the dimensions of weight 0."""
        return self.embed(images_gray)[:, self.weights > 0]


class EmbeddedSplits:
    """A data set as one encoder sees it: a split is embedded once, when it is first asked for. Belongs to one thread.

    Attributes:
        encoder: Embeds the images.
        data: The images.
    """

    def __init__(self, encoder: Embedder, data: Fer2013) -> None:
        self.encoder, self.data = encoder, data
        self._embedded: dict[str, Float32] = {}

    def split(self, name: str) -> Float32:
        """Return the embeddings of one split, (n, d) float32; raises as :meth:`Fer2013.split`."""
        if name not in self._embedded:
            self._embedded[name] = self.encoder.embed(self.data.split(name).images_gray)
        return self._embedded[name]

    def final(self, name: str) -> Float32:
        """Return them as generic prototypes see them, as :meth:`Embedder.final`."""
        return self.split(name)[:, self.encoder.weights > 0]


def load_embedder(path: str | None, mirror: bool = False) -> Embedder:
    """Load a training checkpoint (.ckpt; its final embedding, mirrored if asked), an ONNX file, or for None the shipped one.

    Raises:
        WeightsError: neither, or damaged.
    """
    if path is None or path.endswith(".onnx"):
        encoder = load_encoder(None if path is None else Path(path))
        weights = (np.arange(encoder.dimension) < encoder.final_dimension).astype(np.float32)
        return Embedder(
            lambda images: np.concatenate([encoder.embed(batch.numpy()) for batch in _batches(images, 64)]),
            weights,
            encoder.fingerprint,
        )
    if not path.endswith(".ckpt"):
        raise WeightsError(f"model must be a .ckpt of a training run or an .onnx file, got {path}.")
    averaged, config = load_averaged(Path(path), mirror)
    return Embedder(
        lambda images: embed_images(averaged, images),
        np.ones(config.encoder.dimension, np.float32),
        file_fingerprint(Path(path)),
    )
