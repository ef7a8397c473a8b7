"""Made-up people for the tests of the store: reproducible, so that another process can say what must be there."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from fewshot.consent import Consent
from fewshot.person import NextPhoto, Person, PhotoVerdict, Receipt

CONSENT = Consent("form signed by the mother", "Ms. Noether", datetime(2026, 5, 3, 8, tzinfo=UTC))


def make_person(number: int, name: str | None = None, photos: int = 7, e: int = 128, d: int = 64) -> Person:
    """Return the person of this number, always the same."""
    random = np.random.default_rng(number)
    templates = random.standard_normal((photos, e)).astype(np.float32)
    return Person(
        person_id=f"key-{number}",
        name=name or f"Student {number}",
        templates=templates / np.linalg.norm(templates, axis=1, keepdims=True),
        embeddings=random.standard_normal((photos, d)).astype(np.float32),
        embedding_labels=tuple(("neutral", "happy", "sad")[i % 3] for i in range(photos)),
        receipt=Receipt(
            photos={"neutral": photos},
            tested=2,
            generic_correct=1,
            personal_correct=2,
            uses="personal",
            next_photo=NextPhoto("happy", 0, "surprise"),
            left_out=(
                PhotoVerdict(f"wall {number}.jpg", "sad", "no_face"),
                PhotoVerdict("far.jpg", "sad", "small", {"found": 41.25, "need": 80.0}),
                PhotoVerdict("odd.jpg", "sad", "another_emotion", {"seen": "happy"}, asks=True),
            ),
        ),
        encoder_fingerprint="encoder-1",
        identity_fingerprint="identity-1",
        enrolled_at=datetime(2026, 11, 22, 19, 45, number % 60, tzinfo=UTC),
    )


def facts(person: Person) -> tuple[object, ...]:
    """Return everything in a person as values that compare by ==."""
    receipt = person.receipt
    return (
        *(
            person.person_id,
            person.name,
            person.templates.tolist(),
            person.embeddings.tolist(),
            person.embedding_labels,
        ),
        *(dict(receipt.photos), receipt.tested, receipt.generic_correct, receipt.personal_correct, receipt.uses),
        *(
            person.shared_states,
            person.courses,
            receipt.next_photo,
            receipt.left_out,
            person.encoder_fingerprint,
            person.identity_fingerprint,
            person.enrolled_at,
        ),
    )
