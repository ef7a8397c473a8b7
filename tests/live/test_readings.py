from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from fewshot.errors import OutputError
from fewshot.live.readings import COLUMNS, ReadingsFile
from fewshot.types import Match
from tests.live.builders import make_emotion, make_face, make_reading, make_result

HEADER = (
    "frame,time_s,track,person,similarity,emotion,confidence,prototypes,x1,y1,x2,y2,"
    "p_angry,p_disgust,p_fear,p_happy,p_sad,p_surprise,p_neutral"
)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_columns_are_those_promised():
    assert ",".join(COLUMNS) == HEADER


def test_one_row_a_face(tmp_path):
    path = tmp_path / "readings.csv"
    ada = make_reading(3, make_face(10, 20, 50), emotion=make_emotion("happy", 0.76, "personal"))
    stranger = make_reading(4, match=Match(None, None, 0.123), emotion=make_emotion(None, 0.28))
    with ReadingsFile(path) as file:
        file.write(make_result(ada, stranger, frame=7, time_s=0.4667))
        file.write(make_result(frame=8, time_s=0.5))
    first, second = read(path)
    assert first["frame"] == "7"
    assert first["time_s"] == "0.467"
    assert first["track"] == "3"
    assert (first["person"], first["similarity"]) == ("Ada", "0.7000")
    assert (first["emotion"], first["confidence"], first["prototypes"]) == ("happy", "0.7600", "personal")
    assert [float(first[name]) for name in ("x1", "y1", "x2", "y2")] == [10, 20, 60, 70]
    assert float(first["p_happy"]) == pytest.approx(0.76)
    assert float(first["p_angry"]) == pytest.approx(0.04)
    assert (second["person"], second["similarity"], second["emotion"], second["prototypes"]) == (
        "",
        "0.1230",
        "",
        "generic",
    )
    assert second["confidence"] == "0.2800"


def test_names_with_commas_and_accents_survive(tmp_path):
    with ReadingsFile(tmp_path / "r.csv") as file:
        file.write(make_result(make_reading(match=Match("z", 'Zoë, "Z"', 0.5))))
    assert read(tmp_path / "r.csv")[0]["person"] == 'Zoë, "Z"'


def test_a_name_can_be_no_formula(tmp_path):
    with ReadingsFile(tmp_path / "r.csv") as file:
        file.write(make_result(make_reading(match=Match("z", "=cmd()", 0.5))))
    assert read(tmp_path / "r.csv")[0]["person"] == "'=cmd()"


def test_a_frame_without_faces_leaves_the_names_of_the_columns(tmp_path):
    with ReadingsFile(tmp_path / "r.csv") as file:
        assert (tmp_path / "r.csv").read_text() == ""
        file.write(make_result())
    assert (tmp_path / "r.csv").read_text().startswith("frame,time_s,")


def test_what_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(
        OutputError, match=r"nowhere/r\.csv cannot be written: No such file or directory\. Name another"
    ):
        ReadingsFile(tmp_path / "nowhere" / "r.csv")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_a_sentence():
    with (
        pytest.raises(OutputError, match="cannot be written: No space left on device"),
        ReadingsFile(Path("/dev/full")) as file,
    ):
        file.write(make_result(make_reading()))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_process_loses_no_row_it_had_written(tmp_path):
    program = f"""
        import os, signal
        from pathlib import Path
        from fewshot.live.readings import ReadingsFile
        from tests.live.builders import make_reading, make_result
        file = ReadingsFile(Path({str(tmp_path / "r.csv")!r}))
        for k in range(5):
            file.write(make_result(make_reading(), frame=k))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    root = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert [row["frame"] for row in read(tmp_path / "r.csv")] == list("01234")
