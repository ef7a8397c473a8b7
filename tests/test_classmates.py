"""What classmates who look alike let expect of a student who has shown little."""

from dataclasses import replace

import numpy as np
import pytest

from fewshot.classmates import Showing, nearest_classmates, prior_among, showing
from fewshot.errors import PrototypeError
from fewshot.gallery import Gallery
from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.types import EMOTIONS, Float32
from tests.builders import DIMENSION, generic, person, trust_by, unit

GENERIC = generic()
AMONG = Prior(GENERIC, replace(trust_by(1e-3), classmates=2, classmates_kappa=1e-3))
"""A student's own photos and two classmates outweigh all that was known before."""
CAMERA, SMILE = 3 * np.eye(2, DIMENSION, DIMENSION - 2, dtype=np.float32)


def _shows(*labels: str, moved: Float32 | None = None, smile: bool = False) -> tuple[Float32, tuple[str, ...]]:
    """Return shots of ``labels`` that lie at the generic prototypes but for ``moved``, and ``SMILE`` where they are happy."""
    shots = GENERIC.vectors[[GENERIC.labels.index(label) for label in labels]] + (0 if moved is None else moved)
    return shots + SMILE * np.array([[smile and label == "happy"] for label in labels], np.float32), labels


def _showing(*labels: str, moved: Float32 | None = None, smile: bool = False) -> Showing:
    found = showing(*_shows(*labels, moved=moved, smile=smile), AMONG)
    assert found is not None
    return found


def test_what_classmates_have_in_common_moves_every_prototype() -> None:
    of_class = [_showing("neutral", "sad", moved=CAMERA), _showing("happy", moved=CAMERA)]
    moved = prior_among(AMONG, of_class).generic.vectors - GENERIC.vectors
    np.testing.assert_allclose(moved, np.tile(CAMERA, (7, 1)), atol=1e-2)


def test_how_they_show_one_emotion_moves_that_prototype_alone() -> None:
    of_class = [_showing(*EMOTIONS, smile=True), _showing(*EMOTIONS)]
    moved = prior_among(AMONG, of_class).generic.vectors - GENERIC.vectors
    happy = EMOTIONS.index("happy")
    np.testing.assert_allclose(moved[happy], SMILE / 2, atol=1e-2)
    np.testing.assert_allclose(np.delete(moved, happy, axis=0), np.zeros((6, DIMENSION)), atol=1e-2)


def test_many_classmates_are_needed_against_a_strong_prior() -> None:
    careful = Prior(GENERIC, replace(AMONG.shrinkage, classmates_kappa=3.0))
    one = prior_among(careful, [_showing(*EMOTIONS, moved=CAMERA)]).generic.vectors - GENERIC.vectors
    np.testing.assert_allclose(one, np.tile(CAMERA / 4, (7, 1)), atol=1e-2)
    assert prior_among(careful, []) is careful


def test_the_nearest_are_others_who_look_alike() -> None:
    students = [_showing("neutral", moved=CAMERA * x) for x in (0, 1, 1.1, 5, 5.2)]
    assert nearest_classmates(students, students, 1).tolist() == [[1], [2], [1], [4], [3]]
    assert nearest_classmates(students[3:], students, 9).tolist() == [[0, 1, 2, 4], [0, 1, 2, 3]]
    assert nearest_classmates(students, students, 0).shape == (5, 0)
    assert nearest_classmates(students[:1], students[:1], 2).shape == (1, 0)


def test_whoever_shows_no_emotion_is_nobodys_classmate() -> None:
    assert showing(np.zeros((0, DIMENSION), np.float32), (), AMONG) is None
    assert showing(np.ones((1, DIMENSION), np.float32), ("confused",), AMONG) is None


def _gallery(*people: Person) -> Gallery:
    return Gallery(people, AMONG, match_threshold=0.6, match_margin=0.1, identity_fingerprint="identity-a")


ADA = person("Ada", unit(1), *_shows("neutral", moved=CAMERA))
CLASS = [
    person(name, unit(0, 1, i), *_shows(*EMOTIONS, moved=CAMERA, smile=True)) for i, name in enumerate(("Bo", "Cy"))
]
PROBE = GENERIC.vectors[EMOTIONS.index("happy")] + CAMERA + SMILE
"""A face as happy faces are in this class."""


def _distance(gallery: Gallery) -> float:
    return float(gallery.classify(PROBE[None], ["ada"]).squared_distances[0])


def test_a_student_with_one_photo_is_read_as_the_class_is() -> None:
    among = _gallery(ADA, *CLASS)
    assert among.classify(PROBE[None], ["ada"])[0].label == "happy"
    assert _distance(among) < 0.2 * _distance(_gallery(ADA))


def test_strangers_are_nobodys_classmates() -> None:
    alone, among = (
        gallery.classify(PROBE[None], [None]).probabilities for gallery in (_gallery(ADA), _gallery(ADA, *CLASS))
    )
    np.testing.assert_array_equal(alone, among)


def test_classmates_of_another_course_help_too() -> None:
    of_7b = _gallery(replace(ADA, courses=("7b",)), *CLASS).of_course("7b")
    assert [student.name for student in of_7b.people] == ["Ada"]
    assert _distance(of_7b) == pytest.approx(_distance(_gallery(ADA, *CLASS)))


def test_forgetting_takes_along_what_was_expected_of_others() -> None:
    alone = _distance(_gallery(ADA))
    gallery = _gallery(ADA).with_person(CLASS[0]).with_person(CLASS[1])
    assert _distance(gallery) == pytest.approx(_distance(_gallery(ADA, *CLASS)))
    assert _distance(gallery.without("bo").without("cy")) == alone


def test_a_corrected_classmate_teaches_what_they_show_now() -> None:
    frowning = replace(CLASS[0], embeddings=CLASS[0].embeddings - CAMERA)
    assert _distance(_gallery(ADA, *CLASS).with_person(frowning)) == _distance(_gallery(ADA, frowning, CLASS[1]))
    renamed = replace(CLASS[0], name="Bo B")
    assert _distance(_gallery(ADA, *CLASS).with_person(renamed)) == _distance(_gallery(ADA, *CLASS))


def test_embeddings_of_another_length_are_refused_in_words() -> None:
    with pytest.raises(PrototypeError, match="dimension 8, got 5"):
        _gallery(replace(ADA, embeddings=ADA.embeddings[:, :5]))


def test_whose_photos_the_receipt_rejects_teaches_nobody() -> None:
    rejected = [replace(mate, receipt=replace(mate.receipt, uses="generic")) for mate in CLASS]
    assert _distance(_gallery(ADA, *rejected)) == _distance(_gallery(ADA))
