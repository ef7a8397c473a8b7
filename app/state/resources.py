"""What one teacher has: her students, lessons and settings, for her pages and live sockets; the models are everybody's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.state.choices import app_config
from app.state.lessons import Lessons
from app.state.models import SharedModels
from app.state.roster import Roster
from enroll.preview import Preview, preview_photo
from enroll.session import EnrollmentSession
from fewshot.classroom.modes import in_mode
from fewshot.config import LiveConfig
from fewshot.errors import LessonOver
from fewshot.face.quality import USUAL_LIMITS, QualityLimits
from fewshot.live.session import LiveSession
from fewshot.messages import Messages, messages
from fewshot.models import Models
from fewshot.person import Person
from fewshot.sentence import Sentence
from fewshot.store.lessons import LessonStore
from fewshot.store.preferences import Preferences
from fewshot.store.students import Store
from fewshot.types import FrameResult, UInt8

Analyze = Callable[[UInt8, float], FrameResult]


@dataclass(frozen=True, eq=False)
class _InUse:
    """A config with the models that it asks for: one object, so that whoever reads both has them of one moment."""

    config: LiveConfig
    models: Models


class Resources:
    """Owns one teacher's settings, lessons and roster. Threads may share it.

    Args:
        config: Of the live loop; its ``faces`` count for enrolling too.
        shared_models: Shared with other teachers.
        store: Where all of hers is kept, and nobody else's. Her students are changed through ``roster`` alone.

    Raises:
        WeightsError: the face backend that ``config`` asks for cannot run here.
    """

    def __init__(self, config: LiveConfig, shared_models: SharedModels, store: Store) -> None:
        self.shared_models, self.store = shared_models, store
        self._in_use = _InUse(config, shared_models.with_faces(config.faces))
        self._choosing = threading.Lock()
        self.preferences = Preferences(store.database)
        self.lesson_store = LessonStore(store.database)
        self.lessons = Lessons(config.classroom, self.lesson_store, config.display.mode, self._let_go)
        self.roster = Roster(store, self.lessons, lambda: self.models)

    @property
    def config(self) -> LiveConfig:
        """What she chose, and the defaults."""
        return self._in_use.config

    @property
    def models(self) -> Models:
        """Those that find, recognize and read the faces of her students."""
        return self._in_use.models

    @property
    def words(self) -> Messages:
        """The messages of the language that she chose."""
        return messages(self.config.display.language)

    def change(self, changes: Mapping[str, str | None]) -> None:
        """Keep what a teacher chose, by its name in conf/live.yaml, and use it from the next frame on; None: the default.

        Raises:
            ConfigError: a value that cannot be used. As with all errors, nothing is changed then.
            WeightsError: the face backend that was chosen cannot run here.
            StoreError: the choice cannot be kept.
        """
        with self._choosing:
            chosen = {
                name: value for name, value in {**self.preferences.read(), **changes}.items() if value is not None
            }
            config = app_config(chosen)
            models = self.shared_models.with_faces(config.faces)
            self.preferences.save(changes)
            self._in_use = _InUse(config, models)
            self.lessons.change(config.classroom, config.display.mode)

    def open_enrollment(self, limits: QualityLimits = USUAL_LIMITS, student: Person | None = None) -> EnrollmentSession:
        """Begin one student's enrollment, or go on with it, with the models in use and the usual limits or others."""
        return EnrollmentSession(self.models, student, limits)

    def preview_photo(self, photo_bgr: UInt8, _time_s: float) -> Preview:
        """Judge what a camera shows by the limits of :meth:`open_enrollment`; keeps nothing."""
        return preview_photo(photo_bgr, self.models.backend, USUAL_LIMITS, self.words)

    def open_lesson(self, lesson_id: str) -> Analyze:
        """Begin to analyze a source for one page; returns its ``process(frame_bgr, time_s)``.

        Raises as the gallery; ``process`` raises LessonOver once the lesson was ended or deleted, or is too long ago.
        """
        self.roster.refresh()
        used = self._in_use
        session = self._open_session(used)
        lesson = self.lessons.join(lesson_id)

        def process(frame_bgr: UInt8, time_s: float) -> FrameResult:
            nonlocal used, session
            if lesson.is_over:
                raise LessonOver(Sentence("This lesson is over. Press Start to begin another one.", "lesson_over"))
            if used is not self._in_use:  # the teacher has changed a setting
                used = self._in_use
                session = self._open_session(used)
            # somebody may have been enrolled or forgotten since the last frame; and other faces chosen since the line above
            everybody = self.roster.gallery(used.models)
            session.gallery = everybody.of_course(lesson.entry.course)
            result = session.process(frame_bgr, time_s)
            lesson.record(result, session.embeddings)
            return in_mode(result, lesson.entry.mode, everybody.people, self.words)

        return process

    def _open_session(self, used: _InUse) -> LiveSession:
        gallery, config = self.roster.gallery(used.models), used.config
        return LiveSession(used.models, gallery, config, budget_ms=config.budget_ms, streams=self.shared_models.streams)

    def _let_go(self, person_id: str) -> None:
        self.roster.let_go(person_id)  # which knows the lessons, and is made after them
