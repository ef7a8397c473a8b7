"""Generic prototypes: an image counts in each class as far as it belongs there."""

import numpy as np
import pytest

from fewshot.errors import SupportError
from fewshot.learn.embed import EmbeddedSplits, Embedder
from fewshot.learn.fer2013 import Fer2013, Split
from fewshot.learn.ferplus import VOTED
from fewshot.learn.generic import RATERS_SHARE, make_generic, shared_prototypes
from fewshot.types import EMOTIONS, Float32, UInt8


def test_an_image_counts_as_far_as_it_belongs() -> None:
    embeddings = np.array([[0, 0], [4, 8]], np.float32)
    shares = np.tile(np.array([[1], [1]], np.float32), (1, 7))
    shares[:, 2] = 3, 1
    vectors = shared_prototypes(embeddings, shares)
    np.testing.assert_allclose(vectors[2], [1, 2])
    np.testing.assert_allclose(vectors[0], [2, 4])


def test_a_class_of_nobody_is_refused() -> None:
    shares = np.ones((2, 7), np.float32)
    shares[:, 1] = 0
    with pytest.raises(SupportError, match="'disgust' has none"):
        shared_prototypes(np.ones((2, 3), np.float32), shares)


def test_raters_move_an_image_toward_what_they_named() -> None:
    """Seven images, one a class, embedded by their class; all raters call the angry one happy."""

    def embed(images_gray: UInt8) -> Float32:
        return np.eye(7, dtype=np.float32)[images_gray[:, 0, 0]]

    order = np.arange(7)
    images = np.broadcast_to(order[:, None, None], (7, 48, 48)).astype(np.uint8)
    named = ["happy", *EMOTIONS[1:]]
    votes = np.array([[10 * (voted == name) for voted in VOTED] for name in named], np.float32)
    encoder = Embedder(embed, np.ones(7, np.float32), "abc")
    generic = make_generic(EmbeddedSplits(encoder, Fer2013({"Training": Split(images, order, order, votes)})))
    assert generic.fingerprint == "abc"
    angry, happy, fear = (EMOTIONS.index(name) for name in ("angry", "happy", "fear"))
    assert generic.vectors[happy, angry] == pytest.approx(RATERS_SHARE / (1 + RATERS_SHARE))
    assert generic.vectors[angry].tolist() == np.eye(7)[angry].tolist()
    assert generic.vectors[fear].tolist() == np.eye(7)[fear].tolist()
    plain = make_generic(EmbeddedSplits(encoder, Fer2013({"Training": Split(images, order, order)})))
    np.testing.assert_array_equal(plain.vectors, np.eye(7))
