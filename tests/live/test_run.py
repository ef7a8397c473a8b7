from __future__ import annotations

import csv
import gc
import signal
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from fewshot.errors import OutputError, SourceError
from fewshot.live.frames import Frame, FrameSource
from fewshot.live.mishaps import Mishaps
from fewshot.live.recordings import ImageFolder
from fewshot.live.run import run
from fewshot.live.session import LiveSession
from fewshot.live.sources import open_source
from fewshot.live.totals import Totals
from fewshot.live.video import VideoFileWriter
from fewshot.types import FrameResult
from tests.live.builders import PATIENCE, make_config, make_face, make_person
from tests.live.stand_ins import ScriptedBackend, make_gallery, make_models, paint

FACE = make_face(50, 50, 60)


@pytest.fixture
def session() -> LiveSession:
    backend = ScriptedBackend()
    backend.faces, backend.looks_like = (FACE,), {50: [1, 0, 0]}
    return LiveSession(make_models(backend), make_gallery(make_person("Ada", [1, 0, 0])), make_config())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    images = tmp_path / "images"
    images.mkdir()
    for k in range(10):
        cv2.imwrite(str(images / f"{k}.png"), paint((FACE,), (3,)))
    return images


def count(source: FrameSource, session: LiveSession, **options: object) -> int:
    """Read ``source`` to its end, and return how many frames were analyzed."""
    totals = Totals()
    run(source, session, totals.add, **options)
    return totals.frames


def rows(output: Path) -> list[dict[str, str]]:
    with (output / "readings.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_within_a_frame_ends_behind_it(session, folder, tmp_path, monkeypatch):
    process = session.process

    def interrupted(image_bgr, time_s, index):
        if index == 3:
            signal.raise_signal(signal.SIGINT)
        return process(image_bgr, time_s, index)

    monkeypatch.setattr(session, "process", interrupted)
    totals = Totals()
    with open_source(str(folder), patience=PATIENCE) as source, pytest.raises(KeyboardInterrupt):
        run(source, session, totals.add, analyze_fps=15, output=tmp_path / "out")
    assert [row["frame"] for row in rows(tmp_path / "out")] == ["0", "1", "2", "3"]
    assert totals.frames == 4
    with open_source(str(tmp_path / "out" / "annotated.mp4"), patience=PATIENCE) as video:
        assert video.frame_count == 4


def test_writes_video_and_rows_and_hands_on_each_result(session, folder, tmp_path):
    seen = []
    with open_source(str(folder), patience=PATIENCE) as source:
        run(source, session, seen.append, analyze_fps=15, output=tmp_path / "new" / "out")
    output = tmp_path / "new" / "out"
    assert sorted(path.name for path in output.iterdir()) == ["annotated.mp4", "readings.csv"]
    assert [row["frame"] for row in rows(output)] == [str(k) for k in range(10)]
    assert {(row["person"], row["emotion"]) for row in rows(output)} == {("Ada", "happy")}
    with open_source(str(output / "annotated.mp4"), patience=PATIENCE) as video:
        assert (video.fps, video.frame_count) == (5, 10)
    assert [result.frame for result in seen] == list(range(10))


def test_analyzes_no_more_frames_than_asked(session, folder, tmp_path):
    with open_source(str(folder), patience=PATIENCE) as source:
        run(source, session, Totals().add, analyze_fps=2.5, output=tmp_path)
    assert [row["frame"] for row in rows(tmp_path)] == ["0", "2", "4", "6", "8"]
    assert [float(row["time_s"]) for row in rows(tmp_path)] == pytest.approx([0, 0.4, 0.8, 1.2, 1.6])


def test_without_output_nothing_is_written(session, folder, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    with open_source(str(folder), patience=PATIENCE) as source:
        assert count(source, session, analyze_fps=15) == 10
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
    source = UnpluggedFolder(sorted(folder.iterdir()), Mishaps())
    with pytest.raises(SourceError, match="unplugged"):
        run(source, session, totals.add, analyze_fps=15, output=tmp_path)
    assert totals.frames == len(rows(tmp_path)) == 3
    with open_source(str(tmp_path / "annotated.mp4"), patience=PATIENCE) as video:
        assert video.frame_count == 3


def test_results_of_another_run_are_not_lost(session, folder, tmp_path):
    output = tmp_path / "out"
    with open_source(str(folder), patience=PATIENCE) as source:
        run(source, session, Totals().add, analyze_fps=15, output=output)
    before = (output / "readings.csv").read_bytes()
    with (
        open_source(str(folder), patience=PATIENCE) as source,
        pytest.raises(OutputError, match=r"found readings\.csv, annotated\.mp4\. .* resume=true"),
    ):
        run(source, session, Totals().add, analyze_fps=15, output=output)
    assert (output / "readings.csv").read_bytes() == before


def test_a_run_that_read_nothing_is_not_in_the_way(session, folder, tmp_path):
    whole = (folder / "0.png").read_bytes()
    for image in folder.iterdir():
        image.write_bytes(b"broken")
    with (
        open_source(str(folder), patience=PATIENCE) as source,
        pytest.raises(SourceError, match="None of the 10 images"),
    ):
        run(source, session, Totals().add, analyze_fps=15, output=tmp_path / "out")
    for image in folder.iterdir():
        image.write_bytes(whole)
    with open_source(str(folder), patience=PATIENCE) as source:
        assert count(source, session, analyze_fps=15, output=tmp_path / "out") == 10


def test_real_clip_with_one_face(session, clips, tmp_path):
    with open_source(str(clips / "one_face_sad_to_happy.mp4"), patience=PATIENCE) as source:
        frames = count(source, session, analyze_fps=0.5, output=tmp_path)
    assert frames == pytest.approx(472 / 24 / 2, abs=1)
    assert (tmp_path / "annotated.mp4").exists()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Four seconds at 15 frames a second with one face."""
    with VideoFileWriter(tmp_path / "lesson.mp4", 15) as video:
        for k in range(60):
            video.write(paint((FACE,), (3,)), k / 15)
    return tmp_path / "lesson.mp4"


def watch_clip(session: LiveSession, clip: Path, output: Path, *, resume: bool) -> int:
    with open_source(str(clip), patience=PATIENCE) as source:
        return count(source, session, analyze_fps=15, output=output, resume=resume)


def test_resuming_in_a_new_folder_begins(session, clip, tmp_path):
    assert watch_clip(session, clip, tmp_path / "out", resume=True) == 60
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["annotated.mp4", "readings.csv"]


@pytest.mark.parametrize("torn", [b"", b"31,2.0", b"31,2.067,1,Ada,0.7\r", b"\0\0\0\0", b'31,2.067,1,"A'])
def test_a_torn_file_is_repaired_and_the_frames_are_those_of_one_run(session, clip, tmp_path, torn):
    output = tmp_path / "out"
    watch_clip(session, clip, output, resume=False)
    whole = rows(output)
    written = (output / "readings.csv").read_bytes()
    place = written.index(b"\r\n31,") + 2
    (output / "readings.csv").write_bytes(written[:place] + torn)
    assert watch_clip(session, clip, output, resume=True) == 30
    assert [(row["frame"], row["time_s"]) for row in rows(output)] == [(row["frame"], row["time_s"]) for row in whole]
    assert sorted(path.name for path in output.iterdir()) == ["annotated-2.mp4", "annotated.mp4", "readings.csv"]
    with open_source(str(output / "annotated-2.mp4"), patience=PATIENCE) as video:
        assert video.frame_count == 30


def test_only_the_source_that_it_began_with_resumes_a_run(session, clip, folder, tmp_path):
    output = tmp_path / "out"
    watch_clip(session, clip, output, resume=False)
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    with VideoFileWriter(tmp_path / "other.mp4", 10) as video:
        for k in range(80):
            video.write(paint((FACE,), (3,)), k / 10)
    for other, found in ((folder, "no such frame"), (tmp_path / "other.mp4", r"frame 59 at 5\.900 s")):
        with pytest.raises(OutputError, match=rf"ends with frame 59 at 3\.933 s, and this source has {found}"):
            watch_clip(session, other, output, resume=True)
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before


def test_what_is_no_file_of_readings_is_left_alone(session, clip, tmp_path):
    (tmp_path / "readings.csv").write_text("name,mark\nAda,1\n")
    with pytest.raises(OutputError, match=r"readings\.csv must hold the readings of an interrupted run"):
        watch_clip(session, clip, tmp_path, resume=True)
    assert (tmp_path / "readings.csv").read_text() == "name,mark\nAda,1\n"


class Odd(ImageFolder):
    """Shows gray, transparent, small, black and no pictures among the others, and its clock jumps back."""

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            picture, time_s = frame.image_bgr, frame.time_s
            odd = {
                2: picture[..., 0],
                3: np.dstack([picture, picture[..., :1]]),
                4: picture.astype(np.float32),
                5: picture[:90, :160],
                6: np.zeros_like(picture),
            }
            yield Frame(frame.index, time_s - (1.0 if frame.index == 8 else 0.0), odd.get(frame.index, picture))


def test_odd_frames_are_counted_and_the_run_goes_on(session, folder, tmp_path):
    (folder / "9.png").write_bytes(b"broken")
    source = Odd(sorted(folder.iterdir()), Mishaps())
    assert count(source, session, analyze_fps=15, output=tmp_path / "out") == 8
    assert source.mishaps.summary() == (
        "2 unreadable pictures passed over, 2 pictures of another color layout converted, 2 changes of size, "
        "1 black pictures, 1 jumps back of the clock"
    )
    assert [row["frame"] for row in rows(tmp_path / "out")] == list("01235678")
    assert {row["person"] for row in rows(tmp_path / "out")} == {"Ada"}


def test_a_long_recording_needs_no_more_memory_than_a_short_one(session, folder, tmp_path):
    picture = paint((FACE,), (3,))

    class Endless(ImageFolder):
        def __iter__(self) -> Iterator[Frame]:
            for k in range(600):
                yield Frame(k, k / 15, picture.copy())

    in_use: list[int] = []

    def note(result: FrameResult) -> None:
        if result.frame in (100, 599):
            gc.collect()
            in_use.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        run(Endless([folder], Mishaps()), session, note, analyze_fps=15, output=tmp_path / "out")
    finally:
        tracemalloc.stop()
    assert in_use[1] - in_use[0] < picture.nbytes
