"""The panels of the page Report: figures, charts and lists of one lesson."""

from __future__ import annotations

from datetime import tzinfo

import streamlit as st

from fewshot.classroom.charts import (
    comparison_chart,
    in_minutes,
    letter,
    mood_chart,
    strips_chart,
    valence_chart,
)
from fewshot.classroom.document import short_title
from fewshot.classroom.report import SMALLEST_GROUP, Report


def show_report(report: Report, zone: tzinfo) -> None:
    """Show everything that a report tells, times in ``zone``."""
    if report.students == 0:
        if report.choice.aggregate:
            st.info(f"Groups of fewer than {SMALLEST_GROUP} students are not reported.", icon=":material/group_off:")
        else:
            st.info("Nobody enrolled was seen in this part of the lesson.", icon=":material/person_off:")
        return
    _show_figures(report)
    with st.container(border=True):
        st.subheader("Mood of the class")
        st.vega_lite_chart(mood_chart(report), width="stretch", key="mood_chart")
        left_out = f" Seconds with fewer than {SMALLEST_GROUP} students in view are left out."
        st.caption(
            "Share of the students by what they looked like; blank: not in view. Letters: the mood turned and stayed so; "
            "numbers: bookmarks." + left_out * report.choice.aggregate
        )
    left, right = st.columns(2, gap="small")
    with left.container(border=True, height="stretch"):
        st.subheader("Moments")
        _show_moments(report)
    with right.container(border=True, height="stretch"):
        if report.choice.aggregate:
            _show_valence(report)
        else:
            st.subheader("Who may have needed a look")
            _show_notices(report)
    if not report.choice.aggregate:
        with st.container(border=True):
            st.subheader("Students")
            st.vega_lite_chart(strips_chart(report), width="stretch", key="strips_chart")
        left, right = st.columns(2, gap="small")
        with left.container(border=True, height="stretch"):
            _show_valence(report)
    with st.container(border=True) if report.choice.aggregate else right.container(border=True, height="stretch"):
        _show_comparison(report, zone)


def _show_figures(report: Report) -> None:
    valence = report.looks.valence
    change = f"{report.thirds[1] - report.thirds[0]:+.2f} first to last third" if report.thirds else None
    with st.container(horizontal=True):
        st.metric("Length", f"{in_minutes(report.entry.length_s)} min", border=True, height="stretch")
        st.metric("Students seen", report.students, border=True, height="stretch")
        st.metric("In view on average", f"{report.in_view:.1f}", border=True, height="stretch")
        st.metric(
            "Valence",
            "none" if valence is None else f"{valence:+.2f}",
            change,
            delta_color="off",
            border=True,
            height="stretch",
            help="Share of pleasant less that of unpleasant looks, among those that were named.",
        )
        st.metric("Turns of the mood", len(report.turns), border=True, height="stretch")


def _show_moments(report: Report) -> None:
    moments = [
        *((turn.second, letter(i), turn.text) for i, turn in enumerate(report.turns)),
        *((mark.second, str(i + 1), mark.note or "Bookmark") for i, mark in enumerate(report.bookmarks)),
    ]
    if not moments:
        st.caption("No bookmark, and no lasting turn of the mood.")
        return
    rows = [{"": name, "At": in_minutes(second), "What": what} for second, name, what in sorted(moments)]
    st.dataframe(
        rows,
        hide_index=True,
        key="moments",
        height="content" if len(rows) <= 8 else 320,
        row_height=46,
        column_config={"": st.column_config.TextColumn(width=30), "At": st.column_config.TextColumn(width=56)},
    )


def _show_notices(report: Report) -> None:
    if not report.notices:
        st.caption("Nobody: no long unusual look, nobody turned away or out of view for long.")
        return
    rows = [
        {"From": in_minutes(notice.second), "Student": notice.name, "What was seen": notice.text}
        for notice in report.notices
    ]
    st.dataframe(
        rows,
        hide_index=True,
        key="notices",
        height="content" if len(rows) <= 9 else 320,
        column_config={
            "From": st.column_config.TextColumn(width=56),
            "Student": st.column_config.TextColumn(width="small"),
        },
    )


def _show_valence(report: Report) -> None:
    st.subheader("Valence")
    st.vega_lite_chart(valence_chart(report), width="stretch", key="valence_chart")
    st.caption("Share of pleasant less that of unpleasant looks, among those that were named.")


def _show_comparison(report: Report, zone: tzinfo) -> None:
    st.subheader("Beside earlier lessons")
    if len(report.compared) < 2:
        st.caption("There is no earlier lesson to compare with.")
        return
    titles = [short_title(lesson.entry, zone) for lesson in report.compared]
    st.vega_lite_chart(comparison_chart(report.compared, titles), width="stretch", key="comparison_chart")
    st.caption("Shares of all looks in whole lessons, this one last.")
