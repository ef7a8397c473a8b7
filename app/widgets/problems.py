"""Problems told as sentences, wherever a page, a table or a dialog meets one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import streamlit as st

from app.markdown import plain
from app.state import process
from fewshot.errors import ConfigError, FewshotError, GalleryMismatch, StillInLog, StoreError, WeightsError
from fewshot.messages import Messages
from fewshot.store.students import Damaged

KINDS: tuple[tuple[type[FewshotError], str], ...] = (
    (GalleryMismatch, "gallery"),
    (StoreError, "store"),
    (WeightsError, "weights"),
    (ConfigError, "setting"),
)


@contextmanager
def told_as_sentences() -> Iterator[None]:
    """Show a FewshotError raised inside as one box: what kind of trouble, what was found, what to do."""
    try:
        yield
    except FewshotError as error:
        kind = next((name for kind, name in KINDS if isinstance(error, kind)), "other")
        say = process.shared.words()
        st.error(f"**{say(f'problems.{kind}')}** {plain(say.told(error.sentence))}", icon=":material/error:")


@contextmanager
def left_in_log_told_later() -> Iterator[None]:
    """Go on after a deletion of which a copy stays in the store's log; :func:`tell_of_log` says so when the page is shown anew."""
    try:
        yield
    except StillInLog as error:
        st.session_state.left_in_log = error.sentence


def tell_of_log() -> None:
    """Say once that a copy of what was deleted stays in the store's log, and what to do."""
    if sentence := st.session_state.pop("left_in_log", None):
        st.warning(plain(process.shared.words().told(sentence)), icon=":material/warning:")


def warn_of_damaged(damaged: Iterable[Damaged], say: Messages) -> None:
    """Say who is in the store and cannot be recognized, and what to do: those who can are shown as if nothing were amiss."""
    for entry in damaged:
        st.error(say("students.damaged", name=plain(entry.name)), icon=":material/error:")
