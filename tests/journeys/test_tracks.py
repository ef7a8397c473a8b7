"""What befalls a face in a meeting, on a hand clock: one track, one name and one record a student, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.state.lesson import Lesson
from experiments.live_speed.gallery import Layout, make_frames, one_picture_each
from experiments.live_speed.row import enroll
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.face.images import read_image
from fewshot.gallery import Gallery
from fewshot.live.session import LiveSession
from fewshot.models import Models, load_models
from fewshot.types import Reading, UInt8

FPS, LAYOUT = 10, Layout(4, 960, 540)
OFF: UInt8 = np.zeros((250, 250, 3), np.uint8)


@pytest.fixture(scope="module")
def config() -> LiveConfig:
    return load(LiveConfig, ["faces=builtin"])


@pytest.fixture(scope="module")
def models(config: LiveConfig) -> Models:
    return load_models(config.faces, config.personal)


@pytest.fixture(scope="module")
def portraits(shared_dir: Path) -> list[Path]:
    return list(one_picture_each(shared_dir / "data" / "lfw_pairs", LAYOUT.faces))


@pytest.fixture(scope="module")
def gallery(models: Models, portraits: list[Path], config: LiveConfig) -> Gallery:
    return enroll(models, portraits)


class Meeting:
    """Four tiles, a session that watches them, and the record of the lesson."""

    def __init__(self, models: Models, gallery: Gallery, config: LiveConfig, portraits: Sequence[Path]) -> None:
        self.session, self.config = LiveSession(models, gallery, config), config
        self.names = [path.stem for path in portraits]
        self.pictures = [read_image(path) for path in portraits]
        self.now_s = 0.0
        self.lesson = Lesson(config.classroom, lambda: self.now_s)

    def show(self, *tiles: UInt8, seconds: float) -> Iterator[dict[int, Reading]]:
        """Yield what is read in each tile, frame by frame."""
        width, height = LAYOUT.width // LAYOUT.columns, LAYOUT.height // LAYOUT.rows
        for coded in make_frames(LAYOUT, tiles, round(seconds * FPS), FPS):
            result = self.session.process(cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR), self.now_s)
            self.lesson.record(result, self.session.embeddings)
            self.now_s += 1 / FPS
            middles = [(reading.face.box_xyxy[:2] + reading.face.box_xyxy[2:]) / 2 for reading in result.readings]
            yield {
                int(y // height) * LAYOUT.columns + int(x // width): reading
                for (x, y), reading in zip(middles, result.readings, strict=True)
            }

    def settle(self) -> dict[str, int]:
        """Show everybody in their first tiles, and return the track of each name."""
        *_, last = self.show(*self.pictures, seconds=1.0)
        tracks = {reading.match.name: reading.track_id for reading in last.values()}
        assert set(tracks) == set(self.names)
        return {name: track_id for name, track_id in tracks.items() if name}


@pytest.fixture
def meeting(models: Models, gallery: Gallery, config: LiveConfig, portraits: list[Path]) -> Meeting:
    return Meeting(models, gallery, config, portraits)


def back_within_a_second(shown: Iterator[dict[int, Reading]], tile: int, name: str, track_id: int) -> None:
    """Nobody else is seen in the tile, and the student is at the latest after a second."""
    for k, readings in enumerate(shown):
        if tile in readings:
            assert readings[tile].match.name in (name, None)
        if k >= FPS:
            assert (readings[tile].match.name, readings[tile].track_id) == (name, track_id)


def test_a_second_behind_a_hand(meeting: Meeting) -> None:
    tracks = meeting.settle()
    hidden = meeting.pictures[1].copy()
    cv2.ellipse(hidden, (125, 140), (75, 95), 0, 0, 360, (120, 150, 190), -1)
    for readings in meeting.show(meeting.pictures[0], hidden, *meeting.pictures[2:], seconds=1.0):
        assert {tile: r.track_id for tile, r in readings.items() if tile != 1} == {
            tile: tracks[meeting.names[tile]] for tile in (0, 2, 3)
        }
    back_within_a_second(meeting.show(*meeting.pictures, seconds=1.5), 1, meeting.names[1], tracks[meeting.names[1]])


def test_tiles_that_swap_take_nobodys_track_along(meeting: Meeting) -> None:
    tracks = meeting.settle()
    for order in ([1, 0, 2, 3], [1, 2, 3, 0], [0, 1, 2, 3]):
        for readings in meeting.show(*(meeting.pictures[i] for i in order), seconds=1.2):
            for tile, reading in readings.items():
                name = meeting.names[order[tile]]
                assert reading.match.name in (name, None)
                if reading.match.name:
                    assert reading.track_id == tracks[name]
        assert {tile: reading.match.name for tile, reading in readings.items()} == {
            tile: meeting.names[i] for tile, i in enumerate(order)
        }


@pytest.mark.parametrize("seconds", [1.0, 4.0])  # within the gap of a track, and long after
def test_a_camera_turned_off_and_on(meeting: Meeting, seconds: float) -> None:
    tracks = meeting.settle()
    avatar = OFF.copy()
    cv2.circle(avatar, (125, 125), 60, (160, 90, 40), -1)
    cv2.putText(avatar, "AB", (85, 145), cv2.FONT_HERSHEY_SIMPLEX, 2, (255, 255, 255), 4)
    shown = list(meeting.show(*meeting.pictures[:3], avatar, seconds=seconds))
    assert all(3 not in readings for readings in shown[1:]), "an avatar is no face, and nobody is read where nobody is"
    assert all(len(readings) == 3 for readings in shown[1:])
    back_within_a_second(meeting.show(*meeting.pictures, seconds=1.5), 3, meeting.names[3], tracks[meeting.names[3]])


@pytest.mark.parametrize(("seconds", "tile"), [(1.0, 3), (4.0, 0)])  # soon in the old tile, later in another one
def test_leaving_and_coming_back_is_the_same_student_in_the_same_record(
    meeting: Meeting, seconds: float, tile: int
) -> None:
    tracks = meeting.settle()
    first, second, third, last = meeting.pictures
    *_, left = meeting.show(first, second, third, OFF, seconds=seconds)
    assert sorted(left) == [0, 1, 2]
    back = [first, second, third, OFF] if tile == 3 else [last, second, third, first]
    back[tile] = last
    back_within_a_second(meeting.show(*back, seconds=1.5), tile, meeting.names[3], tracks[meeting.names[3]])
    record = meeting.lesson.view()
    assert {sighting.name: sighting.seen_ago_s <= 0.2 for sighting in record.sightings.values()} == dict.fromkeys(
        meeting.names, True
    )
    assert record.strangers == 0
