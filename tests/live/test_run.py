from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from fewshot.errors import OutputError, SourceError
from fewshot.live.frames import Frame
from fewshot.live.mishaps import Mishaps
from fewshot.live.pipeline import Pipeline
from fewshot.live.run import run
from fewshot.live.session import LiveSession
from fewshot.live.sources import ImageFolder, open_source
from fewshot.live.totals import Totals
from tests.live.builders import PATIENCE, make_config, make_face, make_person
from tests.live.stand_ins import GrayEncoder, ScriptedBackend, make_gallery, paint

FACE = make_face(50, 50, 60)


@pytest.fixture
def session() -> LiveSession:
    backend = ScriptedBackend()
    backend.faces, backend.looks_like = (FACE,), {50: [1, 0, 0]}
    return LiveSession(Pipeline(backend, GrayEncoder()), make_gallery(make_person("Ada", [1, 0, 0])), make_config())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    images = tmp_path / "images"
    images.mkdir()
    for k in range(10):
        cv2.imwrite(str(images / f"{k}.png"), paint((FACE,), (3,)))
    return images


def rows(output: Path) -> list[dict[str, str]]:
    with (output / "readings.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_writes_video_rows_and_totals(session, folder, tmp_path):
    seen = []
    with open_source(str(folder), folder_fps=5, patience=PATIENCE) as source:
        totals = run(source, session, analyze_fps=15, output=tmp_path / "new" / "out", on_result=seen.append)
    output = tmp_path / "new" / "out"
    assert sorted(path.name for path in output.iterdir()) == ["annotated.mp4", "readings.csv"]
    assert [row["frame"] for row in rows(output)] == [str(k) for k in range(10)]
    assert {(row["person"], row["emotion"]) for row in rows(output)} == {("Ada", "happy")}
    with open_source(str(output / "annotated.mp4"), patience=PATIENCE) as video:
        assert (video.fps, video.frame_count) == (5, 10)
    assert len(seen) == totals.frames == 10
    assert totals.people["Ada"].seconds == pytest.approx(1.8)


def test_analyzes_no_more_frames_than_asked(session, folder, tmp_path):
    with open_source(str(folder), folder_fps=10, patience=PATIENCE) as source:
        run(source, session, analyze_fps=5, output=tmp_path)
    assert [row["frame"] for row in rows(tmp_path)] == ["0", "2", "4", "6", "8"]
    assert [float(row["time_s"]) for row in rows(tmp_path)] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])


def test_without_output_nothing_is_written(session, folder, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    with open_source(str(folder), patience=PATIENCE) as source:
        assert run(source, session, analyze_fps=15).frames == 10
    assert sorted(tmp_path.rglob("*")) == before


class UnpluggedFolder(ImageFolder):
    """Breaks off after three images, as a camera does."""

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            if frame.index == 3:
                raise SourceError("unplugged")
            yield frame


def test_what_came_before_a_camera_was_unplugged_is_kept(session, folder, tmp_path):
    totals = Totals()
    source = UnpluggedFolder(sorted(folder.iterdir()), 5, Mishaps())
    with pytest.raises(SourceError, match="unplugged"):
        run(source, session, analyze_fps=15, output=tmp_path, totals=totals)
    assert totals.frames == len(rows(tmp_path)) == 3
    with open_source(str(tmp_path / "annotated.mp4"), patience=PATIENCE) as video:
        assert video.frame_count == 3


def test_results_of_another_run_are_not_lost(session, folder, tmp_path):
    output = tmp_path / "out"
    with open_source(str(folder), patience=PATIENCE) as source:
        run(source, session, analyze_fps=15, output=output)
    before = (output / "readings.csv").read_bytes()
    with (
        open_source(str(folder), patience=PATIENCE) as source,
        pytest.raises(OutputError, match=r"found readings\.csv, annotated\.mp4"),
    ):
        run(source, session, analyze_fps=15, output=output)
    assert (output / "readings.csv").read_bytes() == before


def test_a_run_that_read_nothing_is_not_in_the_way(session, folder, tmp_path):
    whole = (folder / "0.png").read_bytes()
    for image in folder.iterdir():
        image.write_bytes(b"broken")
    with (
        open_source(str(folder), patience=PATIENCE) as source,
        pytest.raises(SourceError, match="None of the 10 images"),
    ):
        run(source, session, analyze_fps=15, output=tmp_path / "out")
    for image in folder.iterdir():
        image.write_bytes(whole)
    with open_source(str(folder), patience=PATIENCE) as source:
        assert run(source, session, analyze_fps=15, output=tmp_path / "out").frames == 10


def test_real_clip_with_one_face(session, clips, tmp_path):
    with open_source(str(clips / "one_face_sad_to_happy.mp4"), patience=PATIENCE) as source:
        totals = run(source, session, analyze_fps=0.5, output=tmp_path, video_name="annotated.webm")
    assert totals.frames == pytest.approx(472 / 24 / 2, abs=1)
    assert (tmp_path / "annotated.webm").exists()
