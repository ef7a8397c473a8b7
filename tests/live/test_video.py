from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from fewshot.errors import OutputError, SourceError
from fewshot.live.sources import open_source
from fewshot.live.video import VideoFileWriter, free_part
from tests.live.builders import PATIENCE


def gray(value: int, width: int = 64, height: int = 48) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def levels(path) -> list[int]:
    with open_source(str(path), patience=PATIENCE) as source:
        return [round(float(frame.image_bgr.mean()) / 50) * 50 for frame in source]


def test_repeats_a_frame_as_long_as_it_was_shown(tmp_path):
    path = tmp_path / "clip.mp4"
    with VideoFileWriter(path, 10) as video:
        for time_s, value in ((0.0, 50), (0.1, 100), (0.4, 200)):
            video.write(gray(value), time_s)
    assert levels(path) == [50, 100, 100, 100, 200]


@pytest.mark.parametrize("source_fps", [7, 12.5, 15, 29.97])
def test_is_as_long_as_its_source(tmp_path, source_fps):
    path = tmp_path / "clip.mp4"
    n = 60
    with VideoFileWriter(path, 15) as video:
        for k in range(n):
            video.write(gray(100), k / source_fps)
    with open_source(str(path), patience=PATIENCE) as source:
        assert source.frame_count == pytest.approx((n - 1) / source_fps * 15 + 1, abs=1)


def test_a_clock_that_jumps_back_or_far_ahead_goes_on(tmp_path):
    path = tmp_path / "clip.mp4"
    with VideoFileWriter(path, 10) as video:
        for time_s in (50.0, 1.0, 10_000.0):
            video.write(gray(100), time_s)
    assert len(levels(path)) == 1 + 50 + 1


def test_frames_of_other_sizes_are_scaled(tmp_path):
    path = tmp_path / "clip.mp4"
    with VideoFileWriter(path, 10) as video:
        video.write(gray(50), 0.0)
        video.write(gray(150, 131, 77), 0.1)
    assert levels(path) == [50, 150]


def test_odd_sizes(tmp_path):
    with VideoFileWriter(tmp_path / "odd.mp4", 10) as video:
        video.write(gray(100, 67, 51), 0.0)
    assert levels(tmp_path / "odd.mp4") == [100]


def test_a_slow_video_is_as_long_as_its_source_too(tmp_path):
    path = tmp_path / "clip.mp4"
    with VideoFileWriter(path, 0.1) as video:
        for k in range(6):
            video.write(gray(100), 10.0 * k)
    assert len(levels(path)) == 6


@pytest.mark.parametrize(
    ("width", "height", "fps"), [(9000, 1000, 15), (64, 1, 15), (64, 48, 120.003), (64, 48, 1 / 400)]
)
def test_what_the_encoder_does_not_take_is_made_to_fit(tmp_path, width, height, fps):
    path = tmp_path / "clip.mp4"
    with VideoFileWriter(path, fps) as video:
        video.write(gray(100, width, height), 0.0)
    capture = cv2.VideoCapture(str(path))
    found = [round(capture.get(prop)) for prop in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)]
    capture.release()
    assert found == {9000: [8190, 910], 64: [64, max(2, height)]}[width]


NO_ROOM = """
import resource, sys
import numpy as np
from fewshot.errors import OutputError
from fewshot.live.video import VideoFileWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
noise = np.random.default_rng(0)
try:
    with VideoFileWriter(__import__("pathlib").Path(sys.argv[1]), 10) as video:
        for k in range(20):
            video.write(noise.integers(0, 255, (240, 320, 3), np.uint8), k / 10)
except OutputError as error:
    sys.exit(str(error))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits on the size of a file")
def test_a_video_that_found_no_room_is_no_video(tmp_path):
    command = [sys.executable, "-c", NO_ROOM, str(tmp_path / "clip.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert "clip.partial.mp4 must be a video at its end, and cannot be played" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["clip.partial.mp4"]


def write_one_frame_and_fail(path: Path, error: type[BaseException]) -> None:
    with VideoFileWriter(path, 10) as video:
        video.write(gray(100), 0.0)
        assert not path.exists()
        raise error("the end")


def test_final_name_appears_only_when_complete(tmp_path):
    with pytest.raises(ZeroDivisionError):
        write_one_frame_and_fail(tmp_path / "clip.mp4", ZeroDivisionError)
    assert [file.name for file in tmp_path.iterdir()] == ["clip.partial.mp4"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SourceError])
def test_ctrl_c_and_a_broken_camera_end_a_recording(tmp_path, end):
    with pytest.raises(end):
        write_one_frame_and_fail(tmp_path / "clip.mp4", end)
    assert levels(tmp_path / "clip.mp4") == [100]


def test_unwritable_folder(tmp_path):
    with (
        pytest.raises(OutputError, match="cannot be written"),
        VideoFileWriter(tmp_path / "no" / "clip.mp4", 10) as video,
    ):
        video.write(gray(1), 0.0)


def test_a_name_on_which_opencv_would_crash():
    with pytest.raises(OutputError, match="must have a name in UTF-8, as its folders must. Name another folder"):
        VideoFileWriter(Path("lesson\udcff/annotated.mp4"), 10)


def test_the_next_part_takes_a_free_name_and_names_what_an_error_left_whole(tmp_path):
    path = tmp_path / "clip.mp4"
    assert free_part(path) == path
    with pytest.raises(ZeroDivisionError):
        write_one_frame_and_fail(path, ZeroDivisionError)
    assert free_part(path) == tmp_path / "clip-2.mp4"
    assert levels(path) == [100]
    (tmp_path / "clip-2.partial.mp4").write_bytes(b"cut off")
    assert free_part(path) == tmp_path / "clip-3.mp4"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["clip-2.partial.mp4", "clip.mp4"]
