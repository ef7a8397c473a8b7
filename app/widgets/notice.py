"""What the law says: shown before the first lesson of real people, acknowledged once, withdrawn on the page Settings."""

from __future__ import annotations

import streamlit as st

from app.state.resources import Resources
from fewshot.messages import languages, messages
from fewshot.store.acknowledgment import Acknowledgment, Acknowledgments


def acknowledgment(resources: Resources) -> Acknowledgment | None:
    """Return that today's wording was read, in whichever language; None where it was not, or has changed since."""
    found = Acknowledgments(resources.store.database).last()
    todays = {messages(language)("notice.wording") for language in languages()}
    return found if found is not None and found.wording in todays else None


def show_notice(resources: Resources) -> bool:
    """Show the notice until it is acknowledged; returns whether it was."""
    say = resources.words
    if acknowledgment(resources) is not None:
        return True
    wording = say("notice.wording")
    with st.container(border=True):
        st.subheader(say("notice.title"), icon=":material/gavel:")
        st.markdown(wording)
        if st.button(say("notice.read"), type="primary", key="notice_button"):
            Acknowledgments(resources.store.database).record(wording)
            st.rerun()
    return False


def show_acknowledgment(resources: Resources) -> None:
    """Show when the notice was read and what it says, and let it be withdrawn."""
    say = resources.words
    with st.container(border=True):
        st.subheader(say("notice.law"), icon=":material/gavel:")
        found = acknowledgment(resources)
        st.caption(say("notice.not_read") if found is None else say("notice.read_at", date=f"{found.read_at:%Y-%m-%d}"))
        with st.expander(say("notice.what")):
            st.markdown(say("notice.wording") if found is None else found.wording)
        if found is not None and st.button(say("notice.withdraw"), type="tertiary", key="withdraw"):
            Acknowledgments(resources.store.database).withdraw()
            st.rerun()
