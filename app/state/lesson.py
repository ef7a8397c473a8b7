"""What a running lesson has shown so far: written by its socket, read by the page, saved a few seconds at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from app.state.lesson_view import NOW_S, LessonView, NewestFrame, Sighting
from fewshot.classroom.attention import Notice, find_attention
from fewshot.classroom.modes import in_groups
from fewshot.classroom.mood import Mood, class_mood, valence_lines
from fewshot.classroom.timeline import Timeline
from fewshot.config import ClassroomConfig
from fewshot.errors import StoreError
from fewshot.lesson import NO_SECONDS, Bookmark, KeptLesson, LessonEntry, stricter
from fewshot.live.session import FaceEmbeddings
from fewshot.sentence import Sentence
from fewshot.store.lessons import LessonStore
from fewshot.types import Emotion, Float32, FrameResult

LATELY_S, LATELY_STEP_S = 300, 10
"""How long the line of a student reaches back, and the seconds that make a point of it."""

OVER_S = 3 * 3600
"""So long after its last second or bookmark a lesson goes on no more: what comes then is another one."""

IDLE_S = 60.0
"""So long after its last frame a lesson is kept in memory though no page or socket holds it."""


def utc_now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, eq=False)
class _Seen:
    """A student as they were recognized last, by the lesson's clock at ``at_s``; ``embedding``: (d,) float32."""

    name: str
    emotion: Emotion
    embedding: Float32
    at_s: float


class Lesson:
    """Owns the last sighting of each student, the timeline of the class and the bookmarks. Threads may share it.

    A lesson begins with its first frame or bookmark. One that was kept goes on where the time of day says.

    Args:
        config: When a student may need a look.
        clock: Seconds that only grow; a card's "12 s ago" is measured with it, not with the source's own time, so
            that a recording played at any speed still reads naturally.
        kept: What the store has of it; None for one that is new and not to be saved.
        time_of_day: When it began, how long it paused while nobody held it, and whether it is over.
    """

    def __init__(
        self,
        config: ClassroomConfig,
        clock: Callable[[], float] = time.monotonic,
        kept: KeptLesson | None = None,
        time_of_day: Callable[[], datetime] = utc_now,
    ) -> None:
        self._config, self._clock, self._time_of_day = config, clock, time_of_day
        self._lock, self._saving = threading.Lock(), threading.Lock()
        self._seen: dict[str, _Seen] = {}
        self._newest: NewestFrame | None = None
        kept = kept or KeptLesson(LessonEntry("", "", time_of_day()), NO_SECONDS, ())
        self._entry, self._bookmarks = kept.entry, kept.bookmarks
        self._timeline = Timeline(config.turned_deg, config.usual_s, kept.seconds)
        self._saved_seconds, self._saved_as = len(kept.seconds.seconds), (kept.entry, kept.bookmarks)
        self._problem: Sentence | str | None = None
        self._aside: dict[str, str] = {}
        self._deleted = False
        self._zero: float | None = None
        self._last_s: float = max([kept.entry.length_s, *(mark.second for mark in kept.bookmarks)])
        self._last_at = self._entry.began + timedelta(seconds=self._last_s)
        if self._saved_seconds or kept.bookmarks:
            passed_s = (time_of_day() - kept.entry.began).total_seconds()
            self._zero = clock() - max(passed_s, kept.entry.length_s + 1)

    @property
    def entry(self) -> LessonEntry:
        """Its title, and when it began and ended."""
        return self._entry

    @property
    def bookmarks(self) -> tuple[Bookmark, ...]:
        """In the order in which they were made."""
        return self._bookmarks

    @property
    def is_over(self) -> bool:
        """Whether nothing more belongs to it: it was ended or deleted, or too long ago."""
        with self._lock:
            # by the time of day, for the clock stands still while a computer sleeps
            too_old = self._zero is not None and (self._time_of_day() - self._last_at).total_seconds() > OVER_S
            return self._entry.ended is not None or self._deleted or too_old

    def change(self, config: ClassroomConfig, mode: str) -> None:
        """Let other settings count. Of what was shown in a mode that tells less, no more is told later."""
        with self._lock:
            self._config = config
            begun = self._zero is not None
            self._entry = replace(self._entry, mode=stricter(self._entry.mode, mode) if begun else mode)

    def record(self, result: FrameResult, embeddings: Mapping[int, FaceEmbeddings]) -> None:
        """Take note of one analyzed frame and of what its faces were read from, by track; not once the lesson is ended."""
        with self._lock:
            if self._entry.ended or self._deleted:
                return
            now_s = self._clock()
            self._newest = NewestFrame(result, embeddings, now_s)
            self._note_time()
            self._timeline.add(result, self._last_s)
            for reading in result.readings:
                match = reading.match
                if match.person_id is not None and match.name is not None:
                    embedding = embeddings[reading.track_id].embedding
                    self._seen[match.person_id] = _Seen(match.name, reading.emotion, embedding, now_s)

    def bookmark(self, note: str) -> None:
        """Mark this moment; without a note not again in the second of the newest mark: whoever presses twice means one."""
        with self._lock:
            self._note_time()
            made = Bookmark(int(self._last_s), note.strip())
            if made.note or not self._bookmarks or self._bookmarks[-1].second != made.second:
                self._bookmarks = (*self._bookmarks, made)

    def retitle(self, title: str) -> None:
        """Give the lesson another title."""
        with self._lock:
            self._entry = replace(self._entry, title=title.strip())

    def set_course(self, course: str) -> None:
        """Let the lesson be one of another class, from the next frame on; empty for everybody enrolled."""
        with self._lock:
            self._entry = replace(self._entry, course=course)

    def end(self) -> None:
        """End the lesson: frames that still come are shown and not recorded."""
        with self._lock:
            self._entry = replace(self._entry, ended=self._time_of_day())

    def put_aside(self, notice: Notice, aside: bool = True) -> None:
        """Take note that the teacher knows of a notice, or let it count again; the next one of the student counts anyway."""
        with self._lock:
            self._aside.pop(notice.person_id, None)
            if aside:
                self._aside[notice.person_id] = notice.key

    def delete(self) -> None:
        """Never save anything of it again."""
        with self._saving, self._lock:
            self._deleted = True

    def forget(self, person_id: str) -> None:
        """Drop everything seen of a student."""
        with self._lock:
            self._seen.pop(person_id, None)
            self._aside.pop(person_id, None)
            self._timeline.forget(person_id)
            if self._newest is not None:  # which names them too, and holds their template
                self._newest = self._newest.without(person_id)

    def save(self, store: LessonStore) -> Collection[str]:
        """Save what is new. Where that fails the page is told, the lesson goes on, and the next call tries again.

        Returns:
            Who was forgotten by another program, by person_id; this lesson has forgotten them now too.
        """
        with self._saving:
            with self._lock:
                if self._zero is not None:
                    self._timeline.close_before(self._lesson_s())
                part, now = self._timeline.so_far(self._saved_seconds), (self._entry, self._bookmarks)
                if self._deleted or (len(part.seconds) == 0 and now == self._saved_as):
                    return ()
            try:
                gone = store.save(now[0], part, now[1])
            except StoreError as error:
                self._problem = error.sentence
                return ()
            self._problem, self._saved_as = None, now
            self._saved_seconds += len(part.seconds)
        for person_id in gone:
            self.forget(person_id)
        return gone

    @property
    def is_idle(self) -> bool:
        """Whether nothing was seen for a while and all is saved."""
        with self._lock:
            recent = self._newest is not None and self._clock() - self._newest.at_s < IDLE_S
            return not recent and self._problem is None

    def view(self) -> LessonView:
        """Return what the cards show now."""
        with self._lock:
            now_s, newest = self._clock(), self._newest
            seconds = self._timeline.so_far()
            is_now = newest is not None and now_s - newest.at_s <= NOW_S
            return LessonView(
                sightings={
                    person_id: Sighting(seen.name, seen.emotion, now_s - seen.at_s, seen.embedding)
                    for person_id, seen in self._seen.items()
                },
                strangers=0 if newest is None else newest.strangers,
                faces=0 if newest is None else len(newest.result.readings),
                in_view=() if newest is None else newest.in_view,
                frame_ago_s=None if newest is None else now_s - newest.at_s,
                attention=find_attention(seconds, self._config) if is_now else (),
                aside=frozenset(self._aside.values()),
                valence=valence_lines(seconds, LATELY_S, LATELY_STEP_S),
                problem=self._problem,
            )

    def mood(self, steps: int) -> Mood:
        """Return the mood of the class from its beginning until now, in at most about ``steps`` steps.

        In the mode ``aggregate``, of the seconds with enough students in view.
        """
        with self._lock:
            seconds = self._timeline.so_far()
        if self._entry.mode == "aggregate":
            seconds = in_groups(seconds)
        return class_mood(seconds, 1 + len(seconds.seconds) // steps)

    def _note_time(self) -> None:
        """Let this be the last moment at which something of the lesson happened."""
        self._last_s, self._last_at = self._lesson_s(), self._time_of_day()

    def _lesson_s(self) -> float:
        """Seconds since the lesson began, which it does now if it has not."""
        if self._zero is None:
            self._zero = self._clock()
            self._entry = replace(self._entry, began=self._time_of_day())
        return self._clock() - self._zero
