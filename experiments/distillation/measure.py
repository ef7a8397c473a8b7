"""How an encoder reads labels, raters and people it never saw, by how much raters say in its generic prototypes.

    python -m experiments.distillation.measure NAME encoder.onnx --data fer2013.zip --votes fer2013new.csv

Faces of people are found by either backend and aligned as in live use, in the research data under SHARED_DIR. Adds the rows
of one encoder to results.json beside itself.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from experiments.commands import shared_dir
from experiments.other_faces.faces import find_faces
from experiments.other_faces.measure import SETS
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.encoder import load_encoder
from fewshot.face.backend import load_backend
from fewshot.learn.embed import load_embedder
from fewshot.learn.fer2013 import load_fer2013
from fewshot.learn.ferplus import emotion_shares, load_votes, majority, shared_labels
from fewshot.learn.generic import shared_prototypes
from fewshot.prototypes import squared_distances

HERE = Path(__file__).parent
SHARES = (0.0, 0.25, 0.5, 0.75)
BACKENDS = {"builtin": ("faces=builtin",), "insightface": ("faces=insightface",)}


def rows(path: Path, data: str, votes: str, cache: str | None) -> dict[str, dict[str, float]]:
    """Return what is right by each share of the raters, each a share of what was asked."""
    fer2013, encoder = load_fer2013(data, cache), load_embedder(str(path))
    train, public = fer2013.split("Training"), fer2013.split("PublicTest")
    agreed = majority(load_votes(votes, public.rows))
    queries = encoder.final(public.images_gray)
    asked = {"PublicTest": (queries, public.labels), "most raters": (queries[agreed >= 0], agreed[agreed >= 0])}
    shared = shared_dir()
    for name, overrides in BACKENDS.items():
        root = f"faces.pack_root={shared / 'models' / 'insightface'}"
        backend = load_backend(load(LiveConfig, [*overrides, root]).faces)
        for people in SETS:
            faces = find_faces(shared / "data" / people, backend)
            asked[f"{people}, {name}"] = (encoder.final(faces.crops_gray), faces.labels)
    shown = encoder.final(train.images_gray)
    named = emotion_shares(load_votes(votes, train.rows))
    found = {}
    for share in SHARES:
        vectors = shared_prototypes(shown, shared_labels(train.labels, named, share))
        found[f"{share:.0%}"] = {
            name: float((squared_distances(embeddings, vectors).argmin(axis=1) == labels).mean())
            for name, (embeddings, labels) in asked.items()
        }
    return found


def main() -> None:
    """Measure one encoder, print and keep its rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("encoder", type=Path)
    parser.add_argument("--data", required=True)
    parser.add_argument("--votes", required=True)
    parser.add_argument("--cache")
    options = parser.parse_args()
    measured = rows(options.encoder, options.data, options.votes, options.cache)
    print(json.dumps(measured, indent=1))
    target = HERE / "results.json"
    kept = json.loads(target.read_text()) if target.is_file() else {}
    kept[options.name] = {"fingerprint": load_encoder(options.encoder).fingerprint, "right": measured}
    target.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
