"""How small a face may be in a gallery of 49, and what a closer look costs.

    python -m experiments.small_faces.measure

Needs LFW's pairs and InsightFace's pack under SHARED_DIR. Writes results.json beside itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from experiments.commands import no_options, shared_dir
from experiments.live_speed.gallery import Layout, one_picture_each
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.encoder import load_encoder
from fewshot.face.backend import FaceBackend, load_backend
from fewshot.face.images import read_image
from fewshot.face.scales import close_rows, keep_distinct
from fewshot.live.session import LiveSession
from fewshot.models import Models
from fewshot.prior import Prior
from fewshot.prototypes import load_generic
from fewshot.types import Face, Float32, UInt8

HERE = Path(__file__).parent
LAYOUT, GALLERIES, HEIGHTS_PX, QUALITY = Layout(49, 1920, 1080), 3, (72, 50, 35, 28), 75
MARGIN = 0.1
"""Of a face that is cut out, in its widths: neither hair nor shoulders are left to find it by."""
WATCH_S, FPS = 1.0, 10


@dataclass(frozen=True, eq=False)
class Sitter:
    """One picture (250, 250, 3) of LFW, its face, and the faces of whoever stands behind."""

    picture: UInt8
    face: Face
    bystanders: tuple[Face, ...]


def find_sitters(paths: Sequence[Path], backends: Sequence[FaceBackend], keen: Sequence[FaceBackend]) -> list[Sitter]:
    """Return the pictures in whose middle every backend finds a face; ``keen`` ones, of a low threshold, find the others."""
    sitters = []
    for path in paths:
        picture = read_image(path)
        found = [[face for face in backend.detect(picture) if off_center(face, picture) < 40] for backend in backends]
        if all(found):
            face = found[0][0]
            seen = keep_distinct([other for backend in keen for other in backend.detect(picture)])
            sitters.append(Sitter(picture, face, tuple(other for other in seen if distance(other, face) > 40)))
    return sitters


def center_xy(face: Face) -> Float32:
    """Return the middle of a face's box, (2,)."""
    return (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2


def distance(face: Face, other: Face) -> float:
    """Return how far the middles of two faces lie apart, in pixels."""
    return float(np.hypot(*(center_xy(face) - center_xy(other))))


def off_center(face: Face, picture: UInt8) -> float:
    """Return how far a face lies from the middle of its picture, in pixels."""
    return float(np.hypot(*(center_xy(face) - np.array(picture.shape[1::-1]) / 2)))


@dataclass(frozen=True, eq=False)
class Scene:
    """A frame as it was compressed, with the middles of its faces (49, 2) and of the bystanders (n, 2)."""

    frame_bgr: UInt8
    faces_xy: Float32
    bystanders_xy: Float32


def compose(sitters: Sequence[Sitter], height_px: int, gray: bool, cut: bool, time_s: float) -> Scene:
    """Return a gallery in which every face is ``height_px`` high and sways a little.

    ``cut``: only the face itself is shown, before a wall; else the picture, whose borders go on to the edge of its tile.
    """
    tile_w, tile_h = LAYOUT.width // LAYOUT.columns, LAYOUT.height // LAYOUT.rows
    canvas = np.full((LAYOUT.height, LAYOUT.width, 3), 32, np.uint8)
    faces_xy, bystanders_xy = [], []
    for i, sitter in enumerate(sitters):
        left, top = i % LAYOUT.columns * tile_w, i // LAYOUT.columns * tile_h
        zoom = height_px / sitter.face.height
        phase = 2 * np.pi * (time_s / 4 + i * 0.37)
        middle = np.array([tile_w / 2 + 4 * np.cos(phase), tile_h / 2 + 4 * np.sin(phase)])
        shift = middle - zoom * center_xy(sitter.face)
        small = cv2.resize(sitter.picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
        tile = cv2.warpAffine(small, move, (tile_w - 4, tile_h - 4), borderMode=cv2.BORDER_REPLICATE)
        if cut:
            tile = cut_out(tile, sitter.face, middle, zoom, wall=60 + 37 * i % 140)
        if gray:
            tile = cv2.cvtColor(cv2.cvtColor(tile, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        canvas[top + 2 : top + tile_h - 2, left + 2 : left + tile_w - 2] = tile
        corner = np.array([left + 2, top + 2])
        faces_xy.append(corner + middle)
        bystanders_xy += [corner + shift + zoom * center_xy(face) for face in sitter.bystanders]
    coded = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    frame_bgr = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return Scene(frame_bgr, np.array(faces_xy, np.float32), np.array(bystanders_xy, np.float32).reshape(-1, 2))


def cut_out(tile: UInt8, face: Face, middle: Float32, zoom: float, wall: int) -> UInt8:
    """Return ``tile`` with nothing left but the face, on a wall of one gray."""
    half = zoom * (np.array([face.width, face.height]) / 2 + MARGIN * face.width)
    (x1, y1), (x2, y2) = np.maximum(middle - half, 0).round().astype(int), (middle + half).round().astype(int)
    shown = np.full_like(tile, wall)
    shown[y1:y2, x1:x2] = tile[y1:y2, x1:x2]
    return shown


def score(found: Sequence[Face], scene: Scene, height_px: int) -> tuple[int, int]:
    """Return how many of the faces were found, and how many were found where there is none."""
    found_xy = np.array([center_xy(face) for face in found], np.float32).reshape(-1, 2)

    def near(points_xy: Float32) -> np.ndarray:
        return np.linalg.norm(points_xy[:, None] - found_xy, axis=-1) < 0.4 * height_px

    hits = near(scene.faces_xy)
    false = ~hits.any(axis=0) & ~near(scene.bystanders_xy).any(axis=0)
    return int(hits.any(axis=1).sum()), int(false.sum())


def look_closely(backend: FaceBackend, frame_bgr: UInt8) -> list[Face]:
    """Return the faces of a whole round of looks: at the frame, and closely at each of its parts."""
    parts = [backend.detect_small(frame_bgr, rows) for rows in close_rows(*frame_bgr.shape[:2])]
    return keep_distinct([*backend.detect(frame_bgr), *(face for part in parts for face in part)])


def watch(models: Models, config: LiveConfig, scenes: Sequence[Scene]) -> list[Face]:
    """Return the faces that a session shows after scenes that lie 1 / ``FPS`` apart."""
    session = LiveSession(models, models.gallery_of(()), config)
    results = [session.process(scene.frame_bgr, k / FPS) for k, scene in enumerate(scenes)]
    return [reading.face for reading in results[-1].readings]


def measure_row(
    models: Models, config: LiveConfig, sitters: Sequence[Sitter], height_px: int, gray: bool, cut: bool
) -> dict[str, Any]:
    """Return what is found of faces of one kind, by a look, by closer looks, and by a session."""
    tallies: dict[str, list[tuple[int, int]]] = {"a look": [], "a closer look": [], "live after 1 s": []}
    for k in range(GALLERIES):
        mine = sitters[k * LAYOUT.faces : (k + 1) * LAYOUT.faces]
        scenes = [compose(mine, height_px, gray, cut, n / FPS) for n in range(round(WATCH_S * FPS) + 1)]
        first = scenes[0]
        tallies["a look"].append(score(models.backend.detect(first.frame_bgr), first, height_px))
        tallies["a closer look"].append(score(look_closely(models.backend, first.frame_bgr), first, height_px))
        tallies["live after 1 s"].append(score(watch(models, config, scenes), scenes[-1], height_px))
    row: dict[str, Any] = {"faces": config.faces.backend, "height_px": height_px, "gray": gray, "cut": cut}
    for way, counts in tallies.items():
        found, false = np.sum(counts, axis=0)
        row[way] = {"recall": found / (GALLERIES * LAYOUT.faces), "false a frame": false / GALLERIES}
    return row


def measure_cost(backend: FaceBackend, frame_bgr: UInt8) -> dict[str, float]:
    """Return the median milliseconds of each kind of look."""
    rows = close_rows(*frame_bgr.shape[:2])[0]
    return {
        "a look": median_ms(lambda: backend.detect(frame_bgr)),
        "a closer look at a half": median_ms(lambda: backend.detect_small(frame_bgr, rows)),
    }


def median_ms(work: Callable[[], object], times: int = 7) -> float:
    """Return the median duration of ``work`` in milliseconds."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return float(np.median(taken))


def main() -> None:
    """Measure every kind of gallery, print and keep."""
    no_options(__doc__)
    cv2.setNumThreads(2)
    shared = shared_dir()
    root = f"faces.pack_root={shared / 'models' / 'insightface'}"
    configs = {name: load(LiveConfig, [f"faces={name}", root]) for name in ("builtin", "insightface")}
    backends = {name: load_backend(config.faces) for name, config in configs.items()}
    keen = [load_backend(load(LiveConfig, [f"faces={name}", root, "faces.min_score=0.3"]).faces) for name in configs]
    wanted = LAYOUT.faces * GALLERIES
    paths = one_picture_each(shared / "data" / "lfw_pairs", 2 * wanted)
    sitters = find_sitters(paths, list(backends.values()), keen)[:wanted]
    encoder, generic = load_encoder(threads=2), load_generic()
    shown = compose(sitters[: LAYOUT.faces], HEIGHTS_PX[1], False, False, 0.0).frame_bgr
    costs = {name: measure_cost(backend, shown) for name, backend in backends.items()}
    rows = []
    for (name, backend), height_px, cut, gray in product(backends.items(), HEIGHTS_PX, (False, True), (True, False)):
        rows.append(
            measure_row(
                Models(backend, encoder, Prior(generic, configs[name].personal)),
                configs[name],
                sitters,
                height_px,
                gray,
                cut,
            )
        )
        print(json.dumps(rows[-1]), flush=True)
    result = {"galleries": GALLERIES, "ms, 2 threads": costs, "rows": rows}
    (HERE / "results.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
