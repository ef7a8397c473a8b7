"""The guide of the page Enroll: before a camera it asks for one emotion after the other, until it is enough."""

from __future__ import annotations

import streamlit as st

from app.capture.component import guided_camera
from app.state import process
from app.widgets.draft import Draft
from enroll.wording import ask_for, reason_in_words, wish_in_words
from fewshot.messages import Messages


def follow_wish(draft: Draft, chosen: str) -> None:
    """Choose in the widget of key ``chosen`` the emotion that would help most, at every new wish; in between others may be."""
    photo = draft.wish().photo
    told = (photo, draft.accepted.total(), draft.skipped)
    if photo is not None and st.session_state.get(f"wish_{chosen}") != told:
        st.session_state[chosen] = photo.label
        st.session_state[f"wish_{chosen}"] = told


def show_guide(draft: Draft, label: str, number: int, say: Messages) -> None:
    """Show the camera that asks for ``label``; once it is enough, say so and let go of the camera.

    Args:
        draft: Takes the photos.
        label: The emotion chosen above, by the guide or by the teacher.
        number: Of the student in this browser tab, for the keys of widgets.
        say: The words on it.
    """
    wish, goes_on = draft.wish(), f"goes_on_{number}"
    if wish.enough and not st.session_state.get(goes_on):
        st.success(wish_in_words(wish, say), icon=":material/task_alt:")
        if st.button(say("enroll.more"), key=f"more_{number}", icon=":material/add_a_photo:"):
            st.session_state[goes_on] = True
            st.rerun()
        return
    note, content = _last_photo(draft, say)
    snapshot = guided_camera(
        f"guide_{number}",
        say,
        process.shared.preview_token(f"draft {number}"),
        label=label,
        prompt=ask_for(label, draft.accepted, say),
        note=note,
        given=len(draft.photos),
        may_go_by_itself=content,
    )
    if snapshot is not None:
        draft.add(snapshot.jpeg, snapshot.label, f"{len(draft.photos) + 1}.jpg")
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(say("enroll.skip"), key=f"skip_{number}", icon=":material/skip_next:"):
            draft.skip(label)
            st.rerun()
        st.caption(wish_in_words(wish, say))


def _last_photo(draft: Draft, say: Messages) -> tuple[str, bool]:
    """What became of the last photo, and whether it is well, so that another may be taken without being asked for."""
    if not draft.photos:
        return "", True
    verdict = draft.photos[-1].verdict
    if verdict.accepted:
        return say("enroll.taken", label=say.label(verdict.label)), True
    if verdict.asks:
        return say("enroll.question"), False
    return say("enroll.refused", reason=reason_in_words(verdict, say)), False
