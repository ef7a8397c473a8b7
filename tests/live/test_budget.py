"""Sessions with a budget of time, on a machine that is slow by a hand clock."""

from __future__ import annotations

import numpy as np

from fewshot.live.pace import Streams
from fewshot.live.session import LiveSession
from fewshot.types import EMOTIONS, FrameResult
from tests.live.builders import make_config, make_face, make_person
from tests.live.stand_ins import GrayEncoder, ScriptedBackend, make_gallery, make_models, paint

ADA, BEN = make_person("Ada", [1, 0, 0]), make_person("Ben", [0, 1, 0])
HAPPY = EMOTIONS.index("happy")


class BusyRoom:
    """Many faces side by side, models that take time on a hand clock, and a budget."""

    def __init__(self, faces: int, budget_ms: float | None, beside: int = 0) -> None:
        self.machine_s = 0.0
        self.streams, self._others = Streams(cores=1), [object() for _ in range(beside)]
        self.backend, self.encoder = ScriptedBackend(), GrayEncoder()
        self.backend.faces = tuple(make_face(12 + 30 * i, 20, 24) for i in range(faces))
        self.backend.looks_like = {  # a followed face may have moved a little
            12 + 30 * i + off: np.eye(3)[i % 3].tolist() for i in range(faces) for off in range(-5, 6)
        }
        self._slow(self.backend, "detect", each_s=0.06)
        self._slow(self.encoder, "embed", each_s=0.004)
        self.session = LiveSession(
            make_models(self.backend, self.encoder),
            make_gallery(ADA, BEN),
            make_config(detect_every_s=0.1),
            budget_ms=budget_ms,
            streams=self.streams,
            clock=lambda: self.machine_s,
        )

    def _slow(self, model: object, verb: str, each_s: float) -> None:
        quick = getattr(model, verb)

        def slow(given: np.ndarray) -> object:
            self.machine_s += each_s * (len(given) if verb == "embed" else 1)
            return quick(given)

        setattr(model, verb, slow)

    def watch(self, frames: int, fps: float = 10.0, start: int = 0) -> list[FrameResult]:
        picture = paint(self.backend.faces, [HAPPY] * len(self.backend.faces), width=640)
        results = []
        for k in range(start, start + frames):
            for other in self._others:
                self.streams.share(other, self.machine_s)
            results.append(self.session.process(picture, k / fps))
        return results


def test_a_budget_is_kept_by_detecting_and_reading_less_often_and_no_face_is_dropped():
    room = BusyRoom(faces=20, budget_ms=50)
    results = room.watch(60)[10:]
    assert all(len(result.readings) == 20 for result in results)
    assert 0.2 * 50 <= room.backend.detections <= 0.5 * 50
    last_read = {reading.track_id: results[0].time_s for reading in results[0].readings}
    for result in results:
        assert sum(reading.fresh for reading in result.readings) < 20
        for reading in result.readings:
            assert result.time_s - last_read[reading.track_id] <= 0.2 + 1e-6
            if reading.fresh:
                last_read[reading.track_id] = result.time_s


def test_beside_others_a_stream_looks_less_often_and_loses_no_face():
    alone, beside = BusyRoom(faces=9, budget_ms=50), BusyRoom(faces=9, budget_ms=50, beside=3)
    results = [room.watch(60) for room in (alone, beside)]
    assert beside.backend.detections < 0.5 * alone.backend.detections
    assert all(len(result.readings) == 9 for watched in results for result in watched)


def test_a_recording_is_read_in_full_however_long_it_takes():
    results = BusyRoom(faces=20, budget_ms=None).watch(12)
    assert all(reading.fresh for result in results for reading in result.readings)


def test_a_face_that_comes_back_between_its_turns_goes_on():
    room = BusyRoom(faces=20, budget_ms=20)
    room.watch(10)
    everybody = room.backend.faces
    room.backend.faces = everybody[:10]
    hidden = room.watch(8, start=10)
    assert len(hidden[-1].readings) == 10
    room.backend.faces = everybody
    back = room.watch(8, start=18)
    assert len(back[-1].readings) == 20
    assert all(track in room.session.embeddings for track in (reading.track_id for reading in back[-1].readings))
