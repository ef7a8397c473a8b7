from __future__ import annotations

import csv
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from fewshot.live import __main__ as command
from fewshot.live.demo import write_clip
from fewshot.types import FrameResult
from tests.live.builders import make_generic
from tests.live.stand_ins import GrayEncoder


@pytest.fixture(autouse=True)
def stand_in_models(monkeypatch, tmp_path):
    """The real face backend, but an encoder whose answers are known, and a store of the test's own."""
    monkeypatch.setattr("fewshot.models.load_encoder", lambda threads: GrayEncoder())
    monkeypatch.setattr("fewshot.models.load_generic", make_generic)
    monkeypatch.setenv("FEWSHOT_STORE", str(tmp_path / "students.db"))


def test_watches_a_clip(tmp_path, capsys):
    clip = write_clip(tmp_path / "class.mp4", seconds=0.5, size=(640, 360))
    output = tmp_path / "out"
    assert command.main([f"source={clip}", f"output={output}", "faces=builtin", "analyze_fps=5"]) == 0
    printed = capsys.readouterr()
    assert "faces:    builtin" in printed.out
    assert "AI Act, Art. 5(1)(f)" in printed.out
    assert "students: 0 of 0 enrolled in" in printed.out
    assert "unknown" in printed.out
    assert "mean ms a frame: gray" in printed.out
    assert "frames: 3 analyzed, 0 of them without a face, at most 6 faces\n" in printed.out
    assert "8/8" in printed.err
    with (output / "readings.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 18
    assert {row["person"] for row in rows} == {""}
    assert (output / "annotated.mp4").exists()


def test_help(capsys):
    assert command.main(["--help"]) == 0
    assert "python -m fewshot.live source=SOURCE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["source=nowhere.mp4", "faces=builtin"], "live: nowhere.mp4 does not exist"),
        (["source=0", "smothing=3"], "live: conf/live.yaml with smothing=3: Could not override 'smothing'"),
        (["source=0", "smoothing.min_confidence=3"], "min_confidence must lie between 0 and 1"),
        (["source=0", "faces=insightface", "faces.pack_root=nowhere"], "live: "),
        (["source=0", "faces=builtin", "course=9c"], "live: A class must be one that somebody enrolled is taught in"),
        (
            ["source=0", "faces=builtin", "display.mode=aggregate"],
            "live: display.mode must be full here, got aggregate",
        ),
        (["source=4294967296", "faces=builtin"], "live: 4294967296 does not exist. Give a video file"),
        (["source=", "faces=builtin"], "live: A source must be named, got nothing. Give a video file"),
    ],
)
def test_errors_are_sentences(arguments, sentence, capsys):
    assert command.main(arguments) == 1
    assert sentence in capsys.readouterr().err


def test_a_run_that_never_began_has_no_table(tmp_path, capsys):
    clip = write_clip(tmp_path / "class.mp4", seconds=0.5, size=(320, 180))
    (tmp_path / "readings.csv").write_text("frame")
    assert command.main([f"source={clip}", "faces=builtin", f"output={tmp_path}"]) == 1
    said = capsys.readouterr()
    assert "must not hold results already" in said.err
    assert "No face was seen" not in said.out


def test_ctrl_c_ends_with_130_and_the_table(monkeypatch, tmp_path, capsys):
    clip = write_clip(tmp_path / "class.mp4", seconds=0.5, size=(320, 180))

    def interrupt(_source: object, _session: object, take: Callable[[FrameResult], None], **_: object) -> None:
        take(FrameResult(0, 0.0, 320, 180, ()))
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run", interrupt)
    assert command.main([f"source={clip}", "faces=builtin"]) == 130
    assert "No face was seen. Faces less than 20 px wide were passed over" in capsys.readouterr().out


def test_what_went_wrong_is_counted_at_the_end(tmp_path, capsys):
    (tmp_path / "1.png").write_bytes(b"broken")
    cv2.imwrite(str(tmp_path / "2.png"), np.full((90, 160, 3), 60, np.uint8))
    assert command.main([f"source={tmp_path}", "faces=builtin"]) == 0
    printed = capsys.readouterr()
    assert "frames: 1 analyzed, 1 of them without a face, at most 0 faces\nsource: 1 unreadable pictures" in printed.out
    assert "live: Image 1 of 2 is passed over" in printed.err
