"""``python -m enroll add --state``: photos of a state of the teacher's own join students who are enrolled already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from enroll.add import Enrolled, Say, judge
from enroll.correct import forget_state, share_state
from enroll.photos import Photos
from enroll.session import Models, PhotoVerdict
from fewshot.errors import EnrollmentError, GalleryMismatch
from fewshot.names import name_key
from fewshot.states import state_evidence
from fewshot.store.students import Store
from fewshot.types import Person


def teach_state(
    state: str,
    students: Sequence[Photos],
    store: Store,
    models: Models,
    *,
    for_class: bool,
    confirmed: bool,
    say: Say,
) -> Iterator[Enrolled]:
    """Add the photos of a state to each student and save them at once; a failure of one does not stop the next.

    Args:
        state: As :func:`enroll.states.clean_state` returns.
        students: With their photos; the consent to their enrollment covers them.
        store: Where they are enrolled.
        models: As :func:`enroll.add.load_models` returns.
        for_class: Whether their shots teach the state to everybody enrolled.
        confirmed: Whether photos that seem to show another person are used all the same.
        say: Receives each line of the account, as it happens.

    Yields:
        What became of each, once they are saved.

    Raises:
        StoreError: the store failed; who was yielded as saved stays saved.
    """
    say(f"Faces: {models.backend.name}. {models.backend.licence}")
    people = {name_key(person.name): person for person in store.people()}
    for photos in students:
        student = people.get(name_key(photos.student))
        result = Enrolled(photos.student, None, False, (), "NOT taught: enroll them first, nobody has this name.")
        if student is not None:
            verdicts: tuple[PhotoVerdict, ...] = ()
            try:
                session = judge(photos, models, confirmed, say, student)
                verdicts = session.verdicts
                person = session.extend()
                person = share_state(person, state) if for_class else person
                store.update(person)
                people[name_key(person.name)] = person
                found = f"saved. '{state}' rests on {state_evidence(person, state, people.values()).in_words()}."
                result = Enrolled(person.name, person, False, verdicts, found, photos.skipped)
            except (EnrollmentError, GalleryMismatch) as error:
                result = Enrolled(student.name, None, False, verdicts, f"NOT taught. {error}", photos.skipped)
        say(f"{result.student}: {result.sentence}")
        yield result


def unteach_state(state: str, store: Store, name: str | None = None) -> tuple[Person, ...]:
    """Remove a state from one student, or from all who have shots of it, and return them as they are now.

    Raises:
        EnrollmentError: nobody asked about has it, or one of them has nothing else.
        UnknownPerson: nobody has that ``name``.
    """
    people = store.people() if name is None else (store.person(name),)
    having = [person for person in people if state in person.embedding_labels or name is not None]
    if not having:
        raise EnrollmentError(f"Nobody in {store.location} has a state '{state}'. See what is kept of each with show.")
    changed = tuple(forget_state(person, state) for person in having)
    for person in changed:
        store.update(person)
    return changed
