"""Where results go: a folder that can be written to and loses no earlier results."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fewshot.errors import OutputError

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_REMEDY = "Name another place, or make room and correct its permissions."


def make_folder(folder: Path) -> None:
    """Make ``folder`` where it is missing; raises OutputError where that, or writing in it, is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder} must be a folder that can be written, and this account may not. {_REMEDY}")


@contextmanager
def written_to(folder: Path) -> Iterator[None]:
    """Raise OutputError where the block cannot write to ``folder``, as when the disk is full by now."""
    try:
        yield
    except OSError as error:
        raise unwritable(folder, error) from error


def claim(folder: Path, *names: str) -> None:
    """Make ``folder`` ready for new files called ``names``.

    Raises:
        OutputError: it cannot be written, or holds one of the files, with something in it.
    """
    make_folder(folder)
    present = [name for name in names if (folder / name).exists() and (folder / name).stat().st_size]
    if present:
        raise OutputError(
            f"{folder} must not hold results already, found {', '.join(present)}. Name another folder, or go on with an "
            "interrupted run by resume=true."
        )


def as_cell(text: str) -> str:
    """Return text for a CSV that a spreadsheet shows as it is, and does not compute (OWASP, "CSV Injection")."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unwritable(path: Path, error: OSError) -> OutputError:
    """Return what to tell of a failed write."""
    return OutputError(f"{path} cannot be written: {error.strerror or error}. {_REMEDY}")
