"""What one teacher has: her students, lessons and settings, for her pages and live sockets; the models are everybody's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.choices import app_config
from app.lesson import Lesson
from app.lessons import Lessons
from app.models import SharedModels
from enroll.add import Enrolled, add_students
from enroll.correct import add_face, correct, remove_face, share_state, undo
from enroll.photos import Photos
from enroll.preview import Preview, preview_photo
from enroll.session import EnrollmentSession, Models
from enroll.teach import unteach_state
from fewshot.classroom.modes import in_mode
from fewshot.config import LiveConfig
from fewshot.consent import Consent
from fewshot.courses import agreed
from fewshot.errors import GalleryMismatch, LessonOver, UnknownPerson
from fewshot.face.backend import FaceBackend
from fewshot.face.quality import QualityLimits
from fewshot.gallery import Gallery
from fewshot.live.pipeline import Pipeline
from fewshot.live.session import LiveSession
from fewshot.messages import Messages, messages
from fewshot.store.lessons import LessonStore
from fewshot.store.preferences import Preferences
from fewshot.store.students import Forgotten, Store
from fewshot.types import Float32, FrameResult, Person, UInt8

Process = Callable[[UInt8, float], FrameResult]


@dataclass(frozen=True, eq=False)
class _InUse:
    """A config with the face backend that it asks for: one object, so that whoever reads both has them of one moment."""

    config: LiveConfig
    pipeline: Pipeline


class Resources:
    """Owns one teacher's store and the newest gallery. Threads may share it.

    Args:
        config: Of the live loop; its ``faces`` count for enrolling too.
        models: Shared with other teachers.
        store: Where her students are kept, and nobody else's.

    Raises:
        WeightsError: the face backend that ``config`` asks for cannot run here.
    """

    def __init__(self, config: LiveConfig, models: SharedModels, store: Store) -> None:
        self.models = models
        self.encoder, self.generic = models.encoder, models.generic
        self._in_use = _InUse(config, models.pipeline(config.faces))
        self.store = store
        self.lesson_store = LessonStore(store.database)
        self.lessons = Lessons(config.classroom, self.lesson_store, config.display.mode, self._let_go)
        self.preferences = Preferences(store.database)
        self._gallery: Gallery | None = None
        self._gallery_by: FaceBackend | None = None
        self._gallery_lock, self._changing = threading.Lock(), threading.Lock()

    @property
    def config(self) -> LiveConfig:
        """What she chose, and the defaults."""
        return self._in_use.config

    @property
    def backend(self) -> FaceBackend:
        """Finds and recognizes the faces of her students."""
        return self._in_use.pipeline.backend

    def change(self, changes: Mapping[str, str | None]) -> None:
        """Keep what a teacher chose, by its name in conf/live.yaml, and use it from the next frame on; None: the default.

        Raises:
            ConfigError: a value that cannot be used. As with all errors, nothing is changed then.
            WeightsError: the face backend that was chosen cannot run here.
            StoreError: the choice cannot be kept.
        """
        with self._changing:
            chosen = {
                name: value for name, value in {**self.preferences.read(), **changes}.items() if value is not None
            }
            config = app_config(chosen)
            pipeline = self.models.pipeline(config.faces)
            self.preferences.save(changes)
            self._in_use = _InUse(config, pipeline)
            self.lessons.change(config.classroom, config.display.mode)

    def gallery(self, models: Models | None = None) -> Gallery:
        """Return the gallery as it was last read from the store, of the models in use or of others.

        Raises:
            GalleryMismatch: somebody was enrolled with another model.
            StoreError: the store cannot be read.
        """
        models = models or self._enrollment(self._in_use)
        with self._gallery_lock:
            if self._gallery is None or self._gallery_by is not models.backend:
                self._gallery, self._gallery_by = models.gallery_of(self.store.people()), models.backend
            return self._gallery

    def refresh_gallery(self) -> Gallery:
        """Read the store again, which another program may have changed, and return its gallery; raises as above."""
        with self._gallery_lock:
            self._gallery = None
        return self.gallery()

    def open_enrollment(self, limits: QualityLimits | None = None, student: Person | None = None) -> EnrollmentSession:
        """Begin one student's enrollment, or go on with it, with this process's models and the usual limits or others."""
        return EnrollmentSession(self._enrollment(self._in_use, limits), student)

    def preview_photo(self, photo_bgr: UInt8, _time_s: float) -> Preview:
        """Judge what a camera shows by the limits of :meth:`open_enrollment`; keeps nothing."""
        return preview_photo(photo_bgr, self.backend, QualityLimits(), words(self))

    def enroll_class(
        self, students: Sequence[Photos], consent: Consent, courses: Sequence[str], *, replace: bool, confirmed: bool
    ) -> Iterator[Enrolled]:
        """Enroll many students one after the other, as :func:`enroll.add.add_students`; each is known with the next frame."""
        yield from add_students(
            students,
            self.store.people(),
            self.save,
            consent,
            self._enrollment(self._in_use),
            courses=courses,
            replace=replace,
            confirmed=confirmed,
            say=lambda _line: None,
        )

    def comparable_gallery(self) -> Gallery:
        """Return a gallery of those whom the models in use can recognize; others may be there to be enrolled anew."""
        models = self._enrollment(self._in_use)
        return models.gallery_of(person for person in self.store.people() if models.made(person))

    def save(self, person: Person, consent: Consent, replace: bool = False) -> Person:
        """Put a student into the store, and with the next frame into every running lesson; raises and returns as Store.add."""
        with self._changing:
            kept = self.store.add(person, consent, replace)
            self._change_gallery(partial(Gallery.with_person, person=kept))
        return kept

    def correct(self, person_id: str, embedding: Float32, label: str) -> None:
        """Let a moment of a running lesson join a student's own prototypes, from the next frame on; see :func:`correct`."""

        def corrected(person: Person) -> Person:
            return correct(person, embedding, label, self.generic, self.config.personal, words(self))

        self.change_student(person_id, corrected)

    def undo_correction(self, person_id: str, embedding: Float32) -> None:
        """Take a correction back."""

        def as_before(person: Person) -> Person:
            return undo(person, embedding, self.generic, self.config.personal, words(self))

        self.change_student(person_id, as_before)

    def name_face(self, person_id: str, template: Float32) -> None:
        """Let a face of a running lesson be known as this student from the next frame on; see :func:`add_face`."""
        self.change_student(person_id, partial(add_face, template=template))

    def undo_name(self, person_id: str, template: Float32) -> None:
        """Take a name back."""
        self.change_student(person_id, partial(remove_face, template=template))

    def forget_state(self, state: str, people: Iterable[Person]) -> None:
        """Remove a state of the teacher's own from students, with the next frame from every running lesson.

        Raises:
            EnrollmentError: some have nothing else, and keep it; the others have lost it.
        """
        for _ in unteach_state(state, self.change_student, people):
            pass

    def share_state(self, person: Person, state: str, shared: bool) -> None:
        """Let a student's shots of a state teach it to the whole class from the next frame on, or no more."""
        self.change_student(person.person_id, partial(share_state, state=state, shared=shared))

    def assign(self, person: Person, courses: Iterable[str]) -> None:
        """Let a student be one of these classes and no other, from the next frame on. Raises EnrollmentError."""
        self.change_student(person.person_id, partial(replace, courses=agreed(courses, self.store.people())))

    def rename_course(self, course: str, new_name: str) -> str:
        """Give a class another name, in its lessons too, and return it; raises EnrollmentError."""
        with self._changing:
            (agreed_name,) = agreed([new_name], (p for p in self.store.people() if course not in p.courses))
            self.store.rename_course(course, agreed_name)
            self.lessons.rename_course(course, agreed_name)
            self.refresh_gallery()
        return agreed_name

    def change_student(self, person_id: str, change: Callable[[Person], Person]) -> Person:
        """Let a student become what ``change`` makes of them, with the next frame in every running lesson too; return that.

        Raises:
            UnknownPerson: they were forgotten meanwhile; and whatever ``change`` raises.
        """
        with self._changing:  # else one who is forgotten between store and gallery would be back in the gallery
            changed = self.store.change(person_id, change)
            self._change_gallery(partial(Gallery.with_person, person=changed))
        return changed

    def rename(self, person: Person, new_name: str) -> None:
        """Call a student by another name, with the next frame in every running lesson too. Raises AlreadyEnrolled."""
        with self._changing:
            self.store.rename(person.name, new_name)
            self._change_gallery(partial(Gallery.with_person, person=self.store.person(new_name)))

    def forget(self, person: Person) -> Forgotten:
        """Erase a student from the store, and with the next frame from every running lesson. Raises UnknownPerson."""
        with self._changing:
            try:
                return self.store.forget(person.name)
            finally:
                self._change_gallery(lambda gallery: gallery.without(person.person_id))
                self.lessons.forget(person.person_id)

    def open_lesson(self, lesson_id: str) -> Process:
        """Begin to analyze a source for one page; returns its ``process(frame_bgr, time_s)``.

        Raises as the gallery; ``process`` raises LessonOver once the lesson was ended or deleted, or is too long ago.
        """
        self.refresh_gallery()
        used = self._in_use
        session = self._open_session(used)
        lesson: Lesson = self.lessons.join(lesson_id)

        def process(frame_bgr: UInt8, time_s: float) -> FrameResult:
            nonlocal used, session
            if lesson.is_over:
                raise LessonOver(words(self)("live.over"))
            if used is not self._in_use:  # the teacher has changed a setting
                used = self._in_use
                session = self._open_session(used)
            # somebody may have been enrolled or forgotten since the last frame; and other faces chosen since the line above
            everybody = self.gallery(self._enrollment(used))
            session.gallery = everybody.of_course(lesson.entry.course)
            result = session.process(frame_bgr, time_s)
            lesson.record(result, session.evidence)
            return in_mode(result, lesson.entry.mode, everybody.people, words(self))

        return process

    def _open_session(self, used: _InUse) -> LiveSession:
        gallery, config = self.gallery(self._enrollment(used)), used.config
        return LiveSession(used.pipeline, gallery, config, budget_ms=config.budget_ms, streams=self.models.streams)

    def _let_go(self, person_id: str) -> None:
        """Recognize somebody no more who is not in the store any longer."""
        with self._changing:
            self._change_gallery(lambda gallery: gallery.without(person_id))

    def _change_gallery(self, change: Callable[[Gallery], Gallery]) -> None:
        """Let the gallery follow the store, or read it anew where that fails, for another program may have changed it."""
        with self._gallery_lock:
            try:
                self._gallery = self._gallery and change(self._gallery)
            except (GalleryMismatch, UnknownPerson):
                self._gallery = None

    def _enrollment(self, used: _InUse, limits: QualityLimits | None = None) -> Models:
        say, personal = messages(used.config.display.language), used.config.personal
        return Models(used.pipeline.backend, self.encoder, self.generic, limits or QualityLimits(), personal, say)


def words(loaded: Resources) -> Messages:
    """Return the messages of the language that was chosen."""
    return messages(loaded.config.display.language)
