"""Do eight lessons share one process fairly, and does a long one stay small?

    python -m experiments.sessions.measure                # eight sessions of 9 faces, both backends: results.json
    python -m experiments.sessions.measure --soak 30      # minutes of one session of 25 faces: soak.json

Needs LFW's pairs under SHARED_DIR; the first wants a machine that does nothing else, the second none in particular.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.socket.transport import worker_count
from experiments.commands import shared_dir
from experiments.live_speed.gallery import Layout, make_frames, one_picture_each
from experiments.live_speed.row import PICTURES_FPS, ROUND_FRAMES, enroll
from experiments.machine import machine
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.face.images import decode_image, read_image
from fewshot.gallery import Gallery
from fewshot.live.pace import Streams
from fewshot.live.session import LiveSession
from fewshot.models import Models, load_models

HERE = Path(__file__).parent
CORES, SESSIONS, FACES, FPS, SECONDS, WARM_S = 2, 8, 9, 5.0, 30.0, 8.0
LESSONS_AFTER_ANOTHER = 4
SOAK_FACES, SOAK_FPS, SAMPLE_S, TURN_S, SOAK_WARM_SHARE = 25, 15.0, 5.0, 30.0, 0.1
WIDTH, HEIGHT = 1280, 720


@dataclass(frozen=True, eq=False)
class Room:
    """What all sessions of a process share, and the frames that they are sent: as JPEG, without and with the last face."""

    models: Models
    gallery: Gallery
    config: LiveConfig
    rounds: tuple[list[bytes], list[bytes]]
    streams: Streams

    def open_session(self) -> LiveSession:
        """Return a session as the web app opens one for a page."""
        return LiveSession(
            self.models, self.gallery, self.config, budget_ms=self.config.budget_ms, streams=self.streams
        )


@dataclass(frozen=True, eq=False)
class Page:
    """What one page saw: when each of its frames came, in seconds, and how long it waited for the answer, in ms."""

    came_s: list[float] = field(default_factory=list)
    waited_ms: list[float] = field(default_factory=list)
    faces: list[int] = field(default_factory=list)


def load_room(faces: str, count: int) -> Room:
    """Return the models and ``count`` enrolled people in a gallery of as many tiles."""
    shared = shared_dir()
    config = load(LiveConfig, [f"faces={faces}", f"faces.pack_root={shared / 'models' / 'insightface'}"])
    pictures = list(one_picture_each(shared / "data" / "lfw_pairs", count))
    images = [read_image(path) for path in pictures]
    layout = Layout(count, WIDTH, HEIGHT)
    few, all_ = (make_frames(layout, shown, ROUND_FRAMES, PICTURES_FPS) for shown in (images[:-1], images))
    models = load_models(config.faces, config.personal, threads=CORES)
    room = Room(models, enroll(models, pictures), config, (few, all_), Streams(CORES))
    room.open_session().process(decode_image(all_[0], "a frame"), 0.0)  # the runtimes warm up
    return room


def show(room: Room, session: LiveSession, time_s: float, with_last: bool) -> int:
    """Decode and analyze the frame of that time, as a worker of the web app does; return how many faces were read."""
    frames = room.rounds[with_last]
    frame_bgr = decode_image(frames[int(time_s * PICTURES_FPS) % len(frames)], "a frame")
    return len(session.process(frame_bgr, time_s).readings)


def watch(room: Room, workers: ThreadPoolExecutor, number: int, started_s: float, seconds: float) -> Page:
    """Send frames of one lesson ``FPS`` times a second; what came while the last was waited for is passed over."""
    page, session, last = Page(), room.open_session(), -1
    offset_s = number / SESSIONS / FPS  # pages do not start at the same instant
    while (now_s := time.perf_counter() - started_s - offset_s) < seconds:
        frame = int(max(now_s, 0.0) * FPS)
        if frame == last or now_s < 0:
            time.sleep(max(0.0, (last + 1) / FPS - now_s))
            continue
        last, came_s = frame, frame / FPS
        read = workers.submit(show, room, session, came_s, True).result()
        page.came_s.append(came_s)
        page.waited_ms.append(1000 * (time.perf_counter() - started_s - offset_s - came_s))
        page.faces.append(read)
    return page


def hold_lessons(room: Room, workers: ThreadPoolExecutor, seconds: float) -> list[Page]:
    """Let all sessions run side by side, and end."""
    started_s = time.perf_counter()
    with ThreadPoolExecutor(SESSIONS) as pages:
        return list(pages.map(lambda number: watch(room, workers, number, started_s, seconds), range(SESSIONS)))


def rss_mb() -> float:
    """Return the memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def threads() -> int:
    """Return the threads of this process, those of the runtimes too."""
    return len(list(Path("/proc/self/task").iterdir()))


def measure(faces: str) -> dict[str, Any]:
    """Return one row: the first lessons are timed, all are followed by a look at what they left behind."""
    room = load_room(faces, FACES)
    left: list[tuple[float, int]] = []
    pages: list[Page] = []
    load_before = os.getloadavg()[0]
    with ThreadPoolExecutor(worker_count(CORES)) as workers:  # as many as the web app has, as long as it runs
        for lesson in range(LESSONS_AFTER_ANOTHER):
            held = hold_lessons(room, workers, SECONDS if lesson == 0 else SECONDS / 2)
            pages = pages or held
            del held
            gc.collect()
            left.append((rss_mb(), threads()))
    steady = [
        np.array([ms for came_s, ms in zip(page.came_s, page.waited_ms, strict=True) if came_s >= WARM_S])
        for page in pages
    ]
    p50, p95 = (np.array([np.percentile(waited, q) for waited in steady]) for q in (50, 95))
    counts = np.array([len(waited) for waited in steady])
    return {
        "faces": faces,
        "load average before": load_before,
        "faces found": float(np.mean([n for page in pages for n in page.faces])),
        "ms, half of all frames below": float(np.percentile(np.concatenate(steady), 50)),
        "ms, 95 % of all frames below": float(np.percentile(np.concatenate(steady), 95)),
        "ms, half below, worst session": float(p50.max()),
        "ms, 95 % below, worst session": float(p95.max()),
        "ms, 95 % below, best session": float(p95.min()),
        "frames/s, worst session": float(counts.min() / (SECONDS - WARM_S)),
        "frames/s, best session": float(counts.max() / (SECONDS - WARM_S)),
        "MB after each round of lessons": [rss for rss, _ in left],
        "threads after each round of lessons": [count for _, count in left],
    }


def soak(minutes: float) -> dict[str, Any]:
    """Return how the memory of one session grows while a face leaves and comes back every ``TURN_S``."""
    room = load_room("builtin", SOAK_FACES)
    session, samples, analyzed, last = room.open_session(), [], 0, -1
    started_s = time.perf_counter()
    while (now_s := time.perf_counter() - started_s) < 60 * minutes:
        frame = int(now_s * SOAK_FPS)
        if frame == last:
            time.sleep(max(0.0, (frame + 1) / SOAK_FPS - now_s))
            continue
        last = frame
        show(room, session, frame / SOAK_FPS, with_last=int(now_s / TURN_S) % 2 == 0)
        analyzed += 1
        if now_s >= SAMPLE_S * len(samples):
            samples.append(rss_mb())
    warm = samples[int(len(samples) * SOAK_WARM_SHARE) :]
    tenth = max(1, len(warm) // 10)
    first, end = float(np.median(warm[:tenth])), float(np.median(warm[-tenth:]))
    return {
        "machine": machine(),
        "minutes": minutes,
        "faces": SOAK_FACES,
        "analyzed frames": analyzed,
        "MB after warming up": first,
        "MB at the end": end,
        "MB at most": max(samples),
        "growth": end / first - 1,
        "threads": threads(),
    }


def alone(work: Callable[[], dict[str, Any]]) -> None:
    """Print what ``work`` measures as the last line, on so many cores as are measured."""
    os.sched_setaffinity(0, range(CORES))
    cv2.setNumThreads(CORES)
    print(json.dumps(work()))


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--soak", type=float, metavar="MINUTES")
    parser.add_argument("--faces", choices=("builtin", "insightface"), help="only this row, printed and not kept")
    options = parser.parse_args()
    if options.faces:
        alone(partial(measure, options.faces))
        return
    if options.soak:
        os.sched_setaffinity(0, range(CORES))
        cv2.setNumThreads(CORES)
        result, name = soak(options.soak), "soak.json"
    else:
        rows = []
        for faces in ("builtin", "insightface"):
            command = [sys.executable, "-m", "experiments.sessions.measure", "--faces", faces]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            rows.append(json.loads(done.stdout.splitlines()[-1]))
        result, name = (
            {"machine": machine(), "sessions": SESSIONS, "faces each": FACES, "fps": FPS, "rows": rows},
            "results.json",
        )
    print(json.dumps(result, indent=1))
    (HERE / name).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
