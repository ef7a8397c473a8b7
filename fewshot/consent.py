"""The recorded consent without which nothing of a person may be stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from fewshot.errors import ConsentError
from fewshot.sentence import Sentence


@dataclass(frozen=True)
class Consent:
    """Who agreed to this enrollment, on what ground, and who wrote it down.

    Attributes:
        wording: What was agreed and by whom, as the teacher records it: "form signed by the mother on 3 May".
        recorded_by: The account or person that recorded it.
        recorded_at: When it was recorded, with a time zone; kept as UTC.

    Raises:
        ConsentError: a text is empty or no text, or the time has no zone.
    """

    wording: str
    recorded_by: str
    recorded_at: datetime

    def __post_init__(self) -> None:
        if not _says_something(self.wording):
            raise ConsentError(
                Sentence(
                    "Consent must be recorded before a student is enrolled, got none. "
                    "Write down who agreed and how, for example 'form signed by the mother on 3 May'.",
                    "no_consent",
                )
            )
        if not _says_something(self.recorded_by):
            raise ConsentError(
                Sentence(
                    "A consent must name who recorded it, got nobody. Give the teacher's name.", "consent_of_nobody"
                )
            )
        if any("\ud800" <= character <= "\udfff" for character in self.wording + self.recorded_by):
            raise ConsentError(f"A consent must be text in UTF-8, got {self.wording!a} by {self.recorded_by!a}.")
        if self.recorded_at.tzinfo is None:
            raise ConsentError(f"The time of a consent needs a time zone, got {self.recorded_at} without one.")


def _says_something(text: str) -> bool:
    return any(character.isprintable() and not character.isspace() for character in text)


def record_consent(wording: str, recorded_by: str) -> Consent:
    """Return the consent as of now.

    Raises:
        ConsentError: a text is empty.
    """
    return Consent(" ".join(wording.split()), " ".join(recorded_by.split()), datetime.now(UTC))
