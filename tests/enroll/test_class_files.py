"""A class as a .zip or a folder: taken where it is harmless, refused in a sentence where it is not."""

import io
import zipfile

import numpy as np
import pytest

from enroll import class_files
from enroll.class_files import gather, open_zip
from enroll.photos import Photos, find_class
from fewshot.errors import EnrollmentError, ImageError


def _zip(names: list[str]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in names:
            file.writestr(name, b"photo")
    packed.seek(0)
    return packed


def _class_in(names: list[str], state: str | None = None) -> tuple[Photos, ...]:
    with open_zip(_zip(names)) as folder:
        return find_class(folder, state)


@pytest.mark.parametrize("prefix", ["", "class 5b/", "photos/5b/"])
def test_students_lie_at_the_top_or_in_one_folder(prefix: str) -> None:
    names = [f"{prefix}Ada/neutral/1.jpg", f"{prefix}Ada/happy/2.jpg", f"{prefix}Bob/neutral/3.jpg"]
    students = _class_in([*names, f"__MACOSX/{names[0]}", f"{prefix}.DS_Store", f"{prefix}Bob/neutral/._3.jpg"])
    assert [(s.student, [f.name for f in s.files]) for s in students] == [
        ("Ada", ["neutral/1.jpg", "happy/2.jpg"]),
        ("Bob", ["neutral/3.jpg"]),
    ]


def test_a_folder_comes_as_its_files() -> None:
    names = [
        "5b/Ada/neutral/1.jpg",
        "5b/Ada/happy/2.jpg",
        "5b/Bob/neutral/3.jpg",
        "5b/.DS_Store",
        "5b/Bob/neutral/._3.jpg",
    ]
    ada, bob = find_class(gather({name: io.BytesIO(name.encode()) for name in names}))
    assert (ada.student, [f.name for f in ada.files]) == ("Ada", ["neutral/1.jpg", "happy/2.jpg"])
    assert [bob.files[0].file.read_bytes() for _ in range(2)] == [b"5b/Bob/neutral/3.jpg"] * 2


@pytest.mark.parametrize("name", ["../outside.jpg", "/etc/outside.jpg"])
def test_a_folder_holds_nothing_that_leads_outside(name: str) -> None:
    with pytest.raises(EnrollmentError, match="must stay inside its folder"):
        gather({name: io.BytesIO(b"photo")})


def test_a_folder_that_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_files, "MAX_BYTES", 10**6)
    with pytest.raises(EnrollmentError, match="may have 2000 files of 1 MB together, this one has 1 of 2 MB"):
        gather({"Ada/neutral/1.jpg": io.BytesIO(bytes(2 * 10**6))})


def test_one_student_alone_is_still_a_class() -> None:
    (ada,) = _class_in(["Ada/neutral/1.jpg", "Ada/happy/2.jpg"])
    assert ada.student == "Ada"


@pytest.mark.parametrize(
    "name", ["../outside.jpg", "/etc/outside.jpg", "Ada\\..\\..\\outside.jpg", "C:/outside.jpg", "."]
)
def test_names_that_lead_outside_are_refused(name: str) -> None:
    with pytest.raises(EnrollmentError, match="must stay inside its folder"):
        _class_in(["Ada/neutral/1.jpg", name])


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["Ada/neutral/1.jpg", "Ada\\neutral\\1.jpg"], "is in the class twice"),
        (["Ada/neutral", "Ada/neutral/1.jpg"], "is both a file and a folder"),
    ],
)
def test_what_no_folder_could_hold_is_refused(names: list[str], reason: str) -> None:
    with pytest.raises(EnrollmentError, match=reason):
        _class_in(names)


def test_a_folder_may_be_called_as_people_do() -> None:
    ada, happy = _class_in(["5b: Math/Ada/neutral/1.jpg", "5b: Math/Happy/neutral/1.jpg", "5b: Math/Kim\\"])
    assert (ada.student, happy.student) == ("Ada", "Happy")


def test_two_files_of_one_name_are_refused_and_none_is_lost() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        packed = _zip(["Ada/neutral/1.jpg", "Ada/neutral/1.jpg"])
    with pytest.raises(EnrollmentError, match="is in the class twice"), open_zip(packed):
        pass


def test_folders_may_have_names_in_another_language() -> None:
    (asha,) = _class_in(["Class/Asha/दुखी/1.jpg"])
    assert (asha.student, asha.files[0].label) == ("Asha", "sad")


def test_a_student_called_like_an_emotion_is_a_student() -> None:
    assert [s.student for s in _class_in(["5b/Happy/neutral/1.jpg", "5b/Mia/neutral/1.jpg"])] == ["Happy", "Mia"]


def test_two_students_of_one_name_are_told_apart_before_anybody_is_lost() -> None:
    first, second, zoe = _class_in(["Ali/happy/1.jpg", "ALI/happy/1.jpg", "Zoe/happy/1.jpg"])
    assert first.files == second.files == ()
    assert [str(sentence) for sentence in first.skipped] == [
        "Every student needs a name of their own, several are called 'ALI'. Rename one."
    ]
    assert len(zoe.files) == 1


def test_names_in_utf8_are_read_though_the_zip_does_not_say_so() -> None:
    packed = bytearray(_zip(["José/neutral/1.jpg", "Ada/neutral/1.jpg"]).getvalue())
    for begin in (6, packed.index(b"PK\x01\x02") + 8):
        packed[begin + 1] &= ~0x08
    with open_zip(io.BytesIO(packed)) as folder:
        assert [photos.student for photos in find_class(folder)] == ["Ada", "José"]


def test_what_is_no_zip_or_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(EnrollmentError, match=r"must be a \.zip, got: File is not a zip file"),
        open_zip(io.BytesIO(b"no")),
    ):
        pass
    monkeypatch.setattr(class_files, "MAX_FILES", 1)
    with pytest.raises(EnrollmentError, match="may have 1 files of 1000 MB together, this one has 2 of 0 MB"):
        _class_in(["Ada/neutral/1.jpg", "Ada/neutral/2.jpg"])


def test_a_zip_with_a_password_is_refused() -> None:
    packed = bytearray(_zip(["Ada/neutral/1.jpg"]).getvalue())
    for begin in (6, packed.index(b"PK\x01\x02") + 8):
        packed[begin] |= 0x01
    with pytest.raises(EnrollmentError, match="without a password"), open_zip(io.BytesIO(packed)):
        pass


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_photo_is_told_in_a_sentence(method: int) -> None:
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
        with open_zip(io.BytesIO(damaged)) as folder:
            (ada,) = find_class(folder)
            try:
                assert ada.files[0].file.read_bytes() == photo
            except ImageError as error:
                told.append(str(error))
    assert len(told) > 0.9 * (end - begin)
    assert all(sentence.startswith("Ada/neutral/1.jpg cannot be unpacked: ") for sentence in told)


def test_folders_of_emotions_are_one_student() -> None:
    with pytest.raises(EnrollmentError, match="found folders of emotions: these are the photos of one student"):
        _class_in(["neutral/1.jpg", "happy/2.jpg"])


@pytest.mark.parametrize(
    "names",
    [
        ["5b/Alex/1.png", "5b/Bo/1.png", "5b/Casey/1.png"],
        ["Alex/1.png", "Bo/1.png"],
        ["7a/Ada/neutral/1.jpg", "7b/Bo/neutral/1.jpg"],
    ],
    ids=["no emotions", "no emotions, no wrapper", "two classes"],
)
def test_a_class_without_emotions_where_they_belong_makes_nobody(names: list[str]) -> None:
    with pytest.raises(
        EnrollmentError, match="and in it folders called angry, .*: Ada/neutral/1.jpg. None lies there in"
    ):
        _class_in(names)


@pytest.mark.parametrize("name", ["Sadia", "Asad", "Venkata Lakshmi Narasimha Rao"])
def test_no_name_of_a_student_is_taken_for_an_emotion(name: str) -> None:
    students = _class_in(["7b/Ada/neutral/1.jpg", f"7b/{name}/neutral/1.jpg"])
    assert {student.student for student in students} == {"Ada", name}


def test_a_class_may_hold_states_alone() -> None:
    students = _class_in(["7b/Ada/confused/1.jpg", "7b/Bo/confused/1.jpg"])
    assert [student.student for student in students] == ["Ada", "Bo"]


def test_photos_of_a_state_may_lie_directly_with_their_student() -> None:
    (ada,) = _class_in(["5b/Ada/1.jpg"], "sleepy")
    assert (ada.student, [(file.label, file.name) for file in ada.files]) == ("Ada", [("sleepy", "1.jpg")])
