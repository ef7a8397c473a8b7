"""The generic prototypes: one for each emotion, from the images of Training."""

from __future__ import annotations

import numpy as np

from fewshot.learn.embed import EmbeddedSplits
from fewshot.learn.fer2013 import Fer2013
from fewshot.learn.ferplus import emotion_shares, shared_labels
from fewshot.learn.scores import fit_temperature
from fewshot.prototypes import class_means, expect_support, squared_distances
from fewshot.types import EMOTIONS, Float32, Prototypes

RATERS_SHARE = 0.75
"""How far the FER+ raters, rather than its one label, decide in which prototypes an image counts (experiments/prototype_ideas)."""


def make_generic(embedded: EmbeddedSplits) -> Prototypes:
    """Average the embeddings of each class of Training, and fit the temperature on PublicTest.

    With votes of FER+, an image counts in each class as far as its label and the raters name it. A data set that does not
    tell PublicTest apart fits the temperature on Training, whose images the encoder knows: too sure of itself.

    Args:
        embedded: The data; the prototypes carry the fingerprint of its encoder.

    Raises:
        SupportError: a class has no image.
    """
    train, encoder = embedded.data.split("Training"), embedded.encoder
    shares = np.eye(len(EMOTIONS), dtype=np.float32)[train.labels]
    if train.votes is not None:
        shares = shared_labels(train.labels, emotion_shares(train.votes), RATERS_SHARE)
    vectors = shared_prototypes(embedded.split("Training"), shares)
    held_out = "PublicTest" if "PublicTest" in embedded.data.splits else "Training"
    distances = squared_distances(embedded.split(held_out), vectors, encoder.weights)
    counts = np.bincount(train.labels, minlength=len(EMOTIONS))
    temperature = fit_temperature(distances, embedded.data.split(held_out).labels)
    weights = np.tile(encoder.weights, (len(vectors), 1))
    return Prototypes(vectors, EMOTIONS, counts, weights, temperature, encoder.fingerprint)


def said_of(fer2013: Fer2013) -> str:
    """Return what decides in which prototypes of :func:`make_generic` an image counts, in a phrase."""
    if fer2013.split("Training").votes is None:
        return "by labels alone, data.votes not given"
    return f"{RATERS_SHARE:.0%} by the raters of FER+, else by labels"


def shared_prototypes(embeddings: Float32, shares: Float32) -> Float32:
    """Average the embeddings of each emotion, (7, d) float32, as :func:`~fewshot.prototypes.class_means` does.

    Args:
        embeddings: (n, d) float32.
        shares: (n, 7) float32, how far each belongs to each emotion; none of them negative.

    Raises:
        SupportError: nothing belongs to an emotion.
    """
    expect_support(shares.sum(axis=0), EMOTIONS)
    return class_means(embeddings, shares)
