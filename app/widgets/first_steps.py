"""The way of a new teacher: from an empty app to the demo class, on to its report and to the first student of her own."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from app import demo
from app.state.lesson import Lesson, utc_now
from app.state.resources import Resources
from app.widgets.own_lesson import end_lesson
from app.widgets.refreshing import refreshed
from fewshot.names import name_key

ENOUGH = timedelta(seconds=5)
"""So long the demo class is watched before there is a report worth opening."""


def is_new(resources: Resources) -> bool:
    """Whether nobody is enrolled, no lesson was kept, and this browser tab has not begun one."""
    if "lesson" in st.query_params or "lesson" in st.session_state or st.session_state.get("skipped"):
        return False
    return not resources.store.people() and not any(entry.length_s > 0 for entry in resources.lesson_store.entries())


def show_welcome(resources: Resources) -> None:
    """Say what this is, and offer the first steps."""
    say = resources.words
    with st.container(border=True, width=760):
        st.subheader(say("first.title"))
        st.markdown(say("first.what"))
        offer_first_steps(resources)
        st.caption(say("first.law"))
    if st.button(say("first.skip"), type="tertiary", icon=":material/arrow_forward:", key="skip"):
        st.session_state.skipped = True
        st.rerun()


def offer_first_steps(resources: Resources) -> None:
    """Offer the demo class, which one click enrolls and plays, and where nobody else is enrolled the first student."""
    say = resources.words
    with st.container(horizontal=True):
        watches = st.button(say("first.watch"), type="primary", icon=":material/play_circle:", key="watch_demo")
        _offer_first_student(resources)
        if watches:
            with st.spinner(say("first.enrolling")):  # last in the row, where it moves nothing
                demo.enroll(resources)
            st.session_state.source = "demo"
            st.session_state.demo_asked_for = True
            st.switch_page("app/pages/live.py")


def plays_by_itself(lesson: Lesson) -> bool:
    """Whether the demo class was asked for in this lesson and has not begun."""
    lesson_id = lesson.entry.lesson_id
    if st.session_state.pop("demo_asked_for", False):
        st.session_state.demo_plays_in = lesson_id
    return st.session_state.get("demo_plays_in") == lesson_id and lesson.view().frame_ago_s is None


def show_next_steps(resources: Resources, lesson: Lesson) -> None:
    """Lead on from the demo class, once it was watched for a moment: to its report, and to the first student."""
    say, watched = resources.words, _is_watched(lesson)
    with st.container(horizontal=True):
        # there from the start, so that nothing below moves when it can be pressed
        if st.button(
            say("first.report"), type="primary", icon=":material/insights:", key="demo_report", disabled=not watched
        ):
            end_lesson(resources, lesson)
        _offer_first_student(resources)
        if not watched:
            _wait_until_watched(lesson)


@refreshed(every_s=1.0)
def _wait_until_watched(lesson: Lesson) -> None:
    """Run the page anew; no buttons here, because one in a fragment that runs every second loses clicks."""
    if _is_watched(lesson):
        st.rerun()


def _is_watched(lesson: Lesson) -> bool:
    return bool(lesson.view().sightings) and utc_now() - lesson.entry.began >= ENOUGH


def _offer_first_student(resources: Resources) -> None:
    if not _has_own_students(resources) and st.button(
        resources.words("first.enroll"), icon=":material/person_add:", key="enroll_first"
    ):
        st.switch_page("app/pages/enroll.py")


def _has_own_students(resources: Resources) -> bool:
    people = resources.store.people()
    return bool(people) and not {name_key(person.name) for person in people} <= set(map(name_key, demo.names()))
