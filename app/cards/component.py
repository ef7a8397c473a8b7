"""The class beside the video, one card a student, as a Streamlit component: a native element for each of thirty students,
drawn anew every second, would be a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent

_cards = st.components.v2.component(
    "fewshot_cards",
    html='<ul class="cards"></ul>',
    css=(_FOLDER / "cards.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "cards.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Card:
    """What the card of one student shows, in words that are ready to be read.

    Attributes:
        name: Of the student.
        emotion: The last one; None before the student was seen.
        color_rgb: Of the emotion, as #RRGGBB.
        named: Whether it is an emotion, not that there was none to be sure of.
        confidence: Of the emotion, in [0, 1].
        seen: When that was.
        in_view: Whether that is now.
        evidence: What a state of the teacher's own rests on; empty for an emotion.
        read_by: Whose prototypes decided.
        personal: Whether they were the student's own.
        lately: Valence over the last minutes, in [-1, 1], oldest first; empty before the student was seen.
    """

    name: str
    emotion: str | None
    color_rgb: str
    named: bool
    confidence: float
    seen: str
    in_view: bool
    evidence: str
    read_by: str
    personal: bool
    lately: Sequence[float]


def show_cards(cards: Sequence[Card], *, lately: str, what: str) -> None:
    """Show the cards in rows, and keep them where they are when they change.

    Args:
        cards: In the order in which they are read.
        lately: What their lines show, for who points at one.
        what: What the cards are, for a screen reader.
    """
    data: Mapping[str, object] = {"cards": [asdict(card) for card in cards], "lately": lately, "what": what}
    _cards(key="cards", data=data)
