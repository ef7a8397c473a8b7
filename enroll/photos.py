"""Which files are the photos of whom: a folder for each emotion, one folder for one emotion, a folder of students."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from enroll.folders import Entry, folded, folders_in, has_files, is_folder, printable, visible
from enroll.states import clean_state, label_of
from fewshot.errors import EnrollmentError
from fewshot.face.images import ImageFile
from fewshot.names import clean_name, name_key
from fewshot.sentence import Sentence
from fewshot.types import EMOTIONS

ORDER = ("neutral", *(emotion for emotion in EMOTIONS if emotion != "neutral"))
"""Neutral first: it needs no acting, so it is the surest photo to compare the other faces with."""


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
    skipped: tuple[Sentence | str, ...] = ()


def find_photos(student: str, folder: Entry, label: str | None = None) -> Photos:
    """List the photos in ``folder``: one folder for each emotion, or with ``label`` all files directly in it.

    A folder of another name holds a state of the teacher's own, unless it is almost an emotion's.
    Hidden files are passed over in silence, everything else that is no candidate is named in ``skipped``.

    Raises:
        EnrollmentError: there is no such folder, it cannot be read, or there is no file where photos belong.
    """
    student = clean_name(student)
    if not is_folder(folder):
        raise EnrollmentError(f"The photos must be in a folder, and {folder} is none. Correct --images.")
    files: list[PhotoFile] = []
    skipped: list[Sentence | str] = []
    for entry in visible(folder):
        name = printable(entry.name)
        if label is not None and entry.is_file():
            files.append(PhotoFile(entry, label, name))
        elif label is not None:
            skipped.append(
                Sentence(
                    "{name}: a folder; photos that are all {label} lie directly in {folder}",
                    "skipped_folder",
                    name=name,
                    label=(label,),
                    folder=printable(folder.name),
                )
            )
        elif entry.is_file():
            skipped.append(
                Sentence("{name}: not in the folder of an emotion; move it into one", "skipped_file", name=name)
            )
        else:
            try:
                own_label, photos = label_of(entry.name), visible(entry)
            except EnrollmentError as error:
                skipped.append(Sentence("{name}: {why}", "skipped", name=name, why=error.sentence))
            else:
                files += [PhotoFile(photo, own_label, f"{name}/{printable(photo.name)}") for photo in photos]
    if not files:
        raise EnrollmentError(_no_photos(student, None if label is None else printable(folder.name), skipped))
    return Photos(student, neutral_first(files), tuple(skipped))


def _no_photos(student: str, folder: str | None, skipped: Sequence[Sentence | str]) -> Sentence:
    """Return what to tell where nothing was found in folders of emotions, or directly in ``folder``, but what was skipped."""
    where = Sentence("in folders called {emotions}", "in_emotions", emotions=EMOTIONS)
    if folder is not None:
        where = Sentence("directly in {folder}", "in_folder", folder=folder)
    found = Sentence("found none.", "found_none")
    if len(skipped) == 1:
        found = Sentence("found none, but {skipped}", "found_one", skipped=skipped[0])
    elif skipped:
        found = Sentence(
            "found none, but {skipped} (and {more} more).", "found_several", skipped=skipped[0], more=len(skipped) - 1
        )
    return Sentence(
        "The photos of '{name}' must lie {where}, {found}", "no_photos", name=student, where=where, found=found
    )


def find_class(folder: Entry, state: str | None = None) -> tuple[Photos, ...]:
    """List the photos of a whole class: a folder for each student, named so, with a folder for each emotion.

    They may lie in further folders, one in the other, as where the folder of the class itself was packed. With ``state``,
    the photos of that state alone: in a folder of its name, or directly in the student's. A student without photos, or whose
    name another has too, has the reason among ``skipped``, and does not stop the others.

    Raises:
        EnrollmentError: there is no such folder, it cannot be read, no student is in it, or nobody with photos.
    """
    if not is_folder(folder):
        raise EnrollmentError(f"The class must be in a folder, and {folder} is none. Correct --class.")
    visible(folder)  # a folder that cannot be read holds no students either, for another reason
    students, inside = _students_in(folder, state)
    if not students:
        raise EnrollmentError(
            Sentence(
                "The class must have a folder for each student with folders called {emotions}, found no folder.",
                "class_without_folders",
                emotions=EMOTIONS,
            )
        )
    if not any(inside) and any(_names_emotion(entry.name) for entry in students):
        raise EnrollmentError(
            Sentence(
                "The class must have a folder for each student, found folders of emotions: these are the photos of one student. "
                "Give the folder above, or enroll that student alone.",
                "class_of_one",
            )
        )
    if state is None and not _is_class(inside):
        raise EnrollmentError(
            Sentence(
                "The class must have a folder for each student, and in it folders called {emotions}: Ada/neutral/1.jpg. "
                "None lies there in {folders}. Sort the photos so.",
                "class_without_emotions",
                emotions=EMOTIONS,
                folders=", ".join(printable(entry.name) for entry in students[:3]),
            )
        )
    counts = Counter(student_key(entry.name) for entry in students)
    found = tuple(_photos_or_reason(entry, state, counts[student_key(entry.name)] > 1) for entry in students)
    if not any(photos.files for photos in found):
        raise EnrollmentError(found[0].skipped[0])
    return found


def _students_in(folder: Entry, state: str | None) -> tuple[list[Entry], list[list[Entry]]]:
    """Return the folders of the students, below any that wrap them, and the folders in each."""
    while True:
        students = folders_in(folder)
        inside = [folders_in(student) for student in students]
        # "Happy" may be a student too: a folder of photos has some directly in it
        is_named = any(
            (_names_emotion(inner.name) or folded(inner.name) == state) and has_files(inner)
            for inners in inside
            for inner in inners
        )
        if is_named or len(students) != 1 or not inside[0]:
            return students, inside
        folder = students[0]


def _is_class(inside: list[list[Entry]]) -> bool:
    """Whether folders of students, given the folders in each, hold emotions, perhaps misspelled, or several of them states alone."""
    inners = [inner for of_one in inside for inner in of_one]
    return any(_is_emotion(inner.name) for inner in inners) or (len(inside) > 1 and any(map(has_files, inners)))


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
    name = printable(folder.name)
    if is_shared:
        shared = Sentence(
            "Every student needs a name of their own, several are called '{name}'. Rename one.",
            "name_shared",
            name=name,
        )
        return Photos(name, (), (shared,))
    try:
        return find_photos(folder.name, folder if state is None else _folder_of(state, folder), state)
    except EnrollmentError as error:
        return Photos(name, (), (error.sentence,))


def _folder_of(state: str, folder: Entry) -> Entry:
    return next((inner for inner in folders_in(folder) if folded(inner.name) == state), folder)


def student_key(student: str) -> str:
    """Return what two spellings of a student's name share, as :func:`fewshot.names.name_key`; a folder's unusable one as it is."""
    try:
        return name_key(student)
    except EnrollmentError:  # who cannot be called so is told later
        return student


def neutral_first(files: Iterable[PhotoFile]) -> tuple[PhotoFile, ...]:
    """Return photos in the order of :data:`ORDER`, those of states last, as they were found."""
    rank = {label: position for position, label in enumerate(ORDER)}
    return tuple(sorted(files, key=lambda photo: rank.get(photo.label, len(rank))))
