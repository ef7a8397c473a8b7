"""The receipt counts held-out photos as one would by hand, and decides by them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from enroll.receipt import measure_gain
from enroll.wording import gain_in_words
from fewshot.messages import IN_ENGLISH
from fewshot.prior import Prior
from fewshot.types import Float32, Prototypes
from tests.builders import trust_by

CLASSES = ("neutral", "happy", "sad")


def _at(*degrees: float) -> Float32:
    """Points of the unit circle."""
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


GENERIC = Prototypes(_at(0, 120, 240), CLASSES, np.ones(3, np.int64), np.ones((3, 2), np.float32), 1.0, "encoder")


def test_a_student_who_smiles_otherwise_gains() -> None:
    receipt = measure_gain(_at(0, 5, 50, 55), ("neutral", "neutral", "happy", "happy"), Prior(GENERIC, trust_by(0.5)))
    assert (receipt.tested, receipt.generic_correct, receipt.personal_correct, receipt.uses) == (4, 2, 4, "personal")
    assert gain_in_words(receipt, IN_ENGLISH) == (
        "Of 4 photos held out one at a time, the student's own prototypes name 4 right, the generic ones 2: "
        "the student's own are used. In a lesson classmates who look alike may count too; this test is without them."
    )


def test_contradicting_photos_keep_the_generic_prototypes() -> None:
    embeddings = _at(10, 130, 110, 0, 240)  # one neutral photo looks happy, one happy photo neutral
    receipt = measure_gain(embeddings, ("neutral", "neutral", "happy", "happy", "sad"), Prior(GENERIC, trust_by(0.01)))
    assert (receipt.tested, receipt.generic_correct) == (4, 2)
    assert receipt.personal_correct < 2
    assert receipt.uses == "generic"
    assert "the generic ones stay in use" in gain_in_words(receipt, IN_ENGLISH)
    assert receipt.photos == {"neutral": 2, "happy": 2, "sad": 1}


def test_one_photo_an_emotion_cannot_be_tested() -> None:
    receipt = measure_gain(_at(30, 150), ("neutral", "happy"), Prior(GENERIC, trust_by(1.0)))
    assert (receipt.tested, receipt.uses) == (0, "personal")
    assert gain_in_words(receipt, IN_ENGLISH).startswith("No emotion has two photos")


def test_a_test_of_one_emotion_says_so() -> None:
    receipt = measure_gain(_at(30, 35), ("neutral", "neutral"), Prior(GENERIC, trust_by(1.0)))
    assert "Of 2 photos (all neutral) held out" in gain_in_words(receipt, IN_ENGLISH)


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 9), kappa=st.sampled_from([0.1, 1.0, 5.0]))
def test_counts_are_those_of_nested_loops_in_any_order(seed: int, k: int, kappa: float) -> None:
    random = np.random.default_rng(seed)
    embeddings = random.standard_normal((k, 2)).astype(np.float32)
    labels = [str(label) for label in random.choice(CLASSES, k)]
    prior = Prior(GENERIC, trust_by(kappa))
    receipt = measure_gain(embeddings, labels, prior)
    tested = generic_right = personal_right = 0
    for i in random.permutation(k):
        others = [j for j in range(k) if j != i]
        if labels[i] not in [labels[j] for j in others]:
            continue
        own = prior.personal(embeddings[others], [labels[j] for j in others])
        tested += 1
        generic_right += _nearest_by_hand(embeddings[i], GENERIC) == labels[i]
        personal_right += _nearest_by_hand(embeddings[i], own) == labels[i]
    assert (receipt.tested, receipt.generic_correct, receipt.personal_correct) == (
        tested,
        generic_right,
        personal_right,
    )
    assert receipt.uses == ("generic" if personal_right < generic_right else "personal")
    assert sum(receipt.photos.values()) == k


def _nearest_by_hand(embedding: Float32, prototypes: Prototypes) -> str:
    distances = [
        sum(float(w) * (float(a) - float(b)) ** 2 for a, b, w in zip(embedding, vector, weights, strict=True))
        for vector, weights in zip(prototypes.vectors, prototypes.weights, strict=True)
    ]
    return prototypes.labels[distances.index(min(distances))]
