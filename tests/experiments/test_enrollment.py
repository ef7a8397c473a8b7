"""The study of enrollment: who enrolls with what, who is asked about what, and whose weights choose for whom."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from experiments.enrollment.measure import SHIPPED_WEIGHTS, adopt
from experiments.enrollment.methods import (
    held_out_distances,
    own_temperature,
    own_threshold,
    weighted_prototypes,
)
from experiments.enrollment.study import (
    KINDS,
    Asked,
    asked_about,
    bootstrap_interval,
    choose_for_each,
    enroll_and_ask,
    leave_one_person_out,
    make_group,
)
from fewshot.compose import load
from fewshot.config import EnrollConfig
from fewshot.prior import Prior
from fewshot.types import EMOTIONS, Prototypes
from tests.builders import trust_by
from tests.experiments.faces import make_faces

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
    outcomes = {kind: enroll_and_ask(group, spec, Prior(GENERIC, trust_by(0.01))) for kind, spec in KINDS.items()}
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


def test_sets_count_alike_when_the_others_choose() -> None:
    large = {f"p{i}": 1.0 for i in range(9)}
    tried = [
        {"large": large, "small": {"q": 0.0, "r": 0.0}},
        {"large": dict.fromkeys(large, 0.5), "small": {"q": 0.9, "r": 0.4}},
    ]
    best = choose_for_each(tried)
    assert best == {**dict.fromkeys(large, 1), "q": 0, "r": 1}


def test_a_photo_that_weighs_one_counts_as_ever_and_one_that_weighs_nothing_not_at_all() -> None:
    prior = Prior(GENERIC, trust_by(1.0))
    photos = CENTERS[[0, 0, 1]] + np.float32([[0.4], [-0.2], [0.3]])
    names = [EMOTIONS[0], EMOTIONS[0], EMOTIONS[1]]
    as_ever = prior.personal(photos, names)
    np.testing.assert_allclose(
        weighted_prototypes(photos, names, np.ones(3), prior).vectors, as_ever.vectors, atol=1e-6
    )
    without = weighted_prototypes(photos, names, np.array([1.0, 0.0, 0.0]), prior).vectors
    moved = as_ever.vectors[6] - CENTERS[6]  # no photo of it: moved by what is common alone
    np.testing.assert_allclose(without[0], (photos[0] + CENTERS[0] + moved) / 2, atol=1e-6)
    np.testing.assert_allclose(without[1], CENTERS[1] + moved, atol=1e-6)


def test_a_held_out_photo_is_unknown_to_its_prototypes() -> None:
    prior = Prior(GENERIC, trust_by(1.0))
    photos = CENTERS[[0, 1]] + np.float32(0.5)
    names = [EMOTIONS[0], EMOTIONS[1]]
    distances = held_out_distances(photos, names, prior)
    own = prior.personal(photos[1:], names[1:])
    by_hand = (own.weights * (photos[0] - own.vectors) ** 2).sum(axis=1) / own.temperature
    np.testing.assert_allclose(distances[0], by_hand, rtol=1e-5)


def test_a_student_who_is_read_wrong_gets_a_higher_temperature_and_few_photos_change_it_little() -> None:
    sure = np.float32([[0, 9, 9], [9, 0, 9]])
    wrong = np.array([1, 0])
    assert own_temperature(sure, wrong, 0.0) == 1.0
    assert own_temperature(sure, wrong, 1.0) > own_temperature(sure, wrong, 0.01) > 1.0
    assert own_temperature(sure, 1 - wrong, 1.0) <= 1.0


def test_a_threshold_of_ones_own_is_drawn_toward_the_shared_one() -> None:
    sure = np.linspace(0.5, 1.0, 11)
    assert own_threshold(sure, 0.9, 0.0) == 0.9
    assert own_threshold(sure, 0.9, 1e9) == pytest.approx(0.6)
    assert own_threshold(sure[:2], 0.9, 1.0) > own_threshold(np.repeat(sure[:2], 9), 0.9, 1.0)


def test_adopted_weights_are_read_again_and_comments_stay(tmp_path: Path) -> None:
    file = tmp_path / "shrinkage.yaml"
    file.write_text(SHIPPED_WEIGHTS.read_text())
    shipped = load(EnrollConfig).personal
    adopt(shipped, file)
    assert [line.split("#")[1:] for line in file.read_text().splitlines()] == [
        line.split("#")[1:] for line in SHIPPED_WEIGHTS.read_text().splitlines()
    ]
    adopt(trust_by(3.0), file)
    found = {line.split(":")[0]: float(line.split()[1]) for line in file.read_text().splitlines() if line[0] != "#"}
    assert found == asdict(trust_by(3.0))
