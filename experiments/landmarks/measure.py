"""How still the landmarks of the built-in detector stand, and what that is worth: the best look at a face, and the mean of all.

    python -m experiments.landmarks.measure

Needs JAFFE, KDEF and NTU under SHARED_DIR. Writes results.json beside itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np

from experiments.commands import no_options, shared_dir
from experiments.enrollment.study import KINDS, enroll_and_ask, make_group
from experiments.other_faces.faces import find_faces, lay_on_canvas, shrink
from experiments.other_faces.measure import SETS
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.encoder import load_encoder
from fewshot.face.backend import FaceBackend, load_backend
from fewshot.face.images import read_image
from fewshot.face.scales import keep_distinct, merge_detections
from fewshot.prior import Prior
from fewshot.prototypes import load_generic, squared_distances

HERE = Path(__file__).parent
WAYS = {"the best look": keep_distinct, "the mean of all looks": merge_detections}
SIZES_PX, EVERY, DRAWS = (150, 72, 50, 35), 3, 60
ENLARGED, MOVED_XY = 1.07, (5.3, 3.1)
"""What befalls a picture between two looks: no multiple of a detector's stride."""


def trembling(backend: FaceBackend, paths: list[Path], face_px: int) -> float:
    """Return how far landmarks move beside the face when its picture is moved, in distances of the eyes; the mean."""
    moves = []
    for path in paths:
        picture = read_image(path)
        found = backend.detect(picture)
        if not found:
            continue
        picture = lay_on_canvas(shrink(face_px)(picture, found[0]))
        size = tuple(round(ENLARGED * length) + 12 for length in picture.shape[1::-1])
        matrix = np.array([[ENLARGED, 0, MOVED_XY[0]], [0, ENLARGED, MOVED_XY[1]]])
        before, after = backend.detect(picture), backend.detect(cv2.warpAffine(picture, matrix, size))
        if before and after:
            there_xy = (after[0].landmarks_xy - MOVED_XY) / ENLARGED
            eyes = np.linalg.norm(before[0].landmarks_xy[1] - before[0].landmarks_xy[0])
            moves.append(np.linalg.norm(there_xy - before[0].landmarks_xy, axis=1).mean() / eyes)
    return float(np.mean(moves))


def main() -> None:
    """Measure both ways, print and keep."""
    no_options(__doc__)
    data = shared_dir() / "data"
    config, encoder, generic = load(LiveConfig, ["faces=builtin"]), load_encoder(), load_generic()
    backend = load_backend(config.faces)
    paths = [path for name in SETS for path in sorted((data / name / "img").iterdir())[::EVERY]]
    results: dict[str, dict[str, Any]] = {}
    for way, merge in WAYS.items():
        with patch("fewshot.face.yunet.merge_detections", merge):
            row: dict[str, Any] = {"trembling": {str(px): trembling(backend, paths, px) for px in SIZES_PX}}
            faces = {name: find_faces(data / name, backend) for name in SETS}
        for name, found in faces.items():
            embeddings = encoder.embed(found.crops_gray)
            nearest = squared_distances(embeddings, generic.vectors, generic.weights[0]).argmin(axis=1)
            enrolled = enroll_and_ask(
                make_group(name, found, embeddings, DRAWS), KINDS["one of each"], Prior(generic, config.personal)
            )
            row[name] = {
                "generic": float((nearest == found.labels).mean()),
                "one of each": float(enrolled.accuracy.mean()),
                "gain": float(enrolled.gain.mean()),
                "worse": enrolled.worse,
            }
        results[way] = row
        print(way, json.dumps(row), flush=True)
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
