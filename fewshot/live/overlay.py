"""Results drawn over their frame: boxes, names, emotions. Pure: the frame given is never touched."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from fewshot.palette import UNSURE_RGB, color_of
from fewshot.types import FrameResult, Reading, UInt8

ColorBgr = tuple[int, int, int]

WHITE: ColorBgr = (255, 255, 255)
BLACK: ColorBgr = (0, 0, 0)
PLATE_OPACITY = 0.65
MARKS = {"personal": "\N{BLACK STAR}", "generic": "\N{WHITE CIRCLE}"}
"""Before the emotion: decided by the student's own prototypes, or by the generic ones."""


def to_bgr(hex_rgb: str) -> ColorBgr:
    """``"#RRGGBB"`` as OpenCV wants colors."""
    return int(hex_rgb[5:7], 16), int(hex_rgb[3:5], 16), int(hex_rgb[1:3], 16)


@dataclass(frozen=True)
class _Line:
    """One line of a label."""

    text: str
    color_bgr: ColorBgr


def describe(reading: Reading) -> tuple[str, str]:
    """The two lines beside a face: who it is, and what its emotion looks like with its probability."""
    emotion = reading.emotion
    mark = MARKS[emotion.prototypes]
    if emotion.label is None:
        return reading.match.name or "unknown", f"{mark} unsure"
    return reading.match.name or "unknown", f"{mark} {emotion.label} {emotion.probabilities[emotion.label]:.0%}"


def draw(frame_bgr: UInt8, result: FrameResult) -> UInt8:
    """Draw every reading over a copy of its frame.

    Args:
        frame_bgr: (h, w, 3) uint8, the frame that ``result`` was read from.
        result: Its readings. The box has the color of the emotion, gray and dashed where unsure; the name of an
            unknown face is gray; a star marks personal prototypes, a circle generic ones.

    Returns:
        (h, w, 3) uint8, a new array.
    """
    canvas_bgr = frame_bgr.copy()
    height, width = canvas_bgr.shape[:2]
    text_px = max(11, round(min(height, width) / 42))
    for reading in result.readings:
        _draw_box(canvas_bgr, reading, thickness=max(2, round(text_px / 7)))
    for reading in result.readings:  # after all boxes, so that no box crosses a text
        _draw_label(canvas_bgr, reading, text_px)
    return canvas_bgr


def _draw_box(canvas_bgr: UInt8, reading: Reading, thickness: int) -> None:
    left, top, right, bottom = (round(float(value)) for value in reading.face.box_xyxy)
    color = to_bgr(color_of(reading.emotion.label))
    # The black line below keeps the colored one visible on any background.
    if reading.emotion.label is None:
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        for start, end in pairwise(corners):
            _draw_dashes(canvas_bgr, start, end, BLACK, thickness + 2)
            _draw_dashes(canvas_bgr, start, end, color, thickness)
        return
    cv2.rectangle(canvas_bgr, (left, top), (right, bottom), BLACK, thickness + 2, cv2.LINE_AA)
    cv2.rectangle(canvas_bgr, (left, top), (right, bottom), color, thickness, cv2.LINE_AA)


def _draw_dashes(
    canvas_bgr: UInt8, start: tuple[int, int], end: tuple[int, int], color: ColorBgr, thickness: int
) -> None:
    """A dashed line that begins and ends with a dash."""
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    pieces = max(3, int(length / (4 * thickness)) | 1)  # an odd number: dash, gap, dash
    knots = np.linspace(start, end, pieces + 1).round().astype(int)
    for i in range(0, pieces, 2):
        cv2.line(canvas_bgr, tuple(knots[i].tolist()), tuple(knots[i + 1].tolist()), color, thickness)


def _draw_label(canvas_bgr: UInt8, reading: Reading, text_px: int) -> None:
    """Name and emotion on a dark plate above the box, below it where there is no room, always inside the frame."""
    height, width = canvas_bgr.shape[:2]
    who, what = describe(reading)
    known = reading.match.name is not None
    lines = (
        _Line(who, WHITE if known else to_bgr(UNSURE_RGB)),
        _Line(what, to_bgr(UNSURE_RGB) if reading.emotion.label is None else WHITE),
    )
    font = cv2.FontFace("sans")
    pad = max(2, text_px // 4)
    row_px = round(text_px * 1.3)
    sizes = [cv2.getTextSize((width, height), line.text, (0, 0), font, text_px, 600) for line in lines]
    plate_width = max(size[2] for size in sizes) + 2 * pad
    plate_height = row_px * len(lines) + pad
    left, top, _, bottom = (round(float(value)) for value in reading.face.box_xyxy)
    y = top - plate_height - pad
    if y < 0:
        y = bottom + pad
    x = max(0, min(left, width - plate_width))
    y = max(0, min(y, height - plate_height))

    plate_bgr = canvas_bgr[y : y + plate_height, x : x + plate_width]
    plate_bgr[:] = (plate_bgr * (1.0 - PLATE_OPACITY)).astype(np.uint8)
    cv2.rectangle(
        canvas_bgr, (x, y), (x + max(2, pad // 2), y + plate_height - 1), to_bgr(color_of(reading.emotion.label)), -1
    )
    for i, line in enumerate(lines):
        origin = (x + pad + max(1, pad // 2), y + text_px + pad // 2 + i * row_px)
        _write(canvas_bgr, line, origin, font, text_px)


def _write(canvas_bgr: UInt8, line: _Line, origin: tuple[int, int], font: cv2.FontFace, text_px: int) -> None:
    """Text with a dark outline, legible over anything, in any script that OpenCV's own font knows."""
    offset = max(1, text_px // 14)
    for dx, dy in ((-offset, 0), (offset, 0), (0, -offset), (0, offset)):
        cv2.putText(canvas_bgr, line.text, (origin[0] + dx, origin[1] + dy), BLACK, font, text_px, 600)
    cv2.putText(canvas_bgr, line.text, origin, line.color_bgr, font, text_px, 600)
