"""Generic prototypes: an image counts in each class as far as it belongs there."""

from pathlib import Path

import numpy as np
import pytest

from fewshot.errors import SupportError
from fewshot.learn.embed import Embedder
from fewshot.learn.fer2013 import Fer2013, Split
from fewshot.learn.generic import make_generic, shared_prototypes
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


def _embed(images_gray: UInt8) -> Float32:
    """Every image shows its class."""
    return np.eye(7, dtype=np.float32)[images_gray[:, 0, 0]]


def _data(tmp_path: Path, named: list[str]) -> tuple[Embedder, Fer2013, str]:
    """One image a class, which all raters give a name of ``named``, and a hundred of each to choose by."""
    splits = {}
    for name, repeats in (("Training", 1), ("PublicTest", 100)):
        order = np.arange(7).repeat(repeats)
        images = np.broadcast_to(order[:, None, None], (7 * repeats, 48, 48)).astype(np.uint8)
        splits[name] = Split(images, order, np.arange(7 * repeats))
    columns = ["neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt"]
    lines = [",".join(["x", *("10" if column == name else "0" for column in columns)]) for name in named]
    votes = tmp_path / "votes.csv"
    votes.write_text("\n".join([",".join(["image", *columns]), *lines]) + "\n")
    return Embedder(_embed, np.ones(7, np.float32)), Fer2013(splits), str(votes)


def test_raters_move_an_image_toward_what_they_named(tmp_path: Path) -> None:
    """All raters call the angry image happy, which costs nothing: they may say as much as raters ever may."""
    embedder, data, votes = _data(tmp_path, ["happy", *EMOTIONS[1:]])
    generic = make_generic(embedder, data, "x", votes)
    angry, happy, fear = (EMOTIONS.index(name) for name in ("angry", "happy", "fear"))
    vectors = generic.prototypes.vectors
    assert generic.raters_share == 0.75
    assert vectors[happy, angry] == pytest.approx(0.75 / 1.75)
    assert vectors[angry].tolist() == np.eye(7)[angry].tolist()
    assert vectors[fear].tolist() == np.eye(7)[fear].tolist()


def test_raters_say_no_more_than_the_held_out_labels_bear(tmp_path: Path) -> None:
    """Raters who take angry for happy and happy for angry would turn the answers around from one half on."""
    named = list(EMOTIONS)
    angry, happy = named.index("angry"), named.index("happy")
    named[angry], named[happy] = named[happy], named[angry]
    embedder, data, votes = _data(tmp_path, named)
    generic = make_generic(embedder, data, "x", votes)
    assert generic.raters_share == 0.25
    assert generic.prototypes.vectors[happy, angry] == pytest.approx(0.25)


def test_without_votes_the_labels_say_all(tmp_path: Path) -> None:
    embedder, data, _ = _data(tmp_path, list(EMOTIONS))
    generic = make_generic(embedder, data, "x")
    assert generic.raters_share == 0
    np.testing.assert_array_equal(generic.prototypes.vectors, np.eye(7))
