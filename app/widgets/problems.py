"""Problems told as sentences, wherever a page, a table or a dialog meets one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.markdown import plain
from app.state import process
from fewshot.errors import ConfigError, FewshotError, GalleryMismatch, StoreError, WeightsError

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
        st.error(f"**{process.shared.words()(f'problems.{kind}')}** {plain(str(error))}", icon=":material/error:")
