"""The lesson of a browser tab: which one it is, its title, its bookmarks and its end."""

from __future__ import annotations

import re
import secrets

import streamlit as st

from app.markdown import plain
from app.state import signin
from app.state.lesson import Lesson, utc_now
from app.state.resources import Resources
from app.widgets.courses import choose_course_of_lesson
from app.widgets.parts import focus, is_gone_back_to
from fewshot.classroom.wording import in_minutes
from fewshot.messages import Messages

_LESSON_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def own_lesson(resources: Resources) -> Lesson:
    """Return the lesson that the address names, or the tab's own, or a new one where that is over; the tab's session keeps it alive.

    Its id is written into the address: a reload, another tab or a restarted server goes on with it. A sign-in loses the
    address, so after one the lesson goes on that was interrupted.
    """
    named = st.query_params.get("lesson", "")
    lesson: Lesson | None = st.session_state.get("lesson")
    if _LESSON_ID.fullmatch(named) and (lesson is None or is_gone_back_to()):
        lesson = resources.lessons.join(named)
    if lesson is None and signin.is_configured() and (interrupted := resources.lessons.interrupted(utc_now())):
        lesson = resources.lessons.join(interrupted)
    if lesson is None or lesson.is_over:
        lesson = resources.lessons.join(secrets.token_urlsafe(12))
    st.session_state.lesson = lesson
    st.query_params["lesson"] = lesson.entry.lesson_id
    return lesson


def show_lesson_bar(resources: Resources, lesson: Lesson) -> None:
    """Show the lesson's class and title, and the buttons that mark a moment and that end the lesson."""
    say = resources.words
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_course_of_lesson(resources, lesson)
        key = f"title_{lesson.entry.lesson_id}"
        st.text_input(
            say("live.title_of_lesson"),
            lesson.entry.title,
            key=key,
            placeholder=say("live.title_of_lesson"),
            label_visibility="collapsed",
            max_chars=100,
            on_change=lambda: lesson.retitle(st.session_state[key]),
        )
        _offer_bookmark(resources)
        with st.popover(say("live.end"), icon=":material/stop_circle:"):
            st.markdown(say("live.end_question"))
            if st.button(say("live.end_lesson"), type="primary", key="end"):
                end_lesson(resources, lesson)


def show_newest_bookmark(lesson: Lesson, say: Messages) -> None:
    """Show the bookmark set last, on one line, which is there before the first: nothing below may move for it."""
    told = say("live.no_bookmark")
    if lesson.bookmarks:
        newest = lesson.bookmarks[-1]
        told = f"{in_minutes(newest.second)} {plain(newest.note)}"
    st.container(key="newest_bookmark").caption(f":material/bookmark: {told}")


def end_lesson(resources: Resources, lesson: Lesson) -> None:
    """End the lesson of this browser tab and go to its report."""
    lesson.end()
    resources.lessons.save()
    del st.session_state.lesson
    st.switch_page("app/pages/report.py", query_params={"lesson": lesson.entry.lesson_id})


def _offer_bookmark(resources: Resources) -> None:
    say = resources.words

    def mark() -> None:  # before the page is shown anew, which the next click may break off
        own_lesson(resources).bookmark(st.session_state.note)  # the one that was shown may be over by now

    with (
        st.popover(say("live.bookmark"), icon=":material/bookmark_add:"),
        st.form("bookmark_form", clear_on_submit=True, border=False),
    ):
        st.text_input(
            say("live.note"),
            placeholder=say("live.note_hint"),
            key="note",
            max_chars=200,
            help=say("live.note_help"),
            width=400,  # what Streamlit says of Enter stands beside the hint then, not on it
        )
        st.form_submit_button(say("live.mark"), type="primary", key="bookmark", on_click=mark)
        focus("note")  # the moment passes while a hand goes to the mouse
