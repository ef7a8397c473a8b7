"""Recordings and folders: every frame with its own time, whatever of them is damaged."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from fewshot.errors import SourceError
from fewshot.live.mishaps import Mishaps
from fewshot.live.recordings import VideoFile
from fewshot.live.sources import open_source
from fewshot.live.video import VideoFileWriter
from tests.builders import write_webm
from tests.live.builders import PATIENCE


def gray(value: int, width: int = 64, height: int = 48) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for k in (10, 2, 1):
        cv2.imwrite(str(tmp_path / f"frame{k}.png"), gray(k))
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "count", "size"),
    [
        ("jaffe_class_10.mp4", 630, (720, 1280)),
        ("one_face_sad_to_happy.mp4", 472, (360, 640)),
        ("three_people_walking.gif", 41, (270, 480)),
    ],
)
def test_real_clips(clips, name, count, size):
    with open_source(str(clips / name), patience=PATIENCE) as source:
        assert source.frame_count == count
        frames = [frame for _, frame in zip(range(12), source, strict=False)]
    assert [frame.index for frame in frames] == list(range(12))
    assert frames[0].time_s == 0
    assert frames[0].image_bgr.shape == (*size, 3)
    steps = np.diff([frame.time_s for frame in frames])
    assert (steps > 0).all()
    if name.endswith("mp4"):
        np.testing.assert_allclose(steps, 1 / source.fps, atol=2e-3)


def test_gif_keeps_its_own_uneven_timestamps(clips):
    with open_source(str(clips / "two_faces_turning_heads.gif"), patience=PATIENCE) as source:
        times = [frame.time_s for frame in source]
    assert len(times) == 56
    assert len(set(np.diff(times).round(3))) > 1


def test_folder_in_natural_order(folder):
    with open_source(str(folder), patience=PATIENCE) as source:
        frames = list(source)
    assert [int(frame.image_bgr[0, 0, 0]) for frame in frames] == [1, 2, 10]
    assert [frame.time_s for frame in frames] == [0, 0.2, 0.4]
    assert (source.fps, source.frame_count) == (5, 3)


def test_a_single_image_is_a_source_of_one_frame(folder):
    with open_source(str(folder / "frame2.png"), patience=PATIENCE) as source:
        assert [frame.index for frame in source] == [0]


def test_damaged_images_are_named_counted_and_passed_over(folder):
    whole = cv2.imencode(".jpg", np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8))[1].tobytes()
    (folder / "frame3.png").write_bytes(b"broken")
    (folder / "frame4.jpg").write_bytes(whole[: len(whole) // 2])
    told: list[str] = []
    mishaps = Mishaps(tell=told.append)
    with open_source(str(folder), patience=PATIENCE, mishaps=mishaps) as source:
        assert [frame.index for frame in source] == [0, 1, 4]
    assert mishaps.unreadable == 2
    assert [re.match(r"Image (\d) of 5 is passed over: .*frame\d\.(png|jpg) must be a", said)[1] for said in told] == [
        "3",
        "4",
    ]


def test_a_folder_without_one_readable_image(folder):
    for path in folder.iterdir():
        path.write_bytes(b"broken")
    with (
        open_source(str(folder), patience=PATIENCE) as source,
        pytest.raises(SourceError, match="None of the 3 images"),
    ):
        list(source)


@pytest.mark.parametrize("name", ["one_face_sad_to_happy.mp4", "three_people_walking.gif"])
@pytest.mark.parametrize("seekable", [True, False])
def test_a_recording_can_be_entered_anywhere(clips, monkeypatch, name, seekable):
    with open_source(str(clips / name), patience=PATIENCE) as source:
        whole = [frame for _, frame in zip(range(40), source, strict=False)]
    with open_source(str(clips / name), patience=PATIENCE) as source:
        if not seekable:  # the first attempt leads to the beginning
            found = source._read_at
            monkeypatch.setattr(source, "_read_at", lambda index: found(0))
        source.skip_to(37, round(whole[37].time_s, 3))
        assert source._begin == (37 if seekable else 0)
        rest = [frame for _, frame in zip(range(3), source, strict=False)]
    assert [(frame.index, frame.time_s) for frame in rest] == [(frame.index, frame.time_s) for frame in whole[37:]]
    for frame, other in zip(rest, whole[37:], strict=True):
        np.testing.assert_array_equal(frame.image_bgr, other.image_bgr)


def test_a_folder_can_be_entered_anywhere(folder):
    with open_source(str(folder), patience=PATIENCE) as source:
        source.skip_to(2, 0.4)
        assert [(frame.index, frame.time_s) for frame in source] == [(2, 0.4)]


def test_video_without_pictures(clips, tmp_path):
    whole = (clips / "one_face_sad_to_happy.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[:4000] if whole.find(b"moov") < 4000 else whole[-100_000:])
    with pytest.raises(SourceError, match=r"cut\.mp4"):
        open_source(str(path), patience=PATIENCE)


def test_a_recording_that_is_cut_short_says_so_after_its_last_frame(tmp_path):
    noise = (np.random.default_rng(k).integers(0, 255, (120, 160, 3), np.uint8) for k in range(60))
    write_webm(tmp_path / "whole.webm", noise, 10)
    whole = (tmp_path / "whole.webm").read_bytes()
    (tmp_path / "cut.webm").write_bytes(whole[: len(whole) // 2])
    told: list[str] = []
    mishaps = Mishaps(tell=told.append)
    with open_source(str(tmp_path / "cut.webm"), patience=PATIENCE, mishaps=mishaps) as source:
        frames = list(source)
    assert 20 <= len(frames) < 40
    assert f"ends after {len(frames)} of the 60 frames that it claims" in told[0]
    assert mishaps.summary() == f"{60 - len(frames)} frames claimed and not there"


class Unseekable:
    """A stream of pictures without an index, such as a raw .h264: whoever seeks in it has lost it."""

    def __init__(self, path: Path) -> None:
        self._capture = cv2.VideoCapture(str(path))

    def get(self, prop: int) -> float:
        return self._capture.get(prop)

    def set(self, prop: int, value: float) -> bool:
        self._capture.release()
        return False

    def read(self) -> tuple[bool, np.ndarray | None]:
        return self._capture.read()

    def grab(self) -> bool:
        return self._capture.grab()

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        return self._capture.retrieve()

    def release(self) -> None:
        self._capture.release()


def test_a_recording_that_cannot_be_wound_back_is_opened_again(tmp_path):
    path = tmp_path / "clip.mp4"
    with VideoFileWriter(path, 10) as video:
        for k in range(10):
            video.write(np.full((48, 64, 3), 20 * k, np.uint8), k / 10)
    with VideoFile(Unseekable(path), lambda: Unseekable(path), "clip", Mishaps()) as source:
        source.skip_to(6, 0.6)
        frames = list(source)
    assert [frame.index for frame in frames] == [6, 7, 8, 9]
    assert [round(float(frame.image_bgr.mean()) / 20) for frame in frames] == [6, 7, 8, 9]


def test_a_recording_that_is_damaged_in_its_middle_is_read_to_its_end(clips, tmp_path):
    data = bytearray((clips / "jaffe_class_10.mp4").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 60_000] = bytes(60_000)
    (tmp_path / "damaged.mp4").write_bytes(data)
    told: list[str] = []
    mishaps = Mishaps(tell=told.append)
    with open_source(str(tmp_path / "damaged.mp4"), patience=PATIENCE, mishaps=mishaps) as source:
        frames = list(source)
    assert frames[-1].index == 629
    assert frames[-1].time_s == pytest.approx(629 / 15, abs=0.002)
    assert len(frames) + mishaps.unreadable == 630
    assert 1 <= mishaps.unreadable <= 20
    assert told[0].endswith("are passed over.")
