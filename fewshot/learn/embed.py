"""Embeddings of many images by a torch encoder, for validation and export; live use goes through the ONNX encoder."""

from __future__ import annotations

import numpy as np
import torch

from fewshot.learn.backbones import CropEncoder
from fewshot.types import Float32, UInt8


@torch.inference_mode()
def embed_images(encoder: CropEncoder, images_gray: UInt8, device: torch.device | str, batch: int = 256) -> Float32:
    """Embed (n, 48, 48) uint8 images as (n, d) float32; the encoder's mode is left as it was."""
    was_training = encoder.training
    encoder.eval()
    try:
        parts = []
        for start in range(0, len(images_gray), batch):
            images = torch.from_numpy(np.ascontiguousarray(images_gray[start : start + batch])).to(device)
            parts.append(encoder(images).float().cpu().numpy())
    finally:
        encoder.train(was_training)
    return np.concatenate(parts)
