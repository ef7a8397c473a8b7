"""Other ways than one mean a class to classify by prototypes, on PublicTest.

    python -m experiments.prototype_ideas.measure --data fer2013.zip

Embeddings are those of the shipped encoder; everything is fitted on Training. Writes results.json beside itself.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.cluster.vq import kmeans2

from fewshot.encoder import load_encoder
from fewshot.learn.embed import Embedder, load_embedder
from fewshot.learn.evaluate import make_generic
from fewshot.learn.fer2013 import load_fer2013
from fewshot.prototypes import squared_distances
from fewshot.types import EMOTIONS, Float32, Int64, Prototypes

HERE = Path(__file__).parent


def answers(train: Float32, labels: Int64, queries: Float32, generic: Prototypes) -> Iterator[tuple[str, Int64]]:
    """Yield the name of each way and the (n,) classes that it finds."""
    classes = range(len(EMOTIONS))
    distances = squared_distances(queries, generic.vectors)
    yield "the mean of each class (shipped)", distances.argmin(axis=1)
    prior = np.log(np.bincount(labels) / len(labels))
    for weight in (0.5, 1.0):
        logits = -distances / generic.temperature + weight * prior
        yield f"logits plus {weight:g} x the log of the class's share in Training", logits.argmax(axis=1)
    for count in (2, 3, 6):
        found = [kmeans2(train[labels == c].astype(float), count, minit="++", seed=0, iter=20)[0] for c in classes]
        several = squared_distances(queries, np.concatenate(found).astype(np.float32))
        yield f"{count} prototypes a class, by k-means", several.argmin(axis=1) // count
    within = sum(np.cov(train[labels == c].T) * (labels == c).mean() for c in classes)
    for ridge in (0.01, 1.0):
        size = ridge * np.trace(within) / len(within)
        whiten = np.linalg.cholesky(np.linalg.inv(within + size * np.eye(len(within)))).astype(np.float32)
        whitened = squared_distances(queries @ whiten, generic.vectors @ whiten)
        yield f"the mean of each class, whitened within the classes, ridge {ridge:g}", whitened.argmin(axis=1)


def main() -> None:
    """Measure, print, and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--cache")
    options = parser.parse_args()
    fer2013, shipped, encoder = load_fer2013(options.data, options.cache), load_embedder(None), load_encoder()
    embed = Embedder(shipped.final, shipped.weights[shipped.weights > 0])
    train, public = fer2013.split("Training"), fer2013.split("PublicTest")
    generic = make_generic(embed, fer2013, encoder.fingerprint)
    ways = answers(embed(train.images_gray), train.labels, embed(public.images_gray), generic)
    results = {name: float((found == public.labels).mean()) for name, found in ways}
    for name, accuracy in results.items():
        print(f"{100 * accuracy:.2f} %  {name}")
    (HERE / "results.json").write_text(json.dumps({"encoder": encoder.fingerprint, **results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
