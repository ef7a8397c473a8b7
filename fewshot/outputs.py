"""Where results go: a folder that can be written to and loses no earlier results."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fewshot.errors import OutputError

_FORMULA = re.compile(r'(^|;"*)(?=[=+\-@\t\r])')
"""What begins one, in a cell of its own also where spreadsheets part cells by semicolons, as in most of Europe."""

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


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Make a folder in ``parent`` for what is to be whole before it gets its place, and remove it at the end.

    Those that killed processes left are removed first. A living process has a lock on its own, which the system takes back
    however the process ends; where there are no locks nothing is removed.

    Raises:
        OSError: ``parent`` cannot be written.
    """
    turn = _lock(parent, wait=True)  # else another could take the new folder, not locked yet, for one left behind
    try:
        if turn is not None:
            for left in parent.glob(f"{_SCRATCH}*"):
                _remove_if_left(left)
        made = tempfile.TemporaryDirectory(dir=parent, prefix=_SCRATCH)
        held = _lock(Path(made.name))
    finally:
        _unlock(turn)
    try:
        with made as folder:
            yield Path(folder)
    finally:
        _unlock(held)


_SCRATCH = ".unfinished-"


def _remove_if_left(folder: Path) -> None:
    held = _lock(folder)
    if held is not None:
        shutil.rmtree(folder, ignore_errors=True)
        _unlock(held)


def _lock(folder: Path, wait: bool = False) -> int | None:
    """Return the descriptor whose lock on ``folder`` nobody else has; None where somebody has, or where there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # its owner has just removed it
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _unlock(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)


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
    return _FORMULA.sub(r"\1'", text)


def unwritable(path: Path, error: OSError) -> OutputError:
    """Return what to tell of a failed write."""
    return OutputError(f"{path} cannot be written: {error.strerror or error}. {_REMEDY}")
