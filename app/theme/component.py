"""The choice between light and dark, as a Streamlit component: the browser keeps it, the server never learns of it.

Streamlit has a theme menu and no call for it, so theme.js relies on what is nobody's promise, as of Streamlit 1.67: where its page
keeps the choice (localStorage, a key for each path, read when a page is loaded), and how it marks the three items of its menu,
which are pressed, unseen, to change the page at once. Where that menu is not, as in an embedded app (``?embed=true``), a choice
counts from the next load, and it says so. tests/browser/test_theme.py fails where a newer Streamlit has moved either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from fewshot.messages import Messages

_FOLDER = Path(__file__).parent

_theme = st.components.v2.component(
    "fewshot_theme",
    html=(_FOLDER / "theme.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "theme.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "theme.js").read_text(encoding="utf-8"),
)


def choose_theme(paths: Sequence[str], say: Messages) -> None:
    """Show the choice as it stands in this browser, whoever made it, and take another.

    Args:
        paths: Of every page, as a browser asks for them; the choice is for all.
        say: The words on it.
    """
    data: Mapping[str, object] = {"paths": list(paths), "words": say.part("theme")}
    _theme(key="theme", data=data)
