"""Frames of a meeting: LFW faces in the tiles of a gallery, each moving a little, compressed anew from frame to frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fewshot.types import UInt8

PICTURE_HEIGHT = 1.1
"""Height of an LFW picture in heights of its tile: the face then fills half of the tile, as before a laptop's camera."""


@dataclass(frozen=True)
class Layout:
    """How many faces a frame of which size shows, in as square a grid as they need."""

    faces: int
    width: int
    height: int

    @property
    def columns(self) -> int:
        """Tiles side by side."""
        return math.ceil(math.sqrt(self.faces))

    @property
    def rows(self) -> int:
        """Tiles one above the other."""
        return math.ceil(self.faces / self.columns)


def one_picture_each(folder: Path, count: int) -> tuple[Path, ...]:
    """Return a picture of each of ``count`` people, the first by name."""
    pictures: dict[str, Path] = {}
    for path in sorted((folder / "img").iterdir()):
        pictures.setdefault(path.stem.rsplit("_", 1)[0], path)
    return tuple(pictures.values())[:count]


def make_frames(layout: Layout, pictures: Sequence[UInt8], count: int, fps: float, quality: int = 75) -> list[bytes]:
    """Return ``count`` frames as JPEG; after the last comes the first again without a jump.

    Args:
        layout: Where the tiles lie.
        pictures: (250, 250, 3) uint8 BGR, one a tile.
        count: Frames of one round.
        fps: Frames a second; each face sways once in three to six seconds, by a tenth of its tile.
        quality: JPEG quality.
    """
    tile_w, tile_h = layout.width // layout.columns, layout.height // layout.rows
    round_s = count / fps
    frames = []
    for frame in range(count):
        time_s = frame / fps
        canvas = np.full((layout.height, layout.width, 3), 32, np.uint8)
        for i, picture in enumerate(pictures[: layout.faces]):
            sways = max(1, round(round_s / (3 + 3 * ((i * 0.618) % 1))))
            phase = 2 * math.pi * (sways * time_s / round_s + i * 0.37)
            zoom = PICTURE_HEIGHT * tile_h / picture.shape[0] * (1 + 0.05 * math.sin(phase))
            matrix = np.array(
                [
                    [zoom, 0, tile_w / 2 - zoom * picture.shape[1] / 2 + 0.05 * tile_w * math.cos(phase)],
                    [0, zoom, tile_h / 2 - zoom * picture.shape[0] / 2 + 0.05 * tile_h * math.sin(phase)],
                ]
            )
            tile = cv2.warpAffine(picture, matrix, (tile_w - 4, tile_h - 4), borderMode=cv2.BORDER_REPLICATE)
            row, column = divmod(i, layout.columns)
            canvas[row * tile_h + 2 : (row + 1) * tile_h - 2, column * tile_w + 2 : (column + 1) * tile_w - 2] = tile
        frames.append(cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
    return frames
