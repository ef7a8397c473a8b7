"""A class as a .zip or a folder: taken where it is harmless, refused in a sentence where it is not."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from enroll import class_files
from enroll.class_files import gather, unpack
from enroll.photos import find_class
from fewshot.errors import EnrollmentError, OutputError


def _zip(names: list[str]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in names:
            file.writestr(name, b"photo")
    packed.seek(0)
    return packed


@pytest.mark.parametrize("prefix", ["", "class 5b/", "photos/5b/"])
def test_students_lie_at_the_top_or_in_one_folder(tmp_path: Path, prefix: str) -> None:
    names = [f"{prefix}Ada/neutral/1.jpg", f"{prefix}Ada/happy/2.jpg", f"{prefix}Bob/neutral/3.jpg"]
    students = find_class(unpack(_zip([*names, f"__MACOSX/{names[0]}", f"{prefix}.DS_Store"]), tmp_path))
    assert [(s.student, [f.name for f in s.files]) for s in students] == [
        ("Ada", ["neutral/1.jpg", "happy/2.jpg"]),
        ("Bob", ["neutral/3.jpg"]),
    ]


def test_a_folder_comes_as_its_files(tmp_path: Path) -> None:
    names = ["5b/Ada/neutral/1.jpg", "5b/Ada/happy/2.jpg", "5b/Bob/neutral/3.jpg", "5b/.DS_Store"]
    ada, bob = find_class(gather({name: io.BytesIO(name.encode()) for name in names}, tmp_path))
    assert (ada.student, [f.name for f in ada.files]) == ("Ada", ["neutral/1.jpg", "happy/2.jpg"])
    assert bob.files[0].path.read_bytes() == b"5b/Bob/neutral/3.jpg"
    assert list(tmp_path.rglob(".DS_Store")) == []


@pytest.mark.parametrize("name", ["../outside.jpg", "/etc/outside.jpg"])
def test_a_folder_holds_nothing_that_leads_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(EnrollmentError, match="must stay inside its folder"):
        gather({name: io.BytesIO(b"photo")}, tmp_path)


def test_a_folder_that_is_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_files, "MAX_BYTES", 10**6)
    with pytest.raises(EnrollmentError, match="may have 2000 files of 1 MB together, this one has 1 of 2 MB"):
        gather({"Ada/neutral/1.jpg": io.BytesIO(bytes(2 * 10**6))}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_student_alone_is_still_a_class(tmp_path: Path) -> None:
    (ada,) = find_class(unpack(_zip(["Ada/neutral/1.jpg", "Ada/happy/2.jpg"]), tmp_path))
    assert ada.student == "Ada"


@pytest.mark.parametrize(
    "name", ["../outside.jpg", "/etc/outside.jpg", "Ada\\..\\..\\outside.jpg", "C:/outside.jpg", "."]
)
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(EnrollmentError, match="must stay inside its folder"):
        unpack(_zip(["Ada/neutral/1.jpg", name]), inside)
    assert [path.name for path in tmp_path.rglob("outside.jpg")] == []


def test_what_is_no_zip_or_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnrollmentError, match=r"must be a \.zip that can be unpacked, got: File is not a zip file"):
        unpack(io.BytesIO(b"no zip"), tmp_path)
    monkeypatch.setattr(class_files, "MAX_FILES", 1)
    with pytest.raises(EnrollmentError, match="may have 1 files of 1000 MB together, this one has 2 of 0 MB"):
        unpack(_zip(["Ada/neutral/1.jpg", "Ada/neutral/2.jpg"]), tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_photo_is_told_in_a_sentence(tmp_path: Path, method: int) -> None:
    """Whichever byte a stick or a download spoiled, the photo is as it was, or it is not there and the teacher is told."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        photo = np.random.default_rng(0).integers(0, 20, 600, np.uint8).tobytes()
        file.writestr("Ada/neutral/1.jpg", photo)
        begin, end = 30 + len("Ada/neutral/1.jpg"), file.start_dir
    told = []
    for place in range(begin, end):
        damaged = bytearray(packed.getvalue())
        damaged[place] ^= 0x55
        try:
            unpack(io.BytesIO(damaged), tmp_path)
            assert (tmp_path / "Ada" / "neutral" / "1.jpg").read_bytes() == photo
        except EnrollmentError as error:
            told.append(str(error))
    assert len(told) > 0.9 * (end - begin)
    assert all(sentence.startswith("The class must be a .zip that can be unpacked, got: ") for sentence in told)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_not_the_archives_fault(tmp_path: Path) -> None:
    (tmp_path / "Ada" / "neutral").mkdir(parents=True)
    (tmp_path / "Ada" / "neutral" / "1.jpg").symlink_to("/dev/full")
    with pytest.raises(
        OutputError, match="cannot be written: No space left on device. Name another place, or make room"
    ):
        unpack(_zip(["Ada/neutral/1.jpg"]), tmp_path)


def test_folders_of_emotions_are_one_student(tmp_path: Path) -> None:
    with pytest.raises(EnrollmentError, match="found folders of emotions: these are the photos of one student"):
        find_class(unpack(_zip(["neutral/1.jpg", "happy/2.jpg"]), tmp_path))


@pytest.mark.parametrize(
    "names",
    [
        ["5b/Alex/1.png", "5b/Bo/1.png", "5b/Casey/1.png"],
        ["Alex/1.png", "Bo/1.png"],
        ["7a/Ada/neutral/1.jpg", "7b/Bo/neutral/1.jpg"],
    ],
    ids=["no emotions", "no emotions, no wrapper", "two classes"],
)
def test_a_class_without_emotions_where_they_belong_makes_nobody(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(
        EnrollmentError, match="and in it folders called angry, .*: Ada/neutral/1.jpg. None lies there in"
    ):
        find_class(unpack(_zip(names), tmp_path))


@pytest.mark.parametrize("name", ["Sadia", "Asad", "Venkata Lakshmi Narasimha Rao"])
def test_no_name_of_a_student_is_taken_for_an_emotion(tmp_path: Path, name: str) -> None:
    students = find_class(unpack(_zip(["7b/Ada/neutral/1.jpg", f"7b/{name}/neutral/1.jpg"]), tmp_path))
    assert {student.student for student in students} == {"Ada", name}


def test_a_class_may_hold_states_alone(tmp_path: Path) -> None:
    students = find_class(unpack(_zip(["7b/Ada/confused/1.jpg", "7b/Bo/confused/1.jpg"]), tmp_path))
    assert [student.student for student in students] == ["Ada", "Bo"]


def test_photos_of_a_state_may_lie_directly_with_their_student(tmp_path: Path) -> None:
    (ada,) = find_class(unpack(_zip(["5b/Ada/1.jpg"]), tmp_path), "sleepy")
    assert (ada.student, [(file.label, file.path.name) for file in ada.files]) == ("Ada", [("sleepy", "1.jpg")])
