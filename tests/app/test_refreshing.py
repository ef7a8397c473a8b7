"""Parts of a page that look again by themselves, where the browser is slower than they are."""

from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from app.widgets.refreshing import refreshed

    @refreshed(every_s=1.0)
    def part(name: str) -> None:
        st.text(name)

    for name in ("first", "second", "third"):
        part(name)
    st.text("below")


def test_what_is_dropped_of_parts_on_a_slow_line_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = _messages_of_a_run(monkeypatch)
    parts = sorted({message.delta.fragment_id for message in sent} - {""})
    assert len(parts) == 3
    waiting = ForwardMsgQueue()
    for message in sent:
        waiting.enqueue(message)
    # what a run of the parts does where these were not sent yet
    waiting.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=parts)
    kept = [message for message in waiting.flush() if not message.delta.fragment_id]
    places = [tuple(message.metadata.delta_path) for message in kept]
    assert places == [(0, 0), (0, 1), (0, 2), (0, 3)], "a part that is dropped leaves no hole behind"
    boxes = [tuple(message.metadata.delta_path) for message in sent if message.delta.fragment_id and _is_block(message)]
    assert boxes == [(0, 0, 0), (0, 1, 0), (0, 2, 0)], "a part begins at the beginning of its own place"


def _messages_of_a_run(monkeypatch: pytest.MonkeyPatch) -> list[ForwardMsg]:
    """All that changes the page in one run of the whole script."""
    sent: list[ForwardMsg] = []

    def note(message: ForwardMsg) -> None:
        if message.HasField("delta"):
            sent.append(message)

    with monkeypatch.context() as during:
        during.setattr(ForwardMsgQueue, "_before_enqueue_msg", staticmethod(note))
        AppTest.from_function(_page).run()
    return sent


def _is_block(message: ForwardMsg) -> bool:
    return message.delta.WhichOneof("type") == "add_block"
