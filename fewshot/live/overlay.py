"""Results drawn over their frame: boxes, names, emotions. Pure: the frame given is never touched."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fewshot.palette import UNSURE_RGB, color_of
from fewshot.types import Float32, FrameResult, Int64, Reading, UInt8

ColorBgr = tuple[int, int, int]

WHITE: ColorBgr = (255, 255, 255)
BLACK: ColorBgr = (0, 0, 0)
PLATE_OPACITY = 0.65
FONT, WEIGHT = "sans", 600
MARKS = {"personal": "\N{BLACK STAR}", "generic": "\N{WHITE CIRCLE}"}
"""Stands before the emotion: the student's own prototypes decided, or the generic ones."""


def to_bgr(hex_rgb: str) -> ColorBgr:
    """``"#RRGGBB"`` as OpenCV wants colors."""
    return int(hex_rgb[5:7], 16), int(hex_rgb[3:5], 16), int(hex_rgb[1:3], 16)


@dataclass(frozen=True)
class _Line:
    """One line of a label."""

    text: str
    color_bgr: ColorBgr


@dataclass(frozen=True)
class _Label:
    """Name and emotion of a face on a dark plate, in pixels of the frame."""

    lines: tuple[_Line, ...]
    color_bgr: ColorBgr
    text_px: int
    pad: int
    row_px: int
    width: int
    height: int


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
        result: Its readings. The box has the color of the emotion, gray for an unknown face, dashed where unsure; the
            label always has the emotion's. A star marks personal prototypes, a circle generic ones.

    Returns:
        (h, w, 3) uint8, a new array.
    """
    canvas_bgr = frame_bgr.copy()
    height, width = canvas_bgr.shape[:2]
    text_px = max(11, round(min(height, width) / 42))
    for reading in result.readings:
        _draw_box(canvas_bgr, reading, thickness=max(2, round(text_px / 7)))
    labels = [_label_of(reading, text_px, (width, height)) for reading in result.readings]
    boxes_xyxy = np.array([reading.face.box_xyxy for reading in result.readings]).reshape(-1, 4)
    sizes = np.array([(label.width, label.height) for label in labels]).reshape(-1, 2)
    # after all boxes, so that no box crosses a text
    for label, (x, y) in zip(labels, place_labels(boxes_xyxy, sizes, (width, height)).tolist(), strict=True):
        _draw_label(canvas_bgr, label, x, y)
    return canvas_bgr


def place_labels(boxes_xyxy: Float32, sizes: Int64, frame: tuple[int, int]) -> Int64:
    """Return the upper left corner of each face's label, (n, 2): above the face, or below where that hides less.

    It hides pixels of faces, its own included, and of the labels above the other faces. app/capture/overlay.js does the same in
    the browser.

    Args:
        boxes_xyxy: (n, 4), of the faces.
        sizes: (n, 2), width and height of their labels.
        frame: Width and height; every label stays inside.
    """
    room = np.maximum(np.array(frame) - sizes, 0)
    gap = 3
    left, top, right, bottom = boxes_xyxy.T
    begin = (left + right - sizes[:, 0]) / 2
    above, below = (
        np.clip(np.stack([begin, y], axis=1).round().astype(np.int64), 0, room)
        for y in (top - sizes[:, 1] - gap, bottom + gap)
    )
    labels_xyxy = np.hstack([above, above + sizes])
    hidden = []
    for spots in (above, below):
        mine_xyxy = np.hstack([spots, spots + sizes])
        of_labels = _shared(mine_xyxy, labels_xyxy)
        np.fill_diagonal(of_labels, 0)
        hidden.append(_shared(mine_xyxy, boxes_xyxy).sum(axis=1) + of_labels.sum(axis=1))
    return np.where((hidden[1] < hidden[0])[:, None], below, above)


def _shared(these_xyxy: npt.NDArray[Any], those_xyxy: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the pixels that each of m rectangles shares with each of n, (m, n)."""
    sides = np.minimum(these_xyxy[:, None, 2:], those_xyxy[:, 2:]) - np.maximum(
        these_xyxy[:, None, :2], those_xyxy[:, :2]
    )
    return np.asarray(np.maximum(sides, 0).prod(axis=2))


def _draw_box(canvas_bgr: UInt8, reading: Reading, thickness: int) -> None:
    left, top, right, bottom = (round(float(value)) for value in reading.face.box_xyxy)
    color = to_bgr(UNSURE_RGB if reading.match.name is None else color_of(reading.emotion.label))
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
    """Draw a dashed line that begins and ends with a dash."""
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    pieces = max(3, int(length / (4 * thickness)) | 1)  # an odd number: dash, gap, dash
    knots = np.linspace(start, end, pieces + 1).round().astype(int)
    for i in range(0, pieces, 2):
        cv2.line(canvas_bgr, tuple(knots[i].tolist()), tuple(knots[i + 1].tolist()), color, thickness)


def _label_of(reading: Reading, text_px: int, frame: tuple[int, int]) -> _Label:
    """Return the label of a face, with the room it takes in a frame of that width and height."""
    who, what = describe(reading)
    known = reading.match.name is not None
    lines = (
        _Line(who, WHITE if known else to_bgr(UNSURE_RGB)),
        _Line(what, to_bgr(UNSURE_RGB) if reading.emotion.label is None else WHITE),
    )
    font, pad = cv2.FontFace(FONT), max(2, text_px // 4)
    widths = [cv2.getTextSize(frame, line.text, (0, 0), font, text_px, WEIGHT)[2] for line in lines]
    row_px = round(text_px * 1.3)
    return _Label(
        lines, to_bgr(color_of(reading.emotion.label)), text_px, pad, row_px, max(widths) + 2 * pad, 2 * row_px + pad
    )


def _draw_label(canvas_bgr: UInt8, label: _Label, x: int, y: int) -> None:
    plate_bgr = canvas_bgr[y : y + label.height, x : x + label.width]
    plate_bgr[:] = (plate_bgr * (1.0 - PLATE_OPACITY)).astype(np.uint8)
    stripe = max(2, label.pad // 2)
    cv2.rectangle(canvas_bgr, (x, y), (x + stripe, y + label.height - 1), label.color_bgr, -1)
    for i, line in enumerate(label.lines):
        origin = (x + label.pad + max(1, label.pad // 2), y + label.text_px + label.pad // 2 + i * label.row_px)
        _write(canvas_bgr, line, origin, cv2.FontFace(FONT), label.text_px)


def _write(canvas_bgr: UInt8, line: _Line, origin: tuple[int, int], font: cv2.FontFace, text_px: int) -> None:
    """Write text with a dark outline, legible over anything, in any script that OpenCV's own font knows."""
    offset = max(1, text_px // 14)
    for dx, dy in ((-offset, 0), (offset, 0), (0, -offset), (0, offset)):
        cv2.putText(canvas_bgr, line.text, (origin[0] + dx, origin[1] + dy), BLACK, font, text_px, WEIGHT)
    cv2.putText(canvas_bgr, line.text, origin, line.color_bgr, font, text_px, WEIGHT)
