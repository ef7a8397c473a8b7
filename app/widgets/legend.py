"""What the colors of the charts mean, below them: in words that wrap, which those in a chart do not, and take its room."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from fewshot.lesson import ABSENT, UNSURE
from fewshot.messages import Messages
from fewshot.palette import color_of

STYLE = """<style>
ul.looks { display: flex; flex-wrap: wrap; gap: 0.2rem 0.9rem; margin: 0; padding: 0; font-size: 0.85rem; list-style: none }
ul.looks li { display: inline-flex; align-items: center; gap: 0.35rem; margin: 0; padding: 0; font-size: inherit }
ul.looks i { width: 0.75rem; height: 0.75rem; border: 1px solid currentColor; border-radius: 3px }
</style>"""


def show_legend(labels: Sequence[str], say: Messages) -> None:
    """Show the color of each label, in this order, and that what is blank was not in view: no picture of it came."""
    entries = [(label, color_of(None if label == UNSURE else label)) for label in labels]
    filled = [_entry(say.label(label), f"background: {color}; border-color: {color}") for label, color in entries]
    st.html(f"{STYLE}<ul class='looks'>{''.join(filled)}{_entry(say.label(ABSENT), '')}</ul>")


def _entry(text: str, style: str) -> str:
    return f"<li><i style='{style}'></i>{escape(text)}</li>"
