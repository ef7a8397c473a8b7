"""Rows of the original fer2013.csv: columns emotion (0 to 6), pixels (2,304 numbers), Usage."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import ZipFile

import numpy as np

from fewshot.errors import UNPACKING_FAILS, DatasetError
from fewshot.types import CROP_SIZE, EMOTIONS, UInt8

ROWS = 35_887
"""Rows of the published file."""

_COLUMNS = ("emotion", "pixels", "Usage")
_USAGES = ("Training", "PublicTest", "PrivateTest")


@dataclass(frozen=True, eq=False)
class Record:
    """One image: (48, 48) uint8, its split, its position in ``EMOTIONS``, its row in fer2013.csv or -1 if untold."""

    usage: str
    label: int
    image_gray: UInt8
    row: int


def read_csv(path: Path, broken: list[str], member: str | None = None) -> Iterator[Record]:
    """Yield the images of a fer2013.csv that may be gzipped, or be ``member`` of a .zip.

    What is wrong with the pixels of a row is appended to ``broken``, and the row left out.

    Raises:
        DatasetError: a missing column, or a row with another label or usage; names the line.
    """
    line = 0
    try:
        with _open(path, member) as binary, io.TextIOWrapper(binary, "utf-8-sig", newline="") as text:
            rows = csv.DictReader(text)
            missing = [c for c in _COLUMNS if c not in (rows.fieldnames or ())]
            if missing:
                raise DatasetError(
                    f"{path} must have the columns {', '.join(_COLUMNS)}; missing: {', '.join(missing)}. "
                    "Is it fer2013.csv?"
                )
            for number, row in enumerate(rows):
                line = rows.line_num
                label = _label(row, f"{path} line {line}")
                try:
                    yield Record(row["Usage"], label, _image(row["pixels"]), number)
                except ValueError as error:
                    broken.append(f"line {line}: {error}")
    except PermissionError as error:
        raise unreadable(path, error) from error
    except (*UNPACKING_FAILS, OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path} is damaged after line {line}: {error}. Download it again.") from error


def unreadable(path: Path, error: OSError) -> DatasetError:
    """Return what to say of a file that this account may not read."""
    return DatasetError(f"{path} must be readable, and is not: {error.strerror}. Correct its permissions.")


@contextmanager
def _open(path: Path, member: str | None) -> Iterator[IO[bytes]]:
    if member is not None:
        with ZipFile(path) as archive, archive.open(member) as packed:
            yield packed
        return
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        yield file  # type: ignore[misc]  # a GzipFile reads as one


def _label(row: dict[str, str], where: str) -> int:
    """Return the position in ``EMOTIONS`` of a row whose usage is known too; raises DatasetError for others."""
    try:
        label = int(row["emotion"])
    except (TypeError, ValueError):
        label = -1
    if not 0 <= label < len(EMOTIONS):
        raise DatasetError(f"{where}: emotion must be 0 to {len(EMOTIONS) - 1}, got {row['emotion']!r}.")
    if row["Usage"] not in _USAGES:
        raise DatasetError(
            f"{where}: Usage must be one of {', '.join(_USAGES)}; got {row['Usage']!r}. Is the row cut off?"
        )
    return label


def _image(text: str | None) -> UInt8:
    """Return the (48, 48) uint8 image of a cell; raises ValueError that says what is wrong with it."""
    try:
        pixels = np.array((text or "").split(), dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"pixels must be whole numbers, {error}") from error
    if pixels.size != CROP_SIZE * CROP_SIZE or pixels.min() < 0 or pixels.max() > 255:
        found = f"{pixels.size}" + (f", from {pixels.min()} to {pixels.max()}" if pixels.size else "")
        raise ValueError(
            f"pixels must be {CROP_SIZE * CROP_SIZE} numbers from 0 to 255 ({CROP_SIZE}x{CROP_SIZE}), got {found}"
        )
    return pixels.astype(np.uint8).reshape(CROP_SIZE, CROP_SIZE)
