"""What several pages are built with: text shown as it is, and cards in even rows."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

PHOTO_TYPES = ("jpg", "jpeg", "png", "webp")
"""What a browser offers to choose as a photo."""

_MARKS = frozenset(r"\`*_[]<>$~:|^#+-=")


def plain(text: str) -> str:
    """Return what Markdown shows as ``text``: a name or a file's name must not become italics, a formula or a picture."""
    return "".join(f"\\{character}" if character in _MARKS else character for character in text)


def cards(count: int, beside: int = 3) -> list[DeltaGenerator]:
    """Return ``count`` bordered containers, ``beside`` in a row, each as tall as its row; one below the other on a phone.

    Rows of columns, because a horizontal container that wraps makes every row as tall as all of them together.
    """
    columns = [column for _ in range(0, count, beside) for column in st.columns(beside, gap="small")]
    return [column.container(border=True, height="stretch", gap="small") for column in columns[:count]]


def viewers_zone() -> tzinfo:
    """Return the time zone of whoever looks; UTC where the browser does not tell it."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
