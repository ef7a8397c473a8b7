"""What the capture is doing, on every page: a word, an icon and a color."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from app.state.capturing import Capture, State
from app.widgets.refreshing import refreshed
from fewshot.messages import Messages

Color = Literal["gray", "orange", "green", "red"]

LOOKS: dict[State, tuple[str, Color]] = {
    "off": (":material/videocam_off:", "gray"),
    "starting": (":material/hourglass_top:", "orange"),
    "running": (":material/videocam:", "green"),
    "paused": (":material/pause_circle:", "orange"),
    "lost": (":material/wifi_off:", "red"),
}


@refreshed(every_s=2.0)
def show_capture(capture: Capture, say: Messages) -> None:
    """Show what the capture is doing; it looks again by itself and asks nothing of a model."""
    view = capture.view()
    icon, color = LOOKS[view.state]
    told = say(f"capture.{view.state}")
    st.badge(say("capture.skipped", told=told, n=view.skipped) if view.skipped else told, icon=icon, color=color)
