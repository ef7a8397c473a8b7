"""How a receipt reads: what an enrollment gained, measured."""

from __future__ import annotations

import streamlit as st

from app.markdown import plain
from enroll.wording import gain_in_words, left_out_in_words, next_photo_in_words
from fewshot.messages import Messages
from fewshot.person import Receipt


def show_receipt(receipt: Receipt, say: Messages) -> None:
    """Show which prototypes are used and why, the photos behind them, and those that were not used."""
    if receipt.uses == "personal":
        st.badge(say("students.own_prototypes"), icon=":material/person_check:", color="green")
    else:
        st.badge(say("students.generic_prototypes"), icon=":material/groups:", color="gray")
    photos = ", ".join(f"{count} {say.label(label)}" for label, count in receipt.photos.items())
    st.caption(plain(say("students.photos", photos=photos)))
    st.markdown(gain_in_words(receipt, say))
    if receipt.left_out:
        with st.expander(say("enroll.unused", n=len(receipt.left_out))):
            st.markdown("\n".join(f"- {plain(left_out_in_words(photo, say))}" for photo in receipt.left_out))
    if receipt.next_photo:
        st.info(next_photo_in_words(receipt.next_photo, say), icon=":material/add_a_photo:")
