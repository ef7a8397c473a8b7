"""Names of what a photo shows: one of the seven emotions, or a state of the teacher's own, such as "confused"."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from fewshot.errors import EnrollmentError
from fewshot.names import clean_name
from fewshot.types import EMOTIONS

RESERVED = ("unsure", "unknown", "absent")
LONGEST_STATE = 24
"""Characters of a state's name: it must fit beside a face."""

ALIKE = 0.75
"""Share of letters in common from which a folder's name is taken for a misspelled emotion (Ratcliff and Obershelp 1988)."""


def clean_state(name: str, emotions: Sequence[str] = EMOTIONS) -> str:
    """Return the name of a state of the teacher's own as it is kept and shown, in lower case; an emotion's is left as it is.

    Raises:
        EnrollmentError: it is empty, too long, cannot be shown, or is kept for faces that nothing is said about.
    """
    cleaned = clean_name(name).casefold()
    if len(cleaned) > LONGEST_STATE or cleaned in RESERVED:
        raise EnrollmentError(
            f"A state needs a name of up to {LONGEST_STATE} characters that is none of {', '.join(RESERVED)}, got '{cleaned}'."
        )
    return next((label for label in emotions if label.casefold() == cleaned), cleaned)


def label_of(text: str) -> str:
    """Return the emotion or the state that a folder or a row of a list names.

    Raises:
        EnrollmentError: it can be neither, or is an emotion misspelled.
    """
    label = clean_state(text)
    almost = difflib.get_close_matches(label, EMOTIONS, n=1, cutoff=ALIKE)
    if label not in EMOTIONS and almost:
        raise EnrollmentError(
            f"'{text}' is almost the emotion '{almost[0]}'. Write it so, or name the state otherwise."
        )
    return label
