from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fewshot.config import FacesConfig
from fewshot.face.backend import load_backend
from fewshot.face.images import to_gray
from fewshot.live.demo import class_photo, demo_frame
from fewshot.live.pipeline import Pipeline
from fewshot.live.session import LiveSession
from tests.live.builders import make_config, make_face, make_person
from tests.live.stand_ins import GrayEncoder, ScriptedBackend, make_gallery, paint

ROOT = Path(__file__).parents[2]


def test_detect_align_embed_identify():
    backend, encoder = ScriptedBackend(), GrayEncoder()
    faces = (make_face(50, 50, 60), make_face(200, 50, 60))
    backend.faces, backend.looks_like = faces, {50: [1, 0], 200: [0, 1]}
    pipeline = Pipeline(backend, encoder)
    frame_bgr = paint(faces, (2, 5))
    found = pipeline.detect(frame_bgr)
    crops = pipeline.align(to_gray(frame_bgr), found)
    assert [crop.face for crop in crops] == list(faces)
    assert pipeline.embed(crops).argmax(axis=1).tolist() == [2, 5]
    assert encoder.batches == [2]
    np.testing.assert_array_equal(pipeline.identify(frame_bgr, found), [[1, 0], [0, 1]])


def test_no_faces_are_an_empty_batch():
    assert Pipeline(ScriptedBackend(), GrayEncoder()).embed(()).shape == (0, 8)


def read(pipeline: Pipeline, times_s: list[float]) -> list[tuple]:
    """What a session of its own reads from some frames of the demo class."""
    photo_bgr = class_photo()
    identity = pipeline.backend.identity_fingerprint
    somebody = make_person("Somebody", np.eye(1, 128, dtype=np.float32)[0], identity=identity)
    everybody = make_gallery(somebody, identity=identity)
    session = LiveSession(pipeline, everybody, make_config())
    rows = []
    for time_s in times_s:
        result = session.process(demo_frame(photo_bgr, time_s, (640, 360)), time_s)
        for reading in result.readings:
            box = reading.face.box_xyxy.round(2).tolist()
            rows.append((reading.track_id, *box, round(reading.match.similarity or 0, 4), reading.emotion.label))
    return rows


def test_eight_threads_share_one_pipeline():
    backend = load_backend(FacesConfig("builtin", "buffalo_sc", "~/.insightface", False, 0.6, 20))
    pipeline = Pipeline(backend, GrayEncoder())
    times_s = [0.0, 0.1, 0.3]
    alone = read(pipeline, times_s)
    assert len(alone) == 18
    with ThreadPoolExecutor(8) as pool:
        together = [future.result() for future in [pool.submit(read, pipeline, times_s) for _ in range(8)]]
    assert together == [alone] * 8


@pytest.mark.parametrize(
    "statement",
    [
        "import fewshot, enroll; from fewshot.live import pipeline",
        "import fewshot.live.__main__, fewshot.live.demo",
        "import enroll.__main__",
    ],
)
def test_runtime_never_imports_torch(statement):
    check = "import sys; print(sorted({'torch', 'pytorch_lightning', 'pytorch_metric_learning'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", f"{statement}; {check}"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
