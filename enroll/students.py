"""``python -m enroll list | show``: what the store knows of the students. Needs no model to be loaded."""

from __future__ import annotations

from collections.abc import Sequence

from enroll.wording import evidence_in_words, gain_in_words, left_out_in_words, next_photo_in_words
from fewshot.consent import Consent
from fewshot.messages import IN_ENGLISH
from fewshot.person import Person
from fewshot.states import state_evidence, states_of
from fewshot.store.students import Store


def describe_all(store: Store) -> str:
    """Return a table of everybody enrolled."""
    people = store.people()
    if not people:
        return f"Nobody is enrolled in {store.location}."
    width = max(len(person.name) for person in people)
    lines = [f"{'name':<{width}}  photos  prototypes  enrolled (UTC)    classes".rstrip()]
    for person in people:
        photos, uses, when = len(person.embeddings), person.receipt.uses, f"{person.enrolled_at:%Y-%m-%d %H:%M}"
        lines.append(f"{person.name:<{width}}  {photos:>6}  {uses:<10}  {when}  {', '.join(person.courses)}".rstrip())
    return "\n".join([*lines, f"{len(people)} enrolled in {store.location}."])


def describe(person: Person, consent: Consent, people: Sequence[Person]) -> str:
    """Return everything kept of one student, but the numbers of the embeddings; ``people`` are all who may teach states."""
    receipt = person.receipt
    photos = ", ".join(f"{label} {count}" for label, count in receipt.photos.items())
    return "\n".join(
        [
            f"name        {person.name}",
            f"enrolled    {person.enrolled_at:%Y-%m-%d %H:%M} UTC",
            f"number      {person.number}, where names are hidden",
            f"classes     {', '.join(person.courses) or 'none'}",
            f"photos      {len(person.embeddings)} ({photos}); no image is kept",
            f"prototypes  {receipt.uses}",
            f"receipt     tested {receipt.tested}, right: personal {receipt.personal_correct}, "
            f"generic {receipt.generic_correct}. {gain_in_words(receipt, IN_ENGLISH)}",
            f"next photo  {next_photo_in_words(receipt.next_photo, IN_ENGLISH) or 'none is needed'}",
            *(f"left out    {left_out_in_words(photo, IN_ENGLISH)}" for photo in receipt.left_out),
            *(_describe_state(person, state, people) for state in states_of(person, people)),
            f"consent     {consent.wording}",
            f"recorded    by {consent.recorded_by}, {consent.recorded_at:%Y-%m-%d %H:%M} UTC",
            f"made with   encoder {person.encoder_fingerprint}, identity model {person.identity_fingerprint}",
        ]
    )


def _describe_state(person: Person, state: str, people: Sequence[Person]) -> str:
    shared = "; taught to the whole class" if state in person.shared_states else ""
    return f"state       {state}, {evidence_in_words(state_evidence(person, state, people), IN_ENGLISH)}{shared}"
