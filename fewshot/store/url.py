"""Where students are kept: the place that everybody here uses, and where teachers sign in, one for each of them."""

from __future__ import annotations

import glob
import os
import re
import tempfile
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from fewshot.errors import StoreError
from fewshot.store import sqlite

TEACHER = "{teacher}"
"""What stands in a URL for the key of whoever is signed in."""

_ANY_KEY = "[0-9a-f]" * 32

_TRIED = ("sqlite", "postgresql")
"""What our tables can be made in; MySQL and Oracle, for example, want a length for every column of text."""

_HALF_A_URL = re.compile(r"[a-z][a-z0-9+]+:/", re.IGNORECASE)
"""Longer than a drive's letter: ``sqlite:/students.db`` is a slip, and no folder called ``sqlite:`` is meant."""


def default_url(configured: str | None = None) -> str:
    """Return where students are kept: ``configured``, else FEWSHOT_STORE, else a file in the user's data folder.

    Raises:
        StoreError: nothing is said, and this account has no home, such as a container's user without a name.
    """
    if named := configured or os.environ.get("FEWSHOT_STORE"):
        return named
    try:
        return str(user_data_path("fewshot", appauthor=False) / "students.db")
    except RuntimeError as error:
        raise StoreError(
            "The student store needs a place, and this account has no home folder that it could lie in. Name a file in "
            "FEWSHOT_STORE."
        ) from error


def teacher_url(url: str, teacher: str) -> str:
    """Return where one teacher's students are kept: a database of her own, so that no query can reach another's.

    Args:
        url: As :func:`default_url` returns it. Without ``{teacher}`` in it, a file gets one beside it for each teacher.
        teacher: Her key, of letters and digits.

    Raises:
        StoreError: it is on a database server and has no ``{teacher}``, so that all of them would share it.
    """
    if TEACHER in url:
        return url.replace(TEACHER, teacher)
    target = parse_url(url)
    if not sqlite.is_file(target):
        raise StoreError(
            f"Where teachers sign in, the student store must be another for each of them, got {target!r} for all. "
            f"Put {TEACHER} into it, such as postgresql+psycopg://host/fewshot_{TEACHER}, and make one database a teacher."
        )
    file = Path(str(target.database))
    own = str(file.with_name(f"{file.stem}-{teacher}{file.suffix}"))
    return target.set(database=own).render_as_string(hide_password=False) if "://" in url else own


def teacher_files(url: str) -> list[str]:
    """Return the files that teachers have by now where :func:`teacher_url` makes files; a database server tells of none."""
    target = parse_url(teacher_url(glob.escape(url), _ANY_KEY))
    if not sqlite.is_file(target):
        return []
    pattern = Path(str(target.database)).absolute()
    return sorted(str(file) for file in Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))


def check_folder(url: str) -> None:
    """See that the file of a store can be made where it belongs, and make nothing; a database server is not asked.

    Raises:
        StoreError: nothing can be written there, or ``url`` is nonsense.
    """
    target = parse_url(url)
    if not sqlite.is_file(target):
        return
    folder = Path(str(target.database)).absolute().parent
    try:
        nearest = next(place for place in (folder, *folder.parents) if place.exists())
        with tempfile.TemporaryFile(dir=nearest) as trial:  # permissions alone say nothing of a disk that is full
            trial.write(b"fewshot")
    except OSError as error:
        raise StoreError(
            f"The student store needs a folder that can be written to, got {folder}: {error.strerror}. Let this account "
            "write to it, or name another store in FEWSHOT_STORE."
        ) from error


def parse_url(url: str) -> URL:
    """Return the parsed URL; a plain path becomes that of an SQLite file. Raises StoreError for nonsense."""
    if TEACHER in url:
        raise StoreError(
            f"The student store has {TEACHER} in it, which stands for whoever is signed in to the app, and here nobody "
            "is. Name the store of one teacher; her page Students says which that is."
        )
    if "://" not in url and not _HALF_A_URL.match(url):
        return URL.create("sqlite", database=str(_file(url)))
    try:
        target = make_url(url)
    except ArgumentError as error:  # says nothing of the URL, which may hold a password
        raise StoreError("The student store must be a file or a URL such as postgresql+psycopg://host/db.") from error
    if target.get_backend_name() == "sqlite" and not sqlite.is_file(target):
        raise StoreError(f"The student store must be a file or a database server, got '{url}'. Use a path.")
    if target.get_backend_name() not in _TRIED:
        raise StoreError(
            f"The student store must be a file or a PostgreSQL server, got {target.get_backend_name()}. Name another, such "
            "as postgresql+psycopg://host/db."
        )
    return target


def _file(path: str) -> Path:
    """Return the file of a plain path; StoreError where nobody knows the home that it begins with: students go to no other place."""
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError as error:
        raise StoreError(
            f"The student store {path} must lie in a folder that is known here, and there is no home {Path(path).parts[0]}. "
            "Write its path from / on."
        ) from error
