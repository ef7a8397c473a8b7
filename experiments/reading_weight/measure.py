"""How much worse small, blurred and turned faces are read, and what it gains to count them less.

    python -m experiments.reading_weight.measure

Posed faces of KDEF, JAFFE and NTU, shrunk and blurred; faces of FER2013's PublicTest by how far they are turned. Then KDEF and
NTU once more as films in which a face is poor now and then. The made class of ten has no part in it. Needs the research data
under SHARED_DIR. Writes results.json beside itself.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from experiments.commands import no_options, shared_dir
from experiments.smoothing.measure import FPS, HOLD_S, shake, watch
from fewshot.compose import load
from fewshot.config import LiveConfig, WeightConfig
from fewshot.encoder import Encoder, load_encoder
from fewshot.face.align import align
from fewshot.face.backend import FaceBackend, load_backend
from fewshot.face.images import read_image
from fewshot.face.pose import estimate_pose
from fewshot.face.sharpness import measure_sharpness
from fewshot.learn.fer2013 import load_fer2013
from fewshot.live.weight import reading_weights
from fewshot.prototypes import load_generic, nearest
from fewshot.types import EMOTIONS, Crop, Face, Float32, Prototypes, UInt8

HERE = Path(__file__).parent
HEIGHTS_PX, BLURS = (72, 50, 35, 28, 20), (0.02, 0.04, 0.06, 0.09)
"""Heights of a shrunk face, and standard deviations of a blur in widths of the face."""
YAWS_DEG = (0, 10, 20, 30, 40, 50, 90)
FILMS = 24
LEASTS = (1.0, 0.5, 0.25, 0.1)
POOR_SHARE = 0.3
"""Of the time; a poor spell lasts from half a second to a second and a half."""

Floats = NDArray[np.float64]
Spoil = Callable[[UInt8, Face], tuple[UInt8, Face]]


def shrink(height_px: float) -> Spoil:
    """Scale a picture until its face is so high, and compress it as a meeting does."""

    def spoil(picture: UInt8, face: Face) -> tuple[UInt8, Face]:
        zoom = height_px / face.height
        small = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 75])[1]
        shrunk = Face(face.box_xyxy * np.float32(zoom), face.landmarks_xy * np.float32(zoom), face.score)
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8), shrunk

    return spoil


def blur(share: float) -> Spoil:
    """Blur a picture by a share of the width of its face."""
    return lambda picture, face: (np.asarray(cv2.GaussianBlur(picture, (0, 0), share * face.width), np.uint8), face)


SPOILS: dict[str, Spoil] = {
    "as photographed": lambda picture, face: (picture, face),
    **{f"{height_px} px high": shrink(height_px) for height_px in HEIGHTS_PX},
    **{f"blurred by {share:.0%} of its width": blur(share) for share in BLURS},
}


@dataclass(frozen=True, eq=False)
class Portrait:
    """A posed face: the crops of each kind of picture, what it shows, and whose it is."""

    crops: dict[str, Crop]
    label: int
    session: str


def portraits(folder: Path, backend: FaceBackend) -> list[Portrait]:
    """Return every face of a set that was found, spoiled in every way; where it lies is known from the good picture."""
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        picture = read_image(folder / row["file"])
        for face in backend.detect(picture)[:1]:
            crops = {name: align(*spoil(picture, face)) for name, spoil in SPOILS.items()}
            found.append(Portrait(crops, EMOTIONS.index(row["emotion"]), row["person"] + row["session"]))
    return found


def embed(encoder: Encoder, crops_gray: UInt8) -> Float32:
    """Return the embeddings of (n, 48, 48) crops, in batches."""
    return np.concatenate([encoder.embed(crops_gray[i : i + 64]) for i in range(0, len(crops_gray), 64)])


def is_right(probabilities: Float32, labels: list[int], generic: Prototypes) -> NDArray[np.bool_]:
    """Return for each row whether the largest probability is that of the label."""
    return np.array([generic.classes[k] for k in probabilities.argmax(axis=1)]) == np.array(
        [EMOTIONS[label] for label in labels]
    )


def by_picture(faces: list[Portrait], encoder: Encoder, generic: Prototypes) -> dict[str, dict[str, float]]:
    """Return accuracy and median sharpness for each kind of picture."""
    rows = {}
    for name in SPOILS:
        crops = np.stack([face.crops[name].image_gray for face in faces])
        right = is_right(nearest(embed(encoder, crops), generic).probabilities, [face.label for face in faces], generic)
        rows[name] = {"right": float(right.mean()), "sharpness": float(np.median(measure_sharpness(crops)))}
    return rows


def by_yaw(archive: Path, backend: FaceBackend, encoder: Encoder, generic: Prototypes) -> dict[str, dict[str, float]]:
    """Return the accuracy on FER2013's PublicTest by how far the head is turned sideways."""
    split = load_fer2013(archive).split("PublicTest")
    crops, labels, yaws = [], [], []
    for image, label in zip(split.images_gray, split.labels.tolist(), strict=True):
        large = cv2.resize(image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
        framed = cv2.cvtColor(cv2.copyMakeBorder(large, *[64] * 4, cv2.BORDER_REPLICATE), cv2.COLOR_GRAY2BGR)
        for face in backend.detect(np.asarray(framed, np.uint8))[:1]:
            crops.append(align(np.asarray(framed, np.uint8), face).image_gray)
            labels.append(label)
            yaws.append(abs(estimate_pose(face).yaw_deg))
    right = is_right(nearest(embed(encoder, np.stack(crops)), generic).probabilities, labels, generic)
    rows = {}
    for low, high in pairwise(YAWS_DEG):
        chosen = (np.array(yaws) >= low) & (np.array(yaws) < high)
        rows[f"{low} to {high} degrees"] = {"right": float(right[chosen].mean()), "faces": int(chosen.sum())}
    return rows


@dataclass(frozen=True, eq=False)
class Film:
    """One session of one person as generic prototypes read it, a row a frame, and the weight of each row by setting."""

    probabilities: Float32
    truth: list[int]
    weights: dict[float, Floats]
    poor: NDArray[np.bool_]


def films(faces: list[Portrait], encoder: Encoder, generic: Prototypes, config: WeightConfig, poor: bool) -> list[Film]:
    """Return a film of each session: every expression for some seconds, the picture spoiled now and then if ``poor``."""
    sessions: dict[str, dict[int, Portrait]] = defaultdict(dict)
    for face in faces:
        sessions[face.session].setdefault(face.label, face)
    made = []
    rng = np.random.default_rng(0)
    for shown in list(sessions.values())[:: max(1, len(sessions) // FILMS)]:
        crops: list[Crop] = []
        spoiled: list[bool] = []
        for face in shown.values():
            kinds = spells(FPS * HOLD_S, rng) if poor else ["as photographed"] * (FPS * HOLD_S)
            shaken = {
                name: shake(face.crops[name].image_gray, len(kinds), np.random.default_rng(1)) for name in set(kinds)
            }
            crops += [Crop(shaken[name][k], face.crops[name].face) for k, name in enumerate(kinds)]
            spoiled += [name != "as photographed" for name in kinds]
        images = np.stack([crop.image_gray for crop in crops])
        made.append(
            Film(
                nearest(embed(encoder, images), generic).probabilities,
                [label for label in shown for _ in range(FPS * HOLD_S)],
                {least: reading_weights(crops, replace(config, least=least)) for least in LEASTS},
                np.array(spoiled),
            )
        )
    return made


POOR = ("20 px high", "28 px high", "blurred by 6% of its width", "blurred by 9% of its width")


def spells(frames: int, rng: np.random.Generator) -> list[str]:
    """Return the kind of picture of each frame: good, with poor spells in between."""
    kinds = ["as photographed"] * frames
    while sum(kind in POOR for kind in kinds) < POOR_SHARE * frames:
        start, length = rng.integers(0, frames), rng.integers(FPS // 2, FPS * 3 // 2)
        kinds[start : start + length] = [str(rng.choice(POOR))] * len(kinds[start : start + length])
    return kinds


def score(watched: list[Film], config: LiveConfig, least: float) -> dict[str, float]:
    """Return how often the label is right, in all frames and in the poor ones, and how often it changes a minute."""
    right, poor_right, changes, seconds = [], [], 0, 0.0
    shown_by_film = watch(
        [film.probabilities for film in watched], 1 / FPS, config.smoothing, [film.weights[least] for film in watched]
    )
    for film, shown in zip(watched, shown_by_film, strict=True):
        hits = np.array([a == EMOTIONS[b] for a, b in zip(shown, film.truth, strict=True)])
        right += hits.tolist()
        poor_right += hits[film.poor].tolist()
        changes += sum(a != b for a, b in pairwise(shown))
        seconds += len(shown) / FPS
    scores = {"right": float(np.mean(right)), "changes a minute": 60 * changes / seconds}
    return scores | ({"right while poor": float(np.mean(poor_right))} if poor_right else {})


def main() -> None:
    """Measure, print and keep."""
    no_options(__doc__)
    data = shared_dir() / "data"
    config = load(LiveConfig, ["faces=builtin"])
    backend, encoder, generic = load_backend(config.faces), load_encoder(), load_generic()
    sets = {name: portraits(data / name, backend) for name in ("kdef", "jaffe", "ntu_tw")}
    results: dict[str, object] = {"shipped setting": asdict(config.weight)}
    results["pictures"] = {name: by_picture(faces, encoder, generic) for name, faces in sets.items()}
    results["turned"] = by_yaw(data / "fer2013.zip", backend, encoder, generic)
    seen = [face for name in ("kdef", "ntu_tw") for face in sets[name]]
    results["films"] = {
        kind: {
            f"{least:g}": score(watched, config, least)
            for watched in [films(seen, encoder, generic, config.weight, poor=kind == "poor now and then")]
            for least in LEASTS
        }
        for kind in ("good", "poor now and then")
    }
    print(json.dumps(results, indent=1))
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
