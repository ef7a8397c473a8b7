"""The study of enrollment: who enrolls with what, who is asked about what, and whose weights choose for whom."""

import numpy as np
import pytest

from experiments.enrollment.study import (
    KINDS,
    Asked,
    asked_about,
    bootstrap_interval,
    enroll_and_ask,
    leave_one_person_out,
    make_group,
)
from fewshot.types import EMOTIONS, Prototypes
from tests.builders import make_faces, trust_by

SESSIONS = {
    "jaffe": {"1": 1, "2": 1, "3": 1},
    "kdef": {"A": 1, "B": 1},
    "ntu_tw": {"facs": 2, "theatric": 3, "neutral": 2},
}
CENTERS = np.eye(7, dtype=np.float32) * 2
GENERIC = Prototypes(CENTERS, EMOTIONS, np.ones(7, np.int64), np.ones_like(CENTERS), 1.0, "x")


@pytest.mark.parametrize("name", SESSIONS)
def test_support_and_query_never_share(name: str) -> None:
    faces = make_faces(SESSIONS[name])
    group = make_group(name, faces, CENTERS[faces.labels], draws=20)
    assert {task.person for task in group.tasks} == set(faces.people)
    for task in group.tasks:
        assert set(faces.people[[*task.support, *task.query]]) == {task.person}
        assert not set(task.support) & set(task.query)
        if name != "jaffe":
            assert not set(faces.sessions[task.support]) & set(faces.sessions[task.query])


def test_everybody_gains_who_shows_emotions_elsewhere_and_nobody_by_a_stranger() -> None:
    """Each of three people shows every emotion where the generic prototypes expect another one, and no two alike."""
    faces = make_faces({"A": 1, "B": 1}, people=3)
    turned = np.array([1 + int(person[1:]) for person in faces.people])
    group = make_group("kdef", faces, CENTERS[(faces.labels + turned) % 7], draws=10)
    outcomes = {kind: enroll_and_ask(group, spec, GENERIC, trust_by(0.01)) for kind, spec in KINDS.items()}
    assert outcomes["no photo"].accuracy.tolist() == [0, 0, 0]
    assert outcomes["one of each"].gain.tolist() == [1, 1, 1]
    assert outcomes["one of each"].macro_f1 == 1
    assert outcomes["one of each, of another person"].accuracy.tolist() == [0, 0, 0]
    assert 0 < outcomes["neutral, happy, sad"].accuracy.mean() < 1


def test_a_person_does_not_choose_their_own_weights() -> None:
    faces = make_faces({"A": 1, "B": 1}, people=3)
    groups = {"kdef": make_group("kdef", faces, CENTERS[faces.labels], draws=10)}
    grid = [trust_by(0.01), trust_by(1.0)]
    likes = {"p0": (9.0, 0.0), "p1": (0.0, 1.0), "p2": (0.0, 1.0)}  # p0 alone wants the first, and very much
    chosen = leave_one_person_out(
        groups, grid, lambda _group, weights: {p: likes[p][grid.index(weights)] for p in likes}
    )
    assert chosen["p0"] is grid[1]
    assert chosen["p1"] is chosen["p2"] is grid[0]


def test_the_bootstrap_resamples_people() -> None:
    certain = bootstrap_interval(np.full(5, 0.5))
    assert (certain.value, certain.low, certain.high) == (0.5, 0.5, 0.5)
    spread = bootstrap_interval(np.array([0.0, 1.0] * 50))
    assert spread.low == pytest.approx(0.40, abs=0.02)
    assert spread.high == pytest.approx(0.60, abs=0.02)


def test_a_photo_given_for_another_emotion_is_asked_about() -> None:
    faces = make_faces({"A": 1, "B": 1}, people=2)
    group = make_group("kdef", faces, CENTERS[faces.labels], draws=10)
    assert asked_about(group, GENERIC, odds=10.0) == Asked(right=0.0, wrong=1.0)
    assert asked_about(group, GENERIC, odds=1e6) == Asked(right=0.0, wrong=0.0)
