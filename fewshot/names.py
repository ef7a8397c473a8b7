"""How names of students and of classes are cleaned and compared: one rule for the session, the store and the command line."""

from __future__ import annotations

import unicodedata
from typing import Literal

from fewshot.errors import EnrollmentError
from fewshot.sentence import Sentence

LONGEST_NAME = 100
"""Characters; long enough for people, short enough for an overlay and a database index."""

_NAMELESS = {
    "student": Sentence(
        "A student needs a name, got an empty one. Type the name that the screen should show.", "nameless_student"
    ),
    "state": Sentence(
        "A state needs a name, got an empty one. Type the name that the screen should show.", "nameless_state"
    ),
    "class": Sentence(
        "A class needs a name, got an empty one. Type the name that the screen should show.", "nameless_class"
    ),
}

_UNSEEN = dict.fromkeys(
    [0x00AD, 0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)
"""What copied text brings along: it joins, breaks or turns a line and shows nothing. Joiners that scripts are spelled with stay."""


def is_utf8(text: str) -> bool:
    """Whether ``text`` can be written in UTF-8; the name of a file need not be, and Python then puts surrogates into it."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def clean_name(name: str, whose: Literal["student", "state", "class"] = "student") -> str:
    """Return the name of a student or of another thing as it is shown: composed Unicode, single spaces, nothing unseen.

    Raises:
        EnrollmentError: it is empty, too long, or holds characters that cannot be shown.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", name).translate(_UNSEEN).split())
    if not cleaned:
        raise EnrollmentError(_NAMELESS[whose])
    if len(cleaned) > LONGEST_NAME:
        raise EnrollmentError(
            Sentence(
                "A name may have up to {most} characters, got {found}. Shorten it.",
                "name_too_long",
                most=LONGEST_NAME,
                found=len(cleaned),
            )
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in cleaned):
        raise EnrollmentError(
            Sentence(
                "A name must be plain text, got {found!r} with control characters. Type it again.",
                "name_unprintable",
                found=cleaned,
            )
        )
    return cleaned


def name_key(name: str) -> str:
    """Return what two spellings of one name share: case and look-alike code points do not count.

    Raises:
        EnrollmentError: as :func:`clean_name`.
    """
    return unicodedata.normalize("NFKC", clean_name(name)).casefold()
