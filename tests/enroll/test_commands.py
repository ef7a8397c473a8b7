"""The command line on real photos: every verdict is said, and who is enrolled is kept, shown and forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from enroll.__main__ import main
from fewshot.store.students import Store
from fewshot.types import UInt8
from tests.enroll.conftest import CONSENTED, vary, write_photos
from tests.people import CONSENT, make_person

pytestmark = pytest.mark.usefixtures("store_file", "use_stand_in")


def test_add_show_list_forget(
    tmp_path: Path, portraits: list[UInt8], capsys: pytest.CaptureFixture[str], store_file: str
) -> None:
    photos = {f"{label}/{i}.png": vary(portraits[0], i) for i, label in enumerate(["neutral", "happy", "happy"])}
    folder = write_photos(tmp_path / "ada", photos)
    (folder / "happy" / "notes.txt").write_text("not a photo")
    (folder / "hapy").mkdir()

    assert main(["add", "--name", "Ada", "--images", str(folder), "--course", "7b", *CONSENTED]) == 0
    printed = capsys.readouterr()
    assert "AI Act, Art. 5(1)(f)" in printed.err
    said = printed.out.splitlines()
    assert said[0].startswith("Faces: builtin.")
    assert said[1].startswith("Ada: skipped hapy: 'hapy' is almost the emotion 'happy'")
    assert said[2] == "Ada [1/4] neutral/0.png (neutral) accepted"
    assert said[5].startswith("Ada [4/4] happy/notes.txt (happy) rejected: ")
    assert said[6].startswith(
        "Ada: saved. 3 of 4 photos accepted (happy 2, neutral 1). Of 2 photos (all happy) held out"
    )
    assert said[7] == f"1 of 1 enrolled, in {store_file}."

    assert main(["show", "ada"]) == 0
    shown = capsys.readouterr().out
    assert "Of 2 photos (all happy) held out" in shown
    assert "form signed by the mother" in shown
    assert "by Ms. Noether" in shown

    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert "1 enrolled in" in listed
    assert listed.splitlines()[1].endswith("  7b")
    assert main(["assign", "ada", "--course", "Algebra", "--course", "7B"]) == 0
    assert capsys.readouterr().out == "'Ada' is taught in 7b, Algebra.\n"
    assert main(["assign", "ada"]) == 0
    assert capsys.readouterr().out == "'Ada' is taught in no class.\n"
    assert main(["forget", "Ada"]) == 1
    assert "Confirm it with --yes" in capsys.readouterr().err
    assert main(["forget", "Ada", "--yes"]) == 0
    capsys.readouterr()
    assert main(["list"]) == 0
    assert capsys.readouterr().out.startswith("Nobody is enrolled")


def test_doubtful_photos_are_left_out_unless_confirmed(
    tmp_path: Path, portraits: list[UInt8], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_photos(tmp_path / "ada", {"happy/1.png": portraits[0], "happy/2.png": portraits[3]})
    arguments = ["add", "--name", "Ada", "--images", str(folder), *CONSENTED]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "happy/2.png (happy) left out: the face seems not to be that of happy/1.png" in said
    assert "Say --confirmed to use photos that were left out" in said
    assert main([*arguments, "--replace", "--confirmed"]) == 0
    assert "Ada: saved. 2 of 2 photos accepted (happy 2)." in capsys.readouterr().out


def test_a_list_goes_on_after_a_failure_and_can_be_run_again(
    tmp_path: Path, portraits: list[UInt8], group_photo: UInt8, capsys: pytest.CaptureFixture[str]
) -> None:
    write_photos(tmp_path, {"a.png": portraits[0], "group.png": group_photo, "c.png": portraits[2]})
    csv = tmp_path / "class.csv"
    csv.write_text("file,person,emotion\na.png,NA,neutral\ngroup.png,Bob,neutral\nc.png,Cleo,happy\n")
    assert main(["add", "--list", str(csv), *CONSENTED]) == 1
    said = capsys.readouterr().out
    assert "Bob: NOT enrolled. 'Bob' needs at least one photo" in said
    assert "2 of 3 enrolled" in said
    with_store = Store(str(tmp_path / "students.db"))
    assert [person.name for person in with_store.people()] == ["Cleo", "NA"]
    with_store.close()
    write_photos(tmp_path, {"group.png": portraits[1]})
    assert main(["add", "--list", str(csv), *CONSENTED]) == 0
    said = capsys.readouterr().out
    assert "NA: somebody of this name is enrolled already, and left as they are." in said
    assert "1 of 3 enrolled, 2 were before, in " in said


def test_who_cannot_be_enrolled_anew_stays_as_they_were_and_that_is_said(
    tmp_path: Path, portraits: list[UInt8], capsys: pytest.CaptureFixture[str], store_file: str
) -> None:
    add = ["add", "--name", "Ada", "--emotion", "neutral", *CONSENTED, "--images"]
    assert main([*add, str(write_photos(tmp_path / "ada", {"1.png": portraits[0]}))]) == 0
    blank = write_photos(tmp_path / "wall", {"1.png": portraits[0] // 255})
    capsys.readouterr()
    assert main([*add, str(blank), "--replace"]) == 1
    said = capsys.readouterr().out
    assert "Ada: NOT enrolled anew, the entry of before stays. 'Ada' needs at least one photo" in said
    assert said.endswith(f"0 of 1 enrolled, in {store_file}.\n")
    assert main(["show", "Ada"]) == 0


def test_a_folder_that_names_nobody_stops_no_other(
    tmp_path: Path, portraits: list[UInt8], capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = "A" * 120
    enrolled = write_photos(
        tmp_path / "5b", {"Bea/neutral/1.png": portraits[0], f"{nobody}/neutral/1.png": portraits[1]}
    )
    assert main(["add", "--class", str(enrolled), *CONSENTED]) == 1
    said = capsys.readouterr().out
    assert f"{nobody}: NOT enrolled. A name may have up to 100 characters, got 120." in said
    assert "1 of 2 enrolled" in said
    taught = write_photos(tmp_path / "bored", {"Bea/1.png": portraits[0], f"{nobody}/1.png": portraits[1]})
    assert main(["teach", "bored", "--class", str(taught)]) == 1
    said = capsys.readouterr().out
    assert f"{nobody}: NOT taught" in said
    assert "Bea [1/1] 1.png (bored) rejected: this photo was enrolled before" in said


def test_the_same_face_under_two_names(
    tmp_path: Path, portraits: list[UInt8], capsys: pytest.CaptureFixture[str]
) -> None:
    write_photos(tmp_path, {"a.png": portraits[0], "b.png": vary(portraits[0], 1)})
    csv = tmp_path / "class.csv"
    csv.write_text("file,person,emotion\na.png,Ada,neutral\nb.png,Eve,neutral\n")
    assert main(["add", "--list", str(csv), *CONSENTED]) == 1
    assert "Eve: NOT enrolled. The face of 'Eve' is enrolled already as 'Ada'" in (said := capsys.readouterr().out)
    assert "Say --two-people, with --name, to enroll somebody who only looks like another." in said
    (tmp_path / "a.png").unlink()
    alone = ["add", "--name", "Eve", "--images", str(tmp_path), "--emotion", "neutral", *CONSENTED]
    assert main([*alone, "--two-people"]) == 0
    said = capsys.readouterr().out
    assert "Eve: saved" in said
    assert "Eve: resembles Ada (similarity 0.9" in said
    assert "each may be unknown, or be taken for the other" in said


def test_students_of_other_models_are_refused_until_replaced(
    tmp_path: Path, portraits: list[UInt8], capsys: pytest.CaptureFixture[str], store_file: str
) -> None:
    store = Store(store_file)
    store.add(make_person(1, "Ada"), CONSENT)
    folder = write_photos(tmp_path / "photos", {"a.png": portraits[0]})
    add = ["add", "--name", "Ada", "--images", str(folder), "--emotion", "neutral", *CONSENTED]
    assert main(add) == 1
    assert "(Ada) were made by another encoder or face backend than those in use. Enroll" in (
        said := capsys.readouterr().err
    )
    assert said.endswith(" or use another store. Say --replace to enroll them again, --store to use another store.\n")
    assert main([*add, "--replace"]) == 0
    assert store.person("Ada").encoder_fingerprint == "stand-in"
    store.close()


def test_consent_comes_first(tmp_path: Path, portraits: list[UInt8], capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_photos(tmp_path / "photos", {"a.png": portraits[0]})
    add = ["add", "--name", "Ada", "--images", str(folder), "--emotion", "neutral"]
    for consent in ([], ["--consent", " "]):
        assert main([*add, *consent]) == 1
        assert "Consent must be recorded before" in capsys.readouterr().err
    assert main(["list"]) == 0
    assert capsys.readouterr().out.startswith("Nobody is enrolled")


def test_a_teacher_at_a_terminal_is_asked(
    tmp_path: Path, portraits: list[UInt8], monkeypatch: pytest.MonkeyPatch, store_file: str
) -> None:
    answers = iter(["the father, by mail", "n", "y"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    folder = write_photos(tmp_path / "photos", {"a.png": portraits[0]})
    assert main(["add", "--name", "Ada", "--images", str(folder), "--emotion", "neutral"]) == 0
    store = Store(store_file)
    assert store.consent(store.key_of("Ada")).wording == "the father, by mail"
    assert main(["forget", "Ada"]) == 1
    assert main(["forget", "Ada"]) == 0
    assert store.people() == ()
    store.close()
