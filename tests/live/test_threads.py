"""Sessions in threads of their own, which share the models and nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fewshot.config import FacesConfig
from fewshot.face.backend import load_backend
from fewshot.live.demo import class_photo, demo_frame
from fewshot.live.session import LiveSession
from fewshot.models import Models
from tests.live.builders import make_config, make_person
from tests.live.stand_ins import make_gallery, make_models


def read(models: Models, times_s: list[float]) -> list[tuple]:
    """What a session of its own reads from some frames of the demo class."""
    photo_bgr = class_photo()
    identity = models.backend.identity_fingerprint
    somebody = make_person("Somebody", np.eye(1, 128, dtype=np.float32)[0], identity=identity)
    everybody = make_gallery(somebody, identity=identity)
    session = LiveSession(models, everybody, make_config())
    rows = []
    for time_s in times_s:
        result = session.process(demo_frame(photo_bgr, time_s, (640, 360)), time_s)
        for reading in result.readings:
            box = reading.face.box_xyxy.round(2).tolist()
            rows.append((reading.track_id, *box, round(reading.match.similarity or 0, 4), reading.emotion.label))
    return rows


def test_eight_threads_share_the_models():
    backend = load_backend(FacesConfig("builtin", "buffalo_sc", "~/.insightface", False, 0.6, 20))
    models = make_models(backend)
    times_s = [0.0, 0.1, 0.3]
    alone = read(models, times_s)
    assert len(alone) == 18
    with ThreadPoolExecutor(8) as pool:
        together = [future.result() for future in [pool.submit(read, models, times_s) for _ in range(8)]]
    assert together == [alone] * 8
