"""A class as one .zip or as the files of a folder that a browser sends: written out with care, whoever named them."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from fewshot.errors import UNPACKING_FAILS, EnrollmentError
from fewshot.outputs import unwritable

MAX_FILES = 2_000
MAX_BYTES = 1_000_000_000
"""Size of all files together: a class of 50 with 14 photos of a phone each."""

_CHUNK = 1 << 20

_JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")


def unpack(archive: IO[bytes] | Path, folder: Path) -> Path:
    """Unpack a .zip of photos into an empty folder.

    Args:
        archive: The file, or what was uploaded.
        folder: Where to; it must exist.

    Returns:
        ``folder``.

    Raises:
        EnrollmentError: no .zip, damaged, encrypted, too large, or a name that leads out of ``folder``.
        OutputError: no room for the photos.
    """
    with _readable(), zipfile.ZipFile(archive) as packed:
        members = [info for info in packed.infolist() if not info.is_dir() and not _is_junk(info.filename)]
        _expect_modest([info.file_size for info in members])
        for info in members:
            _write(folder / _relative(info.filename), _chunks(packed, info))
    return folder


def gather(files: Mapping[str, IO[bytes]], folder: Path) -> Path:
    """Write the files of a class, by their path in the folder that was chosen in a browser, into an empty folder.

    Returns and raises as :func:`unpack`.
    """
    photos = {name: file for name, file in files.items() if not _is_junk(name)}
    _expect_modest([file.seek(0, os.SEEK_END) for file in photos.values()])
    for name, file in photos.items():
        file.seek(0)
        _write(folder / _relative(name), iter(lambda file=file: file.read(_CHUNK), b""))  # type: ignore[misc]
    return folder


@contextmanager
def _readable() -> Iterator[None]:
    """Raise EnrollmentError for whatever a .zip raises that cannot be unpacked."""
    try:
        yield
    except (*UNPACKING_FAILS, OSError) as error:
        raise EnrollmentError(
            f"The class must be a .zip that can be unpacked, got: {error}. Pack it again, without a password."
        ) from error


def _chunks(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with _readable(), packed.open(info) as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _write(target: Path, chunks: Iterator[bytes]) -> None:
    """Write a file; a name that none can have is the archive's fault, a full disk is not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sink = target.open("wb")
    try:
        with sink:
            sink.writelines(chunks)
    except OSError as error:
        raise unwritable(target, error) from error


def _is_junk(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part in _JUNK or part.startswith(".") for part in parts if part not in ("..",))


def _relative(name: str) -> Path:
    path = PurePosixPath(name.replace("\\", "/"))
    if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise EnrollmentError(
            f"The files of a class must stay inside its folder, got '{name}'. Pack or choose the class's folder again."
        )
    return Path(*path.parts)


def _expect_modest(sizes: list[int]) -> None:
    if len(sizes) > MAX_FILES or sum(sizes) > MAX_BYTES:
        raise EnrollmentError(
            f"A class may have {MAX_FILES} files of {MAX_BYTES // 10**6} MB together, this one has {len(sizes)} of "
            f"{sum(sizes) // 10**6} MB. Split it in two."
        )
