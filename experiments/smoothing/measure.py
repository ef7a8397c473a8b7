"""How to smooth emotions over time: KDEF and NTU faces that hold still, and then change.

    python -m experiments.smoothing.measure

Each person's photos of one session or acting style are shown for four seconds each, in random order, 15 times a second, with
the jitter that detection and a camera bring; generic prototypes read them, and the person's own of the other session or style.
Every setting is tried at three rates, of which the slower ones pass over frames; what ships and a few plain averages also on
each photo alone, which holds still for a minute. Needs the research data under SHARED_DIR; the made class of ten, which
measures the whole, has no part in it. Writes results.json beside itself, with the setting that the rule chooses: of those
that by own prototypes flip at most once a minute at every rate, and are as often right as the best of them but for half a
point, the one that flips least, by own and generic prototypes at all rates.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise, product
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from experiments.commands import no_options, shared_dir
from experiments.other_faces.faces import Faces, find_faces
from fewshot.compose import load
from fewshot.config import LiveConfig, SmoothingConfig
from fewshot.encoder import Encoder, load_encoder
from fewshot.face.backend import load_backend
from fewshot.live.smooth import nothing, smooth
from fewshot.prior import Prior
from fewshot.prototypes import load_generic, nearest
from fewshot.types import CROP_SIZE, EMOTIONS, UNSURE, Emotions, Float32, Float64, Int64, PrototypeKind, UInt8

HERE = Path(__file__).parent
FPS, HOLD_S, DETECT_EVERY = 15, 4, 3
STILL_S, SETTLED_S = 62, 2
"""How long a face holds still that does nothing else, and what of it is not counted: the first look is no change."""
RATES = {"15": 1, "5": 3, "2.5": 6}
"""Frames a second that are read, and every how many-th of those shown that is."""
JITTER = np.array([0.9, 0.9, 2.0, 0.02])
"""Standard deviations of a detected crop from one detection to the next: px, px, degrees, share of the scale."""
FLICKER, NOISE = 0.03, 5.0
"""Standard deviations of the light, a share, from frame to frame, and of a pixel, in gray levels."""

MIN_CONFIDENCE, KEEP_CONFIDENCE = 0.29, 0.24
NEVER = 1e9
ONE_AVERAGE = {
    f"one time constant of {tau:g} s" if tau else "none": SmoothingConfig(
        tau, tau, NEVER, 0, NEVER, MIN_CONFIDENCE, MIN_CONFIDENCE, 0.05
    )
    for tau in (0.8, 0.4, 0)
}
GRID = {
    f"slow {slow:g} s, quick {quick:g} s, change {change:g}, drift {drift:g}, hysteresis {hysteresis:g}": SmoothingConfig(
        slow, quick, change, drift, 0.1, MIN_CONFIDENCE, KEEP_CONFIDENCE, hysteresis
    )
    for slow, quick, change, drift, hysteresis in product(
        (1.5, 3.0, 6.0), (0.15, 0.25), (0.2, 0.25, 0.3, 0.4), (0.2, 0.3, 0.5), (0.1, 0.2)
    )
}
KINDS: tuple[PrototypeKind, ...] = ("personal", "generic")
MOST_FLIPS = 1.0
"""A minute, by own prototypes at any rate, of a setting that may be chosen."""
INDIFFERENT = 0.005
"""Share of the time by which being right more often is no reason to choose: a tenth of its interval over people."""


@dataclass(frozen=True, eq=False)
class Showing:
    """One person's expressions, one after the other, as one kind of prototypes reads them.

    Attributes:
        kind: Which prototypes.
        probabilities: (n, 7) float32, one row a frame.
        truth: (n,) int64, positions in ``EMOTIONS``.
        hold_s: How long one expression lasts.
    """

    kind: PrototypeKind
    probabilities: Float32
    truth: Int64
    hold_s: int


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
    faces: Faces, encoder: Encoder, prior: Prior, rng: np.random.Generator, hold_s: int
) -> list[Showing]:
    """Return two showings of each person with two sessions: read generically, and by one photo each of the other session.

    Each expression is shown for ``hold_s`` seconds.
    """
    showings = []
    for person in sorted(set(faces.people)):
        mine = np.flatnonzero(faces.people == person)
        sessions = sorted(set(faces.sessions[mine]) - {"neutral"})
        if len(sessions) < 2:
            continue
        enrolled = mine[np.isin(faces.sessions[mine], (sessions[0], "neutral"))]
        first = np.array([enrolled[faces.labels[enrolled] == c][0] for c in sorted(set(faces.labels[enrolled]))])
        own = prior.personal(encoder.embed(faces.crops_gray[first]), [EMOTIONS[c] for c in faces.labels[first]])
        asked = mine[faces.sessions[mine] == sessions[1]]
        order = rng.permutation(sorted(set(faces.labels[asked])))
        seen = [
            encoder.embed(shake(faces.crops_gray[rng.choice(asked[faces.labels[asked] == c])], FPS * hold_s, rng))
            for c in order
        ]
        truth = order.repeat(FPS * hold_s)
        showings += [
            Showing("generic", nearest(np.concatenate(seen), prior.generic).probabilities, truth, hold_s),
            Showing("personal", nearest(np.concatenate(seen), own).probabilities, truth, hold_s),
        ]
    return showings


def watch(
    tables: Sequence[Float32], every_s: float, config: SmoothingConfig, weights: Sequence[Float64] | None = None
) -> list[list[str | None]]:
    """Return the label shown after each row of each table, all faces side by side.

    Args:
        tables: Of each face, (n, 7) probabilities; n may differ.
        every_s: Time from one row to the next.
        config: How to smooth.
        weights: Of each face, (n,) of its rows; all count alike if left out.
    """
    longest = max(map(len, tables))

    def side_by_side(columns: Sequence[npt.NDArray[np.floating]]) -> Float64:
        return np.stack([np.concatenate([c, c[-1:].repeat(longest - len(c), axis=0)]) for c in columns], axis=1)

    rows = side_by_side(tables)
    weight = side_by_side(weights or [np.ones(len(table)) for table in tables])
    known, same = np.ones((len(tables), len(EMOTIONS)), np.bool_), np.zeros(len(tables))
    state, named = nothing(len(tables), EMOTIONS), []
    for frame in range(longest):
        seen = Emotions(EMOTIONS, rows[frame], known, rows[frame].argmax(axis=1), same, same > 0)
        state = smooth(state, seen, frame * every_s, config, weight[frame])
        named.append(state.emotions.named)
    by_face = np.stack(named, axis=1).tolist()
    return [
        [None if column == UNSURE else EMOTIONS[column] for column in columns[: len(table)]]
        for columns, table in zip(by_face, tables, strict=True)
    ]


def score(showings: list[Showing], config: SmoothingConfig, every: int) -> dict[str, float]:
    """Return how often the label is right, how soon it follows a change, and how often it flips on a still face."""
    right, delays, flips, still_s = [], [], 0, 0.0
    hold, fps = FPS * HOLD_S // every, FPS / every
    watched = watch([showing.probabilities[::every] for showing in showings], every / FPS, config)
    for showing, shown in zip(showings, watched, strict=True):
        right.append(np.mean([a == EMOTIONS[b] for a, b in zip(shown, showing.truth[::every], strict=True)]))
        for start in range(0, len(shown), hold):
            held = shown[start : start + hold]
            # whether or not it is the truth: what the face is read as on the whole
            whole = showing.probabilities[start * every : (start + hold) * every]
            settled = EMOTIONS[int(whole.mean(axis=0).argmax())]
            if start:
                delays.append(held.index(settled) / fps if settled in held else float(HOLD_S))
            last = held[hold // 2 :]
            flips += sum(a != b for a, b in pairwise(last))
            still_s += (len(last) - 1) / fps
    return {
        "right": float(np.mean(right)),
        "median delay, s": float(np.median(delays)),
        "shown within 1 s": float((np.array(delays) <= 1).mean()),
        "flips a minute": 60 * flips / still_s,
    }


def flips_of_still(showings: list[Showing], config: SmoothingConfig, every: int) -> float:
    """Return how often a minute the label flips on a face that has come into view and shows the same all the time."""
    flips, counted_s = 0, 0.0
    stills = [
        showing.probabilities[start : start + FPS * showing.hold_s : every]
        for showing in showings
        for start in range(0, len(showing.truth), FPS * showing.hold_s)
    ]
    for shown in watch(stills, every / FPS, config):
        settled = shown[FPS * SETTLED_S // every :]
        flips += sum(a != b for a, b in pairwise(settled))
        counted_s += (len(settled) - 1) * every / FPS
    return 60 * flips / counted_s


Row = dict[str, dict[str, dict[str, float]]]
"""Rate -> whose prototypes -> score."""


def choose(rows: dict[str, Row]) -> str:
    """Return the name of the setting that the rule chooses."""

    def mean(row: Row, measure: str, *kinds: PrototypeKind) -> float:
        return float(np.mean([by_kind[kind][measure] for by_kind in row.values() for kind in kinds]))

    steady = {
        name: row
        for name, row in rows.items()
        if all(by_kind["personal"]["flips a minute"] <= MOST_FLIPS for by_kind in row.values())
    }
    enough = max(mean(row, "right", "personal") for row in steady.values()) - INDIFFERENT
    as_right = [name for name, row in steady.items() if mean(row, "right", "personal") >= enough]
    return min(as_right, key=lambda name: mean(rows[name], "flips a minute", *KINDS))


def main() -> None:
    """Measure every setting, print and keep."""
    no_options(__doc__)
    shared = shared_dir()
    config = load(LiveConfig, ["faces=builtin"])
    backend, encoder, prior = load_backend(config.faces), load_encoder(), Prior(load_generic(), config.personal)
    sets = [find_faces(shared / "data" / name, backend) for name in ("kdef", "ntu_tw")]

    def show(hold_s: int) -> dict[PrototypeKind, list[Showing]]:
        rng = np.random.default_rng(0)
        showings = [showing for faces in sets for showing in show_everybody(faces, encoder, prior, rng, hold_s)]
        return {kind: [showing for showing in showings if showing.kind == kind] for kind in KINDS}

    by_kind, still = show(HOLD_S), show(STILL_S)
    results: dict[str, Row] = {}
    for name, setting in (ONE_AVERAGE | GRID | {"shipped": config.smoothing}).items():
        results[name] = {
            rate: {kind: score(theirs, setting, every) for kind, theirs in by_kind.items()}
            for rate, every in RATES.items()
        }
        if name not in GRID:
            for rate, every in RATES.items():
                for kind, theirs in still.items():
                    results[name][rate][kind]["flips a minute, still"] = flips_of_still(theirs, setting, every)
        print(name, json.dumps(results[name]), flush=True)
    chosen = choose({name: results[name] for name in GRID})
    print("chosen:", chosen)
    kept = {
        "shipped setting": asdict(config.smoothing),
        "chosen": chosen,
        "people": len(by_kind["generic"]),
        "settings": results,
    }
    (HERE / "results.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
