"""The charts of a report, in the colors of the overlay: shown by the page, drawn into the document."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from fewshot.classroom.moments import find_moments
from fewshot.classroom.report import Compared, Report
from fewshot.lesson import ABSENT, LEGEND, UNSURE
from fewshot.messages import Messages
from fewshot.palette import color_of
from fewshot.types import UInt8

MINUTES = "floor(datum.value / 60) + ':' + (datum.value % 60 < 10 ? '0' : '') + floor(datum.value % 60)"
"""Vega's expression for seconds as 12:05."""

MARK_RGB = "#7A8694"
"""Lines and letters that show on white and on black."""

LINE_RGB = "#4C82E0"

Rows = list[dict[str, Any]]
Spec = dict[str, Any]
"""A chart in Vega-Lite's words."""

ROW_PX, LESSON_PX = 22, 34
"""Height of one student's strip, and of one lesson's bar."""

FIT_WIDTH = alt.AutoSizeParams(type="fit-x", contains="padding")
"""Size of a chart whose height is that of its rows; the axis comes on top."""

CLOSE = {"bottom": 0}
"""The room below a chart, where Streamlit would leave more than the words that follow."""


def shown_labels(report: Report) -> list[str]:
    """Return the labels of a report from the bottom up: the emotions, then states, then unsure."""
    return [*[label for label in report.mood.labels if label not in (ABSENT, UNSURE)], UNSURE]


def mood_chart(report: Report, say: Messages) -> Spec:
    """Draw which share of the students looked how, with bookmarks and turns; what is blank was not in view.

    What the colors mean is left to whoever shows it: a legend of Vega's does not wrap, and takes the room of the chart.
    """
    labels = shown_labels(report)
    rows, overlap_s = [], 0.05 * report.step_s  # hides the seams between steps
    for begin, end, shares in _steps(report):
        low = 0.0
        for label in labels:
            share = float(shares[report.mood.labels.index(label)])
            if share > 0:
                rows.append(
                    {
                        "begin": begin,
                        "end": end + overlap_s,
                        "label": say.label(label),
                        "low": low,
                        "high": low + share,
                        "share": share,
                    }
                )
                low += share
    areas = (
        _chart("looks")
        .mark_rect(strokeWidth=0, clip=True)
        .encode(
            x=_time_axis(report),
            x2="end:Q",
            y=alt.Y(
                "low:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=3, grid=False)
            ),
            y2="high:Q",
            color=_colors(labels, say),
            tooltip=[
                alt.Tooltip("label:N", title=say("report.looked")),
                alt.Tooltip("share:Q", title=say("report.of_students"), format=".0%"),
            ],
        )
    )
    chart = alt.layer(areas, *_moments(report, say)).properties(
        height=240, padding=CLOSE, description=say("report.mood_chart")
    )
    return _spec(chart, looks=rows, moments=[vars(moment) for moment in find_moments(report, say)])


def valence_chart(report: Report, say: Messages) -> Spec:
    """Draw the share of pleasant less that of unpleasant looks over time; the line breaks where nothing was named."""
    rows = [
        {"second": second, "valence": None if np.isnan(valence) else float(valence)}
        for second, valence in zip(report.mood.seconds, report.mood.valence, strict=True)
    ]
    line = (
        _chart("valence")
        .mark_line(color=LINE_RGB, strokeWidth=2, interpolate="monotone", invalid="break-paths-filter-domains")
        .encode(
            x=_time_axis(report, "second:Q"),
            y=alt.Y(
                "valence:Q", title=None, scale=alt.Scale(domain=[-1, 1]), axis=alt.Axis(values=[-1, 0, 1], grid=False)
            ),
            tooltip=[alt.Tooltip("valence:Q", title=say("report.valence"), format="+.2f")],
        )
    )
    zero = _chart("zero").mark_rule(color=MARK_RGB, strokeDash=[2, 3]).encode(y="valence:Q")
    chart = alt.layer(zero, line).properties(height=140, padding=CLOSE, description=say("report.valence_chart"))
    return _spec(chart, valence=rows, zero=[{"valence": 0}])


def strips_chart(report: Report, say: Messages, named: bool = True) -> Spec:
    """Draw what each student looked like most, over the lesson: one strip each; what is blank was not in view.

    With ``named`` off the names are left to whoever writes them beside it, :data:`ROW_PX` apart.
    """
    edges, rows = [(begin, end) for begin, end, _ in _steps(report)], []
    for student in report.individuals:
        for start, stop in _equal_runs(student.strip, edges):
            label = report.mood.labels[student.strip[start]]
            if label != ABSENT:
                begin, end = edges[start][0], edges[stop - 1][1]
                rows.append({"name": student.name, "label": say.label(label), "begin": begin, "end": end})
    names = [student.name for student in report.individuals]
    chart = (
        _chart("strips")
        .mark_rect(strokeWidth=0, height={"band": 0.78})
        .encode(
            x=_time_axis(report),
            x2="end:Q",
            y=alt.Y(
                "name:N",
                sort=None,
                scale=alt.Scale(domain=names),
                title=None,
                axis=_names_axis(named),
            ),
            color=_colors(shown_labels(report), say),
            tooltip=[
                alt.Tooltip("name:N", title=say("live.student")),
                alt.Tooltip("label:N", title=say("report.looked")),
            ],
        )
        .properties(
            height=ROW_PX * max(1, len(names)),
            autosize=FIT_WIDTH,
            padding=CLOSE,
            description=say("report.strips_chart"),
        )
    )
    return _spec(chart, strips=rows)


def comparison_chart(compared: tuple[Compared, ...], titles: list[str], say: Messages, named: bool = True) -> Spec:
    """Draw whole lessons as bars, one below the other, each by its title; with ``named`` off as :func:`strips_chart`."""
    known = [*[label for label in LEGEND if label not in (ABSENT, UNSURE)]]
    states = {label for lesson in compared for label in lesson.looks.shares} - {*known, UNSURE}
    labels = [*known, *sorted(states), UNSURE]
    rows = [
        {"lesson": title, "label": say.label(label), "share": lesson.looks.shares.get(label, 0.0), "order": order}
        for lesson, title in zip(compared, titles, strict=True)
        for order, label in enumerate(labels)
    ]
    chart = (
        _chart("lessons")
        .mark_bar(height={"band": 0.7})
        .encode(
            x=alt.X("share:Q", stack="normalize", title=None, axis=alt.Axis(format="%", tickCount=5, grid=False)),
            y=alt.Y(
                "lesson:N",
                sort=None,
                scale=alt.Scale(domain=titles),
                title=None,
                axis=_names_axis(named),
            ),
            color=_colors(labels, say),
            order="order:Q",
            tooltip=[
                alt.Tooltip("lesson:N", title=say("report.lesson")),
                alt.Tooltip("label:N", title=say("report.looked")),
                alt.Tooltip("share:Q", title=say("report.in_view_share"), format=".0%"),
            ],
        )
        .properties(
            height=LESSON_PX * len(titles), autosize=FIT_WIDTH, padding=CLOSE, description=say("report.lessons_chart")
        )
    )
    return _spec(chart, lessons=rows)


def _names_axis(named: bool) -> alt.Axis | None:
    return alt.Axis(labelLimit=220, ticks=False, domain=False, labelOverlap=False, labelFlush=False) if named else None


def _spec(chart: alt.Chart | alt.LayerChart | alt.FacetChart, **rows: Rows) -> Spec:
    """Return a chart as Vega-Lite, with the rows of its named data."""
    return chart.to_dict() | {"datasets": rows}


def _chart(name: str) -> alt.Chart:
    """Return a chart of the rows that it is given by this name: Altair would check each of thousands of them."""
    return alt.Chart(alt.NamedData(name))


def _steps(report: Report) -> list[tuple[float, float, np.ndarray]]:
    """Return begin, end and shares of each step."""
    begins = [second // report.step_s * report.step_s for second in report.mood.seconds]
    return [(begin, begin + report.step_s, row) for begin, row in zip(begins, report.mood.shares, strict=True)]


def _time_axis(report: Report, field: str = "begin:Q") -> alt.X:
    steps = _steps(report)
    domain = [steps[0][0], steps[-1][1]] if steps else [0, 1]
    spacing = next((s for s in (10, 30, 60, 120, 300, 600, 900, 1800) if (domain[1] - domain[0]) / s <= 12), 3600)
    ticks = [second for second in range(0, int(domain[1]) + 1, spacing) if second >= domain[0]]
    axis = alt.Axis(labelExpr=MINUTES, values=ticks, grid=False, labelOverlap="greedy", labelSeparation=6)
    return alt.X(field, title=None, scale=alt.Scale(domain=domain, nice=False), axis=axis)


def _colors(labels: list[str], say: Messages) -> alt.Color:
    colors = [color_of(None if label == UNSURE else label) for label in labels]
    return alt.Color(
        "label:N", scale=alt.Scale(domain=[say.label(label) for label in labels], range=colors), legend=None
    )


def _moments(report: Report, say: Messages) -> list[alt.Chart]:
    """Return lines at the turns and the bookmarks, each with its letter or number above.

    A dark line on a broader light one is seen on every color, on white and, where the chart is blank, on a dark page.
    """
    if not report.turns and not report.bookmarks:
        return []
    moments, x = _chart("moments"), _time_axis(report, "second:Q")
    tooltip = [alt.Tooltip("note:N", title=say("report.moment"))]
    lines = [
        moments.mark_rule(color=color, strokeWidth=width, opacity=opacity, clip=True).encode(x=x, tooltip=tooltip)
        for color, width, opacity in (("#FFFFFF", 3.5, 0.6), ("#1B2430", 1.5, 0.9))
    ]
    names = [
        moments.transform_filter(f"datum.high == {str(high).lower()}")
        .mark_text(color=MARK_RGB, fontWeight="bold", fontSize=12, dy=dy)
        .encode(x=x, y=alt.value(0), text="name:N", tooltip=tooltip)
        for high, dy in ((False, -8), (True, -21))
    ]
    return [*lines, *names]


def _equal_runs(strip: UInt8, edges: list[tuple[float, float]]) -> list[tuple[int, int]]:
    """Return [start, stop) of steps that follow each other without a pause and look the same."""
    runs, start = [], 0
    for i in range(1, len(strip) + 1):
        if i == len(strip) or strip[i] != strip[start] or edges[i][0] != edges[i - 1][1]:
            runs.append((start, i))
            start = i
    return runs
