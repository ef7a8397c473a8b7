"""The students of one teacher: kept in her store and known in every running lesson, which follow each other."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from app.state.lessons import Lessons
from enroll.add import Enrolled, add_students
from enroll.correct import add_face, has_face, remove_face
from enroll.photos import Photos
from enroll.teach import unteach_state
from fewshot.consent import Consent
from fewshot.courses import agreed
from fewshot.errors import GalleryMismatch, StillInLog, UnknownPerson
from fewshot.gallery import Gallery
from fewshot.models import Models
from fewshot.person import Person
from fewshot.store.students import Check, Damaged, Everybody, Forgotten, Store
from fewshot.types import Float32


class Roster:
    """Owns a teacher's students and the newest gallery of them. Threads may share it.

    Every change goes to the store and then to the gallery, and running lessons know of it with their next frame. No other change
    comes in between: one who is forgotten there would be back in the gallery.

    Args:
        store: Where the students are kept.
        lessons: Hers, in which they are seen.
        models: Returns those in use.
    """

    def __init__(self, store: Store, lessons: Lessons, models: Callable[[], Models]) -> None:
        self._store, self._lessons, self._models = store, lessons, models
        self._changing, self._gallery_lock = threading.Lock(), threading.Lock()
        self._gallery: Gallery | None = None
        self._gallery_by: Models | None = None
        self._damaged: tuple[Damaged, ...] = ()

    def gallery(self, models: Models | None = None) -> Gallery:
        """Return the gallery as it was last read from the store, of the models in use or of others.

        Raises:
            GalleryMismatch: somebody was enrolled with another model.
            StoreError: the store cannot be read.
        """
        models = models or self._models()
        with self._gallery_lock:
            if self._gallery is None or self._gallery_by is not models:
                return self._take(self._store.everybody(), models)
            return self._gallery

    def refresh(self) -> Gallery:
        """Read the store again, which another program may have changed, and return its gallery; raises as above.

        Meanwhile, and where it cannot be read or used, lessons go on with the one they have.
        """
        with self._changing:
            everybody = self._store.everybody()
            with self._gallery_lock:
                return self._take(everybody, self._models())

    def _take(self, everybody: Everybody, models: Models) -> Gallery:
        """Let the gallery be that of whom the store has; who has not changed is not made anew."""
        self._damaged = everybody.damaged
        if self._gallery is None or self._gallery_by is not models:
            gallery = models.gallery_of(everybody.people)
        else:
            gallery = self._gallery.with_all(everybody.people)
        self._gallery, self._gallery_by = gallery, models
        return gallery

    @property
    def damaged(self) -> tuple[Damaged, ...]:
        """Who is in the store and in no gallery, as it was last read, be it for a gallery that does not fit."""
        return self._damaged

    def comparable_gallery(self) -> Gallery:
        """Return a gallery of those whom the models in use can recognize; others may be there to be enrolled anew."""
        models = self._models()
        return models.gallery_of(person for person in self._store.people() if models.made(person))

    def save(self, person: Person, consent: Consent, replace: bool = False, check: Check | None = None) -> Person:
        """Add a student; see :meth:`Store.add`, which raises AlreadyEnrolled."""
        with self._changing:
            kept = self._store.add(person, consent, replace, check)
            self._follow(partial(Gallery.with_person, person=kept))
        return kept

    def enroll_class(
        self, students: Sequence[Photos], consent: Consent, courses: Sequence[str], *, replace: bool, confirmed: bool
    ) -> Iterator[Enrolled]:
        """Enroll many students one after the other; see :func:`enroll.add.add_students`."""
        yield from add_students(
            students,
            self._store.people(),
            self.save,
            consent,
            self._models(),
            courses=courses,
            replace=replace,
            confirmed=confirmed,
            tell=lambda _line: None,
        )

    def change(self, person_id: str, change: Callable[[Person], Person]) -> Person:
        """Let a student become what ``change`` makes of them, and return that; see :meth:`Store.change`.

        Raises:
            UnknownPerson: they were forgotten meanwhile; and whatever ``change`` raises.
        """
        with self._changing:
            changed = self._store.change(person_id, change)
            self._follow(partial(Gallery.with_person, person=changed))
        return changed

    def name_face(self, person_id: str, template: Float32) -> None:
        """Let an (e,) identity template be known as this student's, and no more as that of whom it was taken for."""
        for other in self.gallery().people:
            if other.person_id != person_id and has_face(other, template):
                self.change(other.person_id, partial(remove_face, template=template))
        self.change(person_id, partial(add_face, template=template))

    def forget_state(self, state: str, people: Iterable[Person]) -> None:
        """Remove a state of the teacher's own from students.

        Raises:
            EnrollmentError: some have nothing else, and keep it; the others have lost it.
        """
        for _ in unteach_state(state, self.change, people):
            pass

    def rename(self, person: Person, new_name: str) -> None:
        """Call a student by another name. Raises AlreadyEnrolled."""
        with self._changing:
            kept_name = self._store.rename(person.person_id, new_name)
            self._follow(
                lambda gallery: gallery.with_person(
                    dataclasses.replace(gallery.person(person.person_id), name=kept_name)
                )
            )

    def rename_course(self, course: str, new_name: str) -> str:
        """Give a class another name, in its lessons too, and return it; raises EnrollmentError."""
        with self._changing:
            (agreed_name,) = agreed([new_name], (p for p in self._store.people() if course not in p.courses))
            self._store.rename_course(course, agreed_name)
            self._lessons.rename_course(course, agreed_name)
            with self._gallery_lock:
                self._gallery = None  # which knows nobody of that name, also where the store cannot be read now
        return agreed_name

    def forget(self, person: Person | Damaged) -> Forgotten:
        """Erase a student from the store and from every running lesson.

        Raises:
            UnknownPerson, StillInLog: they are not in the store any more, and in no lesson.
            StoreError: they are, and stay in the lessons too.
        """
        with self._changing:
            try:
                forgotten = self._store.forget(person.person_id)
            except (UnknownPerson, StillInLog):
                self._drop(person.person_id)
                raise
            self._drop(person.person_id)
        return forgotten

    def let_go(self, person_id: str) -> None:
        """Recognize somebody no more whom another program has erased from the store."""
        with self._changing:
            self._follow(partial(Gallery.without, person_id=person_id))

    def _drop(self, person_id: str) -> None:
        self._follow(partial(Gallery.without, person_id=person_id))
        self._lessons.forget(person_id)

    def _follow(self, change: Callable[[Gallery], Gallery]) -> None:
        """Let the gallery follow the store, or read it anew where that fails, for another program may have changed it."""
        with self._gallery_lock:
            try:
                self._gallery = self._gallery and change(self._gallery)
            except (GalleryMismatch, UnknownPerson):
                self._gallery = None
