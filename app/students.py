"""Students: everybody enrolled, what their photos gained, their states, and how to rename or forget them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import resources
from app.first_steps import offer_first_steps
from app.parts import cards, plain
from app.receipts import show_receipt
from app.resources import Resources, words
from app.states import offer_to_teach, show_class_states, show_states
from fewshot.errors import EnrollmentError
from fewshot.types import Person


def show() -> None:
    """Show the page."""
    st.title("Students")
    loaded = resources.shared.get()
    people = loaded.store.people()
    _tell_what_was_forgotten()
    if not people:
        st.info("Nobody is enrolled yet.", icon=":material/person_add:")
        offer_first_steps(loaded, words(loaded))
        return
    st.caption(
        f"{len(people)} enrolled in `{loaded.store.location}`. Pictures are never kept, only numbers computed from them."
    )
    show_class_states(loaded, people)
    for card, person in zip(cards(len(people)), people, strict=True):
        with card:
            _show_student(loaded, person, people)


def _tell_what_was_forgotten() -> None:
    name = st.session_state.pop("forgotten", None)
    if name:
        st.success(f"{plain(name)} is forgotten: nothing of them is left in the store.", icon=":material/check_circle:")


def _show_student(loaded: Resources, person: Person, people: Sequence[Person]) -> None:
    st.subheader(plain(person.name))
    show_receipt(person.receipt)
    show_states(loaded, person, people)
    st.caption(f"Enrolled on {person.enrolled_at:%d %B %Y}")
    st.space("stretch")
    with st.container(horizontal=True):
        offer_to_teach(loaded, person)
        _offer_rename(loaded, person)
        _offer_forget(loaded, person)


def _offer_rename(loaded: Resources, person: Person) -> None:
    with (
        st.popover("Rename", icon=":material/edit:", type="tertiary"),
        st.form(f"rename_form_{person.person_id}", border=False),
    ):
        name = st.text_input("Name", person.name, key=f"name_{person.person_id}")
        if st.form_submit_button("Rename", type="primary", key=f"rename_{person.person_id}"):
            try:
                loaded.rename(person, name)
            except EnrollmentError as error:
                st.error(plain(str(error)), icon=":material/error:")
            else:
                st.rerun()


def _offer_forget(loaded: Resources, person: Person) -> None:
    with st.popover("Forget", icon=":material/delete:", type="tertiary"):
        st.markdown(f"Everything kept of **{plain(person.name)}** is erased, the consent too. This cannot be undone.")
        if st.button("Forget for good", type="primary", key=f"forget_{person.person_id}"):
            loaded.forget(person)
            st.session_state.forgotten = person.name
            st.rerun()


show()
