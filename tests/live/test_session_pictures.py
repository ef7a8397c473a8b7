"""What a session does with pictures that are bad, jump, change at once or show very many."""

from __future__ import annotations

import numpy as np
import pytest

from tests.live.builders import make_face
from tests.live.room import ADA, BEN, HAPPY, LEFT, NEUTRAL, SAD, Room, labels, names
from tests.live.stand_ins import make_gallery, paint


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
