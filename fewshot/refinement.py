"""The prototypes that each enrolled person is classified by: their own photos, classmates who look alike, states of the class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fewshot.classmates import Showing, nearest_classmates, prior_among, showing
from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.states import SharedState, shared_states, states_for, with_states
from fewshot.types import Float32, Prototypes


class Refinement:
    """The prior as refined for each of some people; read-only, so threads may share it.

    A person's entry never changes, so that what was made of it holds as long as the same classmates look alike and teach the
    same: of an earlier refinement that much is taken over.

    Attributes:
        own: By person; the generic prototypes themselves where nothing is their own.
    """

    def __init__(
        self, people: Sequence[Person], prior: Prior, classmates: Iterable[Person], before: Refinement | None = None
    ) -> None:
        """Refine ``prior``.

        Args:
            people: Made by the encoder of ``prior``.
            prior: Of the encoder in use.
            classmates: Who teaches ``people`` their shared states and what to expect; not who was made by another encoder.
            before: Of the same prior, or None.
        """
        self._prior = prior
        teachers = [person for person in classmates if person.encoder_fingerprint == prior.generic.fingerprint]
        self._sharers = [person for person in teachers if person.shared_states]
        seen = {} if before is None else before._seen
        self._seen: dict[Person, Showing | None] = {
            person: seen[person] if person in seen else showing(*self._used_shots(person), prior)
            for person in dict.fromkeys([*teachers, *people])
        }
        refined = {} if before is None else before._refined
        self._refined: dict[Person, tuple[tuple[Showing, ...], Prototypes]] = {
            person: refined[person]
            if person in refined and refined[person][0] == alike
            else (alike, prior_among(prior, alike).personal(*self._used_shots(person)))
            for person, alike in self._alike(people).items()
        }
        taken = {} if before is None or before._sharers != self._sharers else before.own
        shared = shared_states(self._sharers, prior)
        self.own: dict[Person, Prototypes] = {
            person: taken[person] if person in taken and refined[person] is now else self._with_states(person, shared)
            for person, now in self._refined.items()
        }

    def _used_shots(self, person: Person) -> tuple[Float32, list[str]]:
        """Return the embeddings a person is classified by, and their labels: as the receipt decided, and states in any case."""
        used = [
            i
            for i, label in enumerate(person.embedding_labels)
            if person.receipt.uses == "personal" or label not in self._prior.generic.classes
        ]
        return person.embeddings[used], [person.embedding_labels[i] for i in used]

    def _alike(self, people: Sequence[Person]) -> dict[Person, tuple[Showing, ...]]:
        """Return for each person what those show who look most like them; nothing for who shows no emotion themselves."""
        everybody = [show for show in self._seen.values() if show is not None]
        asked = {person: show for person in people if (show := self._seen[person]) is not None}
        rows = nearest_classmates(list(asked.values()), everybody, self._prior.shrinkage.classmates)
        found = {person: tuple(everybody[i] for i in row) for person, row in zip(asked, rows, strict=True)}
        return {person: found.get(person, ()) for person in people}

    def _with_states(self, person: Person, shared: Sequence[SharedState]) -> Prototypes:
        embeddings, labels = self._used_shots(person)
        taught = states_for(person, shared)
        if not labels and not taught:
            return self._prior.generic
        return with_states(self._refined[person][1], embeddings, labels, self._prior, taught)
