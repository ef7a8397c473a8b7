"""The panels of the page Report: figures, charts and lists of one lesson."""

from __future__ import annotations

from datetime import tzinfo
from typing import Literal

import streamlit as st

from app.widgets.legend import show_legend
from app.widgets.parts import show_table
from fewshot.classroom.charts import (
    comparison_chart,
    mood_chart,
    shown_labels,
    strips_chart,
    valence_chart,
)
from fewshot.classroom.modes import SMALLEST_GROUP
from fewshot.classroom.moments import find_moments
from fewshot.classroom.report import Report
from fewshot.classroom.wording import in_minutes, notice_in_words, short_titles
from fewshot.messages import Messages


def show_report(report: Report, zone: tzinfo, say: Messages) -> None:
    """Show everything that a report tells, times in ``zone``, in the words of ``say``."""
    if report.is_empty:
        if report.choice.aggregate:
            st.info(say("report.small_group", smallest=SMALLEST_GROUP), icon=":material/group_off:")
        else:
            st.info(
                say("report.none_seen" if report.choice.only else "report.nobody_seen"), icon=":material/person_off:"
            )
        return
    _show_figures(report, say)
    with st.container(border=True):
        st.subheader(say("live.mood"))
        st.vega_lite_chart(mood_chart(report, say), width="stretch", key="mood_chart")
        show_legend(shown_labels(report), say)
        left_out = say("report.left_out", smallest=SMALLEST_GROUP) if report.choice.aggregate else ""
        st.caption(f"{say('report.mood_is')} {left_out}".strip())
    left, right = st.columns(2, gap="small")
    with left.container(border=True, height="stretch"):
        st.subheader(say("report.moments"))
        _show_moments(report, say)
    with right.container(border=True, height="stretch"):
        if report.choice.aggregate:
            _show_valence(report, say)
        else:
            st.subheader(say("report.attention"))
            _show_notices(report, say)
    if not report.choice.aggregate:
        with st.container(border=True):
            st.subheader(say("pages.students"))
            st.vega_lite_chart(strips_chart(report, say), width="stretch", key="strips_chart")
        left, right = st.container(key="beside").columns(2, gap="small")
        with left.container(border=True, height="stretch"):
            _show_valence(report, say)
    with st.container(border=True) if report.choice.aggregate else right.container(border=True, height="stretch"):
        _show_comparison(report, zone, say)


def _show_figures(report: Report, say: Messages) -> None:
    valence = report.looks.valence
    change = round(report.thirds[1] - report.thirds[0], 2) if report.thirds else None
    with st.container(horizontal=True):
        st.metric(
            say("report.length"),
            say("attention.minutes", n=in_minutes(report.entry.length_s)),
            border=True,
            height="stretch",
        )
        st.metric(say("report.seen"), report.students, border=True, height="stretch")
        st.metric(say("report.in_view"), f"{report.in_view:.1f}", border=True, height="stretch")
        st.metric(
            say("report.valence"),
            say("report.none") if valence is None else f"{valence:+.2f}",
            None if change is None else say("report.thirds", change=f"{change:+.2f}"),
            delta_color="off",
            delta_arrow=_arrow(change or 0.0),  # Streamlit goes by the first character of the words
            border=True,
            height="stretch",
            help=say("report.valence_is"),
        )
        st.metric(say("report.turns"), len(report.turns), border=True, height="stretch")


def _arrow(change: float) -> Literal["up", "down", "off"]:
    return "off" if change == 0 else "up" if change > 0 else "down"


def _show_moments(report: Report, say: Messages) -> None:
    moments = find_moments(report, say)
    if not moments:
        st.caption(say("report.no_moment"))
        return
    show_table(
        [
            {"": moment.name, say("report.at"): in_minutes(moment.second), say("report.what"): moment.note}
            for moment in moments
        ]
    )


def _show_notices(report: Report, say: Messages) -> None:
    if not report.notices:
        st.caption(say("report.no_notice"))
        return
    show_table(
        [
            {
                say("report.since"): in_minutes(notice.second),
                say("live.student"): notice.name,
                say("report.evidence"): notice_in_words(notice, say, past=True),
            }
            for notice in report.notices
        ]
    )


def _show_valence(report: Report, say: Messages) -> None:
    st.subheader(say("report.valence"))
    st.vega_lite_chart(valence_chart(report, say), width="stretch", key="valence_chart")
    st.caption(say("report.valence_is"))


def _show_comparison(report: Report, zone: tzinfo, say: Messages) -> None:
    st.subheader(say("report.earlier"))
    if len(report.compared) < 2:
        st.caption(say("report.no_earlier"))
        return
    titles = short_titles([lesson.entry for lesson in report.compared], zone)
    st.vega_lite_chart(comparison_chart(report.compared, titles, say), width="stretch", key="comparison_chart")
    st.caption(say("report.earlier_is"))
