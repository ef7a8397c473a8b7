"""How an encoder does on faces that a detector found, of people it never saw.

    python -m experiments.other_faces.measure [--model DIR] [--faces builtin]

Needs the research data under SHARED_DIR; it chooses nothing. Writes results.json beside itself for the shipped encoder,
or prints alone for the folder of another export. ``--name`` adds a row to candidates.json.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from experiments.commands import shared_dir
from experiments.other_faces.enrollment import enrollment_gain
from experiments.other_faces.faces import CHANGES, SIZES_PX, Faces, find_faces, shrink
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.encoder import SHIPPED_ENCODER, Encoder, load_encoder
from fewshot.face.backend import load_backend
from fewshot.learn.scores import wilson_interval
from fewshot.prior import Prior
from fewshot.prototypes import load_generic, nearest
from fewshot.types import EMOTIONS, Prototypes

HERE = Path(__file__).parent
SETS = ("jaffe", "kdef", "ntu_tw")


def _right(encoder: Encoder, generic: Prototypes, faces: Faces) -> dict[str, Any]:
    found = nearest(encoder.embed(faces.crops_gray), generic).labels
    right = np.array([EMOTIONS[label] == answer for label, answer in zip(faces.labels, found, strict=True)])
    return {
        "accuracy": asdict(wilson_interval(int(right.sum()), len(right))) if len(right) else None,
        "missed": faces.missed,
        "recalls": {
            e: float(right[faces.labels == i].mean()) for i, e in enumerate(EMOTIONS) if (faces.labels == i).any()
        },
    }


def measure(encoder: Encoder, generic: Prototypes, backend_name: str, shared: Path) -> dict[str, Any]:
    """Return generic accuracy by set, by change of JAFFE's pictures, and what enrolling gains."""
    overrides = [f"faces={backend_name}", f"faces.pack_root={shared / 'models' / 'insightface'}"]
    config = load(LiveConfig, overrides)
    backend = load_backend(config.faces)
    results: dict[str, Any] = {
        "fingerprint": encoder.fingerprint,
        "generic": {},
        "enrollment": {},
        "changed": {},
        "landmarks known": {},
    }
    for name in SETS:
        faces = find_faces(shared / "data" / name, backend)
        results["generic"][name] = _right(encoder, generic, faces)
        gains = enrollment_gain(name, faces, encoder.embed(faces.crops_gray), Prior(generic, config.personal))
        results["enrollment"][name] = {kind: asdict(gain) for kind, gain in gains.items()}
    jaffe = shared / "data" / "jaffe"
    for title, change in CHANGES.items():
        results["changed"][title] = _right(encoder, generic, find_faces(jaffe, backend, change))
    for px in SIZES_PX:
        known = find_faces(jaffe, backend, shrink(px), landmarks_known=True)
        results["landmarks known"][str(px)] = _right(encoder, generic, known)
    return results


def candidate(results: dict[str, Any], metrics: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the row of an encoder among all that were tried: FER2013 as its export measured it, and people it never saw."""
    photos = {name: gains["one photo of each"] for name, gains in results["enrollment"].items()}
    return {
        "fingerprint": results["fingerprint"],
        **{report["split"]: report["accuracy"]["value"] for report in metrics},
        "generic": {name: answer["accuracy"]["value"] for name, answer in results["generic"].items()},
        "one photo of each": {name: gain["accuracy"]["value"] for name, gain in photos.items()},
        "worse": {name: gain["worse"] for name, gain in photos.items()},
    }


def keep(path: Path, name: str, row: dict[str, Any]) -> None:
    """Write one entry of a JSON file, leaving the others."""
    kept = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps({**kept, name: row}, indent=1) + "\n")


def table(results: dict[str, Any]) -> str:
    """Return the results as lines for the terminal."""
    lines = []
    for title, answer in {**results["generic"], **results["changed"]}.items():
        accuracy = answer["accuracy"]
        if accuracy is None:
            lines.append(f"{title:26} no face found")
            continue
        interval = f"({100 * accuracy['low']:.1f} to {100 * accuracy['high']:.1f})"
        lines.append(f"{title:26}{100 * accuracy['value']:5.1f} % {interval}, {answer['missed']} missed")
    for name, gains in results["enrollment"].items():
        for kind, gain in gains.items():
            lines.append(
                f"{name:10}{kind:26}{100 * gain['accuracy']['value']:5.1f} %, {100 * gain['worse']:.0f} % of people worse"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and keep the shipped encoder's results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model", type=Path, help="folder with encoder.onnx and prototypes.npz; the shipped one if left out"
    )
    parser.add_argument("--faces", choices=("builtin", "insightface"), default="builtin")
    parser.add_argument("--name", help="keep the encoder under this name in candidates.json")
    options = parser.parse_args()
    shared = shared_dir()
    encoder = load_encoder(options.model and options.model / "encoder.onnx")
    generic = load_generic(options.model and options.model / "prototypes.npz")
    results = measure(encoder, generic, options.faces, shared)
    print(table(results))
    if options.model is None:
        keep(HERE / "results.json", options.faces, results)
    if options.name:
        folder = options.model or SHIPPED_ENCODER.parent
        keep(
            HERE / "candidates.json",
            options.name,
            candidate(results, json.loads((folder / "metrics.json").read_text())),
        )


if __name__ == "__main__":
    main()
