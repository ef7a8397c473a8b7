"""Which files are the photos of whom: a folder for each emotion, one folder for one emotion, a folder of students, a list."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from enroll.states import label_of
from fewshot.errors import EnrollmentError
from fewshot.names import clean_name, name_key
from fewshot.types import EMOTIONS

ORDER = ("neutral", *(emotion for emotion in EMOTIONS if emotion != "neutral"))
"""Neutral first: it needs no acting, so it is the surest photo to compare the other faces with."""

COLUMNS = ("file", "person", "emotion")


@dataclass(frozen=True)
class PhotoFile:
    """A file that should be a photo, the emotion or state it should show, and its name in messages."""

    path: Path
    label: str
    name: str


@dataclass(frozen=True)
class Photos:
    """The photos of one student, neutral first; ``skipped`` are sentences on what else lay there."""

    student: str
    files: tuple[PhotoFile, ...]
    skipped: tuple[str, ...] = ()


def find_photos(student: str, folder: Path, label: str | None = None) -> Photos:
    """List the photos in ``folder``: one folder for each emotion, or with ``label`` all files directly in it.

    A folder of another name holds a state of the teacher's own, unless it is almost an emotion's.
    Hidden files are passed over in silence, everything else that is no candidate is named in ``skipped``.

    Raises:
        EnrollmentError: there is no such folder, it cannot be read, or there is no file where photos belong.
    """
    student = clean_name(student)
    if not folder.is_dir():
        raise EnrollmentError(f"The photos must be in a folder, and {folder} is none. Correct --images.")
    files: list[PhotoFile] = []
    skipped: list[str] = []
    for entry in _visible(folder):
        if label is not None and entry.is_file():
            files.append(PhotoFile(entry, label, entry.name))
        elif label is not None:
            skipped.append(f"{entry.name}: a folder; photos that are all {label} lie directly in {folder.name}")
        elif entry.is_file():
            skipped.append(f"{entry.name}: not in the folder of an emotion; move it into one")
        else:
            try:
                own_label = label_of(entry.name)
            except EnrollmentError as error:
                skipped.append(f"{entry.name}: {error}")
            else:
                files += [PhotoFile(photo, own_label, f"{entry.name}/{photo.name}") for photo in _visible(entry)]
    if not files:
        where = f"directly in {folder.name}" if label else f"in folders called {', '.join(EMOTIONS)}"
        more = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
        found = f"found none, but {skipped[0]}{more}" if skipped else "found none"
        raise EnrollmentError(f"The photos of '{student}' must lie {where}, {found}.")
    return Photos(student, _neutral_first(files), tuple(skipped))


def find_class(folder: Path, state: str | None = None) -> tuple[Photos, ...]:
    """List the photos of a whole class: a folder for each student, named so, with a folder for each emotion.

    They may lie in further folders, one in the other, as where the folder of the class itself was packed. With ``state``,
    the photos of that state alone: in a folder of its name, or directly in the student's. A student without photos has the
    reason among ``skipped``, and does not stop the others.

    Raises:
        EnrollmentError: there is no such folder, no student in it, or nobody with photos.
    """
    if not folder.is_dir():
        raise EnrollmentError(f"The class must be in a folder, and {folder} is none. Correct --class.")
    students, inside = _students_in(folder, state)
    if not students:
        raise EnrollmentError(
            f"The class must have a folder for each student with folders called {', '.join(EMOTIONS)}, found no folder."
        )
    if not any(inside) and {entry.name.casefold() for entry in students} & set(EMOTIONS):
        raise EnrollmentError(
            "The class must have a folder for each student, found folders of emotions: these are the photos of one student. "
            "Give the folder above, or enroll that student alone."
        )
    if state is None and not _is_class(inside):
        raise EnrollmentError(
            f"The class must have a folder for each student, and in it folders called {', '.join(EMOTIONS)}: Ada/neutral/1.jpg. "
            f"None lies there in {', '.join(entry.name for entry in students[:3])}. Sort the photos so."
        )
    found = tuple(_photos_or_reason(entry, state) for entry in students)
    if not any(photos.files for photos in found):
        raise EnrollmentError(found[0].skipped[0])
    return found


def _students_in(folder: Path, state: str | None) -> tuple[list[Path], list[list[Path]]]:
    """Return the folders of the students, below any that wrap them, and the folders in each."""
    while True:
        students = [entry for entry in _visible(folder) if entry.is_dir()]
        inside = [[inner for inner in _visible(student) if inner.is_dir()] for student in students]
        is_named = any(inner.name.casefold() in (*EMOTIONS, state) for inners in inside for inner in inners)
        if is_named or len(students) != 1 or not inside[0]:
            return students, inside
        folder = students[0]


def _is_class(inside: list[list[Path]]) -> bool:
    """Whether folders of students, given the folders in each, hold emotions, perhaps misspelled, or several of them states alone."""
    inners = [inner for of_one in inside for inner in of_one]
    if any(_is_emotion(inner.name) for inner in inners):
        return True
    return len(inside) > 1 and any(entry.is_file() for inner in inners for entry in _visible(inner))


def _is_emotion(name: str) -> bool:
    try:
        return label_of(name) in EMOTIONS
    except EnrollmentError:  # almost one
        return True


def _photos_or_reason(folder: Path, state: str | None) -> Photos:
    try:
        return find_photos(folder.name, folder if state is None else _folder_of(state, folder), state)
    except EnrollmentError as error:
        return Photos(folder.name, (), (str(error),))


def _folder_of(state: str, folder: Path) -> Path:
    return next((entry for entry in _visible(folder) if entry.is_dir() and entry.name.casefold() == state), folder)


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
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EnrollmentError(f"{file} must be a CSV file, got: {error}. Save it again as CSV in UTF-8.") from error
    if not students:
        raise EnrollmentError(f"{file} must have a row for each photo, found none.")
    return tuple(Photos(name, _neutral_first(photos)) for name, photos in students.values())


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


def _visible(folder: Path) -> list[Path]:
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise EnrollmentError(f"{folder} cannot be read: {error.strerror}. Let this account read it.") from error
    return sorted(entries, key=lambda entry: entry.name)


def _neutral_first(files: Iterable[PhotoFile]) -> tuple[PhotoFile, ...]:
    rank = {label: position for position, label in enumerate(ORDER)}  # states come last, as they were found
    return tuple(sorted(files, key=lambda photo: rank.get(photo.label, len(rank))))
