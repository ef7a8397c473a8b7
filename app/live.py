"""Live: the video with a name and an emotion on every face, and the class in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import demo, process
from app.capture.component import SourceKind, live_stage
from app.correction import UNSURE, show_correction
from app.first_steps import is_new, plays_by_itself, show_next_steps, show_welcome
from app.lesson import Lesson, LessonView, Sighting
from app.mood import show_attention, show_mood
from app.notice import show_notice
from app.own_lesson import own_lesson, show_lesson_bar
from app.parts import plain
from app.resources import Resources, words
from app.shown import shown_people, shown_view
from fewshot.classroom.report import SMALLEST_GROUP
from fewshot.messages import Messages
from fewshot.palette import COLORS_RGB, STATE_RGB, UNSURE_RGB
from fewshot.states import state_evidence
from fewshot.types import Person, Source

SOURCES: dict[SourceKind, str] = {
    "camera": ":material/videocam:",
    "screen": ":material/screen_share:",
    "recording": ":material/movie:",
    "demo": ":material/theater_comedy:",
}
READ_BY: dict[Source, str] = {"personal": "live.own_photos", "generic": "live.generic"}


def show() -> None:
    """Show the page."""
    st.title(process.shared.words()("pages.live"))
    loaded = process.shared.get()
    say = words(loaded)
    if is_new(loaded):
        show_welcome(loaded, say)
        return
    loaded.refresh_gallery()  # tells of a store that does not fit before anybody starts a camera
    lesson_id, lesson = own_lesson(loaded)
    stage, table = st.container(key="lesson").columns([3, 2], gap="large")
    with stage:
        show_lesson_bar(loaded, lesson_id, lesson)
        source = _choose_source(say)
        if _offer_demo(loaded) if source == "demo" else show_notice(loaded, say):
            live_stage(
                source,
                say,
                process.shared.live_token(lesson_id),
                loaded.config.analyze_fps,
                faces_hidden=lesson.entry.mode == "aggregate",
                begins_by_itself=source == "demo" and plays_by_itself(lesson_id, lesson),
            )
        if source == "demo":
            show_next_steps(loaded, lesson_id, lesson)
        st.caption(say("live.kept", days=loaded.config.classroom.retention_days))
    with table:
        _show_class(loaded, lesson)
        show_mood(lesson, say)
        if lesson.entry.mode != "aggregate":
            show_correction(loaded, lesson)
        st.caption(f"{say('live.faces_by', name=f'**{loaded.backend.name}**')} {loaded.backend.licence}")


def _choose_source(say: Messages) -> SourceKind:
    st.session_state.setdefault("source", "camera")
    chosen = st.segmented_control(
        say("live.source"),
        list(SOURCES),
        format_func=lambda kind: f"{SOURCES[kind]} {say(f'sources.{kind}')}",
        required=True,
        wrap=True,
        key="source",
        label_visibility="collapsed",
    )
    return chosen or "camera"


def _offer_demo(loaded: Resources) -> bool:
    """Offer to enroll the demo class where it is not; returns whether it can be watched."""
    if demo.is_enrolled(loaded):
        return True
    with st.container(border=True):
        say = words(loaded)
        st.subheader(say("live.demo"), icon=":material/theater_comedy:")
        st.markdown(say("live.demo_is", names=", ".join(demo.names())))
        if st.button(say("live.enroll_demo"), type="primary", key="demo"):
            with st.spinner(say("first.enrolling")):
                demo.enroll(loaded)
            st.rerun()
    return False


@st.fragment(run_every=1.0)
def _show_class(loaded: Resources, lesson: Lesson) -> None:
    say = words(loaded)
    view, people = shown_view(loaded, lesson), shown_people(loaded, lesson)
    if view.problem:
        st.warning(f"{say('live.unsaved')} {plain(view.problem)}")
    with st.container(horizontal=True):
        st.metric(say("live.in_view"), view.faces)
        st.metric(say("live.recognized"), view.faces - view.strangers)
        st.metric(say("live.unknown"), view.strangers)
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
        st.page_link("app/enroll.py", label=say("live.enroll_one"), icon=":material/person_add:")
        return
    show_attention(view.attention, say)
    rows = [_row(person, view, people, say) for person in people]
    states = sorted({label for person in people for label in person.embedding_labels} - set(COLORS_RGB))
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        key="class",
        alt=say("live.table"),
        column_config={
            "Student": st.column_config.TextColumn(say("live.student"), width=72),
            "Emotion": st.column_config.MultiselectColumn(
                say("live.emotion"),
                options=[say.label(label) for label in (*COLORS_RGB, *states, UNSURE)],
                color=[*COLORS_RGB.values(), *[STATE_RGB] * len(states), UNSURE_RGB],
                width="small",
            ),
            "Lately": st.column_config.AreaChartColumn(
                say("live.lately"), y_min=-1.0, y_max=1.0, width=72, help=say("live.lately_help")
            ),
            "Confidence": st.column_config.ProgressColumn(
                say("live.confidence"), min_value=0.0, max_value=1.0, format="percent", width=76
            ),
            "Last seen": st.column_config.TextColumn(say("live.last_seen"), width=66),
            "Read by": st.column_config.TextColumn(say("live.read_by"), width=56),
        },
    )


def _row(person: Person, view: LessonView, people: Sequence[Person], say: Messages) -> dict[str, object]:
    sighting, lately = view.sightings.get(person.person_id), view.valence.get(person.person_id)
    if sighting is None:
        return {
            "Student": person.name,
            "Emotion": [],
            "Lately": lately,
            "Confidence": None,
            "Last seen": say("live.not_yet"),
            "Read by": "",
        }
    return {
        "Student": person.name,
        "Emotion": [say.label(sighting.emotion.label or UNSURE)],
        "Lately": lately,
        "Confidence": round(sighting.emotion.confidence, 2),
        "Last seen": _in_words(sighting.seen_ago_s, say),
        "Read by": _evidence(person, sighting, people, say),
    }


def _evidence(person: Person, sighting: Sighting, people: Sequence[Person], say: Messages) -> str:
    """Whose prototypes decided; for a state of the teacher's own, how many shots of whom it rests on."""
    label = sighting.emotion.label
    if label is None or label in COLORS_RGB:
        return say(READ_BY[sighting.emotion.prototypes])
    return str(state_evidence(person, label, people))


def _in_words(ago_s: float, say: Messages) -> str:
    if ago_s < 2:
        return say("live.now")
    if ago_s < 60:
        return say("live.seconds_ago", n=f"{ago_s:.0f}")
    return say("live.minutes_ago", n=f"{ago_s / 60:.0f}")


show()
