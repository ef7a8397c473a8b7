"""Who may need a look, in the room of one row however many they are, as a Streamlit component: a popover of Streamlit's is gone with
the last notice, whoever reads in it, and the keyboard with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from fewshot.messages import Messages

KEY = "attention"

_FOLDER = Path(__file__).parent

_attention = st.components.v2.component(
    "fewshot_attention",
    html=(_FOLDER / "attention.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "attention.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "attention.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Entry:
    """One notice, in words that are ready to be read.

    Attributes:
        key: What tells it apart as long as it lasts.
        name: Of the student.
        told: The evidence.
        reason: Which of the icons stands before it.
        aside: Whether the teacher has put it aside.
    """

    key: str
    name: str
    told: str
    reason: str
    aside: bool


def show_entries(entries: Sequence[Entry], say: Messages, put_aside: Callable[[str, bool], None]) -> None:
    """Show the first entry that is not put aside, and a button with the number of the others, which opens the list of all.

    Args:
        entries: In the order in which they are read.
        say: The words beside them.
        put_aside: Is called with the key of an entry that the teacher puts aside, or, with False, wants back.
    """
    others = max(0, sum(not entry.aside for entry in entries) - 1)
    aside = sum(entry.aside for entry in entries)
    data: Mapping[str, object] = {
        "entries": [asdict(entry) for entry in entries],
        "words": say.part("attention"),
        "more": say("attention.more", n=others) if others or not aside else say("attention.are_aside", n=aside),
    }

    def change() -> None:
        changed = st.session_state[KEY]["changed"]
        put_aside(str(changed["key"]), bool(changed["aside"]))

    _attention(key=KEY, data=data, on_changed_change=change)
