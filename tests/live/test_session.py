from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fewshot.config import SmoothingConfig
from fewshot.errors import GalleryMismatch, PrototypeError
from fewshot.types import FrameResult, Reading
from tests.live.builders import make_generic, make_person, make_smoothing, make_weight
from tests.live.room import ADA, BEN, HAPPY, LEFT, NEUTRAL, RIGHT, SAD, Room, labels, names
from tests.live.stand_ins import make_gallery


def test_first_frame_says_who_and_what():
    room = Room()
    result = room.show()
    assert (result.frame, result.time_s, result.width, result.height) == (0, 0.0, 320, 180)
    assert names(result) == ["Ada", "Ben"]
    assert labels(result) == ["happy", "sad"]
    assert [sum(reading.emotion.probabilities.values()) for reading in result.readings] == pytest.approx(
        [1, 1], abs=1e-5
    )
    assert list(result.timing_ms) == ["gray", "follow", "detect", "identify", "align", "embed", "classify", "smooth"]


def test_detects_now_and_then_follows_in_between_and_embeds_every_frame_in_one_batch():
    room = Room()
    results = [room.show() for _ in range(31)]
    assert room.backend.detections == 11  # every 0.2 s of two seconds
    assert room.encoder.batches == [2] * 31
    assert "detect" not in results[1].timing_ms
    assert "detect" in results[3].timing_ms
    assert len({reading.track_id for result in results for reading in result.readings}) == 2


def test_identity_is_computed_for_new_and_aging_tracks_only():
    room = Room()
    for _ in range(5 * 10):
        room.show(step_s=0.2)
    assert room.backend.identified == [2, 2, 2, 2]  # at 0, 3, 6 and 9 seconds


def test_without_anybody_enrolled_no_identity_is_ever_computed():
    room = Room(make_gallery())
    room.backend.looks_like = {}
    results = [room.show() for _ in range(20)]
    assert room.backend.identified == []
    assert names(results[-1]) == [None, None]
    assert labels(results[-1]) == ["happy", "sad"]


def test_somebody_enrolled_or_forgotten_meanwhile_is_renamed_at_once():
    room = Room(make_gallery(ADA))
    assert names(room.show()) == ["Ada", None]
    room.session.gallery = room.session.gallery.with_person(BEN)
    assert names(room.show()) == ["Ada", "Ben"]
    room.session.gallery = room.session.gallery.without("ada")
    assert names(room.show()) == [None, "Ben"]


def test_a_gallery_of_other_models_is_refused_and_the_old_one_stays():
    room = Room()
    with pytest.raises(GalleryMismatch, match="made by the identity model that runs here"):
        room.session.gallery = make_gallery(identity="another")
    with pytest.raises(PrototypeError, match="must come from the encoder in use .* Reinstall, or export both together"):
        Room(make_gallery(generic=make_generic(fingerprint="another")))
    assert names(room.show()) == ["Ada", "Ben"]


def test_personal_prototypes_decide_for_their_person_only():
    room = Room(make_gallery(make_person("Ada", [1, 0, 0], uses="personal"), BEN))
    assert [reading.emotion.prototypes for reading in room.show().readings] == ["personal", "generic"]


def test_a_state_that_is_taken_back_is_gone_at_once_and_leaves_no_gap():
    bored = replace(
        make_person("Ada", [1, 0, 0]), embeddings=np.eye(1, 8, SAD, dtype=np.float32), embedding_labels=("bored",)
    )
    room = Room(make_gallery(bored, BEN))
    for _ in range(30):
        result = room.show(left=SAD)
    assert result.readings[0].emotion.probabilities["bored"] > 0.3
    room.session.gallery = make_gallery(ADA, BEN)
    ada, ben = (reading.emotion for reading in room.show(left=SAD).readings)
    assert ada.label == "sad"
    assert sum(ada.probabilities.values()) == pytest.approx(1)
    assert sum(ben.probabilities.values()) == pytest.approx(1)


def test_emotions_are_smoothed_over_time_not_frames():
    for fps in (10, 30):
        room = Room(smoothing=make_smoothing(slow_s=1.0), detect_every_s=0)
        room.show(left=SAD, step_s=0)
        room.now_s = 0.0
        for _ in range(fps + 1):
            result = room.show(left=HAPPY, step_s=1 / fps)
        assert result.time_s == pytest.approx(1.0)
        probabilities = result.readings[0].emotion.probabilities
        alone = room.session.gallery.classify(np.eye(1, 8, SAD, dtype=np.float32), [None])[0].probabilities
        expected = np.exp(-1) * alone["sad"] + (1 - np.exp(-1)) * alone["happy"]
        assert probabilities["sad"] == pytest.approx(expected, abs=1e-3)


def test_a_small_face_moves_its_label_more_slowly():
    def happy_after(frames: int, least: float) -> float:
        room = Room(weight=make_weight(least=least, full_px=200, poor_px=100), detect_every_s=0)
        room.show(left=SAD)
        return [room.show(left=HAPPY) for _ in range(frames)][-1].readings[0].emotion.probabilities["happy"]

    assert happy_after(8, least=0.25) == pytest.approx(happy_after(2, least=1.0), abs=1e-5)


def test_abstains_while_it_changes_and_when_weak():
    room = Room(smoothing=make_smoothing(min_confidence=0.6, keep_confidence=0.6), detect_every_s=0)
    assert labels(room.show()) == ["happy", "sad"]
    seen = [labels(room.show(left=NEUTRAL))[0] for _ in range(45)]
    assert seen[0] == "happy"
    assert None in seen
    assert seen[-1] == "neutral"
    assert labels(Room(smoothing=make_smoothing(min_confidence=0.999)).show()) == [None, None]


def test_an_empty_room_gives_no_readings():
    room = Room()
    room.backend.faces = ()
    assert room.show().readings == ()


def test_a_face_that_leaves_and_comes_back_soon_keeps_its_track_and_name():
    room = Room()
    before = [room.show() for _ in range(10)][-1]
    room.backend.faces = (LEFT,)
    gone = [room.show() for _ in range(12)][-1]
    room.backend.faces = (LEFT, RIGHT)
    back = [room.show() for _ in range(4)][-1]
    assert names(gone) == ["Ada"]
    assert names(back) == ["Ada", "Ben"]
    assert [r.track_id for r in back.readings] == [r.track_id for r in before.readings]


def test_two_tracks_of_one_person_leave_the_less_similar_unknown():
    room = Room(make_gallery(ADA))
    room.backend.looks_like = {50: [1, 0, 0.9], 200: [1, 0, 0.1]}
    assert names(room.show()) == [None, "Ada"]


def test_a_new_name_starts_the_emotion_anew():
    room = Room(make_gallery(BEN), smoothing=make_smoothing(slow_s=100), detect_every_s=0)
    room.show(left=SAD)
    room.session.gallery = make_gallery(ADA, BEN)
    assert labels(room.show(left=HAPPY))[0] == "happy"


def test_who_takes_anothers_place_is_looked_at_again_at_once():
    room = Room(make_gallery(ADA, BEN), detect_every_s=0.1)
    ada = room.show()
    assert names(ada)[0] == "Ada"
    room.backend.faces = (RIGHT,)
    for _ in range(9):  # longer than a miss is bridged, shorter than a track is kept
        room.show()
    room.backend.faces, room.backend.looks_like = (LEFT, RIGHT), {50: [0, 0, 1], 200: [0, 1, 0]}
    shown = [room.show() for _ in range(4)][-1]
    assert at_left(shown).match.name is None
    assert at_left(shown).track_id not in {reading.track_id for reading in ada.readings}


def replaced(by: list[float], smoothing: SmoothingConfig) -> tuple[FrameResult, FrameResult]:
    """Return the last frame of a happy stranger, and the first of who is found there, sad, after being out of view."""
    room = Room(make_gallery(BEN), detect_every_s=0.1, smoothing=smoothing)
    before = [room.show(left=HAPPY) for _ in range(30)][-1]
    room.backend.faces = (RIGHT,)
    for _ in range(9):  # longer than a miss is bridged, shorter than a track is kept
        gone = room.show(left=SAD)
    assert len(gone.readings) == 1
    room.backend.faces, room.backend.looks_like = (LEFT, RIGHT), {50: by, 200: [0, 1, 0]}
    for _ in range(9):
        back = room.show(left=SAD)
        if len(back.readings) == 2:
            return before, back
    raise AssertionError("who takes the place is not found")


def at_left(result: FrameResult) -> Reading:
    return min(result.readings, key=lambda reading: float(reading.face.box_xyxy[0]))


def test_a_stranger_in_anothers_place_is_another_track_with_a_mood_of_their_own():
    before, back = replaced(by=[0, 0, 1], smoothing=make_smoothing(slow_s=100))
    assert at_left(back).track_id not in {reading.track_id for reading in before.readings}
    assert at_left(back).emotion.label == "sad"


def test_a_stranger_who_comes_back_soon_goes_on_where_they_were():
    before, back = replaced(by=[1, 0, 0], smoothing=make_smoothing(slow_s=100))
    assert at_left(back).track_id == at_left(before).track_id
    assert at_left(back).emotion.label == "happy"
