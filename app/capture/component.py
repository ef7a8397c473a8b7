"""The live stage as a Streamlit component: one module put together from the script files beside this one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import streamlit as st

from fewshot.palette import COLORS_RGB, STATE_RGB, UNSURE_RGB

SOCKET_PATH = "/live/ws"
DEMO_PATH = "/live/demo.jpg"
JPEG_QUALITY = 0.8
MAX_SIDE_PX = 1920
"""Longer side of a frame as sent; larger screens are shrunk to it."""

SourceKind = Literal["camera", "screen", "recording", "demo"]

_FOLDER = Path(__file__).parent


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _script() -> str:
    """Join the scripts: Streamlit takes one module, which cannot import others; the worker travels as a string."""
    sampler = f"const SAMPLER_SOURCE = {json.dumps(_text('sampler.js'))};"
    return "\n".join([sampler, _text("overlay.js"), _text("sources.js"), _text("stage.js")])


_stage = st.components.v2.component("fewshot_stage", html=_text("stage.html"), css=_text("stage.css"), js=_script())


def live_stage(source: SourceKind, token: str, fps: float) -> None:
    """Show the stage: capture, overlay, start and stop.

    Args:
        source: What the Start button opens.
        token: Opens the socket; a newer one is used from the next connection on.
        fps: Frames a second to send at most.
    """
    data: Mapping[str, object] = {
        "source": source,
        "token": token,
        "fps": fps,
        "demo_url": DEMO_PATH,
        "socket_path": SOCKET_PATH,
        "quality": JPEG_QUALITY,
        "max_side": MAX_SIDE_PX,
        "colors": dict(COLORS_RGB),
        "state_color": STATE_RGB,
        "unsure_color": UNSURE_RGB,
    }
    _stage(key="stage", data=data)
