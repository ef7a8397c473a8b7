"""What a running lesson has shown so far: written by its socket, read by the table beside the video."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

from fewshot.classroom.attention import Notice, find_attention
from fewshot.classroom.mood import Mood, class_mood
from fewshot.classroom.timeline import Timeline
from fewshot.config import ClassroomConfig
from fewshot.live.session import Evidence
from fewshot.types import Emotion, Float32, FrameResult


@dataclass(frozen=True, eq=False)
class Sighting:
    """The last time a student was recognized.

    Attributes:
        name: Of the student.
        emotion: As it was shown.
        seen_ago_s: Seconds before the table was asked for.
        embedding: (d,) float32 of the face at that moment.
    """

    name: str
    emotion: Emotion
    seen_ago_s: float
    embedding: Float32


@dataclass(frozen=True, eq=False)
class FaceInView:
    """A face of the newest frame. ``name``: None where unknown; ``template``: (e,) float32 of its identity."""

    name: str | None
    template: Float32


@dataclass(frozen=True, eq=False)
class LessonView:
    """One look at a lesson.

    Attributes:
        sightings: The last one of each student seen, by their person_id.
        strangers: Faces in the newest frame that nobody's enrollment matches.
        faces: Faces in the newest frame.
        in_view: Those whose identity was looked at, from left to right.
        frame_ago_s: Seconds since the newest frame; None before the first.
        attention: Who may need a look, longest first.
    """

    sightings: dict[str, Sighting]
    strangers: int
    faces: int
    in_view: tuple[FaceInView, ...]
    frame_ago_s: float | None
    attention: tuple[Notice, ...]


class Lesson:
    """Owns the last sighting of each student and the timeline of the class. Threads may share it.

    Args:
        config: When a student may need a look.
        clock: Seconds that only grow; the table's "12 s ago" is measured with it, not with the source's own time, so
            that a recording played at any speed still reads naturally.
    """

    def __init__(self, config: ClassroomConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self._config, self._clock = config, clock
        self._timeline = Timeline(config.turned_deg)
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[str, Emotion, float, Float32]] = {}
        self._newest: tuple[FrameResult, Mapping[int, Evidence], float] | None = None

    def record(self, result: FrameResult, evidence: Mapping[int, Evidence]) -> None:
        """Take note of one analyzed frame and of what its faces were read from, by track."""
        now = self._clock()
        with self._lock:
            self._newest = (result, evidence, now)
            self._timeline.add(result, now)
            for reading in result.readings:
                if reading.match.person_id is not None and reading.match.name is not None:
                    embedding = evidence[reading.track_id].embedding
                    self._seen[reading.match.person_id] = (reading.match.name, reading.emotion, now, embedding)

    def look(self) -> LessonView:
        """Return what the table shows now."""
        now = self._clock()
        with self._lock:
            sightings = {
                key: Sighting(name, emotion, now - at, embedding)
                for key, (name, emotion, at, embedding) in self._seen.items()
            }
            if self._newest is None:
                return LessonView(sightings, strangers=0, faces=0, in_view=(), frame_ago_s=None, attention=())
            result, evidence, at = self._newest
            attention = find_attention(self._timeline, self._config)
        strangers = sum(reading.match.person_id is None for reading in result.readings)
        return LessonView(sightings, strangers, len(result.readings), _in_view(result, evidence), now - at, attention)

    def mood(self, steps: int) -> Mood:
        """Return the mood of the class from its beginning until now, in at most about ``steps`` steps."""
        with self._lock:
            return class_mood(self._timeline, 1 + len(self._timeline.seconds) // steps)


def _in_view(result: FrameResult, evidence: Mapping[int, Evidence]) -> tuple[FaceInView, ...]:
    faces = []
    for reading in sorted(result.readings, key=lambda reading: float(reading.face.box_xyxy[0])):
        template = evidence[reading.track_id].template
        if template is not None:
            faces.append(FaceInView(reading.match.name, template))
    return tuple(faces)


class Lessons:
    """Finds a lesson by its id while a page or a socket still holds it; nobody has to end one. Threads may share it."""

    def __init__(self, config: ClassroomConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._lessons: WeakValueDictionary[str, Lesson] = WeakValueDictionary()

    def join(self, lesson_id: str) -> Lesson:
        """Return the lesson of that id, a new one where nobody holds it."""
        with self._lock:
            lesson = self._lessons.get(lesson_id)
            if lesson is None:
                lesson = self._lessons[lesson_id] = Lesson(self._config)
            return lesson
