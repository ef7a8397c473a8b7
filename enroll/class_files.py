"""A class as one .zip, or as the files of a folder that a browser sends: a tree of photos that are read only when asked for.

Nothing is written to the disk, where a program that is killed would leave it.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from enroll.folders import Entry, is_junk, unreadable
from fewshot.errors import UNPACKING_FAILS, EnrollmentError, ImageError
from fewshot.sentence import Sentence

MAX_FILES = 2_000
MAX_BYTES = 1_000_000_000
"""Size of all files together: a class of 50 with 14 photos of a phone each."""

_DAMAGED = (*UNPACKING_FAILS, OSError, ValueError)
"""What ``zipfile`` raises for a damaged one; ValueError for names and places that make no sense."""

_ENCRYPTED, _NAME_IS_UTF8 = 0x1, 0x800
"""Flags of a file in a .zip (APPNOTE.TXT 4.4.4)."""


@dataclass(frozen=True)
class PackedFile:
    """A file of the class, an :class:`~enroll.folders.Entry`; ``read`` raises ImageError where it is damaged."""

    name: str
    read: Callable[[], bytes]

    def is_dir(self) -> bool:
        """No."""
        return False

    def is_file(self) -> bool:
        """Yes."""
        return True

    def iterdir(self) -> Iterator[Entry]:
        """Raise NotADirectoryError."""
        raise NotADirectoryError(self.name)

    def read_bytes(self) -> bytes:
        """Return the whole file."""
        return self.read()


@dataclass(frozen=True)
class PackedFolder:
    """A folder of the class, an :class:`~enroll.folders.Entry`."""

    name: str
    entries: dict[str, PackedFolder | PackedFile] = field(default_factory=dict)

    def is_dir(self) -> bool:
        """Yes."""
        return True

    def is_file(self) -> bool:
        """No."""
        return False

    def iterdir(self) -> Iterator[Entry]:
        """Iterate over what lies directly in it."""
        return iter(self.entries.values())

    def read_bytes(self) -> bytes:
        """Raise IsADirectoryError."""
        raise IsADirectoryError(self.name)

    def put(self, path: PurePosixPath, read: Callable[[], bytes]) -> None:
        """Let a file lie at ``path`` below this folder; raises EnrollmentError where the path is taken."""
        folder = self
        for part in path.parts[:-1]:
            below = folder.entries.setdefault(part, PackedFolder(part))
            if isinstance(below, PackedFile):
                raise EnrollmentError(
                    Sentence(
                        "'{name}' in the class is both a file and a folder. Pack it again.",
                        "file_and_folder",
                        name=part,
                    )
                )
            folder = below
        if path.name in folder.entries:
            raise EnrollmentError(
                Sentence(
                    "'{path}' is in the class twice. Pack it again, with one of them.", "file_twice", path=str(path)
                )
            )
        folder.entries[path.name] = PackedFile(path.name, read)


@contextmanager
def open_zip(archive: IO[bytes] | os.PathLike[str], name: str = "the .zip") -> Iterator[PackedFolder]:
    """Yield the class that is packed in a .zip; its photos can be read until the block ends.

    Args:
        archive: The file, or what was uploaded.
        name: What to call it in messages.

    Raises:
        EnrollmentError: no .zip, damaged, not to be read, encrypted, too large, or a name that leads out of it.
    """
    try:
        packed = zipfile.ZipFile(archive)
    except PermissionError as error:
        raise unreadable(archive, error) from error
    except _DAMAGED as error:
        raise EnrollmentError(
            Sentence("The class must be a .zip, got: {found}. Pack it again.", "no_zip", found=str(error))
        ) from error
    with packed:
        members = [(_name_of(info), info) for info in packed.infolist()]
        files = [(path, info) for path, info in members if not path.endswith(("/", "\\")) and not _is_junk(path)]
        if any(info.flag_bits & _ENCRYPTED for _, info in files):
            raise EnrollmentError(
                Sentence(
                    "The class must be a .zip without a password, this one has one. Pack it again.", "zip_with_password"
                )
            )
        _expect_modest([info.file_size for _, info in files])
        root = PackedFolder(name)
        for path, info in files:
            root.put(_relative(path), _reader(packed, info))
        yield root


def gather(files: Mapping[str, IO[bytes]], name: str = "the folder") -> PackedFolder:
    """Return the class whose files a browser sent, by their path in the folder that was chosen there.

    Raises:
        EnrollmentError: too many or too large, or a name that leads out of the folder.
    """
    photos = {path: file for path, file in files.items() if not _is_junk(path)}
    _expect_modest([file.seek(0, os.SEEK_END) for file in photos.values()])
    root = PackedFolder(name)
    for path, file in photos.items():
        root.put(_relative(path), lambda file=file: _from_begin(file))  # type: ignore[misc]
    return root


def _from_begin(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _reader(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return packed.read(info)
        except _DAMAGED as error:
            sentence = f"{info.filename} cannot be unpacked: {error}. Pack it again."
            raise ImageError(sentence, "packed", error=str(error)) from error

    return read


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return a file's path; many programs write UTF-8 without saying so, which ``zipfile`` then reads as code page 437."""
    if info.flag_bits & _NAME_IS_UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _is_junk(path: str) -> bool:
    return any(is_junk(part) for part in PurePosixPath(path).parts if part not in ("..", "."))


def _relative(name: str) -> PurePosixPath:
    path = PurePosixPath(name.replace("\\", "/"))
    if not path.parts or path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive:
        raise EnrollmentError(
            Sentence(
                "The files of a class must stay inside its folder, got '{path}'. Pack or choose the class's folder again.",
                "file_outside",
                path=name,
            )
        )
    return path


def _expect_modest(sizes: list[int]) -> None:
    if len(sizes) > MAX_FILES or sum(sizes) > MAX_BYTES:
        raise EnrollmentError(
            Sentence(
                "A class may have {most} files of {most_mb} MB together, this one has {found} of {found_mb} MB. Split it in two.",
                "class_too_large",
                most=MAX_FILES,
                most_mb=MAX_BYTES // 10**6,
                found=len(sizes),
                found_mb=sum(sizes) // 10**6,
            )
        )
