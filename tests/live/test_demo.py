from __future__ import annotations

import numpy as np
import pytest

from fewshot.config import FacesConfig
from fewshot.face.backend import FaceBackend, load_backend
from fewshot.face.quality import check_photo
from fewshot.live.demo import LIMITS, SECONDS, camera_move, class_photo, demo_frame, demo_people, write_clip
from fewshot.live.sources import open_source
from fewshot.types import EMOTIONS
from tests.live.builders import PATIENCE


@pytest.fixture(scope="module")
def backend() -> FaceBackend:
    return load_backend(FacesConfig("builtin", "buffalo_sc", "~/.insightface", False, 0.6, 20))


def test_six_students_with_one_usable_portrait_each(backend):
    people = demo_people()
    assert len({student.name for student in people}) == 6
    templates = []
    for student in people:
        assert student.label in EMOTIONS
        face = check_photo(student.photo_bgr, backend.detect(student.photo_bgr), LIMITS)
        templates.append(backend.embed_identity(student.photo_bgr, [face])[0])
    similarities = np.stack(templates) @ np.stack(templates).T - np.eye(6)
    assert similarities.max() < 0.4


@pytest.mark.parametrize("time_s", [0.0, SECONDS / 4, SECONDS / 2, SECONDS * 3 / 4])
def test_all_six_are_in_view_at_every_turn(backend, time_s):
    frame_bgr = demo_frame(class_photo(), time_s)
    faces = backend.detect(frame_bgr)
    assert len(faces) == 6
    boxes = np.stack([face.box_xyxy for face in faces])
    assert (boxes >= 0).all()
    assert (boxes[:, 2] <= 1280).all()
    assert (boxes[:, 3] <= 720).all()


def test_the_camera_moves_slowly_and_ends_where_it_began():
    corners = np.array([[0, 0, 1], [1280, 0, 1], [0, 886, 1], [1280, 886, 1]]).T
    paths = np.stack([camera_move(k / 15, (1280, 886), (1280, 720)) @ corners for k in range(int(SECONDS * 15) + 1)])
    steps = np.linalg.norm(np.diff(paths, axis=0), axis=1)
    assert 0.5 < steps.max() < 12
    np.testing.assert_allclose(paths[0], paths[-1], atol=1e-6)


def test_clip_is_the_same_each_time_and_has_its_length(tmp_path):
    first = write_clip(tmp_path / "new" / "a.mp4", seconds=0.4, size=(320, 180))
    second = write_clip(tmp_path / "b.mp4", seconds=0.4, size=(320, 180))
    with open_source(str(first), patience=PATIENCE) as one, open_source(str(second), patience=PATIENCE) as two:
        assert (one.fps, one.frame_count) == (15, 6)
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a.image_bgr, b.image_bgr)
