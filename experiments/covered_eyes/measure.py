"""How often a teacher is asked about eyes that are seen, and how often about eyes that are covered.

    python -m experiments.covered_eyes.measure

Every photo of JAFFE, KDEF and NTU as it is, and LFW's pairs for photos as people have them; every twelfth photo of the three
with its eyes covered, found again and judged as an enrollment judges it. Needs the research data under SHARED_DIR. Writes
results.json beside itself.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from experiments.commands import no_options, shared_dir
from experiments.covered_eyes.covers import COVERS
from experiments.other_faces.measure import SETS
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.errors import Doubtful, Rejected
from fewshot.face.backend import FaceBackend, load_backend
from fewshot.face.images import read_image
from fewshot.face.quality import USUAL_LIMITS, check_eyes, check_photo
from fewshot.types import UInt8

HERE = Path(__file__).parent
EVERY = 12


def judge(photo_bgr: UInt8, backend: FaceBackend) -> str:
    """Return "accepted", "asked" about the eyes, or "refused" for whatever reason, as before."""
    try:
        check_eyes(photo_bgr, check_photo(photo_bgr, backend.detect(photo_bgr), USUAL_LIMITS), USUAL_LIMITS)
    except Doubtful:
        return "asked"
    except Rejected:
        return "refused"
    return "accepted"


def shares(verdicts: list[str]) -> dict[str, Any]:
    """Return the share of each verdict, and of how many."""
    counts = Counter(verdicts)
    return {
        "photos": len(verdicts),
        **{name: counts[name] / len(verdicts) for name in ("accepted", "asked", "refused")},
    }


def main() -> None:
    """Measure, print and keep."""
    no_options(__doc__)
    data = shared_dir() / "data"
    backend = load_backend(load(LiveConfig).faces)
    files = {name: sorted((data / name / "img").iterdir()) for name in (*SETS, "lfw_pairs")}
    seen = {name: shares([judge(read_image(path), backend) for path in paths]) for name, paths in files.items()}
    covered: dict[str, list[str]] = {name: [] for name in COVERS}
    for path in [path for name in SETS for path in files[name][::EVERY]]:
        photo_bgr = read_image(path)
        for face in backend.detect(photo_bgr)[:1]:
            for name, cover in COVERS.items():
                covered[name].append(judge(cover(photo_bgr, face), backend))
    results = {"seen": seen, "covered": {name: shares(verdicts) for name, verdicts in covered.items()}}
    for name, row in (*results["seen"].items(), *results["covered"].items()):
        print(f"{name:40}{row['photos']:5} photos, asked {row['asked']:.1%}, refused {row['refused']:.1%}")
    print(f"covered, asked or refused: {np.mean([1 - row['accepted'] for row in results['covered'].values()]):.1%}")
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
