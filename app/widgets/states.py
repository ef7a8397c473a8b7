"""Photos that join a student on the page Students, and the states of the teacher's own that they may teach."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app.markdown import plain
from app.state.resources import Resources
from app.widgets.draft import Draft
from app.widgets.parts import PHOTO_TYPES, popover_of
from app.widgets.problems import told_as_sentences
from enroll.correct import share_state
from enroll.photos import ORDER
from enroll.states import LONGEST_STATE, label_of
from enroll.wording import evidence_in_words, reason_in_words
from fewshot.errors import EnrollmentError
from fewshot.person import Person
from fewshot.states import state_evidence, states_of


def show_class_states(resources: Resources, people: Sequence[Person]) -> None:
    """Show each state that the whole class is read for, whose shots teach it, and a button that removes it from all."""
    say = resources.words
    for state in sorted({state for person in people for state in person.shared_states}):
        teachers = ", ".join(person.name for person in people if state in person.shared_states)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(plain(state), icon=":material/groups:", color="violet")
            st.caption(say("students.class_state", names=plain(teachers)))
            if st.button(
                say("students.remove_from_all"), key=f"remove_all_{state}", type="tertiary", icon=":material/close:"
            ):
                with told_as_sentences():
                    resources.roster.forget_state(
                        state, [person for person in people if state in person.embedding_labels]
                    )
                    st.rerun()


def show_states(resources: Resources, person: Person, people: Sequence[Person]) -> None:
    """Show each state one student can be shown in, with what it rests on; their own can be shared and removed."""
    say = resources.words
    for state in states_of(person, people):
        evidence = state_evidence(person, state, people)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(plain(state), icon=":material/edit:", color="violet")
            st.caption(plain(evidence_in_words(evidence, say)))  # which a badge would cut on a tablet
            if evidence.own:
                _offer_to_share(resources, person, state)
                key = f"remove_{state}_{person.person_id}"
                if st.button(say("enroll.remove"), key=key, type="tertiary", icon=":material/close:"):
                    with told_as_sentences():
                        resources.roster.forget_state(state, [person])
                        st.rerun()


def _offer_to_share(resources: Resources, person: Person, state: str) -> None:
    """Show whether the whole class is read for a student's state, as the store has it; a click changes that at once."""
    key = f"share_{state}_{person.person_id}"
    st.session_state[key] = state in person.shared_states  # not as this tab had it: another may have changed it

    def keep() -> None:
        with told_as_sentences():
            resources.roster.change(person.person_id, partial(share_state, state=state, shared=st.session_state[key]))

    st.toggle(resources.words("students.for_class"), key=key, on_change=keep)


def offer_to_add_photos(resources: Resources, person: Person) -> None:
    """Offer to add photos of an emotion, or of a state of the teacher's own, to a student who is enrolled already."""
    say = resources.words
    with (
        popover_of(person.person_id, "students.add", ":material/add_a_photo:", say),
        st.form(f"adding_{person.person_id}", border=False, clear_on_submit=True),
    ):
        emotion = st.selectbox(say("enroll.which"), ORDER, format_func=say.label, key=f"emotion_{person.person_id}")
        state = st.text_input(
            say("enroll.own_state"),
            key=f"state_{person.person_id}",
            max_chars=LONGEST_STATE,
            placeholder=say("enroll.own_state_hint"),
        )
        files = st.file_uploader(
            say("students.photos_of", name=plain(person.name)),
            type=PHOTO_TYPES,
            accept_multiple_files=True,
            key=f"shots_{person.person_id}",
        )
        confirmed = st.checkbox(say("students.sure"), key=f"sure_{person.person_id}")
        if st.form_submit_button(say("students.do_add"), type="primary", key=f"add_{person.person_id}"):
            with told_as_sentences():
                label = label_of(state) if state.strip() else emotion
                with st.spinner(say("enroll.looking")):
                    _add(resources, person, label, [(file.name, file.getvalue()) for file in files], confirmed)
                st.rerun()


def _add(
    resources: Resources, person: Person, label: str, photos: Sequence[tuple[str, bytes]], confirmed: bool
) -> None:
    """Add photos, (name, file) each; raises EnrollmentError with the first reason where none can be used."""
    draft = Draft(lambda: resources.open_enrollment(student=person))
    for name, data in photos:
        draft.add(data, label, name, confirmed=confirmed)
    if photos and not draft.accepted:
        verdict = draft.photos[0].verdict
        say = resources.words
        raise EnrollmentError(f"{say('students.no_photo_used')} {verdict.photo}: {reason_in_words(verdict, say)}")
    resources.roster.change(person.person_id, draft.extend)
