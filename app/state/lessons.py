"""The lessons of this process: found by their id, gone on with after a reload or a restart, saved every few seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from app.state.lesson import Lesson, utc_now
from fewshot.config import MODES, ClassroomConfig
from fewshot.lesson import NO_SECONDS, KeptLesson, LessonEntry, stricter
from fewshot.store.lessons import LessonStore

INTERRUPTION = timedelta(minutes=5)
"""So long a lesson waits for a teacher who has to sign in again; shorter than the break before the next one."""


class Lessons:
    """Finds a lesson by its id: in memory while somebody holds it or it is not saved yet, else in the store.

    Threads may share it.

    Args:
        config: When a student may need a look.
        store: Where lessons are kept.
        mode: How much is told of lessons that begin.
        forgotten: Is told, by person_id, who was forgotten by another program, as saving shows.
    """

    def __init__(
        self,
        config: ClassroomConfig,
        store: LessonStore,
        mode: str = MODES[0],
        forgotten: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._config, self._store, self._mode, self._forgotten = config, store, mode, forgotten
        self._lock = threading.Lock()
        self._lessons: WeakValueDictionary[str, Lesson] = WeakValueDictionary()
        self._busy: dict[str, Lesson] = {}

    def join(self, lesson_id: str) -> Lesson:
        """Return the lesson of that id, a new one where there is none. Raises StoreError."""
        with self._lock:
            lesson = self._lessons.get(lesson_id)
            if lesson is None:
                kept = self._store.read(lesson_id)
                kept = kept or KeptLesson(LessonEntry(lesson_id, "", utc_now()), NO_SECONDS, ())
                kept = replace(kept, entry=replace(kept.entry, mode=stricter(kept.entry.mode, self._mode)))
                lesson = self._lessons[lesson_id] = Lesson(self._config, kept=kept)
            self._busy[lesson_id] = lesson
            return lesson

    def change(self, config: ClassroomConfig, mode: str) -> None:
        """Let other settings count, in the lessons that run too."""
        with self._lock:
            self._config, self._mode = config, mode
        for lesson in self._all():
            lesson.change(config, mode)

    def save(self) -> None:
        """Save what is new in every lesson, and let go of those in which nothing happens."""
        for lesson in self._all():
            for person_id in lesson.save(self._store):
                self._forgotten(person_id)
            with self._lock:
                if lesson.is_idle:
                    self._busy.pop(lesson.entry.lesson_id, None)
                else:
                    self._busy[lesson.entry.lesson_id] = lesson

    def interrupted(self, now: datetime) -> str | None:
        """Return the id of the lesson that was left a moment ago without being ended; None if there is none. Raises StoreError."""
        self.save()
        for entry in self._store.entries():
            left = entry.began + timedelta(seconds=entry.length_s)
            if entry.ended is None and now - left <= INTERRUPTION:
                return entry.lesson_id
        return None

    def rename_course(self, course: str, new_name: str) -> None:
        """Let the lessons in memory of a class follow its new name."""
        for lesson in self._all():
            if lesson.entry.course == course:
                lesson.set_course(new_name)

    def forget(self, person_id: str) -> None:
        """Drop a student from every lesson in memory."""
        for lesson in self._all():
            lesson.forget(person_id)

    def delete(self, lesson_id: str) -> None:
        """Delete a lesson; one that still runs is not saved again. Raises StoreError, of which StillInLog says that it is deleted."""
        with self._lock:
            lesson = self._lessons.pop(lesson_id, None)
            self._busy.pop(lesson_id, None)
        if lesson is not None:
            lesson.delete()
        self._store.delete(lesson_id)

    def _all(self) -> list[Lesson]:
        with self._lock:
            return list(self._lessons.values())
