"""Whose face it is, and how surely: pairs of LFW, and 200 enrolled people among whom strangers walk.

    python -m experiments.identity.measure --faces builtin

Needs LFW's pairs under SHARED_DIR. Writes results.json beside itself, one entry a backend.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from experiments.commands import shared_dir
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.face.backend import FaceBackend, load_backend
from fewshot.face.images import read_image
from fewshot.learn.scores import wilson_interval
from fewshot.types import Face, Float32

HERE = Path(__file__).parent
ENROLLED, DRAWS = 200, 20
STRANGERS_ALLOWED = 0.01
FALSE_ACCEPT_RATE = 1e-2


@dataclass(frozen=True)
class Pair:
    """Two pictures, and whether they show the same person."""

    first: str
    second: str
    same: bool


def read_pairs(folder: Path) -> list[Pair]:
    """Return the pairs of ``folder``/pairs.csv."""
    with (folder / "pairs.csv").open(newline="", encoding="utf-8") as file:
        return [Pair(row["image_a"], row["image_b"], row["same_person"] == "1") for row in csv.DictReader(file)]


def embed_pictures(folder: Path, backend: FaceBackend) -> dict[str, Float32 | None]:
    """Return the identity embedding of the face in the middle of each picture, None where none was found."""
    found: dict[str, Float32 | None] = {}
    for path in sorted((folder / "img").iterdir()):
        picture = read_image(path)
        middle = np.array(picture.shape[1::-1]) / 2

        def off(face: Face, middle: np.ndarray = middle) -> float:
            return float(np.linalg.norm((face.box_xyxy[:2] + face.box_xyxy[2:]) / 2 - middle))

        face = min(backend.detect(picture), key=off, default=None)
        found[f"img/{path.name}"] = None if face is None else backend.embed_identity(picture, [face])[0]
    return found


def person_of(picture: str) -> str:
    """Return the name in the file's name: ``img/Abel_Pacheco_0001.jpg`` shows Abel_Pacheco."""
    return Path(picture).stem.rsplit("_", 1)[0]


def verify(pairs: list[Pair], embedded: dict[str, Float32 | None]) -> dict[str, Any]:
    """Score the pairs: a pair with a face that was not found counts as said to be different people."""

    def similarity(first: str, second: str) -> float:
        a, b = embedded[first], embedded[second]
        return -1.0 if a is None or b is None else float(a @ b)

    same = np.array([similarity(p.first, p.second) for p in pairs if p.same])
    different = np.array([similarity(p.first, p.second) for p in pairs if not p.same])
    # the pairs alone have 300 of different people, three of which are 1 %: all pictures of two people give a steadier threshold
    pictures = [name for name, row in embedded.items() if row is not None]
    cosines = np.stack([row for row in embedded.values() if row is not None])
    people = np.array([person_of(name) for name in pictures])
    upper = np.triu(people[:, None] != people[None, :], 1)
    impostors = (cosines @ cosines.T)[upper]

    def accepted(threshold: float) -> dict[str, float]:
        return wilson_interval(int((same > threshold).sum()), len(same)).__dict__

    return {
        "same-person pairs": len(same),
        "different-person pairs": len(different),
        "AUC": float(roc_auc_score([1] * len(same) + [0] * len(different), [*same, *different])),
        "TAR at FAR 1e-2, threshold by the pairs": accepted(np.quantile(different, 1 - FALSE_ACCEPT_RATE)),
        "TAR at FAR 1e-2, threshold by all pictures": accepted(np.quantile(impostors, 1 - FALSE_ACCEPT_RATE)),
        "pictures of two people": int(upper.sum()),
        "faces not found": sum(row is None for row in embedded.values()),
    }


@dataclass(frozen=True, eq=False)
class Walk:
    """Who was looked up among the enrolled, and how it would end at every threshold.

    Attributes:
        best, lead: (n,) float32. Cosine to the most similar person, and by how much that one leads the second.
        right: (n,) bool. Whether the most similar person is the right one; False for strangers.
        strangers: (n,) bool. Who is not enrolled.
    """

    best: Float32
    lead: Float32
    right: np.ndarray
    strangers: np.ndarray

    def rates(self, threshold: float, margin: float) -> tuple[float, float, float]:
        """Return the shares of the enrolled who are named right and wrong, and of strangers who are named."""
        named = (self.best >= threshold) & (self.lead >= margin)
        mine = ~self.strangers
        return (
            float((named & self.right)[mine].mean()),
            float((named & ~self.right)[mine].mean()),
            float(named[self.strangers].mean()),
        )

    def half(self, which: int) -> Walk:
        """Return every second who was looked up."""
        return Walk(*(rows[which::2] for rows in (self.best, self.lead, self.right, self.strangers)))


def walk(embedded: dict[str, Float32 | None], rng: np.random.Generator) -> Walk:
    """Enroll 200 people by one picture each; look up another of each who has two, and one of everybody else."""
    pictures: dict[str, list[Float32]] = {}
    for name, row in embedded.items():
        if row is not None:
            pictures.setdefault(person_of(name), []).append(row)
    names = [str(name) for name in rng.permutation(sorted(pictures))]
    names.sort(key=lambda name: len(pictures[name]) < 2)  # those with two pictures first, so that they are enrolled
    enrolled, others = names[:ENROLLED], names[ENROLLED:]
    probes = [(name, pictures[name][1]) for name in enrolled if len(pictures[name]) > 1]
    probes += [(name, pictures[name][0]) for name in others]
    order = rng.permutation(len(probes))
    cosines = np.stack([probes[i][1] for i in order]) @ np.stack([pictures[name][0] for name in enrolled]).T
    ranked = np.sort(cosines, axis=1)
    found = [enrolled[i] for i in cosines.argmax(axis=1)]
    asked = [probes[i][0] for i in order]
    return Walk(
        best=ranked[:, -1],
        lead=ranked[:, -1] - ranked[:, -2],
        right=np.array([a == b for a, b in zip(found, asked, strict=True)]),
        strangers=np.array([name not in enrolled for name in asked]),
    )


def choose(walk: Walk) -> tuple[float, float]:
    """Return the threshold and margin that name most of the enrolled right while at most 1 % of strangers are named."""
    grid = [(t, m) for t in np.arange(0.2, 0.6, 0.02) for m in (0.0, 0.05, 0.08, 0.1, 0.12)]
    allowed = [pair for pair in grid if walk.rates(*pair)[2] <= STRANGERS_ALLOWED]
    return max(allowed, key=lambda pair: walk.rates(*pair)[0])


def walk_among(embedded: dict[str, Float32 | None], backend: FaceBackend) -> dict[str, Any]:
    """Average the walk over draws of who is enrolled: at the shipped threshold, and at one that other probes chose."""
    rng = np.random.default_rng(0)
    walks = [walk(embedded, rng) for _ in range(DRAWS)]
    shipped = np.mean([w.rates(backend.match_threshold, backend.match_margin) for w in walks], axis=0)
    chosen = np.mean([w.half(1 - i).rates(*choose(w.half(i))) for w in walks for i in (0, 1)], axis=0)
    names = ("named right", "named wrong", "strangers named")
    return {
        "enrolled": ENROLLED,
        "looked up, enrolled": int((~walks[0].strangers).sum()),
        "looked up, strangers": int(walks[0].strangers.sum()),
        "threshold": backend.match_threshold,
        "margin": backend.match_margin,
        "most similar is right": float(np.mean([w.right[~w.strangers].mean() for w in walks])),
        "shipped threshold": dict(zip(names, shipped.tolist(), strict=True)),
        "threshold that others chose": dict(zip(names, chosen.tolist(), strict=True)),
    }


def main() -> None:
    """Measure one backend, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", choices=("builtin", "insightface"), default="builtin")
    options = parser.parse_args()
    shared = shared_dir()
    overrides = [f"faces={options.faces}", f"faces.pack_root={shared / 'models' / 'insightface'}"]
    backend = load_backend(load(LiveConfig, overrides).faces)
    folder = shared / "data" / "lfw_pairs"
    pairs, embedded = read_pairs(folder), embed_pictures(folder, backend)
    result = {"pairs": verify(pairs, embedded), "open set": walk_among(embedded, backend)}
    print(json.dumps(result, indent=1))
    target = HERE / "results.json"
    kept = json.loads(target.read_text()) if target.is_file() else {}
    target.write_text(json.dumps(kept | {backend.name: result}, indent=1) + "\n")


if __name__ == "__main__":
    main()
