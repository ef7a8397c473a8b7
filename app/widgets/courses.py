"""Widgets that choose a class, such as 7b: the one that a lesson or a page is about, or those of a student."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.state.lesson import Lesson
from app.state.resources import Resources
from fewshot.courses import EVERYBODY, courses_of


def choose_course_of_lesson(resources: Resources, lesson: Lesson) -> None:
    """Offer the classes, and to teach everybody enrolled, for a lesson; nothing where nobody is in a class."""
    say, courses, taught = resources.words, courses_of(resources.roster.gallery().people), lesson.entry.course
    if taught not in (EVERYBODY, *courses):  # nobody is in it any more
        courses = (*courses, taught)
    if not courses:
        return
    key = f"course_{lesson.entry.lesson_id}"
    st.session_state[key] = taught  # it may have got another name on the page Students
    st.selectbox(
        say("courses.course"),
        [EVERYBODY, *courses],
        format_func=lambda course: course or say("courses.everybody"),
        key=key,
        label_visibility="collapsed",
        width=170,
        on_change=lambda: lesson.set_course(st.session_state[key]),
    )


def choose_course(resources: Resources, courses: Sequence[str]) -> str:
    """Offer to see the students of one class alone; returns which, or :data:`EVERYBODY`."""
    if not courses:
        return EVERYBODY
    say, key = resources.words, "course"
    if st.session_state.get(key) not in (None, *courses):  # the last one has left it
        st.session_state[key] = None
    chosen = st.pills(say("courses.course"), courses, key=key, label_visibility="collapsed")
    return chosen or EVERYBODY


def choose_courses(resources: Resources, key: str) -> list[str]:
    """Offer the classes, and to type new ones, for students who are about to be enrolled; returns those chosen."""
    say = resources.words
    return st.multiselect(
        say("courses.courses"),
        courses_of(resources.store.people()),
        key=key,
        placeholder=say("courses.hint"),
        accept_new_options=True,
    )
