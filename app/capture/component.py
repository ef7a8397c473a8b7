"""The live stage and the guided camera as Streamlit components: modules put together from the script files beside this one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from fewshot.messages import Messages
from fewshot.palette import COLORS_RGB, STATE_RGB, UNSURE_RGB

SOCKET_PATH = "/live/ws"
PREVIEW_PATH = "/enroll/ws"
DEMO_PATH = "/live/demo.jpg"
JPEG_QUALITY = 0.8
MAX_SIDE_PX = 1920
"""Longer side of a frame as sent; larger screens are shrunk to it."""
PREVIEW_FPS = 4.0
JPEG_URL = "data:image/jpeg;base64,"

SourceKind = Literal["camera", "screen", "recording", "demo"]

_FOLDER = Path(__file__).parent


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _script(last: str) -> str:
    """Join the scripts: Streamlit takes one module, which cannot import others; the worker travels as a string."""
    sampler = f"const SAMPLER_SOURCE = {json.dumps(_text('sampler.js'))};"
    return "\n".join([sampler, *(_text(name) for name in ("overlay.js", "sources.js", "worker.js", last))])


_stage = st.components.v2.component(
    "fewshot_stage", html=_text("stage.html"), css=_text("stage.css"), js=_script("stage.js")
)
_guide = st.components.v2.component(
    "fewshot_guide", html=_text("guide.html"), css=_text("stage.css") + _text("guide.css"), js=_script("guide.js")
)


def address(path: str) -> str:
    """Return ``path`` of this server as a browser asks for it: below ``server.baseUrlPath``, where a proxy has one."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


def live_stage(
    source: SourceKind,
    say: Messages,
    token: str,
    fps: float,
    *,
    faces_hidden: bool = False,
    begins_by_itself: bool = False,
) -> None:
    """Show the stage: capture, overlay, start and stop.

    Args:
        source: What the Start button opens.
        say: The words on it.
        token: Opens the socket; a newer one is used from the next connection on.
        fps: Frames a second to send at most.
        faces_hidden: Whether results come without faces, because individuals are not shown.
        begins_by_itself: Whether the source is opened without Start being pressed, once.
    """
    data: Mapping[str, object] = {
        "source": source,
        "labels": say.part("labels"),
        "words": say.part("stage"),
        "language": say.language,
        "faces_hidden": faces_hidden,
        "begins_by_itself": begins_by_itself,
        "token": token,
        "fps": fps,
        "demo_url": address(DEMO_PATH),
        "socket_path": address(SOCKET_PATH),
        "quality": JPEG_QUALITY,
        "max_side": MAX_SIDE_PX,
        "colors": dict(COLORS_RGB),
        "state_color": STATE_RGB,
        "unsure_color": UNSURE_RGB,
    }
    _stage(key="stage", data=data)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A photo that was just taken: the JPEG as the browser wrote it, and the emotion that was asked for."""

    jpeg: bytes
    label: str


def guided_camera(
    key: str, say: Messages, token: str, *, label: str, prompt: str, note: str, given: int, may_go_by_itself: bool
) -> Snapshot | None:
    """Show the guided camera: the picture like a mirror, what is wrong with it or that it is good, and a shutter.

    Args:
        key: Of the component.
        say: The words on it.
        token: Opens the socket; a newer one is used from the next connection on.
        label: The emotion asked for.
        prompt: The sentence that asks.
        note: What became of the photo before.
        given: Photos so far; another number tells the camera that its photo was judged.
        may_go_by_itself: Whether the shutter may go without being pressed, where that is wished.

    Returns:
        The photo, in the one run after it was taken; otherwise None.
    """
    data: Mapping[str, object] = {
        "words": say.part("stage"),
        "language": say.language,
        "token": token,
        "fps": PREVIEW_FPS,
        "socket_path": address(PREVIEW_PATH),
        "quality": JPEG_QUALITY,
        "max_side": MAX_SIDE_PX,
        "label": label,
        "prompt": prompt,
        "note": note,
        "given": given,
        "auto": may_go_by_itself,
    }
    shown = _guide(key=key, data=data, on_photo_change=lambda: None)
    return None if shown.photo is None else read_snapshot(shown.photo)


def read_snapshot(photo: Mapping[str, str]) -> Snapshot:
    """Read what the guided camera hands over, ``label`` and the ``url`` of a JPEG; what is none becomes an empty file."""
    try:
        jpeg = base64.b64decode(photo["url"].removeprefix(JPEG_URL), validate=True)
    except binascii.Error:
        jpeg = b""
    return Snapshot(jpeg, photo["label"])
