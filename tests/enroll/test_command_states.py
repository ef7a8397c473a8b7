"""States of the teacher's own on the command line: taught with real photos, shown, and removed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from enroll.__main__ import main
from fewshot.store.students import Store
from fewshot.types import UInt8
from tests.enroll.conftest import CONSENTED, vary, write_photos

pytestmark = pytest.mark.usefixtures("store_file", "use_stand_in")


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
    assert "'confused' is removed from 'Ada'" in capsys.readouterr().out
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
