"""The generic prototypes: one for each emotion, of the images of Training."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fewshot.errors import SupportError
from fewshot.learn.embed import Embedder
from fewshot.learn.fer2013 import Fer2013, Split
from fewshot.learn.ferplus import emotion_shares, load_votes
from fewshot.learn.scores import fit_temperature
from fewshot.prototypes import squared_distances
from fewshot.types import EMOTIONS, Float32, Prototypes

RATERS_SHARES = (0.0, 0.25, 0.5, 0.75)
"""How much the raters of FER+ may say in whose prototype an image is, beside its one label."""


@dataclass(frozen=True, eq=False)
class Generic:
    """The generic prototypes, and how much the raters of FER+ say in them, in [0, 1]."""

    prototypes: Prototypes
    raters_share: float


def make_generic(embed: Embedder, fer2013: Fer2013, fingerprint: str, votes: str | None = None) -> Generic:
    """Average the embeddings of each class of Training, and fit the temperature on PublicTest.

    A data set that does not tell PublicTest apart fits it on Training, whose images the encoder knows: too sure of itself.

    Args:
        embed: The encoder.
        fer2013: The data.
        fingerprint: Of the encoder.
        votes: The FER+ votes as a .csv: an image then counts in each class as far as its label and the raters name it.

    Raises:
        DatasetError: the votes do not fit Training.
        SupportError: a class has no image.
    """
    train = fer2013.split("Training")
    held_out = fer2013.splits.get("PublicTest", train)
    shown, asked = embed(train.images_gray), embed(held_out.images_gray)
    named = None if votes is None else emotion_shares(load_votes(votes, train.rows))
    share = 0.0 if named is None else _choose_share(shown, train, named, asked, held_out, embed.weights)
    vectors = shared_prototypes(shown, _mixed(train, named, share))
    temperature = fit_temperature(squared_distances(asked, vectors, embed.weights), held_out.labels)
    counts = np.bincount(train.labels, minlength=len(EMOTIONS))
    weights = np.tile(embed.weights, (len(vectors), 1))
    return Generic(Prototypes(vectors, EMOTIONS, counts, weights, temperature, fingerprint), share)


def _choose_share(
    shown: Float32, train: Split, named: Float32, asked: Float32, held_out: Split, weights: Float32
) -> float:
    """Return the largest share that ``held_out`` cannot tell from the best one.

    The rule of one standard error (Breiman et al. 1984, "Classification and regression trees", 3.4.3): what ten raters see in
    a face is nearer to what a teacher sees than the one label is, but must not cost what the labels can tell.
    """
    right = []
    for share in RATERS_SHARES:
        vectors = shared_prototypes(shown, _mixed(train, named, share))
        right.append(float((squared_distances(asked, vectors, weights).argmin(axis=1) == held_out.labels).mean()))
    best = max(right)
    enough = best - math.sqrt(best * (1 - best) / len(held_out))
    return max(share for share, accuracy in zip(RATERS_SHARES, right, strict=True) if accuracy >= enough)


def _mixed(train: Split, named: Float32 | None, share: float) -> Float32:
    """Return how far each image belongs to each class, (n, 7): by its label, and ``share`` of it by the raters."""
    labelled = np.eye(len(EMOTIONS), dtype=np.float32)[train.labels]
    return labelled if named is None else (1 - share) * labelled + share * named


def shared_prototypes(embeddings: Float32, shares: Float32) -> Float32:
    """Average the embeddings of each class, an image as far as it belongs there.

    Snell et al. 2017, eq. 1, with the partial memberships of Ren et al. 2018, eq. 4 ("Meta-learning for semi-supervised
    few-shot classification").

    Args:
        embeddings: (n, d) float32.
        shares: (n, 7) float32, how far each belongs to each class; none of them negative.

    Returns:
        (7, d) float32.

    Raises:
        SupportError: nothing belongs to a class.
    """
    totals = shares.sum(axis=0, dtype=np.float64)
    if not totals.all():
        missing = EMOTIONS[int(totals.argmin())]
        raise SupportError(f"every class needs support, '{missing}' has none. Add an image of it.")
    sums = shares.T.astype(np.float64) @ embeddings.astype(np.float64)
    return (sums / totals[:, None]).astype(np.float32)
