"""What a page shows of a running lesson: who was seen last, and the faces of the newest frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fewshot.classroom.attention import Notice
from fewshot.live.session import FaceEmbeddings
from fewshot.sentence import Sentence
from fewshot.types import Emotion, Float32, FrameResult

NOW_S = 5.0
"""How long the newest frame shows what is now; afterwards the capture pauses, or is over."""


@dataclass(frozen=True, eq=False)
class Sighting:
    """The last time a student was recognized.

    Attributes:
        name: The student's name.
        emotion: As it was shown.
        seen_ago_s: Seconds before that moment.
        embedding: (d,) float32 of the face at that moment.
    """

    name: str
    emotion: Emotion
    seen_ago_s: float
    embedding: Float32


@dataclass(frozen=True, eq=False)
class FaceInView:
    """A face of the newest frame. Whose it is: None where unknown; ``template``: (e,) float32 of its identity."""

    person_id: str | None
    name: str | None
    template: Float32


@dataclass(frozen=True, eq=False)
class LessonView:
    """A lesson at one moment.

    Attributes:
        sightings: The last one of each student seen, by their person_id.
        strangers: Faces in the newest frame that nobody's enrollment matches.
        faces: Faces in the newest frame.
        in_view: Those whose identity was asked for, from left to right.
        frame_ago_s: Seconds since the newest frame; None before the first.
        attention: Who may need a look, longest first; nobody while no frames come.
        aside: Keys of the notices that the teacher has put aside.
        valence: Of each student lately, oldest first, as :func:`fewshot.classroom.mood.valence_lines` gives it.
        problem: Why the lesson could not be saved the last time; None where it was.
    """

    sightings: dict[str, Sighting]
    strangers: int
    faces: int
    in_view: tuple[FaceInView, ...]
    frame_ago_s: float | None
    attention: tuple[Notice, ...]
    aside: frozenset[str]
    valence: Mapping[str, Sequence[float]]
    problem: Sentence | str | None = None


@dataclass(frozen=True, eq=False)
class NewestFrame:
    """The last frame that was analyzed.

    Attributes:
        result: What was read.
        embeddings: What that was read from, by track.
        at_s: When it came, by the clock of the lesson.
    """

    result: FrameResult
    embeddings: Mapping[int, FaceEmbeddings]
    at_s: float

    @property
    def strangers(self) -> int:
        """How many faces nobody's enrollment matches."""
        return sum(reading.match.person_id is None for reading in self.result.readings)

    @property
    def in_view(self) -> tuple[FaceInView, ...]:
        """The faces whose identity was asked for, from left to right."""
        faces = []
        for reading in sorted(self.result.readings, key=lambda reading: float(reading.face.box_xyxy[0])):
            template = self.embeddings[reading.track_id].template
            if template is not None:
                faces.append(FaceInView(reading.match.person_id, reading.match.name, template))
        return tuple(faces)

    def without(self, person_id: str) -> NewestFrame:
        """Return the frame as if one student had not been in it."""
        others = tuple(reading for reading in self.result.readings if reading.match.person_id != person_id)
        theirs = {reading.track_id: self.embeddings[reading.track_id] for reading in others}
        return NewestFrame(replace(self.result, readings=others), theirs, self.at_s)
