"""Parts of a page that look again by themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

Arguments = ParamSpec("Arguments")


def refreshed(every_s: float) -> Callable[[Callable[Arguments, None]], Callable[Arguments, None]]:
    """Return a decorator: what the function shows is shown anew every ``every_s`` seconds, in a place of its own.

    The place is what :func:`st.fragment` alone does not give. Where the browser is slower than the parts are shown, Streamlit drops
    what waits to be sent of a part that is about to be shown again, and with it the box around it; what stands below then moves
    up, and what comes next is addressed to where nothing is, for which Streamlit's page answers with a wholly white one
    (forward_msg_queue.py, ``clear``, in Streamlit 1.67). A box that does not belong to the part is not dropped, and holds its place.
    """

    def decorate(show: Callable[Arguments, None]) -> Callable[Arguments, None]:
        part = st.fragment(show, run_every=every_s)

        @wraps(show)
        def show_in_its_place(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            with st.container():
                part(*args, **kwargs)

        return show_in_its_place

    return decorate
