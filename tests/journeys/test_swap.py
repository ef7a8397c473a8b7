"""Tiles of a meeting that swap places: everybody keeps their name, from the first frame on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from experiments.live_speed.gallery import Layout, make_frames, one_picture_each
from experiments.live_speed.row import enroll
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.face.images import read_image
from fewshot.live.session import LiveSession
from fewshot.models import load_models
from fewshot.types import UInt8

FPS, LAYOUT = 15, Layout(9, 1280, 720)


@pytest.mark.parametrize("frames_each", [15, 16])  # a swap that coincides with a detection, and one that does not
def test_who_swaps_tiles_keeps_the_name(shared_dir: Path, frames_each: int) -> None:
    config = load(LiveConfig, ["faces=builtin"])
    pictures = list(one_picture_each(shared_dir / "data" / "lfw_pairs", LAYOUT.faces))
    images = [read_image(path) for path in pictures]
    models = load_models(config.faces, config.personal)
    session = LiveSession(models, enroll(models, pictures), config)
    before = list(range(LAYOUT.faces))
    after = [5, 1, 3, 2, 4, 0, 6, 7, 8]
    width, height = LAYOUT.width // LAYOUT.columns, LAYOUT.height // LAYOUT.rows
    time_s = 0.0
    for order in (before, after, before):
        for coded in make_frames(LAYOUT, [images[i] for i in order], frames_each, FPS):
            frame_bgr: UInt8 = np.asarray(cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR), np.uint8)
            result = session.process(frame_bgr, time_s)
            time_s += 1 / FPS
            assert len(result.readings) >= LAYOUT.faces - 4  # those who swapped, until they are detected
            for reading in result.readings:
                x, y = (reading.face.box_xyxy[:2] + reading.face.box_xyxy[2:]) / 2
                tile = int(y // height) * LAYOUT.columns + int(x // width)
                assert reading.match.name in (pictures[order[tile]].stem, None)
        assert [reading.match.name is not None for reading in result.readings] == [True] * LAYOUT.faces
