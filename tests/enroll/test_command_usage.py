"""What the command line refuses: wrong usage by its code, everything else in one sentence."""

from __future__ import annotations

import pytest

from enroll.__main__ import main

pytestmark = pytest.mark.usefixtures("store_file", "use_stand_in")


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
