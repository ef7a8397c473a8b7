"""What several pages are built with: cards in even rows, tables of sentences, popovers of a student, the viewer's address and time zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_popover_container import PopoverContainer
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.markdown import plain
from fewshot.messages import Messages

PHOTO_TYPES = ("jpg", "jpeg", "png", "webp")
"""What a browser offers to choose as a photo."""

SHORT = 12
"""So many rows a table has at most that is shown whole."""


def cards(count: int, beside: int = 3) -> list[DeltaGenerator]:
    """Return ``count`` bordered containers, ``beside`` in a row, each as tall as its row; one below the other on a phone.

    Rows of columns, because a horizontal container that wraps makes every row as tall as all of them together.
    """
    columns = [column for _ in range(0, count, beside) for column in st.columns(beside, gap="small")]
    return [column.container(border=True, height="stretch", gap="small") for column in columns[:count]]


def show_table(rows: Sequence[Mapping[str, str]]) -> None:
    """Show rows of text whose long sentences wrap, as the cells of st.dataframe cannot; many of them scroll."""
    st.table(
        [{head: plain(text) for head, text in row.items()} for row in rows],
        border="horizontal",
        hide_index=True,
        hide_header=False,
        height="content" if len(rows) <= SHORT else 340,
    )


def popover_of(of: str, what: str, icon: str, say: Messages) -> PopoverContainer:
    """Return a popover that belongs to ``of``, such as a student's person_id, by the key ``what`` of its words.

    Without a key of its own an open one would pass to what stands there next, when a student is forgotten or a class renamed.
    """
    return st.popover(say(what), icon=icon, type="tertiary", key=f"{what}_{of}", on_change="rerun")


def focus(key: str) -> None:
    """Give the keyboard to the text field of that key, once, when it appears, as where a popover is opened."""
    field = f"document.querySelector('.st-key-{key} input')"
    st.html(f"<script>{field}?.focus({{ preventScroll: true }})</script>", unsafe_allow_javascript=True)


def is_gone_back_to() -> bool:
    """Whether the address was just gone back or forward to, so that the page must follow it.

    Any other may be that of a moment ago: a click that comes before the browser was told of a new one still brings the old. Streamlit
    knows it as of 1.67, and promises it to nobody; tests/browser fails where a newer one does not.
    """
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def viewers_zone() -> tzinfo:
    """Return the time zone of whoever looks; UTC where the browser does not tell it."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
