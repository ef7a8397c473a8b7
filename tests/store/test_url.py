"""Where students are kept: one place, or where teachers sign in, one for each of them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from fewshot.errors import StoreError
from fewshot.store.lessons import LessonStore
from fewshot.store.preferences import Preferences
from fewshot.store.students import Store
from fewshot.store.url import check_folder, default_url, teacher_files, teacher_url
from tests.lessons import make_entry, make_seconds
from tests.people import CONSENT, make_person


def test_default_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEWSHOT_STORE", raising=False)
    assert default_url().endswith("students.db")
    monkeypatch.setenv("FEWSHOT_STORE", "mine.db")
    assert default_url() == "mine.db"
    assert default_url("school.db") == "school.db"  # said in a config or on the command line, it is meant


def test_an_account_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(uid: int) -> None:
        raise KeyError(uid)

    for name in ("HOME", "XDG_DATA_HOME", "FEWSHOT_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert default_url("school.db") == "school.db"
    with pytest.raises(StoreError, match=r"needs a place, and this account has no home.*Name a file in FEWSHOT_STORE"):
        default_url()


def test_the_home_of_nobody() -> None:
    with pytest.raises(StoreError, match=r"there is no home ~nobody-here\. Write its path from / on"):
        Store("~nobody-here/students.db")


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("/data/students.db", "/data/students-a1.db"),
        ("/data/of #1?/students", "/data/of #1?/students-a1"),
        ("/data/{teacher}/students.db", "/data/a1/students.db"),
        ("sqlite:////data/students.db?timeout=5", "sqlite:////data/students-a1.db?timeout=5"),
        ("postgresql+psycopg://me:pass@host/class_{teacher}", "postgresql+psycopg://me:pass@host/class_a1"),
    ],
)
def test_each_teacher_has_a_place_of_her_own(url: str, own: str) -> None:
    assert teacher_url(url, "a1") == own


@pytest.mark.parametrize("name", ["students [5b].db", "{teacher}.db", "sqlite"])
def test_the_files_of_teachers_are_found(name: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/students.db" if name == "sqlite" else str(tmp_path / name)
    keys = ["0" * 32, "f" * 32]
    for key in keys:
        Store(teacher_url(url, key)).close()
    (tmp_path / "students-old.db").touch()
    assert [Path(file).stem[-32:] for file in teacher_files(url)] == keys
    assert teacher_files("postgresql+psycopg://host/class_{teacher}") == []


def test_a_database_for_all_is_refused_without_its_password() -> None:
    with pytest.raises(StoreError, match=r"another for each of them.*me:\*\*\*@host/class .*Put \{teacher\}") as told:
        teacher_url("postgresql+psycopg://me:swordfish@host/class", "a1")
    assert "swordfish" not in str(told.value)


def test_the_placeholder_means_nobody_without_a_sign_in() -> None:
    with pytest.raises(StoreError, match=r"\{teacher\}.*Name the store of one teacher"):
        Store("postgresql+psycopg://host/class_{teacher}")


def test_teachers_do_not_see_each_other(tmp_path: Path) -> None:
    url = str(tmp_path / "students.db")
    with closing(Store(teacher_url(url, "a1"))) as ada, closing(Store(teacher_url(url, "b2"))) as bo:
        ada.add(make_person(1), CONSENT)
        LessonStore(ada.database).save(make_entry(), make_seconds({make_person(1).name: ["happy"]}), [])
        Preferences(ada.database).save({"display.language": "hi"})
        assert (bo.people(), LessonStore(bo.database).entries(), Preferences(bo.database).read()) == ((), (), {})
        assert len(ada.people()) == 1


def test_a_folder_that_is_still_to_be_made_can_be_written_to(tmp_path: Path) -> None:
    check_folder(str(tmp_path / "school" / "classes" / "students.db"))
    assert list(tmp_path.iterdir()) == []
    check_folder("postgresql+psycopg://nowhere/db")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "school").touch()
    for folder in ("school", "school/classes"):
        with pytest.raises(StoreError, match="needs a folder that can be written to, got .*school.*: Not a directory"):
            check_folder(str(tmp_path / folder / "students.db"))
