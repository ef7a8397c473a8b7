"""Putting things right while the lesson runs: a moment or a face is held, the teacher says what or who it was, or undoes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.lesson import FaceInView, Lesson, LessonView, Sighting
from app.messages import Messages
from app.parts import plain
from app.problems import told_as_sentences
from app.resources import Resources, words
from app.shown import shown_people, shown_view
from enroll.photos import ORDER
from enroll.states import LONGEST_STATE

UNSURE = "unsure"
RECENT_S = 5.0
"""Who was seen within this time can be corrected: the teacher remembers the moment."""

_NUMBERS = "The numbers of that moment, not the picture, join the student's own. Confirm only what you saw."


@dataclass(frozen=True, eq=False)
class _HeldMoment:
    """A student as they were shown."""

    person_id: str
    sighting: Sighting


@dataclass(frozen=True, eq=False)
class _HeldFace:
    """A face as it was shown, and where."""

    place: str
    face: FaceInView


@dataclass(frozen=True, eq=False)
class _Made:
    """A correction that was made, and what takes it back."""

    sentence: str
    undo: Callable[[], None]


@st.fragment(run_every=1.0)
def show_correction(loaded: Resources, lesson: Lesson) -> None:
    """Show the buttons that hold a moment or a face, the question about it, and the last correction with its way back."""
    with told_as_sentences():
        held: _HeldMoment | _HeldFace | None = st.session_state.get("held")
        if isinstance(held, _HeldMoment):
            _ask_emotion(loaded, held)
        elif isinstance(held, _HeldFace):
            _ask_name(loaded, lesson, held)
        else:
            with st.container(horizontal=True):
                view, say = shown_view(loaded, lesson), words(loaded)
                _offer_moments(view, say)
                _offer_faces(loaded, view, say)
        _offer_to_undo()


def _hold(held: _HeldMoment | _HeldFace) -> None:
    st.session_state.held = held


def _offer_moments(view: LessonView, say: Messages) -> None:
    recent = {key: s for key, s in view.sightings.items() if s.seen_ago_s <= RECENT_S}
    if not recent:
        return
    with st.popover(say("live.correct_emotion"), icon=":material/edit:", type="tertiary"):
        for key, sighting in sorted(recent.items(), key=lambda item: item[1].name):
            # the moment that the button shows is held, whatever the next frames bring until the click arrives
            st.button(
                f"{plain(sighting.name)} looks {plain(say.label(sighting.emotion.label or UNSURE))}: not so",
                key=f"hold_{key}",
                type="tertiary",
                on_click=_hold,
                args=(_HeldMoment(key, sighting),),
            )


def _offer_faces(loaded: Resources, view: LessonView, say: Messages) -> None:
    faces = view.in_view
    if not faces or not loaded.gallery().people:
        return
    with st.popover(say("live.correct_name"), icon=":material/badge:", type="tertiary"):
        for i, face in enumerate(faces, start=1):
            place = f"Face {i} from the left"
            st.button(
                f"{place} is {plain(face.name) if face.name else 'unknown'}: not so",
                key=f"face_{i}",
                type="tertiary",
                on_click=_hold,
                args=(_HeldFace(place, face),),
            )


def _ask_emotion(loaded: Resources, held: _HeldMoment) -> None:
    sighting, label, say = held.sighting, held.sighting.emotion.label or UNSURE, words(loaded)
    with st.container(border=True):
        st.markdown(f"**{plain(sighting.name)}** was shown as *{plain(say.label(label))}*. What was it at that moment?")
        chosen = st.pills(
            "It was",
            [e for e in ORDER if e != label],
            format_func=say.label,
            key="held_label",
            label_visibility="collapsed",
        )
        state = st.text_input(
            "Or a state of your own", key="held_state", max_chars=LONGEST_STATE, placeholder="confused, sleepy, ..."
        )
        right = state.strip() or chosen
        st.caption(_NUMBERS)
        if _is_confirmed(right is not None):
            assert right is not None
            loaded.correct(held.person_id, sighting.embedding, right)
            _note(
                f"{sighting.name}: that moment counts as {right} now.",
                lambda: loaded.undo_correction(held.person_id, sighting.embedding),
            )


def _ask_name(loaded: Resources, lesson: Lesson, held: _HeldFace) -> None:
    people = {p.person_id: p.name for p in shown_people(loaded, lesson) if p.name != held.face.name}
    with st.container(border=True):
        st.markdown(f"**{held.place}** was shown as *{plain(held.face.name or 'unknown')}*. Who is it?")
        who = st.selectbox(
            "It is",
            list(people),
            format_func=lambda key: people[key],
            index=None,
            key="held_name",
            placeholder="A student",
        )
        st.caption(_NUMBERS)
        if _is_confirmed(who is not None):
            assert who is not None
            loaded.name_face(who, held.face.template)
            _note(f"{held.place} is known as {people[who]} now.", lambda: loaded.undo_name(who, held.face.template))


def _is_confirmed(complete: bool) -> bool:
    """Show Save and Cancel; whether Save was pressed. Cancel lets go."""
    with st.container(horizontal=True):
        save = st.button("Save", type="primary", disabled=not complete, key="held_save")
        if st.button("Cancel", key="held_cancel"):
            del st.session_state.held
            st.rerun()
    return save and complete


def _note(sentence: str, undo: Callable[[], None]) -> None:
    st.session_state.made = _Made(sentence, undo)
    del st.session_state.held
    st.rerun()


def _offer_to_undo() -> None:
    made: _Made | None = st.session_state.get("made")
    if made is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(made.sentence))
        if st.button("Undo", icon=":material/undo:", type="tertiary", key="undo"):
            del st.session_state.made
            made.undo()
            st.rerun()
