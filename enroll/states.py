"""Names of what a photo shows: one of the seven emotions, or a state of the teacher's own, such as "confused"."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import cache

from fewshot.errors import EnrollmentError
from fewshot.messages import languages, messages
from fewshot.names import clean_name, name_key
from fewshot.sentence import Sentence
from fewshot.types import EMOTIONS

RESERVED = ("unsure", "unknown", "absent")
LONGEST_STATE = 24
"""Characters of a state's name: it must fit beside a face."""

ALIKE = 0.75
"""Share of letters in common from which a folder's name is taken for a misspelled emotion (Ratcliff and Obershelp 1988)."""

OTHER_WORDS = {"fearful": "fear", "happiness": "happy", "joy": "happy", "sadness": "sad"}
"""What collections of photos call the emotions, where the letters do not tell."""


def clean_state(name: str, emotions: Sequence[str] = EMOTIONS) -> str:
    """Return the name of a state of the teacher's own as it is kept and shown, in lower case, or the emotion that it names.

    Emotions may be named in any language that the app speaks: shown in it, two of one name could not be told apart.

    Raises:
        EnrollmentError: it is empty, too long, cannot be shown, or is kept for faces that nothing is said about.
    """
    cleaned = clean_name(name, "state").casefold()
    cleaned = _known_labels().get(name_key(cleaned), cleaned)
    if len(cleaned) > LONGEST_STATE or cleaned in RESERVED:
        raise EnrollmentError(
            Sentence(
                "A state needs a name of up to {most} characters that is none of {reserved}, got '{found}'.",
                "state_name",
                most=LONGEST_STATE,
                reserved=RESERVED,
                found=(cleaned,),
            )
        )
    return next((label for label in emotions if label.casefold() == cleaned), cleaned)


@cache
def _known_labels() -> Mapping[str, str]:
    """Return by what it is called in some language, folded, each emotion and reserved label."""
    return {
        name_key(messages(language).label(label)): label for language in languages() for label in (*EMOTIONS, *RESERVED)
    }


def label_of(text: str) -> str:
    """Return the emotion or the state that a folder or a row of a list names.

    Raises:
        EnrollmentError: it can be neither, or is an emotion misspelled.
    """
    label = clean_state(text)
    almost = [OTHER_WORDS[label]] if label in OTHER_WORDS else difflib.get_close_matches(label, EMOTIONS, 1, ALIKE)
    if label not in EMOTIONS and almost:
        raise EnrollmentError(
            Sentence(
                "'{found}' is almost the emotion '{emotion}'. Write it so, or name the state otherwise.",
                "almost_emotion",
                found=text,
                emotion=(almost[0],),
            )
        )
    return label
