"""``python -m enroll teach``: photos of a state of the teacher's own join students who are enrolled already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial, reduce

from enroll.add import Enrolled, Tell, judge
from enroll.correct import forget_state, share_state
from enroll.photos import Photos, student_key
from enroll.session import EnrollmentSession
from enroll.wording import evidence_in_words
from fewshot.errors import EnrollmentError, GalleryMismatch, UnknownPerson
from fewshot.messages import IN_ENGLISH
from fewshot.models import Models
from fewshot.names import name_key
from fewshot.person import Person, PhotoVerdict
from fewshot.sentence import Sentence
from fewshot.states import state_evidence
from fewshot.store.students import Store

Change = Callable[[str, Callable[[Person], Person]], Person]
"""Lets a student of a store, by person_id, become what a function makes of them, and returns that; as ``Store.change``."""


def teach_state(
    state: str,
    students: Sequence[Photos],
    store: Store,
    models: Models,
    *,
    for_class: bool,
    confirmed: bool,
    tell: Tell,
) -> Iterator[Enrolled]:
    """Add the photos of a state to each student and save them at once; a failure of one does not stop the next.

    Args:
        state: As :func:`enroll.states.clean_state` returns.
        students: With their photos; the consent to their enrollment covers them.
        store: Where they are enrolled.
        models: By which photos are judged.
        for_class: Whether their shots teach the state to everybody enrolled.
        confirmed: Whether photos that seem to show another person are used all the same.
        tell: Receives each line of the account, as it happens.

    Yields:
        What became of each, once they are saved.

    Raises:
        StoreError: the store failed; who was yielded as saved stays saved.
    """
    tell(f"Faces: {models.backend.name}. {models.backend.licence}")
    people = {name_key(person.name): person for person in store.people()}
    for photos in students:
        student = people.get(student_key(photos.student))
        result = Enrolled(photos.student, None, False, (), "Enroll them first, nobody has this name.", photos.skipped)
        if student is not None:
            verdicts: tuple[PhotoVerdict, ...] = ()
            try:
                session = judge(photos, models, confirmed, tell, student)
                verdicts = session.verdicts
                teach = partial(_taught, session=session, shared=state if for_class else None)
                person = store.change(student.person_id, teach)
                people[name_key(person.name)] = person
                result = Enrolled(person.name, person, False, verdicts, skipped=photos.skipped)
            except (EnrollmentError, GalleryMismatch) as error:
                result = Enrolled(student.name, None, False, verdicts, error.sentence, photos.skipped)
        told = f"NOT taught. {result.problem}"
        if result.person is not None:
            evidence = state_evidence(result.person, state, people.values())
            told = f"saved. '{state}' rests on {evidence_in_words(evidence, IN_ENGLISH)}."
        tell(f"{result.student}: {told}")
        yield result


def _taught(student: Person, session: EnrollmentSession, shared: str | None) -> Person:
    more = session.extend(student)
    return more if shared is None else share_state(more, shared)


def unteach_state(state: str, change: Change, people: Iterable[Person]) -> Iterator[Person]:
    """Remove a state from students one after the other, and yield each as they are then.

    Raises:
        EnrollmentError: at the end, of those who do not have it or have nothing else, and keep it.
        StoreError: one could not be changed; who was yielded is.
    """
    refused: list[Sentence | str] = []
    for person in people:
        changed = None
        try:
            changed = change(person.person_id, partial(forget_state, state=state))
        except (EnrollmentError, UnknownPerson) as error:
            refused.append(error.sentence)
        if changed is not None:
            yield changed
    if refused:
        raise EnrollmentError(reduce(_both, refused))


def _both(one: Sentence | str, other: Sentence | str) -> Sentence:
    return Sentence("{one} {other}", "both", one=one, other=other)
