"""States of the teacher's own, such as "confused": what students' shots teach the class, and on how much that rests.

A shot stays with the student it shows: what the class is taught is made of them anew, so that forgetting a student takes
along what came from them. Pure functions: threads may share all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.prototypes import shown_means
from fewshot.types import EMOTIONS, Float32, Prototypes

ENOUGH_OWN, ENOUGH_STUDENTS = 2, 5
"""Shots of the student, or other students, below which a state is often missed (experiments/states)."""


@dataclass(frozen=True, eq=False)
class SharedState:
    """What one student's shots teach the class of a state.

    Attributes:
        label: Name of the state.
        person_id: Whose shots they are.
        vector: (d,) float32. Their mean, less what all of this student's embeddings have in common.
    """

    label: str
    person_id: str
    vector: Float32


@dataclass(frozen=True)
class StateEvidence:
    """What a student's state rests on: their own shots, and by name those of others who teach it the class."""

    own: int
    others: Mapping[str, int]

    @property
    def is_little(self) -> bool:
        """Whether it will often be missed."""
        return self.own < ENOUGH_OWN and len(self.others) < ENOUGH_STUDENTS


def shared_states(people: Iterable[Person], prior: Prior) -> tuple[SharedState, ...]:
    """Return what the shots of ``people`` teach the class, one entry a student and state they share."""
    found = []
    for person in people:
        owners = np.array(person.embedding_labels, dtype=object)
        for state in person.shared_states:
            mean = person.embeddings[owners == state].mean(axis=0)
            shift = prior.shift(person.embeddings, person.embedding_labels)
            found.append(SharedState(state, person.person_id, (mean - shift).astype(np.float32)))
    return tuple(found)


def states_for(person: Person, shared: Sequence[SharedState]) -> dict[str, Float32]:
    """Return by label the (d,) float32 mean of what others teach of each state; their own shots count apart."""
    theirs = [state for state in shared if state.person_id != person.person_id]
    return {
        label: np.mean([state.vector for state in theirs if state.label == label], axis=0)
        for label in sorted({state.label for state in theirs})
    }


def with_states(
    own: Prototypes, embeddings: Float32, labels: Sequence[str], prior: Prior, taught: Mapping[str, Float32]
) -> Prototypes:
    """Return a student's personal prototypes, and after them one for each state, by name.

    What others have taught of a state, moved by the student's own shift, is to their shots what a generic prototype is to
    their photos of its emotion. Without that a state's prototype is the mean of its shots, for nothing is known of it
    before (Snell et al. 2017). It weighs as the best known emotion does: with few shots it is missed, not imagined
    (experiments/states).

    Args:
        own: :meth:`~fewshot.prior.Prior.personal` of the same student; shots of states play no part in it.
        embeddings: (k, d) float32, k may be 0.
        labels: k labels; those that ``prior`` does not know are states.
        prior: Of the emotions.
        taught: As :func:`states_for` returns.
    """
    states = sorted({*labels, *taught} - set(prior.generic.labels))
    if not states:
        return own
    shift, kappa = prior.shift(embeddings, labels), prior.kappa
    means, counts = shown_means(embeddings, labels, states)
    worth = prior.worth(counts)
    known = [taught[state] + shift if state in taught else mean for state, mean in zip(states, means, strict=True)]
    rows = (worth * means + kappa * np.stack(known)) / (worth + kappa)
    return replace(
        own,
        vectors=np.concatenate([own.vectors, rows.astype(np.float32)]),
        labels=(*own.labels, *states),
        weights=np.concatenate([own.weights, own.weights.max(axis=0, keepdims=True).repeat(len(states), axis=0)]),
        counts=np.concatenate([own.counts, counts]),
    )


def state_evidence(person: Person, state: str, people: Iterable[Person]) -> StateEvidence:
    """Return what ``state`` of one student rests on, among all ``people``."""
    return StateEvidence(
        person.embedding_labels.count(state),
        {
            other.name: other.embedding_labels.count(state)
            for other in people
            if state in other.shared_states and other.person_id != person.person_id
        },
    )


def states_of(person: Person, people: Iterable[Person]) -> tuple[str, ...]:
    """Return the states that one student can be shown in, by name: their own, and those that the class was taught."""
    own = set(person.embedding_labels) - set(EMOTIONS)
    return tuple(sorted(own.union(*(other.shared_states for other in people))))
