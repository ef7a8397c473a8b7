from __future__ import annotations

from pathlib import Path

import pytest

from enroll.photo_list import read_list
from fewshot.errors import EnrollmentError


def _list(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "class.csv"
    file.write_text(text, encoding=encoding)
    return file


def test_a_list_makes_one_entry_a_person(tmp_path: Path) -> None:
    text = "person,emotion,file,note\nNA,Happy,1.png,x\nBea,sad,2.png,\nna,neutral,3.png,\nNone,fear,4.png,\n"
    students = read_list(_list(tmp_path, text, "utf-8-sig"), tmp_path / "img")
    assert [student.student for student in students] == ["NA", "Bea", "None"]
    assert [(file.label, file.name) for file in students[0].files] == [("neutral", "3.png"), ("happy", "1.png")]
    assert students[0].files[0].file == tmp_path / "img" / "3.png"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must have the columns file, person, emotion, separated by commas; found an empty file"),
        ("file,name\na,b\n", "must have the columns file, person, emotion, separated by commas; found file, name"),
        ("file;person;emotion\na;b;c\n", "separated by commas; found file;person;emotion"),
        ("file,person,emotion\n1.png,A\x07,happy\n", r"line 2: A name must be plain text"),
        ("file,person,emotion\n", "must have a row for each photo, found none"),
        ("file,person,emotion\n1.png,Ada,happy\n2.png,Ada,suprise\n", r"class\.csv, line 3: 'suprise' is almost"),
        ("file,person,emotion\n1.png,,happy\n", r"line 2: every row needs .*; person is empty"),
        ("file,person,emotion\n1.png,Ada\n", r"line 2: every row needs .*; emotion is empty"),
    ],
)
def test_lists_that_cannot_be_used(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(EnrollmentError, match=sentence):
        read_list(_list(tmp_path, text), tmp_path)


def test_lists_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EnrollmentError, match="must be a CSV file, got: .*No such file"):
        read_list(tmp_path / "nowhere.csv", tmp_path)
    with pytest.raises(EnrollmentError, match="must be a CSV file, got: .* Save it again as CSV in UTF-8"):
        read_list(_list(tmp_path, "file,person,emotion\n1.png,Zoë,happy\n", "latin-1"), tmp_path)
