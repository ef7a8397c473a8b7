"""What travels over the websocket of a page with a video: one binary frame up, one JSON object down.

A session begins with ``{"token": ..., "language": ...}`` from the page, which sentences are told in, and ``{"type": "ready"}``
from the server. Then the page sends a
frame, waits for the answer, and only then sends the next: that one frame in flight is all the back-pressure there is.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import Any, Literal

from enroll.preview import Preview
from fewshot.types import Face, FrameResult, Reading

HEADER = struct.Struct("<d")
"""Before the JPEG: the capture time in seconds, a little-endian float64."""

Next = Literal["continue", "reconnect", "stop"]
"""What the page does after an error: go on with the next frame, ask for a new socket, or give up until told again."""


@dataclass(frozen=True, eq=False)
class CapturedFrame:
    """One frame as it came from the page.

    Attributes:
        time_s: When it was captured, in seconds of the source's own clock.
        jpeg: The encoded picture.
    """

    time_s: float
    jpeg: bytes


def unpack_frame(message: bytes) -> CapturedFrame:
    """Split a binary message into capture time and JPEG.

    Raises:
        ValueError: too short, or a capture time that is not a finite number of seconds from 0 on.
    """
    if len(message) <= HEADER.size:
        raise ValueError(f"a frame message holds {HEADER.size} bytes of time and a JPEG, got {len(message)} bytes")
    (time_s,) = HEADER.unpack_from(message)
    if not (math.isfinite(time_s) and time_s >= 0):
        raise ValueError(f"the capture time must be a finite number of seconds from 0 on, got {time_s}")
    return CapturedFrame(time_s, message[HEADER.size :])


def ready_message() -> str:
    """Tell the page that its token was accepted and frames are welcome."""
    return json.dumps({"type": "ready"})


def error_message(text: str, then: Next) -> str:
    """Tell the page in a sentence what went wrong and what it should do next."""
    return json.dumps({"type": "error", "text": text, "then": then})


def result_message(result: FrameResult) -> str:
    """Write a result as JSON; boxes are pixels of the frame that was sent, ``width`` x ``height``."""
    return json.dumps(
        {
            "type": "result",
            "time_s": result.time_s,
            "width": result.width,
            "height": result.height,
            "readings": [_reading(reading) for reading in result.readings],
            "timing_ms": {stage: round(ms, 1) for stage, ms in result.timing_ms.items()},
        }
    )


def preview_message(preview: Preview) -> str:
    """Write how a picture would do as a reference photo as JSON; boxes are pixels of the frame that was sent."""
    return json.dumps(
        {
            "type": "result",
            "width": preview.width,
            "height": preview.height,
            "good": preview.good,
            "text": preview.sentence,
            "boxes_xyxy": [_box(face) for face in preview.faces],
        }
    )


def _box(face: Face) -> list[float]:
    return [round(float(pixel), 1) for pixel in face.box_xyxy]


def _reading(reading: Reading) -> dict[str, Any]:
    emotion, match = reading.emotion, reading.match
    return {
        "track": reading.track_id,
        "box_xyxy": _box(reading.face),
        "name": match.name,
        "emotion": emotion.label,
        "confidence": round(float(emotion.confidence), 3),
        "prototypes": emotion.prototypes,
    }
