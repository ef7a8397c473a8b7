"""The charts of a report, in the colors of the overlay: shown by the page, drawn into the document.

Written in Vega-Lite's words as they are: Altair, which writes them too, checks every part against its schema each time, which took
as long as the rest of a report. tests/classroom/test_charts.py checks them once.
"""

from __future__ import annotations

from typing import Any

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

Spec = dict[str, Any]
"""A chart in Vega-Lite's words."""

ROW_PX, LESSON_PX = 22, 34
"""Height of one student's strip, and of one lesson's bar."""

FIT_WIDTH = {"type": "fit-x", "contains": "padding"}
"""Size of a chart whose height is that of its rows; the axis comes on top."""

CLOSE = {"bottom": 0}
"""The room below a chart, where Streamlit would leave more than the words that follow."""

UNTOLD = {"strokeWidth": 0, "aria": False}
"""Of thousands of rectangles: to describe each takes a third of the drawing, and a screen reader would read out every one. What a
whole chart shows is told."""


def shown_labels(report: Report) -> list[str]:
    """Return the labels of a report from the bottom up: the emotions, then states, then unsure."""
    return [*[label for label in report.mood.labels if label not in (ABSENT, UNSURE)], UNSURE]


def mood_chart(report: Report, say: Messages) -> Spec:
    """Draw which share of the students looked how, with bookmarks and turns; what is blank was not in view.

    What the colors mean is left to whoever shows it: a legend of Vega's does not wrap, and takes the room of the chart.
    """
    labels = shown_labels(report)
    rows, overlap_s = [], 0.05 * report.mood.step_s  # hides the seams between steps
    for (begin, end), shares in zip(report.mood.spans(), report.mood.shares, strict=True):
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
    areas = {
        "data": {"name": "looks"},
        "mark": {"type": "rect", "clip": True, **UNTOLD},
        "encoding": {
            "x": _time_axis(report),
            "x2": {"field": "end"},
            "y": _number("low", scale={"domain": [0, 1]}, axis={"format": "%", "tickCount": 3, "grid": False}),
            "y2": {"field": "high"},
            "color": _colors(labels, say),
            "tooltip": [
                _name("label", title=say("report.looked")),
                _number("share", title=say("report.of_students"), format=".0%"),
            ],
        },
    }
    return {
        "layer": [areas, *_moments(report, say)],
        "height": 240,
        "padding": CLOSE,
        "description": say("report.mood_chart"),
        "datasets": {"looks": rows, "moments": [vars(moment) for moment in find_moments(report, say)]},
    }


def valence_chart(report: Report, say: Messages) -> Spec:
    """Draw the share of pleasant less that of unpleasant looks over time; the line breaks where nothing was named."""
    rows = [
        {"second": second, "valence": None if np.isnan(valence) else float(valence)}
        for second, valence in zip(report.mood.seconds, report.mood.valence, strict=True)
    ]
    line = {
        "data": {"name": "valence"},
        "mark": {
            "type": "line",
            "color": LINE_RGB,
            "strokeWidth": 2,
            "interpolate": "monotone",
            "invalid": "break-paths-filter-domains",
        },
        "encoding": {
            "x": _time_axis(report, "second"),
            "y": _number("valence", scale={"domain": [-1, 1]}, axis={"values": [-1, 0, 1], "grid": False}),
            "tooltip": [_number("valence", title=say("report.valence"), format="+.2f")],
        },
    }
    zero = {
        "data": {"name": "zero"},
        "mark": {"type": "rule", "color": MARK_RGB, "strokeDash": [2, 3]},
        "encoding": {"y": {"field": "valence", "type": "quantitative"}},
    }
    return {
        "layer": [zero, line],
        "height": 140,
        "padding": CLOSE,
        "description": say("report.valence_chart"),
        "datasets": {"valence": rows, "zero": [{"valence": 0}]},
    }


def strips_chart(report: Report, say: Messages, named: bool = True) -> Spec:
    """Draw what each student looked like most, over the lesson: one strip each; what is blank was not in view.

    With ``named`` off the names are left to whoever writes them beside it, :data:`ROW_PX` apart.
    """
    edges, rows = report.mood.spans(), []
    for student in report.individuals:
        for start, stop in _equal_runs(student.strip, edges):
            label = report.mood.labels[student.strip[start]]
            if label != ABSENT:
                begin, end = edges[start][0], edges[stop - 1][1]
                rows.append({"name": student.name, "label": say.label(label), "begin": begin, "end": end})
    names = [student.name for student in report.individuals]
    return {
        "data": {"name": "strips"},
        "mark": {"type": "rect", "height": {"band": 0.78}, **UNTOLD},
        "encoding": {
            "x": _time_axis(report),
            "x2": {"field": "end"},
            "y": _name("name", sort=None, scale={"domain": names}, axis=_names_axis(named)),
            "color": _colors(shown_labels(report), say),
            "tooltip": [_name("name", title=say("live.student")), _name("label", title=say("report.looked"))],
        },
        "height": ROW_PX * max(1, len(names)),
        "autosize": FIT_WIDTH,
        "padding": CLOSE,
        "description": say("report.strips_chart"),
        "datasets": {"strips": rows},
    }


def comparison_chart(compared: tuple[Compared, ...], titles: list[str], say: Messages, named: bool = True) -> Spec:
    """Draw whole lessons as bars, one below the other, each by its title; with ``named`` off as :func:`strips_chart`."""
    known = [label for label in LEGEND if label not in (ABSENT, UNSURE)]
    states = {label for lesson in compared for label in lesson.looks.shares} - {*known, UNSURE}
    labels = [*known, *sorted(states), UNSURE]
    rows = [
        {"lesson": title, "label": say.label(label), "share": lesson.looks.shares.get(label, 0.0), "order": order}
        for lesson, title in zip(compared, titles, strict=True)
        for order, label in enumerate(labels)
    ]
    return {
        "data": {"name": "lessons"},
        "mark": {"type": "bar", "height": {"band": 0.7}},
        "encoding": {
            "x": _number("share", stack="normalize", axis={"format": "%", "tickCount": 5, "grid": False}),
            "y": _name("lesson", sort=None, scale={"domain": titles}, axis=_names_axis(named)),
            "color": _colors(labels, say),
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": [
                _name("lesson", title=say("report.lesson")),
                _name("label", title=say("report.looked")),
                _number("share", title=say("report.in_view_share"), format=".0%"),
            ],
        },
        "height": LESSON_PX * len(titles),
        "autosize": FIT_WIDTH,
        "padding": CLOSE,
        "description": say("report.lessons_chart"),
        "datasets": {"lessons": rows},
    }


def _names_axis(named: bool) -> Spec | None:
    if not named:
        return None
    return {"labelLimit": 220, "ticks": False, "domain": False, "labelOverlap": False, "labelFlush": False}


def _number(field: str, title: str | None = None, **more: object) -> Spec:
    return {"field": field, "type": "quantitative", "title": title, **more}


def _name(field: str, title: str | None = None, **more: object) -> Spec:
    return {"field": field, "type": "nominal", "title": title, **more}


def _time_axis(report: Report, field: str = "begin") -> Spec:
    spans = report.mood.spans()
    domain = [spans[0][0], spans[-1][1]] if spans else [0, 1]
    spacing = next((s for s in (10, 30, 60, 120, 300, 600, 900, 1800) if (domain[1] - domain[0]) / s <= 12), 3600)
    ticks = [second for second in range(0, int(domain[1]) + 1, spacing) if second >= domain[0]]
    axis = {"labelExpr": MINUTES, "values": ticks, "grid": False, "labelOverlap": "greedy", "labelSeparation": 6}
    return _number(field, scale={"domain": domain, "nice": False}, axis=axis)


def _colors(labels: list[str], say: Messages) -> Spec:
    colors = [color_of(None if label == UNSURE else label) for label in labels]
    scale = {"domain": [say.label(label) for label in labels], "range": colors}
    return {"field": "label", "type": "nominal", "scale": scale, "legend": None}


def _moments(report: Report, say: Messages) -> list[Spec]:
    """Return lines at the turns and the bookmarks, each with its letter or number above.

    A dark line on a broader light one is seen on every color, on white and, where the chart is blank, on a dark page.
    """
    if not report.turns and not report.bookmarks:
        return []
    at: Spec = {"x": _time_axis(report, "second"), "tooltip": [_name("note", title=say("report.moment"))]}
    lines = [
        {
            "data": {"name": "moments"},
            "mark": {"type": "rule", "color": color, "strokeWidth": width, "opacity": opacity, "clip": True},
            "encoding": at,
        }
        for color, width, opacity in (("#FFFFFF", 3.5, 0.6), ("#1B2430", 1.5, 0.9))
    ]
    names = [
        {
            "data": {"name": "moments"},
            "transform": [{"filter": f"datum.high == {str(high).lower()}"}],
            "mark": {"type": "text", "color": MARK_RGB, "fontWeight": "bold", "fontSize": 12, "dy": dy},
            "encoding": at | {"y": {"value": 0}, "text": {"field": "name", "type": "nominal"}},
        }
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
