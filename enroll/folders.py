"""Folders of photos, on the disk or packed: what lies in them, without what systems leave there."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from fewshot.errors import EnrollmentError
from fewshot.face.images import ImageFile

_JUNK = ("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini")


class Entry(ImageFile, Protocol):
    """A file or a folder: a path on the disk, or what :mod:`enroll.class_files` finds in a .zip or an upload."""

    @property
    def name(self) -> str:
        """Its last part."""

    def is_dir(self) -> bool:
        """Whether it is a folder."""

    def iterdir(self) -> Iterator[Entry]:
        """Iterate over what lies directly in this folder."""


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is what a system hides or leaves behind, not a teacher's."""
    return name.startswith(".") or name.casefold() in _JUNK


def is_folder(entry: Entry) -> bool:
    """Whether it is one; raises EnrollmentError where that cannot be told."""
    with _readable(entry):
        return entry.is_dir()


def visible(folder: Entry) -> list[Entry]:
    """Return what lies directly in a folder, by name, but junk; raises EnrollmentError where it cannot be read."""
    with _readable(folder):
        entries = sorted((entry for entry in folder.iterdir() if not is_junk(entry.name)), key=lambda entry: entry.name)
        for entry in entries:
            entry.is_file()  # fails here, with a reason, where nothing in the folder may be looked at
    return entries


def folders_in(folder: Entry) -> list[Entry]:
    """Return the folders in one, none where it cannot be read: who asks for its photos is told."""
    try:
        return [entry for entry in visible(folder) if entry.is_dir()]
    except EnrollmentError:
        return []


def has_files(folder: Entry) -> bool:
    """Whether files lie directly in a folder, none where it cannot be read."""
    try:
        return any(entry.is_file() for entry in visible(folder))
    except EnrollmentError:
        return False


@contextmanager
def _readable(entry: Entry) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unreadable(entry, error) from error


def unreadable(what: object, error: OSError) -> EnrollmentError:
    """Return what to tell of a file or folder that cannot be read."""
    return EnrollmentError(f"{what} cannot be read: {error.strerror}. Let this account read it.")


def folded(name: str) -> str:
    """Return what two spellings of a folder's name share; macOS takes accents apart."""
    return unicodedata.normalize("NFC", name).casefold()


def printable(name: str) -> str:
    """Return a file's name without the bytes that are no text."""
    return os.fsencode(name).decode("utf-8", "replace")
