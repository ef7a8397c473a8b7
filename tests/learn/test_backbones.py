"""Both blocks: shapes, what light must not change, and a shortcut that is left alone where a branch is dropped."""

import pytest
import torch

from fewshot.learn.backbones import Backbone, CropEncoder
from fewshot.learn.config import EncoderConfig

BLOCKS = ("basic", "depthwise")


def _backbone(block: str, drop_path: float = 0.0) -> Backbone:
    torch.manual_seed(0)
    return Backbone(EncoderConfig(block, stem=4, widths=[8, 16], blocks=[1, 2], dimension=6, drop_path=drop_path))


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("size", [40, 44, 48])
def test_any_size_embeds(block: str, size: int) -> None:
    assert _backbone(block).eval()(torch.rand(3, 1, size, size)).shape == (3, 6)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_dimmer_or_flatter_picture_embeds_alike(block: str) -> None:
    backbone, images = _backbone(block).eval(), torch.rand(4, 1, 40, 40)
    torch.testing.assert_close(backbone(0.5 * images + 0.2), backbone(images), rtol=0.15, atol=0.02)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_blank_picture_embeds_finitely(block: str) -> None:
    assert torch.isfinite(_backbone(block).eval()(torch.full((1, 1, 40, 40), 0.5))).all()


@pytest.mark.parametrize("block", BLOCKS)
def test_dropping_branches_changes_training_only(block: str) -> None:
    backbone, images = _backbone(block, drop_path=0.5), torch.rand(8, 1, 40, 40)
    assert not torch.equal(backbone(images), backbone(images))
    backbone.eval()
    torch.testing.assert_close(backbone(images), backbone(images))


def test_the_mirror_is_averaged() -> None:
    encoder = CropEncoder(_backbone("depthwise"), 40, mirror=True).eval()
    crops = torch.randint(0, 256, (2, 48, 48), dtype=torch.uint8)
    torch.testing.assert_close(encoder(crops), encoder(crops.flip(-1)))
