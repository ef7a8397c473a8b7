"""The recorded consent without which nothing of a person may be stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from fewshot.errors import ConsentError


@dataclass(frozen=True)
class Consent:
    """Who agreed to this enrollment, on what ground, and who wrote it down.

    Attributes:
        wording: What was agreed and by whom, as the teacher records it: "form signed by the mother on 3 May".
        recorded_by: The account or person that recorded it.
        recorded_at: When it was recorded, with a time zone; kept as UTC.

    Raises:
        ConsentError: a text is empty or the time has no zone.
    """

    wording: str
    recorded_by: str
    recorded_at: datetime

    def __post_init__(self) -> None:
        if not self.wording.strip():
            raise ConsentError(
                "Consent must be recorded before a student is enrolled, got none. "
                "Write down who agreed and how, for example 'form signed by the mother on 3 May'."
            )
        if not self.recorded_by.strip():
            raise ConsentError("A consent must name who recorded it, got nobody. Give the teacher's name.")
        if self.recorded_at.tzinfo is None:
            raise ConsentError(f"The time of a consent needs a time zone, got {self.recorded_at} without one.")


def record_consent(wording: str, recorded_by: str) -> Consent:
    """Return the consent as of now.

    Raises:
        ConsentError: a text is empty.
    """
    return Consent(" ".join(wording.split()), " ".join(recorded_by.split()), datetime.now(UTC))
