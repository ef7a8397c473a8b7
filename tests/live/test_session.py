from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fewshot.config import SmoothingConfig, WeightConfig
from fewshot.errors import GalleryMismatch, PrototypeError
from fewshot.gallery import Gallery
from fewshot.live.session import LiveSession
from fewshot.types import EMOTIONS, FrameResult
from tests.live.builders import make_config, make_face, make_generic, make_person, make_smoothing, make_weight
from tests.live.stand_ins import GrayEncoder, ScriptedBackend, make_gallery, make_models, paint

ADA, BEN = make_person("Ada", [1, 0, 0]), make_person("Ben", [0, 1, 0])
LEFT, RIGHT = make_face(50, 50, 60), make_face(200, 50, 60)
HAPPY, SAD, NEUTRAL = (EMOTIONS.index(label) for label in ("happy", "sad", "neutral"))


class Room:
    """Two places, a session that watches them, and a hand clock."""

    def __init__(self, gallery: Gallery | None = None, **config: float | SmoothingConfig | WeightConfig) -> None:
        self.backend, self.encoder = ScriptedBackend(), GrayEncoder()
        self.backend.faces = (LEFT, RIGHT)
        self.backend.looks_like = {50: [1, 0, 0], 200: [0, 1, 0]}
        self.session = LiveSession(
            make_models(self.backend, self.encoder), gallery or make_gallery(ADA, BEN), make_config(**config)
        )
        self.now_s = 0.0

    def show(self, left: int = HAPPY, right: int = SAD, step_s: float = 1 / 15) -> FrameResult:
        """Process one frame in which those at the left and right show these emotions."""
        result = self.session.process(paint((LEFT, RIGHT), (left, right)), self.now_s)
        self.now_s += step_s
        return result


def names(result: FrameResult) -> list[str | None]:
    return [reading.match.name for reading in result.readings]


def labels(result: FrameResult) -> list[str | None]:
    return [reading.emotion.label for reading in result.readings]


def test_first_frame_says_who_and_what():
    room = Room()
    result = room.show()
    assert (result.frame, result.time_s, result.width, result.height) == (0, 0.0, 320, 180)
    assert names(result) == ["Ada", "Ben"]
    assert labels(result) == ["happy", "sad"]
    assert [sum(reading.emotion.probabilities.values()) for reading in result.readings] == pytest.approx(
        [1, 1], abs=1e-5
    )
    assert list(result.timing_ms) == ["gray", "detect", "identify", "align", "embed", "classify", "smooth"]


def test_detects_now_and_then_follows_in_between_and_embeds_every_frame_in_one_batch():
    room = Room()
    results = [room.show() for _ in range(31)]
    assert room.backend.detections == 11  # every 0.2 s of two seconds
    assert room.encoder.batches == [2] * 31
    assert "follow" in results[1].timing_ms
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


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((360, 640, 3), np.float32),
        np.zeros((360, 640), np.uint8),
        np.zeros((360, 640, 4), np.uint8),
        np.zeros((0, 640, 3), np.uint8),
        None,
    ],
)
def test_bad_frames_are_refused_and_the_session_goes_on(bad):
    room = Room()
    room.show()
    with pytest.raises(ValueError, match=r"frame_bgr must be a uint8 array of shape \(h, w, 3\)"):
        room.session.process(bad, room.now_s)
    after = room.show()
    assert after.frame == 1
    assert names(after) == ["Ada", "Ben"]


def test_another_frame_size_forgets_where_faces_were():
    room = Room()
    room.show()
    # The same box now holds Ben: were the old template kept, he would go on as Ada for seconds.
    room.backend.faces, room.backend.looks_like = (LEFT,), {50: [0, 1, 0]}
    result = room.session.process(paint((LEFT,), (SAD,), width=640, height=360), 0.05)
    assert (result.width, result.height) == (640, 360)
    assert names(result) == ["Ben"]
    assert labels(result) == ["sad"]


def test_a_clock_that_jumps_back_goes_on():
    room = Room()
    room.now_s = 1000.0
    old = [room.show() for _ in range(5)][-1]
    room.now_s = 0.0
    new = [room.show(left=NEUTRAL) for _ in range(5)]
    assert [names(result) for result in new] == [["Ada", "Ben"]] * 5
    assert [labels(result) for result in new] == [["neutral", "sad"]] * 5, "nothing of the later time is left"
    assert [r.track_id for r in new[-1].readings] == [r.track_id for r in old.readings]


def test_a_black_picture_in_between_changes_no_name():
    room = Room(detect_every_s=0)
    before = [room.show() for _ in range(5)][-1]
    everybody, room.backend.faces = room.backend.faces, ()
    dark = room.session.process(np.zeros((180, 320, 3), np.uint8), room.now_s)
    room.backend.faces = everybody
    after = room.show()
    assert dark.readings == ()
    assert names(after) == ["Ada", "Ben"]
    assert [r.track_id for r in after.readings] == [r.track_id for r in before.readings]


def test_a_crowd_of_200_and_then_nobody():
    room = Room()
    grid = [(x, y) for y in range(10, 360, 36) for x in range(10, 730, 36)]
    crowd = tuple(make_face(x, y, 24) for x, y in grid)
    room.backend.looks_like = {10 + 36 * k + off: np.eye(3)[k % 3].tolist() for k in range(20) for off in range(-5, 6)}
    room.backend.faces = crowd
    picture = paint(crowd, [HAPPY] * 200, width=740, height=370)
    results = [room.session.process(picture, k / 15) for k in range(4)]
    assert [len(result.readings) for result in results] == [200] * 4
    assert {reading.emotion.label for reading in results[-1].readings} == {"happy"}
    room.backend.faces = ()
    assert room.session.process(np.zeros_like(picture), 2.0).readings == ()


def test_two_tracks_of_one_person_leave_the_less_similar_unknown():
    room = Room(make_gallery(ADA))
    room.backend.looks_like = {50: [1, 0, 0.9], 200: [1, 0, 0.1]}
    assert names(room.show()) == [None, "Ada"]


def test_a_new_name_starts_the_emotion_anew():
    room = Room(make_gallery(BEN), smoothing=make_smoothing(slow_s=100), detect_every_s=0)
    room.show(left=SAD)
    room.session.gallery = make_gallery(ADA, BEN)
    assert labels(room.show(left=HAPPY))[0] == "happy"


def test_a_long_lesson_does_not_fill_the_memory():
    room = Room(make_gallery(ADA))
    room.backend.looks_like = {x: [1, 0, 0] for x in range(320)}
    for k in range(100):
        room.backend.faces = (make_face(20 + (k % 2) * 200, 20 + (k % 5) * 20, 40),)
        room.session.process(paint((), ()), k * 2.0)
    assert len(room.session._moods.track_ids) <= 3
    assert len(room.session._identities._looks) <= 3


def test_frame_numbers_are_those_of_the_source_or_counted():
    room = Room()
    frame_bgr = paint((), ())
    room.backend.faces = ()
    assert [room.session.process(frame_bgr, k, given).frame for k, given in enumerate([None, None, 7, None])] == [
        0,
        1,
        7,
        8,
    ]


def test_a_picture_that_changed_is_looked_at_at_once():
    room = Room(make_gallery(ADA, BEN), detect_every_s=10.0)
    assert names(room.show()) == ["Ada", "Ben"]
    for _ in range(3):
        room.show()
    assert room.backend.detections == 1
    moved = (make_face(120, 60, 60), make_face(250, 100, 60))
    room.backend.faces = moved
    room.backend.looks_like |= {120: [0, 1, 0], 250: [1, 0, 0]}
    cut = np.ascontiguousarray(paint(moved, (HAPPY, SAD))[::-1])  # nothing of the old picture is left
    room.backend.faces = moved
    result = room.session.process(cut, room.now_s)
    assert room.backend.detections == 2
    assert {reading.match.name: round(float(reading.face.box_xyxy[0])) for reading in result.readings} == {
        "Ada": 250,
        "Ben": 120,
    }


def test_who_takes_anothers_place_is_looked_at_again_at_once():
    room = Room(make_gallery(ADA, BEN), detect_every_s=0.1)
    assert names(room.show())[0] == "Ada"
    room.backend.faces = (RIGHT,)
    for _ in range(9):  # longer than a miss is bridged, shorter than a track is kept
        room.show()
    room.backend.faces, room.backend.looks_like = (LEFT, RIGHT), {50: [0, 0, 1], 200: [0, 1, 0]}
    shown = [names(room.show())[0] for _ in range(4)]
    assert shown[-1] is None
