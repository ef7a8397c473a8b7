"""Posed faces of JAFFE, KDEF and NTU as crops, found and aligned as live use does, and what may befall the picture."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fewshot.face.align import align
from fewshot.face.backend import FaceBackend
from fewshot.face.images import read_image
from fewshot.types import CROP_SIZE, EMOTIONS, Face, Int64, UInt8

Change = Callable[[UInt8, Face], UInt8]
"""A picture (h, w, 3) uint8 BGR and the face that was found in it -> the picture after something befell it."""

CANVAS_PX = 400
"""Changed pictures smaller than this are laid on a gray canvas, as a small face lies in a large frame."""


@dataclass(frozen=True, eq=False)
class Faces:
    """The faces that were found; ``missed`` counts the pictures without.

    Attributes:
        crops_gray: (n, 48, 48) uint8.
        labels: (n,) int64, positions in ``EMOTIONS``.
        people: (n,) str.
        sessions: (n,) str; a shot, a session or an acting style.
    """

    crops_gray: UInt8
    labels: Int64
    people: np.ndarray
    sessions: np.ndarray
    missed: int


def find_faces(
    folder: Path, backend: FaceBackend, change: Change | None = None, landmarks_known: bool = False
) -> Faces:
    """Read every picture of ``folder``/index.csv, change it, detect again, and align the best face.

    ``landmarks_known``: do not detect again but scale the landmarks with the picture, to see the encoder without the detector.
    """
    crops, labels, people, sessions, missed = [], [], [], [], 0
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            picture = read_image(folder / row["file"])
            found = backend.detect(picture)
            if found and change is not None:
                changed = change(picture, found[0])
                if landmarks_known:
                    found, picture = (_scaled(found[0], changed.shape[0] / picture.shape[0]),), changed
                else:
                    picture = lay_on_canvas(changed)
                    found = backend.detect(picture)
            if not found:
                missed += 1
                continue
            crops.append(align(picture, found[0]).image_gray)
            labels.append(EMOTIONS.index(row["emotion"]))
            people.append(row["person"])
            sessions.append(row["session"])
    stacked = np.stack(crops) if crops else np.zeros((0, CROP_SIZE, CROP_SIZE), np.uint8)
    return Faces(stacked, np.array(labels, np.int64), np.array(people), np.array(sessions), missed)


def _scaled(face: Face, scale: float) -> Face:
    return Face(face.box_xyxy * scale, face.landmarks_xy * scale, face.score)


def lay_on_canvas(picture: UInt8) -> UInt8:
    """Return a small picture in the middle of a gray canvas, others as they are."""
    height, width = picture.shape[:2]
    down, across = max(0, CANVAS_PX - height), max(0, CANVAS_PX - width)
    return cv2.copyMakeBorder(  # type: ignore[return-value]
        picture, down // 2, down - down // 2, across // 2, across - across // 2, cv2.BORDER_CONSTANT, value=(90, 90, 90)
    )


def shrink(face_px: float) -> Change:
    """Scale the picture until the face is ``face_px`` high."""

    def change(picture: UInt8, face: Face) -> UInt8:
        scale = face_px / (face.box_xyxy[3] - face.box_xyxy[1])
        return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]

    return change


def compress(quality: int) -> Change:
    """Encode the picture as JPEG and decode it."""

    def change(picture: UInt8, _face: Face) -> UInt8:
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return cv2.imdecode(encoded, cv2.IMREAD_COLOR)  # type: ignore[return-value]

    return change


def expose(stops: float) -> Change:
    """Change the light by some stops, in linear light (gamma 2.2)."""

    def change(picture: UInt8, _face: Face) -> UInt8:
        return np.clip(picture * 2.0 ** (stops / 2.2), 0, 255).astype(np.uint8)

    return change


def turn(degrees: float) -> Change:
    """Rotate the picture in its plane around the face."""

    def change(picture: UInt8, face: Face) -> UInt8:
        x1, y1, x2, y2 = (float(v) for v in face.box_xyxy)
        matrix = cv2.getRotationMatrix2D(((x1 + x2) / 2, (y1 + y2) / 2), degrees, 1.0)
        return cv2.warpAffine(picture, matrix, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]

    return change


def light_from_left(picture: UInt8, face: Face) -> UInt8:
    """Let the light fall off across the face, from full at its image-left edge to two stops less at its right."""
    x1, _, x2, _ = (float(v) for v in face.box_xyxy)
    across = np.clip((np.arange(picture.shape[1]) - x1) / (x2 - x1), 0, 1)
    return (picture * (2.0 ** (-2 * across / 2.2))[None, :, None]).astype(np.uint8)


SIZES_PX = (100, 72, 50, 35, 25)
"""Heights of the face box."""

CHANGES: dict[str, Change] = {
    **{f"face {px} px": shrink(px) for px in SIZES_PX},
    "JPEG quality 50": compress(50),
    "a stop darker": expose(-1),
    "a stop brighter": expose(1),
    "turned 20 degrees left": turn(20),
    "turned 20 degrees right": turn(-20),
    "lit from image-left": light_from_left,
}
