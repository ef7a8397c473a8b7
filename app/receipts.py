"""How a receipt reads: what an enrollment gained, measured."""

from __future__ import annotations

import streamlit as st

from app.parts import plain
from fewshot.types import Receipt


def show_receipt(receipt: Receipt) -> None:
    """Show which prototypes are used, the photos behind them, and why."""
    if receipt.uses == "personal":
        st.badge("own prototypes", icon=":material/person_check:", color="green")
    else:
        st.badge("generic prototypes", icon=":material/groups:", color="gray")
    st.caption(plain(f"Photos: {', '.join(f'{count} {label}' for label, count in receipt.photos.items())}"))
    st.markdown(receipt.reason)
    if receipt.next_photo:
        st.info(receipt.next_photo, icon=":material/add_a_photo:")
