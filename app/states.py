"""States of the teacher's own on the page Students: what each rests on, for whom it counts, and how to teach or remove it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.draft import Draft
from app.parts import plain
from app.problems import told_as_sentences
from app.resources import Resources
from enroll.states import LONGEST_STATE, label_of
from fewshot.errors import EnrollmentError
from fewshot.states import state_evidence, states_of
from fewshot.types import Person


def show_class_states(loaded: Resources, people: Sequence[Person]) -> None:
    """Show each state that the whole class is read for, whose shots teach it, and a button that removes it from all."""
    for state in sorted({state for person in people for state in person.shared_states}):
        teachers = ", ".join(person.name for person in people if state in person.shared_states)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(plain(state), icon=":material/groups:", color="violet")
            st.caption(f"looked for in the whole class, from shots of {plain(teachers)}")
            if st.button("Remove from all", key=f"remove_all_{state}", type="tertiary", icon=":material/close:"):
                loaded.forget_state(state, [person for person in people if state in person.embedding_labels])
                st.rerun()


def show_states(loaded: Resources, person: Person, people: Sequence[Person]) -> None:
    """Show each state one student can be shown in, with what it rests on; their own can be shared and removed."""
    for state in states_of(person, people):
        evidence = state_evidence(person, state, people)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(plain(f"{state}, {evidence}"), icon=":material/edit:", color="violet")
            if evidence.own:
                shared = state in person.shared_states
                if st.toggle("For the whole class", shared, key=f"share_{state}_{person.person_id}") != shared:
                    loaded.share_state(person, state, not shared)
                    st.rerun()
                key = f"remove_{state}_{person.person_id}"
                if st.button("Remove", key=key, type="tertiary", icon=":material/close:"):
                    loaded.forget_state(state, [person])
                    st.rerun()


def offer_to_teach(loaded: Resources, person: Person) -> None:
    """Offer to teach a state from photos of a student who is enrolled already."""
    with (
        st.popover("Teach a state", icon=":material/add_a_photo:", type="tertiary"),
        st.form(f"teaching_{person.person_id}", border=False, clear_on_submit=True),
    ):
        state = st.text_input(
            "State", key=f"state_{person.person_id}", max_chars=LONGEST_STATE, placeholder="confused, sleepy, ..."
        )
        files = st.file_uploader(
            f"Photos of {plain(person.name)} in that state",
            type=["jpg", "jpeg", "png", "webp"],
            accept_multiple_files=True,
            key=f"shots_{person.person_id}",
        )
        confirmed = st.checkbox("Use photos that are asked about all the same", key=f"sure_{person.person_id}")
        if st.form_submit_button("Teach", type="primary", key=f"teach_{person.person_id}"):
            with told_as_sentences():
                _teach(loaded, person, state, [(file.name, file.getvalue()) for file in files], confirmed)
                st.rerun()


def _teach(loaded: Resources, person: Person, state: str, photos: Sequence[tuple[str, bytes]], confirmed: bool) -> None:
    """Add photos, (name, file) each; raises EnrollmentError with the first reason where none can be used."""
    label = label_of(state)
    draft = Draft(lambda: loaded.open_enrollment(student=person))
    for name, data in photos:
        draft.add(data, label, name, confirmed=confirmed)
    if photos and not draft.accepted:
        verdict = draft.photos[0].verdict
        raise EnrollmentError(f"No photo could be used. {verdict.photo}: {verdict.reason}")
    loaded.extend(draft.extend())
