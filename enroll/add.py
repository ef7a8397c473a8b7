"""``python -m enroll add``: photos on disk become students in the store, one after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from enroll.doubles import find_double, still_new
from enroll.photos import Photos, student_key
from enroll.session import EnrollmentSession
from enroll.wording import double_in_words, outcome_in_words, reason_in_words
from fewshot.consent import Consent
from fewshot.courses import agreed
from fewshot.errors import EnrollmentError, GalleryMismatch, ImageError, SeemsEnrolled
from fewshot.face.images import read_image
from fewshot.gallery import Gallery
from fewshot.messages import IN_ENGLISH
from fewshot.models import Models
from fewshot.names import name_key
from fewshot.person import Person, PhotoVerdict
from fewshot.sentence import Sentence
from fewshot.store.students import Check

Tell = Callable[[str], None]

Save = Callable[[Person, Consent, bool, Check], Person]
"""Puts a student into a store, perhaps in place of an entry of the same name, and returns them as kept; as ``Store.add``."""


@dataclass(frozen=True, eq=False)
class Enrolled:
    """What became of one student.

    Attributes:
        student: Their name.
        person: The new entry; None where there is none.
        kept: Whether an entry of this name was there before and is left as it was.
        verdicts: Of their photos.
        problem: Why they could not be enrolled, or not anew; None where they are.
        skipped: Sentences on what else lay among their photos.
        seems_enrolled: Whether the problem is that their face is another's.
    """

    student: str
    person: Person | None
    kept: bool
    verdicts: tuple[PhotoVerdict, ...]
    problem: Sentence | str | None = None
    skipped: tuple[Sentence | str, ...] = ()
    seems_enrolled: bool = False


def add_students(
    students: Sequence[Photos],
    people: Collection[Person],
    save: Save,
    consent: Consent,
    models: Models,
    *,
    replace: bool,
    confirmed: bool,
    tell: Tell,
    courses: Sequence[str] = (),
    for_class: bool = False,
    two_people: bool = False,
) -> Iterator[Enrolled]:
    """Enroll each student and save them at once; a failure of one does not stop the next.

    Args:
        students: With their photos.
        people: Who is enrolled already.
        save: Keeps each of them.
        consent: Recorded with each of them.
        models: By which photos are judged.
        replace: Whether an entry of the same name gives way.
        confirmed: Whether photos that seem to show another emotion, another person or covered eyes are used all the same.
        courses: The classes they are taught in; one who is enrolled anew stays in those of before.
        for_class: Whether states of the teacher's own among the photos teach everybody enrolled.
        two_people: Whether a face that resembles somebody else's is enrolled all the same.
        tell: Receives each line of the account, as it happens.

    Yields:
        What became of each, once they are saved.

    Raises:
        GalleryMismatch: some of ``people`` were enrolled with other models, and ``replace`` is False.
        StoreError: one could not be saved; who was yielded as saved stays saved.
        EnrollmentError: a class has a name that cannot be shown.
    """
    courses = agreed(courses, people)
    tell(f"Faces: {models.backend.name}. {models.backend.licence}")
    gallery = _gallery_of(people, models, replace, tell)
    known = {name_key(person.name) for person in people}
    for photos in students:
        name, double, before = photos.student, None, student_key(photos.student) in known
        if before and not replace:
            result = Enrolled(name, None, True, (), skipped=photos.skipped)
        else:
            session = judge(photos, models, confirmed, tell)
            try:
                person = session.finish(name, gallery, two_people=two_people)
                double = find_double(name, person.templates, gallery.people)
                person = dataclasses.replace(person, courses=courses)
                if for_class:
                    states = sorted(set(person.embedding_labels) - set(models.prior.generic.classes))
                    person = dataclasses.replace(person, shared_states=tuple(states))
                check = still_new(person, gallery.match_threshold, two_people=two_people)
                person = save(person, consent, replace, check)
                gallery = gallery.with_person(person)
                known.add(name_key(person.name))
                result = Enrolled(person.name, person, False, session.verdicts, skipped=photos.skipped)
            except EnrollmentError as error:
                alike = isinstance(error, SeemsEnrolled)
                result = Enrolled(name, None, before, session.verdicts, error.sentence, photos.skipped, alike)
        tell(f"{result.student}: {outcome_in_words(result, IN_ENGLISH)}")
        if double and result.person:
            tell(f"{result.student}: {double_in_words(double, IN_ENGLISH)}")
        yield result


def judge(
    photos: Photos, models: Models, confirmed: bool, tell: Tell, student: Person | None = None
) -> EnrollmentSession:
    """Return a session that has seen every photo, and tell what became of each; ``student`` is enrolled already."""
    session = EnrollmentSession(models, student)
    for sentence in photos.skipped:
        tell(f"{photos.student}: skipped {sentence}")
    for number, file in enumerate(photos.files, start=1):
        try:
            verdict = session.add_photo(read_image(file.file, file.name), file.label, file.name, confirmed=confirmed)
        except ImageError as error:
            verdict = session.refuse(file.label, file.name, error)
        outcome = "accepted"
        if not verdict.accepted:
            outcome = f"{'left out' if verdict.asks else 'rejected'}: {reason_in_words(verdict, IN_ENGLISH)}"
        tell(f"{photos.student} [{number}/{len(photos.files)}] {file.name} ({file.label}) {outcome}")
    return session


def _gallery_of(people: Collection[Person], models: Models, replace: bool, tell: Tell) -> Gallery:
    """Return the gallery that new faces are compared with; raises GalleryMismatch."""
    stale = [person for person in people if not models.made(person)]
    if stale:
        names = ", ".join(person.name for person in stale)
        if not replace:
            raise GalleryMismatch(
                Sentence(
                    "{stale} of {all} students in the store ({names}) were made by another encoder or face backend than those in "
                    "use. Enroll each again in place of their entry, forget them, or use another store.",
                    "made_by_others",
                    stale=len(stale),
                    all=len(people),
                    names=names,
                )
            )
        tell(
            f"Note: {len(stale)} of {len(people)} students in the store ({names}) were made by other models and are not compared "
            "with. Enroll each again in place of their entry, forget them, or use another store (--store)."
        )
    return models.gallery_of(person for person in people if person not in stale)
