"""The photos of many students as a list: a CSV with a row for each photo."""

from __future__ import annotations

import csv
from pathlib import Path

from enroll.folders import unreadable
from enroll.photos import PhotoFile, Photos, neutral_first
from enroll.states import label_of
from fewshot.errors import EnrollmentError
from fewshot.names import clean_name, name_key

COLUMNS = ("file", "person", "emotion")


def read_list(file: Path, root: Path) -> tuple[Photos, ...]:
    """Read a CSV with the columns file, person, emotion; files are relative to ``root``. One entry a person.

    Every cell is text: a student may be called NA. Other columns are ignored.

    Raises:
        EnrollmentError: the file cannot be read, lacks a column or rows, or a row is incomplete or names nothing to show.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                found = ", ".join(rows.fieldnames or ()) or "an empty file"
                raise EnrollmentError(
                    f"{file} must have the columns {', '.join(COLUMNS)}, separated by commas; found {found}."
                )
            students: dict[str, tuple[str, list[PhotoFile]]] = {}
            for row in rows:
                name, photo = _read_row(row, root, f"{file}, line {rows.line_num}")
                students.setdefault(name_key(name), (name, []))[1].append(photo)
    except PermissionError as error:
        raise unreadable(file, error) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EnrollmentError(f"{file} must be a CSV file, got: {error}. Save it again as CSV in UTF-8.") from error
    if not students:
        raise EnrollmentError(f"{file} must have a row for each photo, found none.")
    return tuple(Photos(name, neutral_first(photos)) for name, photos in students.values())


def _read_row(row: dict[str, str | None], root: Path, where: str) -> tuple[str, PhotoFile]:
    values = {column: (row[column] or "").strip() for column in COLUMNS}
    empty = [column for column, value in values.items() if not value]
    if empty:
        raise EnrollmentError(f"{where}: every row needs {', '.join(COLUMNS)}; {', '.join(empty)} is empty.")
    try:
        label, person = label_of(values["emotion"]), clean_name(values["person"])
    except EnrollmentError as error:
        raise EnrollmentError(f"{where}: {error}") from error
    return person, PhotoFile(root / values["file"], label, values["file"])
