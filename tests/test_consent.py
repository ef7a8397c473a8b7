"""Nothing is stored without a recorded consent."""

from datetime import UTC, datetime, timedelta

import pytest

from fewshot.consent import Consent, record_consent
from fewshot.errors import ConsentError


def test_recording_notes_the_time() -> None:
    consent = record_consent("  form of\n3 May ", "Ms. Noether")
    assert consent.wording == "form of 3 May"
    assert timedelta(0) <= datetime.now(UTC) - consent.recorded_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("wording", "recorded_by"), [("", "Ms. Noether"), (" \n", "Ms. Noether"), ("\u200b", "Ms. Noether"), ("form", " ")]
)
def test_what_is_missing_is_asked_for(wording: str, recorded_by: str) -> None:
    with pytest.raises(ConsentError, match="Consent must be recorded|who recorded it"):
        record_consent(wording, recorded_by)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ConsentError, match=r"must be text in UTF-8, got 'form \\udcff'"):
        record_consent("form \udcff", "Ms. Noether")


def test_the_time_needs_a_zone() -> None:
    with pytest.raises(ConsentError, match="needs a time zone"):
        Consent("form", "Ms. Noether", datetime(2026, 5, 3))
