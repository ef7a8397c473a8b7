"""Live: the video with a name and an emotion on every face, and the class beside it, one card a student."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import demo
from app.capture.component import SourceKind, live_stage
from app.cards.component import Card, show_cards
from app.markdown import plain
from app.state import process
from app.state.lesson import Lesson
from app.state.lesson_view import NOW_S, LessonView
from app.state.resources import Resources
from app.widgets.attention import show_attention
from app.widgets.correction import show_correction
from app.widgets.first_steps import is_new, plays_by_itself, show_next_steps, show_welcome
from app.widgets.mood import show_mood
from app.widgets.notice import show_notice
from app.widgets.own_lesson import own_lesson, show_lesson_bar, show_newest_bookmark
from app.widgets.parts import is_gone_back_to
from app.widgets.problems import warn_of_damaged
from app.widgets.refreshing import refreshed
from app.widgets.shown import shown_everybody, shown_people, shown_view
from enroll.wording import evidence_in_words
from fewshot.classroom.modes import SMALLEST_GROUP
from fewshot.lesson import UNSURE
from fewshot.messages import Messages
from fewshot.palette import COLORS_RGB, UNSURE_RGB, color_of
from fewshot.person import Person
from fewshot.states import state_evidence
from fewshot.types import PrototypeKind

SOURCES: dict[SourceKind, str] = {
    "camera": ":material/videocam:",
    "screen": ":material/screen_share:",
    "recording": ":material/movie:",
    "demo": ":material/theater_comedy:",
}
IN_VIEW_S = 2.0  # and a card says "now"
READ_BY: dict[PrototypeKind, str] = {"personal": "stage.by_personal", "generic": "stage.by_generic"}


def show() -> None:
    """Show the page."""
    st.title(process.shared.words()("pages.live"))
    resources = process.shared.get()
    say = resources.words
    if is_new(resources):
        warn_of_damaged(resources.store.damaged(), say)
        show_welcome(resources)
        return
    try:
        resources.roster.refresh()  # tells of a store that does not fit before anybody starts a camera
    finally:
        warn_of_damaged(resources.roster.damaged, say)
    lesson = own_lesson(resources)
    st.session_state.mode_shown = lesson.entry.mode
    stage, table = st.container(key="lesson").columns([3, 2], gap="large")
    with stage:
        show_lesson_bar(resources, lesson)
        source = _choose_source(say)
        if _offer_demo(resources) if source == "demo" else show_notice(resources):
            live_stage(
                source,
                say,
                process.shared.live_token(lesson.entry.lesson_id),
                resources.config.analyze_fps,
                faces_hidden=lesson.entry.mode == "aggregate",
                begins_by_itself=source == "demo" and plays_by_itself(lesson),
            )
        if source == "demo":
            show_next_steps(resources, lesson)
        st.caption(say("live.kept", days=resources.config.classroom.retention_days))
        show_newest_bookmark(lesson, say)
    with table:
        _show_counts(resources, lesson)
        show_mood(lesson, say)
        _show_students(resources, lesson)
        if lesson.entry.mode != "aggregate":
            show_correction(resources, lesson)
        backend = resources.models.backend
        name = say(f"settings.faces_{backend.name}")
        st.caption(f"{say('live.faces_by', name=f'**{name}**')} {plain(say.told(backend.licence))}")


def _choose_source(say: Messages) -> SourceKind:
    # Streamlit forgets a widget that a run does not show, as when another page was looked at in between, and everything
    # but the address when its server is started anew: a window that is shared then goes on being shared
    named = st.query_params.get("source", "")
    before = st.session_state.get("source_before", named if named in SOURCES else "camera")
    st.session_state.setdefault("source", before)
    if named in SOURCES and is_gone_back_to():
        st.session_state.source = named
    chosen = st.segmented_control(
        say("live.source"),
        list(SOURCES),
        format_func=lambda kind: f"{SOURCES[kind]} {say(f'sources.{kind}')}",
        required=True,
        wrap=True,
        key="source",
        label_visibility="collapsed",
    )
    st.session_state.source_before = st.query_params["source"] = chosen or "camera"
    return st.session_state.source_before


def _offer_demo(resources: Resources) -> bool:
    """Offer to enroll the demo class where it is not; returns whether it can be watched."""
    if demo.is_enrolled(resources):
        return True
    with st.container(border=True):
        say = resources.words
        st.subheader(say("live.demo"), icon=":material/theater_comedy:")
        st.markdown(say("live.demo_is", names=", ".join(demo.names())))
        if st.button(say("live.enroll_demo"), type="primary", key="demo"):
            with st.spinner(say("first.enrolling")):
                demo.enroll(resources)
            st.rerun()
    return False


@refreshed(every_s=1.0)
def _show_counts(resources: Resources, lesson: Lesson) -> None:
    if st.session_state.mode_shown != lesson.entry.mode:  # chosen in another tab; the video must follow too
        st.rerun()
    if lesson.is_over:  # ended or deleted in another tab, or the computer slept over night
        st.rerun()
    say, view = resources.words, shown_view(resources, lesson)
    with st.container(horizontal=True):
        is_old = (
            view.frame_ago_s is not None and view.frame_ago_s > NOW_S
        )  # else a stopped capture would show its last faces
        for what, count in (
            ("in_view", view.faces),
            ("recognized", view.faces - view.strangers),
            ("unknown", view.strangers),
        ):
            st.metric(say(f"live.{what}"), None if is_old else count)
    if view.problem:
        # over the page, and after what stays: the cards must not move, neither for it nor for what it leaves behind
        unsaved = st.container(key="unsaved")
        unsaved.warning(f"{say('live.unsaved')} {plain(say.told(view.problem))}", icon=":material/warning:")


@refreshed(every_s=1.0)
def _show_students(resources: Resources, lesson: Lesson) -> None:
    say, view, people = resources.words, shown_view(resources, lesson), shown_people(resources, lesson)
    if lesson.entry.mode == "aggregate":
        st.info(
            say("live.hidden", smallest=SMALLEST_GROUP),
            icon=":material/groups:",
        )
        return
    if not people:
        st.info(
            say("courses.empty", course=plain(lesson.entry.course)) if lesson.entry.course else say("live.nobody"),
            icon=":material/person_add:",
        )
        st.page_link("app/pages/enroll.py", label=say("live.enroll_one"), icon=":material/person_add:")
        return
    show_attention(lesson, view, say)
    everybody = shown_everybody(resources, lesson)
    show_cards(
        [_card(person, view, everybody, say) for person in people],
        lately=f"{say('live.lately')}. {say('live.lately_help')}",
        what=say("live.cards"),
    )


def _card(person: Person, view: LessonView, everybody: Sequence[Person], say: Messages) -> Card:
    sighting = view.sightings.get(person.person_id)
    if sighting is None:
        return Card(person.name, None, UNSURE_RGB, False, 0.0, say("live.not_yet"), False, "", "", False, ())
    emotion, label, evidence = sighting.emotion, sighting.emotion.label, ""
    if label is not None and label not in COLORS_RGB:
        evidence = evidence_in_words(state_evidence(person, label, everybody), say)
    return Card(
        name=person.name,
        emotion=say.label(label or UNSURE),
        color_rgb=color_of(label),
        named=label is not None,
        confidence=round(emotion.confidence, 2),
        seen=_in_words(sighting.seen_ago_s, say),
        in_view=sighting.seen_ago_s < IN_VIEW_S,
        evidence=evidence,
        read_by=say(READ_BY[emotion.prototypes]),
        personal=emotion.prototypes == "personal",
        lately=[round(valence, 2) for valence in view.valence.get(person.person_id, ())],
    )


def _in_words(ago_s: float, say: Messages) -> str:
    if ago_s < IN_VIEW_S:
        return say("live.now")
    if ago_s < 60:
        return say("live.seconds_ago", n=f"{ago_s:.0f}")
    return say("live.minutes_ago", n=f"{ago_s / 60:.0f}")


show()
