"""Which files are the photos of whom: a folder for each emotion, one folder for one emotion, a folder of students, a list."""

from __future__ import annotations

import csv
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from enroll.states import clean_state, label_of
from fewshot.errors import EnrollmentError
from fewshot.face.images import ImageFile
from fewshot.names import clean_name, name_key
from fewshot.types import EMOTIONS

ORDER = ("neutral", *(emotion for emotion in EMOTIONS if emotion != "neutral"))
"""Neutral first: it needs no acting, so it is the surest photo to compare the other faces with."""

COLUMNS = ("file", "person", "emotion")


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


@dataclass(frozen=True)
class PhotoFile:
    """A file that should be a photo, the emotion or state it should show, and its name in messages."""

    file: ImageFile
    label: str
    name: str


@dataclass(frozen=True)
class Photos:
    """The photos of one student, neutral first; ``skipped`` are sentences on what else lay there."""

    student: str
    files: tuple[PhotoFile, ...]
    skipped: tuple[str, ...] = ()


def find_photos(student: str, folder: Entry, label: str | None = None) -> Photos:
    """List the photos in ``folder``: one folder for each emotion, or with ``label`` all files directly in it.

    A folder of another name holds a state of the teacher's own, unless it is almost an emotion's.
    Hidden files are passed over in silence, everything else that is no candidate is named in ``skipped``.

    Raises:
        EnrollmentError: there is no such folder, it cannot be read, or there is no file where photos belong.
    """
    student = clean_name(student)
    if not _is_folder(folder):
        raise EnrollmentError(f"The photos must be in a folder, and {folder} is none. Correct --images.")
    files: list[PhotoFile] = []
    skipped: list[str] = []
    for entry in _visible(folder):
        name = _printable(entry.name)
        if label is not None and entry.is_file():
            files.append(PhotoFile(entry, label, name))
        elif label is not None:
            skipped.append(f"{name}: a folder; photos that are all {label} lie directly in {_printable(folder.name)}")
        elif entry.is_file():
            skipped.append(f"{name}: not in the folder of an emotion; move it into one")
        else:
            try:
                own_label, photos = label_of(entry.name), _visible(entry)
            except EnrollmentError as error:
                skipped.append(f"{name}: {error}")
            else:
                files += [PhotoFile(photo, own_label, f"{name}/{_printable(photo.name)}") for photo in photos]
    if not files:
        where = f"directly in {_printable(folder.name)}" if label else f"in folders called {', '.join(EMOTIONS)}"
        more = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
        found = f"found none, but {skipped[0]}{more}" if skipped else "found none"
        raise EnrollmentError(f"The photos of '{student}' must lie {where}, {found}.")
    return Photos(student, _neutral_first(files), tuple(skipped))


def find_class(folder: Entry, state: str | None = None) -> tuple[Photos, ...]:
    """List the photos of a whole class: a folder for each student, named so, with a folder for each emotion.

    They may lie in further folders, one in the other, as where the folder of the class itself was packed. With ``state``,
    the photos of that state alone: in a folder of its name, or directly in the student's. A student without photos, or whose
    name another has too, has the reason among ``skipped``, and does not stop the others.

    Raises:
        EnrollmentError: there is no such folder, it cannot be read, no student is in it, or nobody with photos.
    """
    if not _is_folder(folder):
        raise EnrollmentError(f"The class must be in a folder, and {folder} is none. Correct --class.")
    _visible(folder)  # a folder that cannot be read holds no students either, for another reason
    students, inside = _students_in(folder, state)
    if not students:
        raise EnrollmentError(
            f"The class must have a folder for each student with folders called {', '.join(EMOTIONS)}, found no folder."
        )
    if not any(inside) and any(_names_emotion(entry.name) for entry in students):
        raise EnrollmentError(
            "The class must have a folder for each student, found folders of emotions: these are the photos of one student. "
            "Give the folder above, or enroll that student alone."
        )
    if state is None and not _is_class(inside):
        raise EnrollmentError(
            f"The class must have a folder for each student, and in it folders called {', '.join(EMOTIONS)}: Ada/neutral/1.jpg. "
            f"None lies there in {', '.join(_printable(entry.name) for entry in students[:3])}. Sort the photos so."
        )
    counts = Counter(student_key(entry.name) for entry in students)
    found = tuple(_photos_or_reason(entry, state, counts[student_key(entry.name)] > 1) for entry in students)
    if not any(photos.files for photos in found):
        raise EnrollmentError(found[0].skipped[0])
    return found


def _students_in(folder: Entry, state: str | None) -> tuple[list[Entry], list[list[Entry]]]:
    """Return the folders of the students, below any that wrap them, and the folders in each."""
    while True:
        students = _folders_in(folder)
        inside = [_folders_in(student) for student in students]
        # "Happy" may be a student too: a folder of photos has some directly in it
        is_named = any(
            (_names_emotion(inner.name) or _folded(inner.name) == state) and _has_files(inner)
            for inners in inside
            for inner in inners
        )
        if is_named or len(students) != 1 or not inside[0]:
            return students, inside
        folder = students[0]


def _is_class(inside: list[list[Entry]]) -> bool:
    """Whether folders of students, given the folders in each, hold emotions, perhaps misspelled, or several of them states alone."""
    inners = [inner for of_one in inside for inner in of_one]
    return any(_is_emotion(inner.name) for inner in inners) or (len(inside) > 1 and any(map(_has_files, inners)))


def _names_emotion(name: str) -> bool:
    try:
        return clean_state(name) in EMOTIONS
    except EnrollmentError:
        return False


def _is_emotion(name: str) -> bool:
    try:
        return label_of(name) in EMOTIONS
    except EnrollmentError:  # almost one
        return True


def _photos_or_reason(folder: Entry, state: str | None, is_shared: bool) -> Photos:
    name = _printable(folder.name)
    if is_shared:
        return Photos(name, (), (f"Every student needs a name of their own, several are called '{name}'. Rename one.",))
    try:
        return find_photos(folder.name, folder if state is None else _folder_of(state, folder), state)
    except EnrollmentError as error:
        return Photos(name, (), (str(error),))


def _folder_of(state: str, folder: Entry) -> Entry:
    return next((inner for inner in _folders_in(folder) if _folded(inner.name) == state), folder)


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


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is what a system hides or leaves behind, not a teacher's."""
    return name.startswith(".") or name.casefold() in _JUNK


def _is_folder(entry: Entry) -> bool:
    with _readable(entry):
        return entry.is_dir()


def _visible(folder: Entry) -> list[Entry]:
    with _readable(folder):
        entries = sorted((entry for entry in folder.iterdir() if not is_junk(entry.name)), key=lambda entry: entry.name)
        for entry in entries:
            entry.is_file()  # fails here, with a reason, where nothing in the folder may be looked at
    return entries


def _folders_in(folder: Entry) -> list[Entry]:
    """Return the folders in one, none where it cannot be read: who asks for its photos is told."""
    try:
        return [entry for entry in _visible(folder) if entry.is_dir()]
    except EnrollmentError:
        return []


def _has_files(folder: Entry) -> bool:
    try:
        return any(entry.is_file() for entry in _visible(folder))
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


def _folded(name: str) -> str:
    """Return what two spellings of a folder's name share; macOS takes accents apart."""
    return unicodedata.normalize("NFC", name).casefold()


def student_key(student: str) -> str:
    """Return what two spellings of a student's name share, as :func:`fewshot.names.name_key`; a folder's unusable one as it is."""
    try:
        return name_key(student)
    except EnrollmentError:  # who cannot be called so is told later
        return student


def _printable(name: str) -> str:
    """Return a file's name without the bytes that are no text."""
    return os.fsencode(name).decode("utf-8", "replace")


def _neutral_first(files: Iterable[PhotoFile]) -> tuple[PhotoFile, ...]:
    rank = {label: position for position, label in enumerate(ORDER)}  # states come last, as they were found
    return tuple(sorted(files, key=lambda photo: rank.get(photo.label, len(rank))))
