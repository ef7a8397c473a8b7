"""How to smooth emotions over time: KDEF and NTU faces that hold still, and then change.

    python -m experiments.smoothing.measure

Each person's photos of one session or acting style are shown for four seconds each, in random order, 15 times a second, with
the jitter that detection and a camera bring; generic prototypes read them, and the person's own of the other session or style.
Needs the research data under SHARED_DIR; the made class of ten, which measures the whole, has no part in it. Writes
results.json beside itself.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from itertools import pairwise, product
from pathlib import Path

import cv2
import numpy as np

from experiments.other_faces.faces import Faces, find_faces
from fewshot.compose import load
from fewshot.config import LiveConfig, SmoothingConfig
from fewshot.encoder import Encoder, load_encoder
from fewshot.face.backend import load_backend
from fewshot.live.smooth import Smoothed, smooth
from fewshot.prototypes import load_generic, nearest, personal_prototypes
from fewshot.types import CROP_SIZE, EMOTIONS, Emotion, Float32, Int64, Prototypes, Source, UInt8

HERE = Path(__file__).parent
FPS, HOLD_S, DETECT_EVERY = 15, 4, 3
JITTER = np.array([0.9, 0.9, 2.0, 0.02])
"""Standard deviations of a detected crop from one detection to the next: px, px, degrees, share of the scale."""
FLICKER, NOISE = 0.03, 5.0
"""Standard deviations of the light, a share, from frame to frame, and of a pixel, in gray levels."""

SETTINGS = {
    "one time constant of 0.8 s": SmoothingConfig(0.8, 0.8, 1.0, 0.29, 0.29, 0.05),
    "one time constant of 0.4 s": SmoothingConfig(0.4, 0.4, 1.0, 0.29, 0.29, 0.05),
    "none": SmoothingConfig(0.0, 0.0, 1.0, 0.29, 0.29, 0.05),
} | {
    f"slow {slow:g} s, quick {quick:g} s, jump {jump:g}, hysteresis {hysteresis:g}, kept to {keep:g}": SmoothingConfig(
        slow, quick, jump, 0.29, keep, hysteresis
    )
    for slow, quick, jump, hysteresis, keep in product(
        (0.8, 1.5, 3.0), (0.15, 0.25, 0.4, 0.6), (0.15, 0.2, 0.3, 0.4), (0.2,), (0.29, 0.24)
    )
}


@dataclass(frozen=True, eq=False)
class Showing:
    """One person's expressions, one after the other, as one kind of prototypes reads them.

    Attributes:
        source: Whose prototypes.
        probabilities: (n, 7) float32, one row a frame.
        truth: (n,) int64, positions in ``EMOTIONS``.
    """

    source: Source
    probabilities: Float32
    truth: Int64


def shake(crop: UInt8, frames: int, rng: np.random.Generator) -> UInt8:
    """Return ``frames`` crops of a face that holds still before a camera and a detector that do not."""
    shown, jitter, light = [], np.zeros(4), 0.0
    for frame in range(frames):
        if frame % DETECT_EVERY == 0:
            jitter = 0.6 * jitter + 0.8 * rng.normal(size=4) * JITTER
        light = 0.9 * light + 0.44 * rng.normal() * FLICKER
        middle = (CROP_SIZE - 1) / 2
        matrix = cv2.getRotationMatrix2D((middle, middle), jitter[2], 1 + jitter[3])
        matrix[:, 2] += jitter[:2]
        moved = cv2.warpAffine(crop, matrix, crop.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        noisy = moved * (1 + light) + rng.normal(size=crop.shape) * NOISE
        shown.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return np.stack(shown)


def show_everybody(
    faces: Faces, encoder: Encoder, generic: Prototypes, config: LiveConfig, rng: np.random.Generator
) -> list[Showing]:
    """Return two showings of each person with two sessions: read generically, and by one photo each of the other session."""
    showings = []
    for person in sorted(set(faces.people)):
        mine = np.flatnonzero(faces.people == person)
        sessions = sorted(set(faces.sessions[mine]) - {"neutral"})
        if len(sessions) < 2:
            continue
        enrolled = mine[np.isin(faces.sessions[mine], (sessions[0], "neutral"))]
        first = np.array([enrolled[faces.labels[enrolled] == c][0] for c in sorted(set(faces.labels[enrolled]))])
        own = personal_prototypes(
            encoder.embed(faces.crops_gray[first]), [EMOTIONS[c] for c in faces.labels[first]], generic, config.personal
        )
        asked = mine[faces.sessions[mine] == sessions[1]]
        order = rng.permutation(sorted(set(faces.labels[asked])))
        seen = [
            encoder.embed(shake(faces.crops_gray[rng.choice(asked[faces.labels[asked] == c])], FPS * HOLD_S, rng))
            for c in order
        ]
        truth = order.repeat(FPS * HOLD_S)
        showings += [
            Showing("generic", nearest(np.concatenate(seen), generic).probabilities, truth),
            Showing("personal", nearest(np.concatenate(seen), own).probabilities, truth),
        ]
    return showings


def watch(showing: Showing, config: SmoothingConfig) -> list[str | None]:
    """Return the label shown after each frame."""
    state: Smoothed | None = None
    shown = []
    for frame, row in enumerate(showing.probabilities.tolist()):
        emotion = Emotion(None, dict(zip(EMOTIONS, row, strict=True)), 0.0, showing.source)
        state = smooth(state, emotion, frame / FPS, config)
        shown.append(state.shown)
    return shown


def score(showings: list[Showing], config: SmoothingConfig) -> dict[str, float]:
    """Return how often the label is right, how soon it follows a change, and how often it flips on a still face."""
    right, delays, flips, still_s = [], [], 0, 0.0
    hold = FPS * HOLD_S
    for showing in showings:
        shown = watch(showing, config)
        right.append(np.mean([a == EMOTIONS[b] for a, b in zip(shown, showing.truth, strict=True)]))
        for start in range(0, len(shown), hold):
            held = shown[start : start + hold]
            # whether or not it is the truth: what the face is read as on the whole
            settled = EMOTIONS[int(showing.probabilities[start : start + hold].mean(axis=0).argmax())]
            if start:
                delays.append(held.index(settled) / FPS if settled in held else float(HOLD_S))
            last = held[hold // 2 :]
            flips += sum(a != b for a, b in pairwise(last))
            still_s += (len(last) - 1) / FPS
    return {
        "right": float(np.mean(right)),
        "median delay, s": float(np.median(delays)),
        "shown within 1 s": float((np.array(delays) <= 1).mean()),
        "flips a minute": 60 * flips / still_s,
    }


def main() -> None:
    """Measure every setting, print and keep."""
    shared = Path(os.environ.get("SHARED_DIR", "../shared")).resolve()
    config = load(LiveConfig, ["faces=builtin"])
    backend, encoder, generic = load_backend(config.faces), load_encoder(), load_generic()
    rng = np.random.default_rng(0)
    showings = [
        showing
        for name in ("kdef", "ntu_tw")
        for showing in show_everybody(find_faces(shared / "data" / name, backend), encoder, generic, config, rng)
    ]
    results = {
        name: {
            source: score([showing for showing in showings if showing.source == source], setting)
            for source in ("personal", "generic")
        }
        for name, setting in (SETTINGS | {"shipped": config.smoothing}).items()
    }
    for name, row in results.items():
        print(name, json.dumps(row))
    kept = {"shipped setting": asdict(config.smoothing), "people": len(showings) // 2, "settings": results}
    (HERE / "results.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
