"""How a receipt reads: what an enrollment gained, measured."""

from __future__ import annotations

import streamlit as st

from app.markdown import plain
from fewshot.messages import Messages
from fewshot.types import Receipt


def show_receipt(receipt: Receipt, say: Messages) -> None:
    """Show which prototypes are used and why, the photos behind them, and those that were not used."""
    if receipt.uses == "personal":
        st.badge(say("students.own_prototypes"), icon=":material/person_check:", color="green")
    else:
        st.badge(say("students.generic_prototypes"), icon=":material/groups:", color="gray")
    photos = ", ".join(f"{count} {say.label(label)}" for label, count in receipt.photos.items())
    st.caption(plain(say("students.photos", photos=photos)))
    st.markdown(receipt.reason)
    if receipt.left_out:
        with st.expander(say("enroll.unused", n=len(receipt.left_out))):
            st.markdown("\n".join(f"- {plain(photo)}" for photo in receipt.left_out))
    if receipt.next_photo:
        st.info(receipt.next_photo, icon=":material/add_a_photo:")
