"""Folders and lists become photos of students; whatever is no photo is named, not dropped."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from enroll.class_files import open_zip
from enroll.photo_list import read_list
from enroll.photos import find_class, find_photos
from fewshot.errors import EnrollmentError


def _touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_a_folder_for_each_emotion_neutral_first(tmp_path: Path) -> None:
    _touch(tmp_path, "Happy/b.jpg", "Happy/a.jpg", "neutral/1.png", "Happy/.DS_Store", "Happy/._a.jpg", "SAD/x.jpg")
    photos = find_photos(" Ada ", tmp_path)
    assert photos.student == "Ada"
    assert [(file.name, file.label) for file in photos.files] == [
        ("neutral/1.png", "neutral"),
        ("Happy/a.jpg", "happy"),
        ("Happy/b.jpg", "happy"),
        ("SAD/x.jpg", "sad"),
    ]
    assert photos.files[1].file == tmp_path / "Happy" / "a.jpg"
    assert photos.skipped == ()


def test_what_is_not_in_place_is_named(tmp_path: Path) -> None:
    photos = find_photos("Ada", _touch(tmp_path, "happy/a.jpg", "loose.jpg", "Suprised/a.jpg", "unknown/b.jpg"))
    assert [str(sentence).split(":")[0] for sentence in photos.skipped] == ["Suprised", "loose.jpg", "unknown"]
    assert "almost the emotion 'surprise'" in str(photos.skipped[0])


def test_another_folder_holds_a_state_of_the_teachers_own_after_the_emotions(tmp_path: Path) -> None:
    photos = find_photos("Ada", _touch(tmp_path, "Bored/a.jpg", "sad/b.jpg", "neutral/c.jpg"))
    assert [(file.label, file.name) for file in photos.files] == [
        ("neutral", "neutral/c.jpg"),
        ("sad", "sad/b.jpg"),
        ("bored", "Bored/a.jpg"),
    ]


def test_a_class_gives_the_photos_of_one_state(tmp_path: Path) -> None:
    _touch(tmp_path, "Ada/Bored/a.jpg", "Ada/happy/b.jpg", "Bo/c.jpg")
    ada, bo = find_class(tmp_path, "bored")
    assert [(file.label, file.name) for file in (*ada.files, *bo.files)] == [
        ("bored", "a.jpg"),
        ("bored", "c.jpg"),
    ]


def test_who_has_no_photos_does_not_stop_the_class(tmp_path: Path) -> None:
    _touch(tmp_path, "Ada/happy/a.jpg", "Bo/hapy/b.jpg", "Cleo/.hidden", "x\x07y/happy/c.jpg")
    students = {photos.student: photos for photos in find_class(tmp_path)}
    assert {name: len(photos.files) for name, photos in students.items()} == {"Ada": 1, "Bo": 0, "Cleo": 0, "x\x07y": 0}
    assert "'hapy' is almost the emotion 'happy'" in str(students["Bo"].skipped[0])
    assert "The photos of 'Cleo' must lie in folders called" in str(students["Cleo"].skipped[0])
    assert "A name must be plain text" in str(students["x\x07y"].skipped[0])


def test_a_class_without_any_photo_is_refused_with_the_first_reason(tmp_path: Path) -> None:
    with pytest.raises(EnrollmentError, match="The photos of 'Ada' must lie in folders called .* 'hapy' is almost"):
        find_class(_touch(tmp_path, "Ada/hapy/a.jpg", "Bo/.hidden"))


def test_one_students_photos_are_no_class(tmp_path: Path) -> None:
    with pytest.raises(EnrollmentError, match="found folders of emotions: these are the photos of one student"):
        find_class(_touch(tmp_path, "neutral/a.jpg", "bored/a.jpg"))


def test_one_folder_for_one_emotion(tmp_path: Path) -> None:
    photos = find_photos("Ada", _touch(tmp_path, "b.jpg", "a.jpg", "happy/c.jpg"), "neutral")
    assert [(file.name, file.label) for file in photos.files] == [("a.jpg", "neutral"), ("b.jpg", "neutral")]
    (skipped,) = map(str, photos.skipped)
    assert skipped == f"happy: a folder; photos that are all neutral lie directly in {tmp_path.name}"


def test_folders_without_photos(tmp_path: Path) -> None:
    with pytest.raises(EnrollmentError, match="and .*nowhere is none"):
        find_photos("Ada", tmp_path / "nowhere")
    with pytest.raises(
        EnrollmentError, match="'Ada' must lie in folders called angry, .* found none, but loose.jpg: not in the "
    ):
        find_photos("Ada", _touch(tmp_path, "loose.jpg"))
    with pytest.raises(EnrollmentError, match=r"found none, but hapy: 'hapy' is almost .*\(and 1 more\)\."):
        find_photos("Ada", _touch(tmp_path, "hapy/a.jpg"))
    with pytest.raises(EnrollmentError, match="'Ada' must lie directly in .*, found none"):
        find_photos("Ada", _touch(tmp_path / "empty", ".hidden"), "happy")


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path) -> None:  # as everybody but root is refused
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(EnrollmentError, match="cannot be read: Permission denied. Let this account read it"):
        find_photos("Ada", tmp_path)
    with pytest.raises(EnrollmentError, match="cannot be read: Permission denied. Let this account read it"):
        find_class(tmp_path)


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("io.open", refuse)
    with pytest.raises(EnrollmentError, match=r"5b\.csv cannot be read: Permission denied. Let this account read it"):
        read_list(tmp_path / "5b.csv", tmp_path)
    with (
        pytest.raises(EnrollmentError, match=r"5b\.zip cannot be read: Permission denied. Let this account read it"),
        open_zip(tmp_path / "5b.zip"),
    ):
        pass
