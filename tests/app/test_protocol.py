"""The wire format: what a page's script writes and reads."""

import json
import struct

import numpy as np
import pytest

from app.socket.protocol import error_message, ready_message, result_message, unpack_frame
from fewshot.types import NOBODY, Emotion, Face, FrameResult, Match, Reading
from tests.app.conftest import pack_frame


def reading(label: str | None, match: Match, prototypes: str = "generic") -> Reading:
    face = Face(np.array([10, 20, 30.04, 60], np.float32), np.zeros((5, 2), np.float32), 0.9)
    return Reading(7, face, match, Emotion(label, {"happy": 0.25, "sad": 0.75}, 1.0, prototypes))  # type: ignore[arg-type]


def test_a_frame_survives_packing() -> None:
    frame = unpack_frame(pack_frame(12.345, b"\xff\xd8jpeg"))
    assert (frame.time_s, frame.jpeg) == (12.345, b"\xff\xd8jpeg")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "got 0 bytes"),
        (struct.pack("<d", 1.0), "got 8 bytes"),
        (struct.pack("<d", float("nan")) + b"x", "finite"),
        (struct.pack("<d", float("inf")) + b"x", "finite"),
        (struct.pack("<d", -0.5) + b"x", "from 0 on"),
    ],
)
def test_a_frame_that_makes_no_sense_is_refused(message: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        unpack_frame(message)


def test_a_result_says_who_where_and_which_emotion() -> None:
    known = reading("sad", Match("id-1", "Zoë", 0.61234), "personal")
    message = json.loads(
        result_message(FrameResult(3, 1.5, 640, 480, (known, reading(None, NOBODY)), {"detect": 4.321}))
    )
    assert message["type"] == "result"
    assert (message["time_s"], message["width"], message["height"]) == (1.5, 640, 480)
    assert message["timing_ms"] == {"detect": 4.3}
    assert message["readings"][0] == {
        "track": 7,
        "box_xyxy": [10.0, 20.0, 30.0, 60.0],
        "name": "Zoë",
        "emotion": "sad",
        "confidence": 0.75,
        "prototypes": "personal",
    }
    assert message["readings"][1]["name"] is None
    assert message["readings"][1]["emotion"] is None


def test_the_key_of_a_person_never_leaves_the_server() -> None:
    result = FrameResult(0, 0.0, 640, 480, (reading("sad", Match("secret-key", "Ada", 0.6)),))
    assert "secret-key" not in result_message(result)


def test_short_messages() -> None:
    assert json.loads(ready_message()) == {"type": "ready"}
    assert json.loads(error_message("No.", "stop")) == {"type": "error", "text": "No.", "then": "stop"}
