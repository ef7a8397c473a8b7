"""Images of the Kaggle archive, as a folder or as the .zip itself: ``train/<emotion>/*`` and ``test/<emotion>/*``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

import cv2
import numpy as np

from fewshot.errors import UNPACKING_FAILS, DatasetError
from fewshot.learn.fer2013_csv import ROWS, Record, unreadable
from fewshot.types import CROP_SIZE, EMOTIONS

_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp"}


def read_folder(path: Path, broken: list[str]) -> Iterator[Record]:
    """Yield the images below a folder, and append to ``broken`` what is wrong with files that are not images.

    Raises:
        DatasetError: an image lies in the folder of no known emotion.
    """
    files = sorted(p for p in path.rglob("*") if p.is_file())
    return _images(((str(PurePosixPath(*p.relative_to(path).parts)), p.read_bytes) for p in files), broken, path)


def read_zip(path: Path, broken: list[str]) -> Iterator[Record]:
    """Yield the images of a .zip, as :func:`read_folder` does of a folder.

    Raises:
        DatasetError: as there, or the .zip is damaged.
    """
    try:
        with ZipFile(path) as archive:
            names = sorted(n for n in archive.namelist() if not n.endswith("/"))
            yield from _images(((n, partial(archive.read, n)) for n in names), broken, path)
    except PermissionError as error:
        raise unreadable(path, error) from error
    except (BadZipFile, OSError) as error:
        raise _damaged(path, error) from error


def csv_member(path: Path) -> str | None:
    """Return the name of the fer2013.csv in a .zip, None where there is none; raises DatasetError if it is damaged."""
    try:
        with ZipFile(path) as archive:
            return next((n for n in archive.namelist() if PurePosixPath(n).name == "fer2013.csv"), None)
    except PermissionError as error:
        raise unreadable(path, error) from error
    except (BadZipFile, OSError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> DatasetError:
    return DatasetError(f"{path} must be a whole .zip: {error}. Download it again.")


def _images(files: Iterable[tuple[str, Callable[[], bytes]]], broken: list[str], source: Path) -> Iterator[Record]:
    for name, read in files:
        parts = PurePosixPath(name).parts
        if PurePosixPath(name).suffix.lower() not in _SUFFIXES or len(parts) < 3 or parts[-3] not in ("train", "test"):
            continue
        if any(part.startswith(".") for part in parts):  # hidden, such as what macOS packs beside each file
            continue
        folder, emotion, file = parts[-3:]
        if emotion.lower() not in EMOTIONS:
            raise DatasetError(
                f"{source}: {name} lies in the folder '{emotion}', known are {', '.join(EMOTIONS)}. Rename or remove it."
            )
        try:
            data = np.frombuffer(read(), np.uint8)
        except UNPACKING_FAILS as error:
            broken.append(f"{name}: cannot be unpacked, {error}")
            continue
        except OSError as error:
            broken.append(f"{name}: cannot be read, {error.strerror}")
            continue
        image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
        if image is None:
            broken.append(f"{name}: its {data.size} bytes cannot be decoded")
        elif image.shape != (CROP_SIZE, CROP_SIZE):
            broken.append(f"{name}: must be {CROP_SIZE}x{CROP_SIZE} pixels, got {image.shape[1]}x{image.shape[0]}")
        else:
            # who dealt the images out anew may have kept their names: what lies in test is never learned from
            usage = "Training" if folder == "train" else file.split("_")[0].replace("Training", "test")
            yield Record(usage, EMOTIONS.index(emotion.lower()), np.asarray(image, np.uint8), _row(file))


def _row(file: str) -> int:
    """Return the row of fer2013.csv that a name such as Training_123.jpg tells, -1 where it is no such number."""
    number = PurePosixPath(file).stem.rpartition("_")[2]
    return int(number) if number.isdecimal() and int(number) < ROWS else -1
