"""Other ways than one mean a class to classify by prototypes: on PublicTest, and on people the encoder never saw.

    python -m experiments.prototype_ideas.measure --data fer2013.zip --votes fer2013new.csv

Embeddings are those of the shipped encoder; everything is fitted on Training. Faces of people are found and aligned as in
live use, in the research data under SHARED_DIR. Writes results.json beside itself.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.cluster.vq import kmeans2

from experiments.commands import shared_dir
from experiments.other_faces.faces import find_faces
from experiments.other_faces.measure import SETS
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.face.backend import load_backend
from fewshot.learn.embed import load_embedder
from fewshot.learn.fer2013 import load_fer2013
from fewshot.learn.ferplus import emotion_shares, load_votes, majority, shared_labels
from fewshot.learn.generic import RATERS_SHARE, shared_prototypes
from fewshot.prototypes import class_prototypes, squared_distances
from fewshot.types import EMOTIONS, Float32, Int64

HERE = Path(__file__).parent

Classify = Callable[[Float32], Int64]
"""(n, d) queries -> (n,) positions in ``EMOTIONS``."""


def ways(train: Float32, labels: Int64, shares: Float32, agreed: Int64) -> Iterator[tuple[str, Classify]]:
    """Yield the name of each way and what it answers.

    Args:
        train: (n, d) embeddings of Training.
        labels: (n,) positions in ``EMOTIONS``.
        shares: (n, 7) of the raters of FER+.
        agreed: (n,) what most of them named, -1 for nothing.
    """
    classes, hard = range(len(EMOTIONS)), np.eye(len(EMOTIONS), dtype=np.float32)[labels]
    means = class_prototypes(train, labels, classes)
    yield "the mean of each class", lambda queries: squared_distances(queries, means).argmin(axis=1)
    for share in (0.25, 0.5, 0.75, 1.0):
        vectors = shared_prototypes(train, shared_labels(labels, shares, share))
        told = f"label and raters, {share:.0%} raters{' (shipped)' if share == RATERS_SHARE else ''}"
        yield told, lambda queries, vectors=vectors: squared_distances(queries, vectors).argmin(axis=1)
    own = shared_prototypes(train, hard * shares)
    yield "each image as far as the raters agree with its label", lambda q: squared_distances(q, own).argmin(axis=1)
    voted = class_prototypes(train[agreed >= 0], agreed[agreed >= 0], classes)
    yield "what most raters named, alone", lambda queries: squared_distances(queries, voted).argmin(axis=1)
    prior = np.log(np.bincount(labels) / len(labels))
    yield (
        "the mean of each class, logits plus the log of its share in Training",
        lambda queries: (prior - squared_distances(queries, means)).argmax(axis=1),
    )
    for count in (2, 6):
        found = [kmeans2(train[labels == c].astype(float), count, minit="++", seed=0, iter=20)[0] for c in classes]
        several = np.concatenate(found).astype(np.float32)
        yield (
            f"{count} prototypes a class, by k-means",
            lambda q, several=several, count=count: squared_distances(q, several).argmin(axis=1) // count,
        )


def main() -> None:
    """Measure, print, and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--votes", required=True)
    parser.add_argument("--cache")
    options = parser.parse_args()
    shared = shared_dir()
    fer2013, encoder = load_fer2013(options.data, options.cache), load_embedder(None)
    backend = load_backend(load(LiveConfig, ["faces=builtin"]).faces)
    train, public = fer2013.split("Training"), fer2013.split("PublicTest")
    asked = {"PublicTest": (encoder.final(public.images_gray), public.labels)}
    for name in SETS:
        faces = find_faces(shared / "data" / name, backend)
        asked[name] = (encoder.final(faces.crops_gray), faces.labels)
    votes = load_votes(options.votes, train.rows)
    found = ways(encoder.final(train.images_gray), train.labels, emotion_shares(votes), majority(votes))
    results: dict[str, dict[str, float]] = {}
    for way, classify in found:
        results[way] = {name: float((classify(queries) == labels).mean()) for name, (queries, labels) in asked.items()}
        print("  ".join(f"{name} {100 * right:.1f} %" for name, right in results[way].items()), way)
    kept = {"encoder": encoder.fingerprint, "right": results}
    (HERE / "results.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
