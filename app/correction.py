"""Putting an emotion right while the lesson runs: a moment is held, the teacher says what it was, and it can be undone."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.lesson import Lesson, Sighting
from app.parts import plain
from app.problems import told_as_sentences
from app.resources import Resources
from enroll.correct import LONGEST_STATE
from enroll.photos import ORDER
from fewshot.types import Float32

UNSURE = "unsure"
RECENT_S = 5.0
"""Who was seen within this time can be corrected: the teacher remembers the moment."""


@dataclass(frozen=True, eq=False)
class _Correction:
    """One that was made, with what undoing it takes."""

    person_id: str
    name: str
    label: str
    embedding: Float32


@st.fragment(run_every=1.0)
def show_correction(loaded: Resources, lesson: Lesson) -> None:
    """Show the button that holds a moment, the question about it, and the last correction with its way back."""
    with told_as_sentences():
        held: tuple[str, Sighting] | None = st.session_state.get("held")
        if held is None:
            _offer_to_hold(lesson)
        else:
            _ask(loaded, *held)
        _offer_to_undo(loaded)


def _offer_to_hold(lesson: Lesson) -> None:
    recent = {key: s for key, s in lesson.look().sightings.items() if s.seen_ago_s <= RECENT_S}
    if not recent:
        return
    with st.popover("Correct an emotion", icon=":material/edit:", type="tertiary"):
        for key, sighting in sorted(recent.items(), key=lambda item: item[1].name):
            label = sighting.emotion.label or UNSURE
            # the moment that the button shows is held, whatever the next frames bring until the click arrives
            st.button(
                f"{plain(sighting.name)} looks {label}: not so",
                key=f"hold_{key}",
                type="tertiary",
                on_click=_hold,
                args=(key, sighting),
            )


def _hold(person_id: str, sighting: Sighting) -> None:
    st.session_state.held = (person_id, sighting)


def _ask(loaded: Resources, person_id: str, sighting: Sighting) -> None:
    with st.container(border=True):
        label = sighting.emotion.label or UNSURE
        st.markdown(f"**{plain(sighting.name)}** was shown as *{label}*. What was it at that moment?")
        chosen = st.pills("It was", [e for e in ORDER if e != label], key="held_label", label_visibility="collapsed")
        state = st.text_input(
            "Or a state of your own", key="held_state", max_chars=LONGEST_STATE, placeholder="confused, sleepy, ..."
        )
        chosen = state.strip() or chosen
        st.caption("The numbers of that moment, not the picture, join the student's own. Confirm only what you saw.")
        with st.container(horizontal=True):
            save = st.button("Save", type="primary", disabled=chosen is None, key="held_save")
            cancel = st.button("Cancel", key="held_cancel")
        if save and chosen is not None:
            loaded.correct(person_id, sighting.embedding, chosen)
            st.session_state.corrected = _Correction(person_id, sighting.name, chosen, sighting.embedding)
        if save or cancel:
            del st.session_state.held
            st.rerun()


def _offer_to_undo(loaded: Resources) -> None:
    made: _Correction | None = st.session_state.get("corrected")
    if made is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{plain(made.name)}: that moment counts as {made.label} now.")
        if st.button("Undo", icon=":material/undo:", type="tertiary", key="undo"):
            loaded.undo_correction(made.person_id, made.embedding)
            del st.session_state.corrected
            st.rerun()
