"""The study of enrollment: support and query never share a session, and what befalls a picture is what its name says."""

import numpy as np
import pytest

from experiments.other_faces.enrollment import enrollment_gain, tasks
from experiments.other_faces.faces import compress, expose, light_from_left, shrink, turn
from fewshot.prior import Prior
from fewshot.types import EMOTIONS, Face, Prototypes
from tests.builders import trust_by
from tests.experiments.faces import make_faces

FACE = Face(
    np.array([20, 10, 80, 90], np.float32),
    np.array([[35, 40], [65, 40], [50, 55], [38, 70], [62, 70]], np.float32),
    0.9,
)


@pytest.mark.parametrize(
    ("name", "sessions"),
    [("jaffe", {"1": 1, "2": 1}), ("kdef", {"A": 1, "B": 1}), ("ntu_tw", {"facs": 2, "theatric": 3, "neutral": 2})],
)
def test_support_and_query_never_share(name: str, sessions: dict[str, int]) -> None:
    faces = make_faces(sessions)
    mine = np.flatnonzero(faces.people == "p1")
    found = list(tasks(name, faces, mine))
    assert found
    for support, query in found:
        assert set(faces.people[[*support, *query]]) == {"p1"}
        assert not set(support) & set(query)
        assert len(set(faces.labels[support])) == len(support)
        if name != "jaffe":
            assert not set(faces.sessions[support]) & set(faces.sessions[query])


def test_own_photos_help_people_whose_faces_lie_elsewhere() -> None:
    """Two people show emotions 3 units off the generic prototypes: their own photos find them, the generic ones do not."""
    faces = make_faces({"A": 1, "B": 1}, people=2)
    vectors = np.eye(7, dtype=np.float32) * 2
    generic = Prototypes(vectors, EMOTIONS, np.ones(7, np.int64), np.ones_like(vectors), 1.0, "x")
    embeddings = np.roll(vectors, 1, axis=0)[faces.labels]
    gains = enrollment_gain("kdef", faces, embeddings, Prior(generic, trust_by(0.01)))
    assert gains["generic"].accuracy.value == 0
    assert gains["one photo of each"].accuracy.value == 1
    assert gains["one photo of each"].worse == 0


def test_what_befalls_a_picture() -> None:
    picture = np.full((100, 100, 3), 100, np.uint8)
    picture[:50] = 120
    assert shrink(40)(picture, FACE).shape == (50, 50, 3)
    assert expose(-1)(picture, FACE).mean() == pytest.approx(picture.mean() * 0.73, rel=0.02)
    assert expose(1)(picture, FACE).mean() == pytest.approx(picture.mean() * 1.37, rel=0.02)
    lit = light_from_left(picture, FACE)
    assert (lit[:, :20] == picture[:, :20]).all()
    assert lit[0, 90, 0] == pytest.approx(120 * 0.53, abs=2)
    assert compress(50)(picture, FACE).shape == turn(20)(picture, FACE).shape == picture.shape
