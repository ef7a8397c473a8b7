"""Putting things right while the lesson runs: a moment or a face is held, the teacher says what or who it was, or undoes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from app.markdown import plain
from app.state.lesson import Lesson
from app.state.lesson_view import FaceInView, LessonView, Sighting
from app.state.resources import Resources
from app.widgets.problems import told_as_sentences
from app.widgets.refreshing import refreshed
from app.widgets.shown import shown_people, shown_view
from enroll.correct import correct, remove_face, undo
from enroll.photos import ORDER
from enroll.states import LONGEST_STATE
from fewshot.errors import FewshotError
from fewshot.lesson import UNSURE
from fewshot.messages import Messages
from fewshot.person import Person
from fewshot.types import Float32

RECENT_S = 5.0
"""What was shown within this time can be corrected: the teacher remembers the moment."""

LATEST = 3
"""So many corrections of this tab can be taken back, in any order."""

TOLD_S = 15.0
"""So long it stands why something could not be corrected, though this part of the page is drawn anew every second."""

Names = Mapping[str, str]
"""What students are called in this lesson, by person_id: who was forgotten meanwhile, or is hidden now, is not among them."""
Told = Callable[[str, Messages], str]
"""Says of a student by name what was corrected, in the language of whenever it is shown."""


@dataclass(frozen=True, eq=False)
class _HeldMoment:
    """A student as they were shown."""

    person_id: str
    sighting: Sighting


@dataclass(frozen=True, eq=False)
class _HeldFace:
    """A face as it was shown, and where: the first from the left is 1."""

    place: int
    face: FaceInView


@dataclass(frozen=True, eq=False)
class _Made:
    """A correction that was made of a moment or a face, of whom, and what takes it back; ``told``: in words, of their name."""

    of: Float32
    person_id: str
    told: Told
    undo: Callable[[], object]


@refreshed(every_s=1.0)
def show_correction(resources: Resources, lesson: Lesson) -> None:
    """Show the buttons that hold a moment or a face, the question about it, and the latest corrections with their way back."""
    with told_as_sentences():
        names = {person.person_id: person.name for person in shown_people(resources, lesson)}
        held: _HeldMoment | _HeldFace | None = st.session_state.get("held")
        if isinstance(held, _HeldMoment) and held.person_id not in names:
            person_id, held = held.person_id, None
            del st.session_state.held
            _attempt(lambda: resources.roster.gallery().person(person_id))  # tells of one who was forgotten
        if isinstance(held, _HeldMoment):
            _ask_emotion(resources, held, names)
        elif isinstance(held, _HeldFace):
            _ask_name(resources, held, names)
        else:
            view = shown_view(resources, lesson)
            with st.container(horizontal=True):
                # each in a place of its own: where nobody was seen lately, an open list of moments would become that of faces
                moments, faces = st.container(width="content"), st.container(width="content")
            with moments:
                _offer_moments(view, resources.words)
            with faces:
                _offer_faces(resources, view)
        _offer_to_undo(names, resources.words)
        _tell_problem()


def _hold(held: _HeldMoment | _HeldFace) -> None:
    st.session_state.held = held


def _attempt(change: Callable[[], object]) -> bool:
    """Make a change; whether it was made. Why not is told for a while."""
    st.session_state.pop("correction_problem", None)
    try:
        change()
    except FewshotError as error:
        st.session_state.correction_problem = (error, time.monotonic() + TOLD_S)
        return False
    return True


def _tell_problem() -> None:
    problem, until_s = st.session_state.get("correction_problem", (None, 0.0))
    if problem is not None and time.monotonic() < until_s:
        with told_as_sentences():
            raise problem


def _offer_moments(view: LessonView, say: Messages) -> None:
    recent = {key: s for key, s in view.sightings.items() if s.seen_ago_s <= RECENT_S}
    if not recent:
        return
    with st.popover(say("live.correct_emotion"), icon=":material/edit:", type="tertiary"):
        for key, sighting in sorted(recent.items(), key=lambda item: item[1].name):
            # the moment that the button shows is held, whatever the next frames bring until the click arrives
            st.button(
                say(
                    "correction.not_so",
                    name=plain(sighting.name),
                    label=plain(say.label(sighting.emotion.label or UNSURE)),
                ),
                key=f"hold_{key}",
                type="tertiary",
                on_click=_hold,
                args=(_HeldMoment(key, sighting),),
            )


def _offer_faces(resources: Resources, view: LessonView) -> None:
    say = resources.words
    faces = view.in_view
    is_recent = view.frame_ago_s is not None and view.frame_ago_s <= RECENT_S
    if not (faces and is_recent and resources.roster.gallery().people):
        return
    with st.popover(say("live.correct_name"), icon=":material/badge:", type="tertiary"):
        for i, face in enumerate(faces, start=1):
            place, name = say("correction.face", n=i), plain(face.name or say.label("unknown"))
            st.button(
                say("correction.face_not_so", face=place, name=name),
                key=f"face_{i}",
                type="tertiary",
                on_click=_hold,
                args=(_HeldFace(i, face),),
            )


def _ask_emotion(resources: Resources, held: _HeldMoment, names: Names) -> None:
    sighting, label, say = held.sighting, held.sighting.emotion.label or UNSURE, resources.words
    with st.container(border=True):
        st.markdown(say("correction.was_shown", name=plain(names[held.person_id]), label=plain(say.label(label))))
        chosen = st.pills(
            say("correction.it_was"),
            [e for e in ORDER if e != label],
            format_func=say.label,
            key="held_label",
            label_visibility="collapsed",
        )
        state = st.text_input(
            say("enroll.own_state"),
            key="held_state",
            max_chars=LONGEST_STATE,
            placeholder=say("enroll.own_state_hint"),
        )
        right = state.strip() or chosen
        st.caption(say("correction.numbers"))
        if _is_confirmed(right is not None, say):
            assert right is not None

            def corrected(person: Person) -> Person:
                return correct(person, sighting.embedding, right, resources.models.prior)

            def as_before(person: Person) -> Person:
                return undo(person, sighting.embedding, resources.models.prior)

            if _attempt(lambda: resources.roster.change(held.person_id, corrected)):
                _note(
                    sighting.embedding,
                    held.person_id,
                    lambda name, say: say("correction.counts", name=name, label=say.label(right)),
                    lambda: resources.roster.change(held.person_id, as_before),
                )


def _ask_name(resources: Resources, held: _HeldFace, names: Names) -> None:
    say = resources.words
    place = say("correction.face", n=held.place)
    people = {key: name for key, name in names.items() if key != held.face.person_id}
    shown = names.get(held.face.person_id or "", say.label("unknown"))
    with st.container(border=True):
        st.markdown(say("correction.who_is_it", face=place, name=plain(shown)))
        who = st.selectbox(
            say("correction.it_is"),
            list(people),
            format_func=lambda key: people[key],
            index=None,
            key="held_name",
            placeholder=say("correction.a_student"),
        )
        st.caption(say("correction.numbers"))
        if _is_confirmed(who is not None, say):
            assert who is not None
            if _attempt(lambda: resources.roster.name_face(who, held.face.template)):
                _note(
                    held.face.template,
                    who,
                    lambda name, say: say("correction.known", face=say("correction.face", n=held.place), name=name),
                    lambda: resources.roster.change(who, partial(remove_face, template=held.face.template)),
                )


def _is_confirmed(complete: bool, say: Messages) -> bool:
    """Show Save and Cancel; whether Save was pressed. Cancel lets go."""
    with st.container(horizontal=True):
        save = st.button(say("correction.save"), type="primary", disabled=not complete, key="held_save")
        if st.button(say("correction.cancel"), key="held_cancel"):
            del st.session_state.held
            st.session_state.pop("correction_problem", None)
            st.rerun()
    return save and complete


def _note(of: Float32, person_id: str, told: Told, undo: Callable[[], object]) -> None:
    """Offer to take a correction back; one before of the same moment or face is not there any more."""
    before = [made for made in st.session_state.get("made", ()) if not np.array_equal(made.of, of)]
    st.session_state.made = (_Made(of, person_id, told, undo), *before)[:LATEST]
    del st.session_state.held
    st.rerun()


def _offer_to_undo(names: Names, say: Messages) -> None:
    latest: tuple[_Made, ...] = st.session_state.get("made", ())
    for i, made in enumerate(latest):
        if made.person_id not in names:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(plain(made.told(names[made.person_id], say)))
            if st.button(say("correction.undo"), icon=":material/undo:", type="tertiary", key=f"undo_{i}"):
                if _attempt(made.undo):
                    st.session_state.made = latest[:i] + latest[i + 1 :]
                st.rerun()
