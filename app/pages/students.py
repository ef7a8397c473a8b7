"""Students: everybody enrolled, what their photos gained, their states, and how to rename or forget them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from app import demo
from app.markdown import plain
from app.state import process
from app.state.resources import Resources
from app.widgets.courses import choose_course
from app.widgets.first_steps import offer_first_steps
from app.widgets.parts import cards, popover_of
from app.widgets.problems import left_in_log_told_later, warn_of_damaged
from app.widgets.receipts import show_receipt
from app.widgets.states import offer_to_add_photos, show_class_states, show_states
from enroll.wording import forgotten_in_words
from fewshot.courses import EVERYBODY, agreed, courses_of, members
from fewshot.errors import EnrollmentError
from fewshot.messages import Messages
from fewshot.names import name_key
from fewshot.person import Person
from fewshot.store.students import Damaged, Forgotten


def show() -> None:
    """Show the page."""
    st.title(process.shared.words()("pages.students"))
    resources = process.shared.get()
    say = resources.words
    everybody = resources.store.everybody()
    people = everybody.people
    _tell_what_was_forgotten(say)
    _show_damaged(resources, everybody.damaged)
    if not people:
        st.info(say("students.nobody"), icon=":material/person_add:")
        offer_first_steps(resources)
        return
    st.caption(say("students.enrolled", n=len(people), place=f"`{resources.store.location}`"))
    show_class_states(resources, people)
    courses = courses_of(people)
    with st.container(horizontal=True, vertical_alignment="center"):
        course = choose_course(resources, courses)
        if course != EVERYBODY:
            _offer_rename_course(resources, course)
        _offer_to_forget_demo(resources, people)
    shown = members(people, course)
    for card, person in zip(cards(len(shown)), shown, strict=True):
        with card:
            _show_student(resources, person, people, courses)


def _tell_what_was_forgotten(say: Messages) -> None:
    gone: Forgotten | None = st.session_state.pop("forgotten", None)
    if gone is not None:  # not above the students, whom it would move, and where nobody at the thirtieth would see it
        st.toast(plain(forgotten_in_words(gone, say)), icon=":material/check_circle:", duration="long")


def _show_damaged(resources: Resources, damaged: Sequence[Damaged]) -> None:
    """Show whose entry cannot be read, and let it be forgotten."""
    warn_of_damaged(damaged, resources.words)
    for entry in damaged:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(entry.name)}**", width="content")
            _offer_forget(resources, entry)


def _show_student(resources: Resources, person: Person, people: Sequence[Person], courses: Sequence[str]) -> None:
    st.subheader(plain(person.name))
    _offer_courses(resources, person, courses)
    show_receipt(person.receipt, resources.words)
    show_states(resources, person, people)
    _show_consent(resources, person)
    say, date = resources.words, f"{person.enrolled_at:%Y-%m-%d}"
    st.caption(say("students.enrolled_on", date=date, pseudonym=say("settings.pseudonym", n=person.number)))
    st.space("stretch")
    with st.container(horizontal=True):
        offer_to_add_photos(resources, person)
        _offer_rename(resources, person)
        _offer_forget(resources, person)


def _offer_courses(resources: Resources, person: Person, courses: Sequence[str]) -> None:
    """Show the classes that a student is in; a change is kept at once."""
    say, key = resources.words, f"courses_{person.person_id}"
    refused = f"refused_{key}"
    st.session_state[key] = list(person.courses)

    def keep() -> None:
        try:
            chosen = agreed(st.session_state[key], resources.store.people())
            resources.roster.change(person.person_id, partial(_with_courses, shown=person.courses, chosen=chosen))
        except EnrollmentError as error:
            st.session_state[refused] = error.sentence

    st.multiselect(
        say("courses.courses"),
        courses,
        key=key,
        placeholder=say("courses.hint"),
        label_visibility="collapsed",
        accept_new_options=True,
        on_change=keep,
    )
    if refused in st.session_state:
        st.error(plain(say.told(st.session_state.pop(refused))), icon=":material/error:")


def _with_courses(person: Person, shown: Sequence[str], chosen: Sequence[str]) -> Person:
    """Return a student with what was chosen where ``shown`` was; what another tab has changed meanwhile stays."""
    courses = (set(person.courses) - set(shown)) | (set(person.courses) & set(chosen)) | (set(chosen) - set(shown))
    return replace(person, courses=tuple(sorted(courses, key=name_key)))


def _offer_rename_course(resources: Resources, course: str) -> None:
    say = resources.words
    with (
        popover_of(course, "courses.rename", ":material/edit:", say),
        st.form("rename_course_form", border=False),
    ):
        name = st.text_input(say("courses.course"), course, key=f"course_name_{course}")
        if st.form_submit_button(say("students.rename"), type="primary", key="rename_course"):
            try:
                new_name = resources.roster.rename_course(course, name)
            except EnrollmentError as error:
                st.error(plain(say.told(error.sentence)), icon=":material/error:")
            else:
                for kept in ("courses", "class_courses"):  # chosen on the page Enroll for who comes next
                    if course in st.session_state.get(kept, ()):
                        st.session_state[kept] = [new_name if c == course else c for c in st.session_state[kept]]
                st.rerun()


def _show_consent(resources: Resources, person: Person) -> None:
    """Show who recorded the consent and when; what was agreed is a hover away."""
    consent = resources.store.consent(person.person_id)
    if consent.wording == demo.CONSENT:
        st.caption(f":material/verified_user: {resources.words('students.demo_consent')}")
        return
    teacher, date = plain(consent.recorded_by), f"{consent.recorded_at:%Y-%m-%d}"
    st.caption(
        f":material/verified_user: {resources.words('students.consented', teacher=teacher, date=date)}",
        help=plain(consent.wording),
    )


def _offer_rename(resources: Resources, person: Person) -> None:
    say = resources.words
    with (
        popover_of(person.person_id, "students.rename", ":material/edit:", say),
        st.form(f"rename_form_{person.person_id}", border=False),
    ):
        name = st.text_input(say("students.name"), person.name, key=f"name_{person.person_id}")
        if st.form_submit_button(say("students.rename"), type="primary", key=f"rename_{person.person_id}"):
            try:
                resources.roster.rename(person, name)
            except EnrollmentError as error:
                st.error(plain(say.told(error.sentence)), icon=":material/error:")
            else:
                st.rerun()


def _offer_to_forget_demo(resources: Resources, people: Sequence[Person]) -> None:
    """Offer to erase the demo class at once, which would stand on the cards of every lesson."""
    say = resources.words
    if not demo.enrolled(resources, people):
        return
    with popover_of("demo", "students.forget_demo", ":material/delete:", say):
        st.markdown(say("students.demo_question", names=", ".join(map(plain, demo.names()))))
        if st.button(say("students.forget_for_good"), type="primary", key="forget_demo"):
            with left_in_log_told_later():
                demo.forget(resources)
            st.rerun()


def _offer_forget(resources: Resources, person: Person | Damaged) -> None:
    say = resources.words
    with popover_of(person.person_id, "students.forget", ":material/delete:", say):
        st.markdown(say("students.forget_question", name=f"**{plain(person.name)}**"))
        if st.button(say("students.forget_for_good"), type="primary", key=f"forget_{person.person_id}"):
            with left_in_log_told_later():
                st.session_state.forgotten = resources.roster.forget(person)
            st.rerun()


show()
