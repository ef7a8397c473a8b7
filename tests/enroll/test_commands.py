"""The command line on real photos: every verdict is said, errors are one sentence, and the codes are kept."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest

from enroll.__main__ import main
from fewshot.models import Models
from fewshot.store.students import Store
from fewshot.types import UInt8
from tests.enroll.conftest import vary, write_photos
from tests.people import CONSENT, make_person

CONSENTED = ("--consent", "form signed by the mother", "--recorded-by", "Ms. Noether")


@pytest.fixture(autouse=True)
def store_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of this test's own, and no terminal to ask anything."""
    file = str(tmp_path / "students.db")
    monkeypatch.setenv("FEWSHOT_STORE", file)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return file


@pytest.fixture(autouse=True)
def use_stand_in(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fewshot.models.load_models", lambda faces, personal: models)


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
    assert "NA: enrolled already, left as it is." in said
    assert "1 of 3 enrolled, 2 were before, in " in said


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


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["add"],
        ["add", "--name", "Ada"],
        ["add", "--name", ""],
        ["add", "--name", "Ada", "--images", "x", "--list", "y.csv"],
        ["add", "--name", "Ada", "--images", "x", "--emotion", "bored"],
        ["add", "--name", "Ada", "--images", "x", "--root", "y"],
        ["add", "--class", "x", "--emotion", "happy"],
        ["add", "--class", "x", "--list", "y.csv"],
        ["add", "--list", "y.csv", "--images", "x"],
        ["add", "--class", "x", "--two-people"],
        ["add", "--list", "y.csv", "--two-people"],
        ["teach", "--class", "x"],
        ["teach", "bored"],
        ["teach", "bored", "--name", "Ada"],
        ["teach", "bored", "--class", "x", "--images", "y"],
        ["teach", "bored", "--class", "x", "--consent", "y"],
        ["teach", "bored", "--name", "Ada", "--images", "x", "--course", "7b"],
        ["show"],
        ["list", "--nonsense"],
        ["teach", "bored", "--class", "x", "--nonsense=1"],
        ["teach", "bored", "--class", "x", "y"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "usage: " in capsys.readouterr().err


def test_that_two_students_look_alike_is_said_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["add", "--class", "x", "--two-people"])
    assert "say --two-people of one student, with --name\n" in capsys.readouterr().err


def test_no_value_of_the_config_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["show"])
    assert "the following arguments are required: name\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "Bob"], "Nobody called 'Bob' is enrolled"),
        (["forget", "Bob", "--yes"], "Nobody called 'Bob' is enrolled"),
        (["list", "faces=nonsense"], "faces"),
        (["teach", "bored", "--name", "Ada", "--images", "x", "faces=nonsense"], "faces"),
        (["list", "personal.kappa=-1"], "kappa must be at least 0.001"),
        (["list", "--store", "sqlite://"], "must be a file or a database server"),
        (["add", "--name", "Ada", "--images", "nowhere", "--consent", "x"], "must be in a folder"),
        (["add", "--list", "nowhere.csv", "--consent", "x"], "must be a CSV file"),
    ],
)
def test_errors_are_one_sentence(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("enroll: ")
    assert sentence in error
    assert "Traceback" not in error


def test_a_state_of_the_teachers_own_joins_who_is_enrolled_and_goes(
    tmp_path: Path, portraits: list[UInt8], capsys: pytest.CaptureFixture[str]
) -> None:
    people = {"Ada": portraits[0], "Bo": portraits[3]}
    for name, portrait in people.items():
        folder = write_photos(tmp_path / name, {"neutral/1.png": portrait})
        assert main(["add", "--name", name, "--images", str(folder), *CONSENTED]) == 0
    shots = write_photos(
        tmp_path / "shots",
        {"Ada/confused/1.png": vary(portraits[0], 1), "Ada/2.png": portraits[3], "Cleo/1.png": portraits[1]},
    )
    capsys.readouterr()
    teach = ["teach", "Confused", "--for-class"]
    assert main([*teach, "--class", str(shots)]) == 1
    said = capsys.readouterr().out
    assert "Ada: saved. 'confused' rests on 1 own shot, little evidence." in said
    assert "Cleo: NOT taught. Enroll them first" in said
    assert (
        main([*teach, "--name", "Ada", "--images", str(write_photos(tmp_path / "wrong", {"1.png": portraits[3]}))]) == 1
    )
    said = capsys.readouterr()
    assert "left out: the face seems not to be that of Ada" in said.out
    assert "Say --confirmed to use photos that were left out" in said.out
    assert "Art. 5(1)(f)" in said.err
    assert main(["show", "Bo"]) == 0
    assert "state       confused, 1 shot of Ada, little evidence" in capsys.readouterr().out
    assert main(["show", "Ada"]) == 0
    assert "confused, 1 own shot, little evidence; taught to the whole class" in capsys.readouterr().out
    assert main(["forget-state", "confused", "--name", ""]) == 1, (
        "a name that is not filled in is nobody's, not everybody"
    )
    assert "needs a name" in capsys.readouterr().err
    assert main(["forget-state", "confused"]) == 0
    assert "'confused' is removed from Ada" in capsys.readouterr().out
    assert main(["forget-state", "confused"]) == 1
    assert "Nobody in" in capsys.readouterr().err


def test_a_new_students_state_may_be_for_the_class_at_once(
    tmp_path: Path, portraits: list[UInt8], store_file: str
) -> None:
    photos = {"neutral/1.png": portraits[0], "sleepy/1.png": vary(portraits[0], 1)}
    folder = write_photos(tmp_path / "ada", photos)
    assert main(["add", "--name", "Ada", "--images", str(folder), "--for-class", *CONSENTED]) == 0
    with closing(Store(store_file)) as store:
        (ada,) = store.people()
    assert ada.embedding_labels == ("neutral", "sleepy")
    assert ada.shared_states == ("sleepy",)


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["add", "--name", "Ada"], "--images"),
        (["add"], "--class"),
        (["add"], "--list"),
        (["add", "--list", "a.csv"], "--root"),
        (["teach", "confused"], "--class"),
        (["list"], "--store"),
    ],
)
def test_an_empty_path_is_not_the_current_folder(
    command: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*command, option, ""])
    assert f"argument {option}: must name a file or folder, got nothing" in capsys.readouterr().err
