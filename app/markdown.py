"""Text in Markdown: names and sentences shown as they are."""

from __future__ import annotations

_MARKS = frozenset(r"\`*_[]<>$~:|^#+-=")


def plain(text: str) -> str:
    """Return what Markdown shows as ``text``: a name or a file's name must not become italics, a formula or a picture."""
    return "".join(f"\\{character}" if character in _MARKS else character for character in text)
