"""Problems told as sentences, wherever a page, a table or a dialog meets one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.parts import plain
from fewshot.errors import ConfigError, FewshotError, GalleryMismatch, StoreError, WeightsError

TITLES: tuple[tuple[type[FewshotError], str], ...] = (
    (GalleryMismatch, "Somebody was enrolled with another model."),
    (StoreError, "The list of students cannot be used."),
    (WeightsError, "A model file is missing or damaged."),
    (ConfigError, "A setting cannot be used."),
)


@contextmanager
def told_as_sentences() -> Iterator[None]:
    """Show a FewshotError raised inside as one box: what kind of trouble, what was found, what to do."""
    try:
        yield
    except FewshotError as error:
        title = next((text for kind, text in TITLES if isinstance(error, kind)), "This did not work.")
        st.error(f"**{title}** {plain(str(error))}", icon=":material/error:")
