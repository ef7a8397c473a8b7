"""readings.csv: one row for each face of each analyzed frame, on disk as soon as the frame is done."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from fewshot.errors import OutputError
from fewshot.outputs import as_cell, unwritable
from fewshot.types import EMOTIONS, FrameResult, Reading

COLUMNS: tuple[str, ...] = (
    *(
        "frame",
        "time_s",
        "track",
        "person",
        "similarity",
        "emotion",
        "confidence",
        "prototypes",
        "x1",
        "y1",
        "x2",
        "y2",
    ),
    *(f"p_{label}" for label in EMOTIONS),
)


def to_row(result: FrameResult, reading: Reading) -> dict[str, str]:
    """One reading as text by column; person, similarity and emotion are empty where unknown or unsure."""
    match, emotion = reading.match, reading.emotion
    x1, y1, x2, y2 = (f"{value:.1f}" for value in reading.face.box_xyxy)
    return {
        "frame": str(result.frame),
        "time_s": f"{result.time_s:.3f}",
        "track": str(reading.track_id),
        "person": as_cell(match.name or ""),
        "similarity": "" if match.similarity is None else f"{match.similarity:.4f}",
        "emotion": as_cell(emotion.label or ""),
        "confidence": f"{emotion.confidence:.4f}",
        "prototypes": emotion.prototypes,
        "x1": x1,
        "y1": y1,
        "x2": x2,
        "y2": y2,
        **{f"p_{label}": f"{emotion.probabilities.get(label, 0.0):.4f}" for label in EMOTIONS},
    }


@dataclass(frozen=True)
class Place:
    """Where an interrupted run is resumed: a frame, its timestamp, and the length in bytes of ``readings.csv`` before its rows."""

    frame: int
    time_s: float
    offset: int


def find_place(path: Path) -> Place | None:
    """Return the last frame that has a whole row in ``path``; a killed process may not have written all of its rows.

    Reads line by line, so that memory does not grow with the file, and changes nothing. A row that a kill tore comes after
    the place. None if the file is missing or holds no whole row.

    Raises:
        OutputError: it holds something other than readings, or cannot be read.
    """
    header = ",".join(COLUMNS).encode() + b"\r\n"
    try:
        with path.open("rb") as file:
            first = file.readline()
            if not header.startswith(first):
                raise OutputError(
                    f"{path} must hold the readings of an interrupted run, and it begins otherwise. Name another folder."
                )
            place, offset = None, len(first)
            for line in file:
                cells = line.split(b",", 2)
                if not line.endswith(b"\n") or not cells[0].isdigit():
                    break  # torn by the kill, or by a machine that went down
                if place is None or int(cells[0]) != place.frame:
                    place = Place(int(cells[0]), float(cells[1]), offset)
                offset += len(line)
            return place
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} cannot be read as readings: {error}. Name another folder.") from error


class ReadingsFile:
    """Writes readings to a CSV file, from its first frame on. For one thread.

    The first ``keep`` bytes of an existing file stay. Every frame is handed to the operating system before ``write``
    returns, so a killed process loses no frame that it had reported. What cannot be written raises OutputError.
    """

    def __init__(self, path: Path, keep: int = 0) -> None:
        self._path = path
        try:
            if keep:
                os.truncate(path, keep)
            self._file = path.open("a" if keep else "w", newline="", encoding="utf-8")
        except OSError as error:
            raise unwritable(path, error) from error
        self._writer = csv.DictWriter(self._file, COLUMNS)
        self._begun = keep > 0

    def write(self, result: FrameResult) -> None:
        """Append the rows of one frame."""
        if not self._begun:
            self._writer.writeheader()
            self._begun = True
        rows = [to_row(result, reading) for reading in result.readings]
        self._hand_over(lambda: self._writer.writerows(rows))
        self._hand_over(self._file.flush)

    def close(self) -> None:
        """Close the file."""
        self._hand_over(self._file.close)

    def _hand_over(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError as error:
            raise unwritable(self._path, error) from error

    def __enter__(self) -> ReadingsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
