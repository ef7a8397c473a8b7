"""The enrolled people in memory: match a face to a person, classify an emotion by that person's prototypes."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence

import numpy as np

from fewshot.courses import EVERYBODY, members
from fewshot.errors import AlreadyEnrolled, GalleryMismatch, UnknownPerson
from fewshot.index import IdentityIndex, PrototypeIndex
from fewshot.names import name_key
from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.refinement import Refinement
from fewshot.sentence import Sentence
from fewshot.types import NOBODY, Emotions, Float32, Match


class Gallery:
    """People with their indexes, read-only: threads may share it, and adding or forgetting makes a new one.

    The new one takes over the prototypes that hold and indexes them again, which takes a tenth of a second for a thousand
    (experiments/identity) and leaves no half state for a reader to see.
    """

    def __init__(
        self,
        people: Iterable[Person],
        prior: Prior,
        *,
        match_threshold: float,
        match_margin: float,
        identity_fingerprint: str,
        classmates: Iterable[Person] | None = None,
        before: Gallery | None = None,
    ) -> None:
        """Build the indexes of ``people``.

        Args:
            people: With unique keys.
            prior: Of the encoder in use.
            match_threshold: Least cosine to a template that names a face.
            match_margin: Least lead of the best person over the second best.
            identity_fingerprint: The fingerprint of the identity model in use.
            classmates: Who teaches ``people`` their shared states and what to expect, see :class:`Refinement`; ``people`` if
                left out.
            before: A gallery with the same settings, of which is taken over what holds.

        Raises:
            GalleryMismatch: a person was enrolled with another encoder or identity model.
            AlreadyEnrolled: two people share a key.
        """
        self.people = tuple(people)
        self.prior = prior
        self.match_threshold = match_threshold
        self.match_margin = match_margin
        self.identity_fingerprint = identity_fingerprint
        self._by_id = {person.person_id: person for person in self.people}
        if len(self._by_id) != len(self.people):
            raise AlreadyEnrolled(
                "every person needs a key of their own, two share one. Restore the store from a copy."
            )
        for person in self.people:
            self._refuse_foreign(person)
        self._classmates = self.people if classmates is None else tuple(classmates)
        self._refinement: Refinement = Refinement(
            self.people, prior, self._classmates, None if before is None else before._refinement
        )
        own = self._refinement.own.items()
        self._prototypes = PrototypeIndex(
            prior.generic,
            {person.person_id: theirs for person, theirs in own if theirs is not prior.generic},
        )
        self._owners = np.repeat(np.arange(len(self.people)), [len(p.templates) for p in self.people])
        self._identity = IdentityIndex(np.concatenate([p.templates for p in self.people])) if self.people else None
        self._of_course: dict[str, Gallery] = {}  # filled as asked for; whoever comes second finds an equal one

    def _refuse_foreign(self, person: Person) -> None:
        expect_same_encoder(person, self.prior)
        if person.identity_fingerprint != self.identity_fingerprint:
            raise GalleryMismatch(
                Sentence(
                    "'{name}' was enrolled with identity model {theirs}, in use is {ours}. Enroll '{name}' again, or go back to "
                    "the identity model (faces.backend) of that time.",
                    "another_identity_model",
                    name=person.name,
                    theirs=person.identity_fingerprint,
                    ours=self.identity_fingerprint,
                )
            )

    def match(self, probes: Float32) -> tuple[Match, ...]:
        """Say who each face is.

        Args:
            probes: (n, e) float32 unit identity embeddings.

        Returns:
            n matches. A face is named when its best person reaches ``match_threshold`` and leads the second best person
            by ``match_margin``.
        """
        if self._identity is None:
            return (NOBODY,) * len(probes)
        # enough to reach the second best person past all templates of the best
        neighbors = self._identity.search(probes, max(len(person.templates) for person in self.people) + 1)
        matches = []
        for similarities, positions in zip(neighbors.similarities, neighbors.positions, strict=True):
            owners = self._owners[positions]
            best = self.people[owners[0]]
            others = similarities[owners != owners[0]]
            lead = float(similarities[0] - others[0]) if len(others) else np.inf
            known = similarities[0] >= self.match_threshold and lead >= self.match_margin
            matches.append(
                Match(best.person_id if known else None, best.name if known else None, float(similarities[0]))
            )
        return tuple(matches)

    @property
    def labels(self) -> tuple[str, ...]:
        """The emotions, and after them the states that anybody here can be shown in: the columns of :meth:`classify`."""
        return self._prototypes.labels

    def classify(self, embeddings: Float32, person_ids: Sequence[str | None]) -> Emotions:
        """Name the emotion of each (n, d) embedding: by the person's own prototypes where their receipt says so."""
        return self._prototypes.classify(embeddings, person_ids)

    def person(self, person_id: str) -> Person:
        """Return one person.

        Raises:
            UnknownPerson: no such key.
        """
        if person_id not in self._by_id:
            raise UnknownPerson(
                Sentence(
                    "nobody with the key '{key}' is enrolled. Were they forgotten meanwhile?",
                    "unknown_key",
                    key=person_id,
                )
            )
        return self._by_id[person_id]

    def with_person(self, person: Person) -> Gallery:
        """Return a gallery with one more person, or with their newer entry; people are in the order of their names, as stored."""
        people = [p for p in self.people if p.person_id != person.person_id]
        insort(people, person, key=lambda p: name_key(p.name))
        return self._rebuilt(people)

    def without(self, person_id: str) -> Gallery:
        """Return a gallery that does not know this person; raises UnknownPerson."""
        gone = self.person(person_id)
        return self._rebuilt(p for p in self.people if p is not gone)

    def with_all(self, people: Iterable[Person]) -> Gallery:
        """Return a gallery of ``people``, as they were read anew, and nobody else: this one if nothing about anybody has changed.

        Whoever is as they were here is not made anew.
        """
        read = tuple(people)
        kept = (self._by_id.get(person.person_id) for person in read)
        now = tuple(old if old is not None and old.equals(new) else new for old, new in zip(kept, read, strict=True))
        return self if now == self.people else self._rebuilt(now)

    def of_course(self, course: str) -> Gallery:
        """Return the gallery of those who take a course, the same one each time; this one for :data:`EVERYBODY`.

        Everybody here is their classmate, as in this one.
        """
        if course == EVERYBODY:
            return self
        if course not in self._of_course:
            self._of_course[course] = self._rebuilt(members(self.people, course), self._classmates)
        return self._of_course[course]

    def _rebuilt(self, people: Iterable[Person], classmates: Iterable[Person] | None = None) -> Gallery:
        return Gallery(
            people,
            self.prior,
            match_threshold=self.match_threshold,
            match_margin=self.match_margin,
            identity_fingerprint=self.identity_fingerprint,
            classmates=classmates,
            before=self,
        )


def expect_same_encoder(person: Person, prior: Prior) -> None:
    """Raise GalleryMismatch unless ``person`` was enrolled with the encoder of ``prior``."""
    if person.encoder_fingerprint != prior.generic.fingerprint:
        raise GalleryMismatch(
            Sentence(
                "'{name}' was enrolled with encoder {theirs}, in use is {ours}. Enroll '{name}' again, or go back to the "
                "encoder of that time.",
                "another_encoder",
                name=person.name,
                theirs=person.encoder_fingerprint,
                ours=prior.generic.fingerprint,
            )
        )
