"""What to expect of an emotion that the encoder was never shown, from a few pictures of it.

    python -m experiments.novel_emotions.measure --data fer2013.zip

The protocol of few-shot expression recognition by class: train on four emotions, then tell the other three apart in 3-way
episodes of 1 and 3 shots. Images of PublicTest alone: support and query of an episode never overlap. Rows are kept in
results.json beside this file as they come; an encoder that is there is not trained again.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from experiments.small_runs import options, small_run
from fewshot.learn.embed import load_embedder
from fewshot.learn.episodes import EpisodeDealer, balanced_episodes
from fewshot.learn.fer2013 import Split, load_fer2013
from fewshot.learn.scores import Interval, mean_interval
from fewshot.prototypes import squared_distances
from fewshot.types import EMOTIONS, Float32

HERE = Path(__file__).parent
NOVEL = (
    ("disgust", "surprise", "neutral"),
    ("fear", "happy", "sad"),
    ("angry", "fear", "neutral"),
    ("angry", "happy", "surprise"),
)
"""Every emotion is novel at least once."""
LOSSES = {"episodic and cross-entropy": "loss=episodic_proxy", "cross-entropy alone": "loss=proxy"}
SHOTS, N_QUERY, EPISODES, SEED = (1, 3), 15, 1000, 1


def accuracy(embeddings: Float32, split: Split, novel: tuple[str, ...], shots: int) -> Interval:
    """Return the accuracy over episodes of the ``novel`` emotions, from (n, d) embeddings of ``split``."""
    chosen = np.flatnonzero(np.isin(split.labels, [EMOTIONS.index(name) for name in novel]))
    dealer = EpisodeDealer(split.labels[chosen], balanced_episodes(len(novel), shots, N_QUERY), SEED)
    mine, found = embeddings[chosen], np.empty(EPISODES, np.float32)
    for t in range(EPISODES):
        deal = dealer.deal(t)
        distances = squared_distances(mine[deal.query], mine[deal.support].mean(axis=1))
        found[t] = (distances.argmin(axis=1) == deal.query_labels).mean()
    return mean_interval(found)


def rows(embeddings: Float32, split: Split, novel: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Return the accuracy by number of shots."""
    return {f"{shots}-shot": asdict(accuracy(embeddings, split, novel, shots)) for shots in SHOTS}


def main() -> None:
    """Train, measure and keep what is not there yet."""
    given = options(__doc__).parse_args()
    target = HERE / "results.json"
    kept = json.loads(target.read_text()) if target.is_file() else {}
    split = load_fer2013(given.data, given.cache).split("PublicTest")
    shipped = load_embedder(None).final(split.images_gray)
    for novel in NOVEL:
        row = kept.setdefault(", ".join(novel), {})
        row["pixels"] = rows(split.images_gray.reshape(len(split), -1).astype(np.float32) / 255, split, novel)
        row["shipped encoder, all seven known"] = rows(shipped, split, novel)
        target.write_text(json.dumps(kept, indent=1) + "\n")
        for name, loss in LOSSES.items():
            if name in row:
                continue
            base = ",".join(e for e in EMOTIONS if e not in novel)
            run = f"novel_emotions/{'_'.join(novel)}_{loss.removeprefix('loss=')}"
            checkpoint = small_run(given, run, loss, f"data.emotions=[{base}]", "episode.n_way=4")
            row[name] = rows(load_embedder(str(checkpoint)).embed(split.images_gray), split, novel)
            print(", ".join(novel), "-", name, json.dumps(row[name]))
            target.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
