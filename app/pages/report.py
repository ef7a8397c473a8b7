"""Report: a lesson that was kept, over time and student by student, beside earlier ones, and as files."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.markdown import plain
from app.state import process
from app.state.resources import Resources
from app.widgets.first_steps import offer_first_steps
from app.widgets.panels import show_report
from app.widgets.parts import is_gone_back_to, popover_of, viewers_zone
from app.widgets.problems import left_in_log_told_later
from fewshot.classroom.document import missing_for_pdf, report_html, report_pdf
from fewshot.classroom.modes import SMALLEST_GROUP, pseudonyms, seconds_as
from fewshot.classroom.report import Choice, Report, group_totals, make_report
from fewshot.classroom.spreadsheet import seconds_csv, summary_csv
from fewshot.classroom.wording import part_in_words, short_titles, title_of
from fewshot.lesson import KeptLesson, LessonEntry, LessonTotals, stricter
from fewshot.messages import Messages

EARLIER = 5  # so many lessons before are shown beside this one; a docstring here would be shown on the page


def show() -> None:
    """Show the page."""
    resources = process.shared.get()
    say = resources.words
    resources.lessons.save()  # one that runs is shown until now
    entries = [entry for entry in resources.lesson_store.entries() if entry.length_s > 0]
    if st.session_state.pop("deleted", False):
        st.toast(say("report.deleted"), icon=":material/check_circle:", duration="long")
    if not entries:
        st.title(say("pages.report"))
        st.info(say("report.no_lesson"), icon=":material/videocam:")
        offer_first_steps(resources)
        return
    zone = viewers_zone()
    title = st.container()
    st.caption(say("report.caution"))
    row = st.container(horizontal=True, vertical_alignment="center")
    entry = _choose_lesson(row, entries, zone, say)
    title.title(plain(title_of(entry, zone, say)))
    kept = resources.lesson_store.read(entry.lesson_id)
    if kept is None:  # deleted in another tab a moment ago
        st.rerun()
    mode = stricter(entry.mode, resources.config.display.mode)
    if mode != "full":
        kept = replace(kept, seconds=seconds_as(kept.seconds, pseudonyms(resources.store.people(), say)))
    choice = _choose_part(row, kept, say, only_aggregate=mode == "aggregate")
    of_course = [other for other in entries if other.course == entry.course]
    at = of_course.index(entry)
    compared = of_course[at : at + 1 + EARLIER]
    report = make_report(kept, resources.config.classroom, choice, _totals(resources, compared, choice.aggregate))
    _offer_files(report, zone, say)
    show_report(report, zone, say)
    _offer_delete(resources, entry, zone)


def _totals(resources: Resources, entries: list[LessonEntry], only_groups: bool) -> tuple[LessonTotals, ...]:
    """Return what whole lessons showed; of groups alone where the report, or a lesson itself, hides individuals."""
    totals = {total.entry.lesson_id: total for total in resources.lesson_store.totals(entries)}
    for entry in entries:
        if only_groups or entry.mode == "aggregate":
            kept = resources.lesson_store.read(entry.lesson_id)
            if kept is None:  # deleted in another tab a moment ago
                del totals[entry.lesson_id]
            else:
                totals[entry.lesson_id] = group_totals(kept)
    return tuple(totals.values())


def _choose_lesson(row: DeltaGenerator, entries: list[LessonEntry], zone: tzinfo, say: Messages) -> LessonEntry:
    """Offer the lessons in a row, the newest first; the address names the one that is shown."""
    by_id = {entry.lesson_id: entry for entry in entries}
    named = st.query_params.get("lesson")
    if named is not None and named not in by_id:
        st.info(say("report.gone"), icon=":material/history:")
    if named in by_id and (is_gone_back_to() or "lesson_choice" not in st.session_state):
        st.session_state.lesson_choice = named
    titles = dict(zip(by_id, short_titles(entries, zone), strict=True))
    chosen = row.selectbox(
        say("report.lesson"),
        list(by_id),
        format_func=titles.__getitem__,
        key="lesson_choice",
        label_visibility="collapsed",
        width=420,
    )
    lesson_id = str(chosen)
    st.query_params["lesson"] = lesson_id
    return by_id[lesson_id]


def _choose_part(row: DeltaGenerator, kept: KeptLesson, say: Messages, only_aggregate: bool) -> Choice:
    """Offer in a row the switch that hides individuals, and the filters."""
    names = {key: student.name for key, student in kept.seconds.students.items()}
    minutes = kept.entry.length_s // 60 + 1
    with row:
        st.space("stretch")
        aggregate = only_aggregate or st.toggle(
            say("report.hide"),
            key="aggregate",
            help=say("report.hide_is", smallest=SMALLEST_GROUP),
        )
        with st.popover(say("report.filter"), icon=":material/filter_alt:"):
            begin, end = st.slider(
                say("report.minutes"), 0, minutes, (0, minutes), key=f"minutes_{kept.entry.lesson_id}"
            )
            only = st.multiselect(
                say("pages.students"),
                list(names),
                format_func=lambda key: names[key],
                key=f"students_{kept.entry.lesson_id}",
                placeholder=say("report.everybody"),
                disabled=aggregate,
            )
    return Choice(60 * begin, None if end == minutes else 60 * end, only or None, aggregate)


def _offer_files(report: Report, zone: tzinfo, say: Messages) -> None:
    """Offer the downloads; each is made when it is asked for."""
    missing = missing_for_pdf()
    name = f"lesson-{report.entry.began.astimezone(zone):%Y-%m-%d-%H%M}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "PDF",
            lambda: report_pdf(report_html(report, zone, say)),
            f"{name}.pdf",
            "application/pdf",
            key="pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
            disabled=missing is not None,
        )
        st.download_button(
            "HTML",
            lambda: report_html(report, zone, say),
            f"{name}.html",
            "text/html",
            key="html",
            icon=":material/html:",
            on_click="ignore",
        )
        st.download_button(
            say("report.summary"),
            lambda: summary_csv(report),
            f"{name}-summary.csv",
            "text/csv",
            key="summary",
            icon=":material/csv:",
            on_click="ignore",
        )
        st.download_button(
            say("report.every_second"),
            lambda: seconds_csv(report),
            f"{name}-seconds.csv",
            "text/csv",
            key="seconds",
            icon=":material/csv:",
            on_click="ignore",
        )
        st.space("stretch")
        if told := part_in_words(report, say):  # a closed filter would be forgotten
            st.caption(f":material/filter_alt: {plain(told)}")
    if missing:
        st.caption(plain(say.told(missing)))


def _offer_delete(resources: Resources, entry: LessonEntry, zone: tzinfo) -> None:
    say = resources.words
    with popover_of(entry.lesson_id, "report.delete", ":material/delete:", say):
        st.markdown(say("report.delete_question", title=f"**{plain(title_of(entry, zone, say))}**"))
        if st.button(say("report.delete_for_good"), type="primary", key=f"delete_{entry.lesson_id}"):
            with left_in_log_told_later():
                resources.lessons.delete(entry.lesson_id)
            del st.query_params["lesson"]
            st.session_state.deleted = True
            st.rerun()


show()
