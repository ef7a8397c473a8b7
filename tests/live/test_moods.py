from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from fewshot.live.moods import Moods
from fewshot.types import EMOTIONS, NOBODY, Emotion, Match, Track
from tests.live.builders import make_emotion, make_emotions, make_face, make_match, make_smoothing

ADA, BEN = make_match("Ada"), make_match("Ben")


def track(track_id: int) -> Track:
    return Track(track_id, make_face(), 0.0)


def add(moods: Moods, time_s: float, *seen: tuple[int, Match, Emotion]) -> None:
    """Add readings whose embedding is the number of the track."""
    embeddings = np.array([[track_id] for track_id, _, _ in seen], np.float32)
    emotions = make_emotions(*(emotion for _, _, emotion in seen))
    moods.take_labels(EMOTIONS)
    moods.add([track(i) for i, _, _ in seen], [m for _, m, _ in seen], embeddings, emotions, time_s, np.ones(len(seen)))


def labels(moods: Moods, *track_ids: int) -> list[str | None]:
    return [emotion.label for emotion in moods.emotions([track(i) for i in track_ids])]


def test_tracks_that_are_not_read_in_a_frame_keep_their_mood() -> None:
    moods = Moods(make_smoothing())
    add(moods, 0.0, (1, ADA, make_emotion("sad")), (2, BEN, make_emotion("happy")), (3, NOBODY, make_emotion("fear")))
    add(moods, 0.1, (2, BEN, make_emotion("happy")))
    add(moods, 0.2, (4, NOBODY, make_emotion("angry")))
    assert labels(moods, 3, 1, 4, 2) == ["fear", "sad", "angry", "happy"]
    assert [row.tolist() for row in moods.embeddings([track(i) for i in (3, 1, 4, 2)])] == [[3], [1], [4], [2]]
    assert moods.read_s([track(i) for i in (1, 2, 5)], [ADA, BEN, NOBODY]) == [0.0, 0.1, -math.inf]


def test_who_is_recognized_starts_again() -> None:
    moods = Moods(make_smoothing(slow_s=100.0))
    add(moods, 0.0, (1, NOBODY, make_emotion("sad")))
    assert moods.read_s([track(1)], [ADA]) == [-math.inf], "so that it is read at once"
    add(moods, 0.1, (1, ADA, make_emotion("happy")))
    assert labels(moods, 1) == ["happy"]
    add(moods, 0.2, (1, ADA, make_emotion("sad")))
    assert labels(moods, 1) == ["happy"], "the same person does not"


def test_tracks_not_read_for_long_are_forgotten_whichever_way_the_clock_went() -> None:
    moods = Moods(make_smoothing())
    add(moods, 10.0, (1, ADA, make_emotion()))
    add(moods, 12.0, (2, BEN, make_emotion("sad")))
    moods.forget_older(13.0, than_s=2.0)
    assert moods.track_ids == (2,)
    assert labels(moods, 2) == ["sad"]
    moods.forget_older(3.0, than_s=2.0)
    assert moods.track_ids == ()
    assert moods.read_s([track(2)], [BEN]) == [-math.inf]


def test_who_knew_a_state_that_is_forgotten_starts_again_and_nobody_else() -> None:
    moods, labels_then = Moods(make_smoothing()), ("bored", *EMOTIONS)
    seven = make_emotions(make_emotion("sad", 0.7), make_emotion("happy", 0.7))
    table = np.hstack([[[0.9], [0.0]], seven.probabilities * [[0.1], [1.0]]])
    seen = replace(seven, labels=labels_then, probabilities=table, known=table > 0, named=table.argmax(axis=1))
    moods.take_labels(labels_then)
    moods.add([track(1), track(2)], [ADA, BEN], np.zeros((2, 1), np.float32), seen, 0.0, np.ones(2))
    assert labels(moods, 1, 2) == ["bored", "happy"]
    (_, ben) = moods.emotions([track(1), track(2)])
    assert set(ben.probabilities) == set(EMOTIONS)
    moods.take_labels(EMOTIONS)
    assert moods.read_s([track(1), track(2)], [ADA, BEN]) == [-math.inf, 0.0]
    assert labels(moods, 2) == ["happy"]
    add(moods, 0.1, (1, ADA, make_emotion("sad", 0.7)))
    (ada,) = moods.emotions([track(1)])
    assert ada.label == "sad"
    assert sum(ada.probabilities.values()) == pytest.approx(1)
