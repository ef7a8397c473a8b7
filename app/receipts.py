"""How a receipt reads: what an enrollment gained, measured."""

from __future__ import annotations

import streamlit as st

from fewshot.types import EMOTIONS, Receipt


def show_receipt(receipt: Receipt) -> None:
    """Show which prototypes are used, the photos behind them, and why."""
    if receipt.uses == "personal":
        st.badge("own prototypes", icon=":material/person_check:", color="green")
    else:
        st.badge("generic prototypes", icon=":material/groups:", color="gray")
    counts = [f"{receipt.photos[label]} {label}" for label in EMOTIONS if receipt.photos.get(label)]
    st.caption(f"Photos: {', '.join(counts)}")
    st.markdown(receipt.reason)
    if receipt.next_photo:
        st.info(receipt.next_photo, icon=":material/add_a_photo:")
