"""readings.csv: one row a face and analyzed frame, on disk as soon as the frame is done."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from fewshot.outputs import unwritable
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
        "person": match.name or "",
        "similarity": "" if match.similarity is None else f"{match.similarity:.4f}",
        "emotion": emotion.label or "",
        "confidence": f"{emotion.confidence:.4f}",
        "prototypes": emotion.prototypes,
        "x1": x1,
        "y1": y1,
        "x2": x2,
        "y2": y2,
        **{f"p_{label}": f"{emotion.probabilities.get(label, 0.0):.4f}" for label in EMOTIONS},
    }


class ReadingsFile:
    """Writes readings to a CSV file, from its first frame on; replaces one that exists. For one thread.

    Every frame is handed to the operating system before ``write`` returns, so a killed process loses no frame that it
    had reported. What cannot be written raises OutputError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("w", newline="", encoding="utf-8")
        except OSError as error:
            raise unwritable(path, error) from error
        self._writer = csv.DictWriter(self._file, COLUMNS)
        self._begun = False

    def write(self, result: FrameResult) -> None:
        """Append the rows of one frame."""
        if not self._begun:
            self._writer.writeheader()
            self._begun = True
        self._writer.writerows(to_row(result, reading) for reading in result.readings)
        self._hand_over(self._file.flush)

    def close(self) -> None:
        """Close the file."""
        self._hand_over(self._file.close)

    def _hand_over(self, act: Callable[[], None]) -> None:
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
