"""The tables of the student store, and the way from a Person to its rows and back.

Deleting a person's row deletes everything else of them (ON DELETE CASCADE).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import JSON, DateTime, ForeignKey, LargeBinary, select
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from fewshot.consent import Consent
from fewshot.errors import StoreError
from fewshot.names import name_key
from fewshot.person import KnownFace, NextPhoto, Person, PhotoVerdict, Receipt
from fewshot.sentence import Sentence
from fewshot.types import Float32

SCHEMA_VERSION = 7
"""Raised with every change of the tables, or of what JSON in them holds: an older program would take it for damage."""

UPGRADED_VERSIONS = (1, 2, 3, 4, 5, 6)
"""Those that lack nothing but whole tables, which opening such a database makes and fills; their receipts are read as they are."""


class Vector(TypeDecorator[Float32]):
    """A float32 vector as little-endian bytes."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Float32 | None, _dialect: Dialect) -> bytes | None:
        """Pack for the database."""
        return None if value is None else np.asarray(value, dtype="<f4").tobytes()

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> Float32 | None:
        """Unpack whole numbers, as an array of its own; damage shows in its length, where its owner is known."""
        return None if value is None else np.frombuffer(value[: len(value) // 4 * 4], dtype="<f4").astype(np.float32)


class UtcTime(TypeDecorator[datetime]):
    """A time with a zone, kept and returned as UTC (SQLite would drop the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Convert to UTC for the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the zone back that SQLite dropped."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Table(DeclarativeBase):
    """Base of the tables."""


class SchemaRow(Table):
    """The version of the tables, in one row."""

    __tablename__ = "fewshot_schema"
    version: Mapped[int] = mapped_column(primary_key=True)


class PersonRow(Table):
    """A student; owns the rows of the tables below."""

    __tablename__ = "person"
    person_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    encoder_fingerprint: Mapped[str]
    identity_fingerprint: Mapped[str]
    enrolled_at: Mapped[datetime] = mapped_column(UtcTime)
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON)
    consent: Mapped[ConsentRow] = relationship(lazy="selectin")
    templates: Mapped[list[TemplateRow]] = relationship(
        lazy="selectin", order_by="TemplateRow.position", cascade="all, delete-orphan"
    )
    embeddings: Mapped[list[EmbeddingRow]] = relationship(
        lazy="selectin", order_by="EmbeddingRow.position", cascade="all, delete-orphan"
    )
    shared_states: Mapped[list[SharedStateRow]] = relationship(
        lazy="selectin", order_by="SharedStateRow.state", cascade="all, delete-orphan"
    )
    courses: Mapped[list[CourseRow]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    number: Mapped[NumberRow | None] = relationship(lazy="selectin")


def _owner() -> Mapped[str]:
    return mapped_column(ForeignKey("person.person_id", ondelete="CASCADE"), primary_key=True)


class ConsentRow(Table):
    """The consent to one student's enrollment."""

    __tablename__ = "consent"
    person_id: Mapped[str] = _owner()
    wording: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)


class TemplateRow(Table):
    """One identity template of a student."""

    __tablename__ = "template"
    person_id: Mapped[str] = _owner()
    position: Mapped[int] = mapped_column(primary_key=True)
    vector: Mapped[Float32] = mapped_column(Vector)


class EmbeddingRow(Table):
    """The emotion embedding of one accepted photo."""

    __tablename__ = "embedding"
    person_id: Mapped[str] = _owner()
    position: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    vector: Mapped[Float32] = mapped_column(Vector)


class SharedStateRow(Table):
    """A state that one student's shots teach for the whole class."""

    __tablename__ = "shared_state"
    person_id: Mapped[str] = _owner()
    state: Mapped[str] = mapped_column(primary_key=True)


class CourseRow(Table):
    """A class that one student is taught in."""

    __tablename__ = "person_course"
    person_id: Mapped[str] = _owner()
    course: Mapped[str] = mapped_column(primary_key=True)


class NumberRow(Table):
    """What one student is called where names are hidden."""

    __tablename__ = "person_number"
    person_id: Mapped[str] = _owner()
    number: Mapped[int] = mapped_column(unique=True)


class SettingRow(Table):
    """What the teacher chose instead of a default of conf/."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class AcknowledgmentRow(Table):
    """When somebody has read what the law says, and in which words."""

    __tablename__ = "acknowledgment"
    read_at: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    wording: Mapped[str]


def to_row(person: Person, consent: Consent) -> PersonRow:
    """Return the rows of a person, ready to be added."""
    return PersonRow(
        person_id=person.person_id,
        name=person.name,
        name_key=name_key(person.name),
        encoder_fingerprint=person.encoder_fingerprint,
        identity_fingerprint=person.identity_fingerprint,
        enrolled_at=person.enrolled_at,
        number=NumberRow(number=person.number),
        receipt=receipt_values(person.receipt),
        consent=ConsentRow(**asdict(consent)),
        templates=template_rows(person),
        embeddings=embedding_rows(person),
        shared_states=shared_state_rows(person),
        courses=course_rows(person),
    )


def receipt_values(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as JSON holds it."""
    return asdict(receipt)


def _receipt(values: dict[str, Any]) -> Receipt:
    """Return the receipt of such JSON, of any version.

    Before version 6 it held sentences. That of the test is passed over, for the numbers that it tells are here. The others tell
    what no number beside them does, so they are kept word by word; the next photo's until the receipt is measured again.
    """
    facts = {key: value for key, value in values.items() if key != "reason"}
    next_photo, left_out = values.get("next_photo") or None, values.get("left_out", ())
    facts["next_photo"] = NextPhoto(**next_photo) if isinstance(next_photo, dict) else next_photo
    facts["left_out"] = tuple(PhotoVerdict(**photo) if isinstance(photo, dict) else photo for photo in left_out)
    return Receipt(**facts)


def template_rows(person: Person) -> list[TemplateRow]:
    """Return the rows of a person's identity templates."""
    return [TemplateRow(position=i, vector=vector) for i, vector in enumerate(person.templates)]


def embedding_rows(person: Person) -> list[EmbeddingRow]:
    """Return the rows of a person's emotion embeddings."""
    labelled = zip(person.embedding_labels, person.embeddings, strict=True)
    return [EmbeddingRow(position=i, label=label, vector=v) for i, (label, v) in enumerate(labelled)]


def shared_state_rows(person: Person) -> list[SharedStateRow]:
    """Return the rows of the states that a person's shots teach for the whole class."""
    return [SharedStateRow(state=state) for state in person.shared_states]


def course_rows(person: Person) -> list[CourseRow]:
    """Return the rows of the classes that a person is taught in."""
    return [CourseRow(course=course) for course in person.courses]


def to_person(row: PersonRow) -> Person:
    """Return the noun of a row; StoreError if its bytes do not make one."""
    try:
        templates = _matrix([template.vector for template in row.templates])
        embeddings = _matrix([embedding.vector for embedding in row.embeddings])
        _check(templates, embeddings)
        if row.number is None:  # enrolled by an earlier version since this program opened the store
            raise ValueError("it has no number")
        return Person(
            person_id=row.person_id,
            name=row.name,
            templates=templates,
            embeddings=embeddings,
            embedding_labels=tuple(embedding.label for embedding in row.embeddings),
            receipt=_receipt(row.receipt),
            encoder_fingerprint=row.encoder_fingerprint,
            identity_fingerprint=row.identity_fingerprint,
            enrolled_at=row.enrolled_at,
            number=row.number.number,
            shared_states=tuple(shared.state for shared in row.shared_states),
            courses=tuple(sorted((taken.course for taken in row.courses), key=name_key)),
        )
    except (ValueError, TypeError) as error:
        raise StoreError(
            Sentence(
                "The entry of '{name}' is damaged ({found}). Forget it and enroll them again.",
                "entry_damaged",
                name=row.name,
                found=str(error),
            )
        ) from error


def known_faces(session: Session) -> tuple[KnownFace, ...]:
    """Return the face of everybody whose templates can be read, in no order."""
    people = session.execute(select(PersonRow.person_id, PersonRow.name, PersonRow.identity_fingerprint)).all()
    vectors = defaultdict[str, list[Float32]](list)
    for person_id, vector in session.execute(
        select(TemplateRow.person_id, TemplateRow.vector).order_by(TemplateRow.position)
    ):
        vectors[person_id].append(vector)
    faces = []
    for person_id, name, fingerprint in people:
        with suppress(ValueError):  # a damaged entry
            templates = _matrix(vectors[person_id])
            _check_templates(templates)
            if len(templates):
                faces.append(KnownFace(name, templates, fingerprint))
    return tuple(faces)


def _check(templates: Float32, embeddings: Float32) -> None:
    """Raise ValueError for numbers of the right shape that nobody can have saved."""
    _check_templates(templates)
    if len(embeddings) and not (embeddings.size and np.isfinite(embeddings).all()):
        raise ValueError("every embedding must be finite numbers")


def _check_templates(templates: Float32) -> None:
    lengths = np.linalg.norm(templates.astype(np.float64), axis=1)
    if not np.allclose(lengths, 1.0, atol=1e-3):
        raise ValueError(f"every template must have the length 1, got {lengths}")


def _matrix(vectors: Sequence[Float32]) -> Float32:
    return np.stack(vectors) if vectors else np.zeros((0, 0), np.float32)
