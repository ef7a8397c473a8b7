"""One row of the benchmark: one layout, one backend, one number of cores, in a process of its own.

    python -m experiments.live_speed.row --faces builtin --count 49 --size 1920x1080 --cores 2

Prints JSON. The last face joins in the middle of the time, but where it is alone. The frames lie decoded in memory and arrive
by the wall clock: what is not analyzed when the next one comes is passed over, as in a live lesson.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from experiments.commands import shared_dir
from experiments.live_speed.gallery import Layout, make_frames, one_picture_each
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.face.images import read_image
from fewshot.gallery import Gallery
from fewshot.live.session import LiveSession
from fewshot.models import Models, load_models
from fewshot.person import Person, Receipt
from fewshot.types import EMOTIONS, FrameResult, UInt8

PICTURES_FPS, ROUND_FRAMES, WARM_S = 30, 60, 3.0


Frames = list[UInt8]


@dataclass(frozen=True, eq=False)
class Watched:
    """Results, when the last face joined, and the CPU and wall time of all, in seconds."""

    results: list[FrameResult]
    joined_s: float
    cpu_s: float
    wall_s: float


def enroll(models: Models, pictures: list[Path]) -> Gallery:
    """Return a gallery of the people in the pictures, with made-up own prototypes, so that everything is at work."""
    generic, rng = models.prior.generic, np.random.default_rng(0)
    people = []
    for path in pictures:
        picture = read_image(path)
        faces = models.backend.detect(picture)
        people.append(
            Person(
                person_id=path.stem,
                name=path.stem,
                templates=models.backend.embed_identity(picture, faces[:1]),
                embeddings=(generic.vectors + 0.3 * rng.normal(size=generic.vectors.shape)).astype(np.float32),
                embedding_labels=EMOTIONS,
                receipt=Receipt(dict.fromkeys(EMOTIONS, 1), 0, 0, 0, "personal"),
                encoder_fingerprint=generic.fingerprint,
                identity_fingerprint=models.backend.identity_fingerprint,
                enrolled_at=datetime.now(UTC),
            )
        )
    return models.gallery_of(people)


def watch(session: LiveSession, rounds: tuple[Frames, Frames], seconds: float, fps: float) -> Watched:
    """Read the first round of frames over and over for half of ``seconds`` by the wall clock, then the second."""
    results: list[FrameResult] = []
    joined_s = 0.0
    started, cpu = time.perf_counter(), time.process_time()
    last = -1
    while (now := time.perf_counter() - started) < seconds:
        frame = int(now * fps)
        if frame == last:
            time.sleep(max(0.0, (frame + 1) / fps - now))
            continue
        last = frame
        frames = rounds[now >= seconds / 2]
        if now >= seconds / 2:
            joined_s = joined_s or now
        shown = int(frame / fps * PICTURES_FPS) % len(frames)
        results.append(session.process(frames[shown], frame / fps, frame))
    return Watched(results, joined_s, time.process_time() - cpu, time.perf_counter() - started)


def score(watched: Watched, faces: int, newcomer: str, frame_bytes: int) -> dict[str, Any]:
    """Return the figures of one row; the first seconds, in which all are new, count for nothing else than naming."""
    named = {r.match.name for result in watched.results for r in result.readings if r.match.name is not None}
    greeted_s = [
        # shown when the frame is done, not when it came
        result.time_s + sum(result.timing_ms.values()) / 1000 - watched.joined_s
        for result in watched.results
        if any(reading.match.name == newcomer for reading in result.readings)
    ]
    steady = [result for result in watched.results if result.time_s >= WARM_S]
    steady_s = watched.wall_s - WARM_S
    stages: dict[str, float] = defaultdict(float)
    refreshed: dict[int, int] = defaultdict(int)
    for result in steady:
        for stage, ms in result.timing_ms.items():
            stages[stage] += ms / len(steady)
        for reading in result.readings:
            refreshed[reading.track_id] += reading.fresh
    # the newcomer was there for a part of the time only
    rates = sorted(refreshed.values(), reverse=True)[: max(1, faces - 1)]
    models = sum(stages[stage] for stage in ("detect", "embed", "identify"))
    return {
        "analyzed frames/s": len(steady) / steady_s,
        "faces found": float(np.mean([len(result.readings) for result in steady])),
        "emotions/s": sum(refreshed.values()) / steady_s,
        "slowest face, emotions/s": rates[-1] / steady_s,
        "named": len(named),
        "newcomer named within, s": greeted_s[0] if greeted_s and faces > 1 else None,
        "ms a frame, 95 % below": float(np.percentile([sum(r.timing_ms.values()) for r in steady], 95)),
        "ms by stage": dict(stages),
        "outside the models": 1 - models / sum(stages.values()),
        "CPU s a frame": watched.cpu_s / len(watched.results),
        "RSS without the frames, MB": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - frame_bytes) / 2**20,
    }


def main() -> None:
    """Measure one row and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", choices=("builtin", "insightface"), default="builtin")
    parser.add_argument("--count", type=int, default=49)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--fps", type=float, default=30.0, help="of the source")
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    cv2.setNumThreads(options.cores)
    shared = shared_dir()
    config = load(LiveConfig, [f"faces={options.faces}", f"faces.pack_root={shared / 'models' / 'insightface'}"])
    width, height = map(int, options.size.split("x"))
    layout = Layout(options.count, width, height)
    pictures = list(one_picture_each(shared / "data" / "lfw_pairs", layout.faces))
    images = [read_image(path) for path in pictures]
    rounds = tuple(
        [
            np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
            for data in make_frames(layout, shown, ROUND_FRAMES, PICTURES_FPS)
        ]
        for shown in (images[: max(1, layout.faces - 1)], images)
    )
    models = load_models(config.faces, config.personal, threads=options.cores)
    session = LiveSession(models, enroll(models, pictures), config)
    session.process(rounds[1][0], -10.0)  # the runtimes warm up with the first frame of a size
    session = LiveSession(models, session.gallery, config, budget_ms=config.budget_ms)
    watched = watch(session, (rounds[0], rounds[1]), options.seconds, options.fps)
    frame_bytes = sum(frame.nbytes for frames in rounds for frame in frames)
    print(json.dumps(score(watched, layout.faces, pictures[-1].stem, frame_bytes)))


if __name__ == "__main__":
    main()
