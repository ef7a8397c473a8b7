"""Students: everybody enrolled, what their photos gained, and how to forget them."""

from __future__ import annotations

import streamlit as st

from app import resources
from app.receipts import show_receipt
from app.resources import Resources
from fewshot.types import Person


def show() -> None:
    """Show the page."""
    st.title("Students")
    loaded = resources.shared.get()
    people = loaded.store.people()
    _tell_what_was_forgotten()
    if not people:
        st.info("Nobody is enrolled yet.", icon=":material/person_add:")
        st.page_link("app/enroll.py", label="Enroll a student", icon=":material/person_add:")
        return
    st.caption(
        f"{len(people)} enrolled in `{loaded.store.location}`. Pictures are never kept, only numbers computed from them."
    )
    with st.container(horizontal=True, gap="medium"):
        for person in people:
            _show_card(loaded, person)


def _tell_what_was_forgotten() -> None:
    name = st.session_state.pop("forgotten", None)
    if name:
        st.success(f"{name} is forgotten: nothing of them is left in the store.", icon=":material/check_circle:")


def _show_card(loaded: Resources, person: Person) -> None:
    with st.container(border=True, width=380, height="stretch", key=f"card_{person.person_id}"):
        st.subheader(_plain(person.name))
        show_receipt(person.receipt)
        st.caption(f"Enrolled on {person.enrolled_at:%d %B %Y}")
        st.space("stretch")
        with st.popover("Forget", icon=":material/delete:", type="tertiary"):
            st.markdown(
                f"Everything kept of **{_plain(person.name)}** is erased, the consent too. This cannot be undone."
            )
            if st.button("Forget for good", type="primary", key=f"forget_{person.person_id}"):
                loaded.forget(person.name)
                st.session_state.forgotten = person.name
                st.rerun()


def _plain(name: str) -> str:
    """A name as Markdown shows it literally."""
    return "".join(f"\\{character}" if character in r"\`*_{}[]()#+-.!|~$:<>" else character for character in name)


show()
