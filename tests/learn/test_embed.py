"""A data set as one encoder sees it."""

import numpy as np
import pytest

from fewshot.errors import DatasetError
from fewshot.learn.embed import EmbeddedSplits, Embedder
from fewshot.learn.fer2013 import Fer2013, Split
from fewshot.types import Float32, UInt8


@pytest.fixture
def batches() -> list[int]:
    """How many images the encoder was asked for, each time."""
    return []


@pytest.fixture
def embedded(batches: list[int]) -> EmbeddedSplits:
    """Two splits of black and of white images, embedded by their brightness, twice; the second number has no weight."""

    def embed(images_gray: UInt8) -> Float32:
        batches.append(len(images_gray))
        return images_gray.mean(axis=(1, 2), dtype=np.float32)[:, None].repeat(2, axis=1)

    def images(level: int, n: int) -> Split:
        return Split(np.full((n, 48, 48), level, np.uint8), np.zeros(n, np.int64), np.arange(n))

    data = Fer2013({"Training": images(0, 3), "PublicTest": images(255, 2)})
    return EmbeddedSplits(Embedder(embed, np.array([1, 0], np.float32), "abc"), data)


def test_a_split_is_embedded_once_and_only_when_it_is_asked_for(embedded: EmbeddedSplits, batches: list[int]) -> None:
    assert batches == []
    np.testing.assert_array_equal(embedded.split("PublicTest"), np.full((2, 2), 255))
    np.testing.assert_array_equal(embedded.final("PublicTest"), np.full((2, 1), 255))
    assert batches == [2]
    np.testing.assert_array_equal(embedded.final("Training"), np.zeros((3, 1)))
    assert batches == [2, 3]


def test_a_split_that_is_not_there(embedded: EmbeddedSplits) -> None:
    with pytest.raises(DatasetError, match="split 'PrivateTest' is wanted"):
        embedded.split("PrivateTest")
