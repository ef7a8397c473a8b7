"""The mood of the class over time."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from app.state.lesson import Lesson
from app.widgets.legend import show_legend
from app.widgets.refreshing import refreshed
from fewshot.classroom.charts import CLOSE, MINUTES
from fewshot.classroom.mood import Mood, valence_trend
from fewshot.lesson import ABSENT, UNSURE
from fewshot.messages import Messages
from fewshot.palette import color_of

STEPS = 120
"""Points of the chart, whatever the length of the lesson."""

LEAST_S = 10
"""Its width, as long as the lesson is shorter: empty axes hold the place of a chart, so that nothing jumps when it comes."""

BRIDGED_S = 3
"""So long the mood of before lasts where no picture came: a slow computer leaves single seconds out."""

TREND_S = 60
"""Of the lesson are compared with what was before."""


@refreshed(every_s=3.0)
def show_mood(lesson: Lesson, say: Messages) -> None:
    """Show the mood of the class so far as a stacked area, in the colors of the overlay; empty axes before it begins.

    What is blank was not in view, or no picture came, as in the report.
    """
    mood = lesson.mood(STEPS)
    spans = mood.spans()
    begin_s, end_s = (spans[0][0], spans[-1][1]) if spans else (0, 0)
    st.subheader(say("live.mood"))
    shown = [*[label for label in mood.labels if label not in (ABSENT, UNSURE)], UNSURE]
    colors = [color_of(None if label == UNSURE else label) for label in shown]
    chart = {
        "data": {"name": "mood"},
        "mark": {"type": "area", "interpolate": "step-after"},
        "encoding": {
            "x": {
                "field": "seconds",
                "type": "quantitative",
                "title": None,
                "scale": {"domain": [begin_s, max(end_s, begin_s + LEAST_S)]},
                "axis": {"labelExpr": MINUTES, "tickCount": 6, "tickMinStep": 5, "grid": False},
            },
            "y": {
                "field": "share",
                "type": "quantitative",
                "stack": "zero",
                "title": None,
                "scale": {"domain": [0, 1]},
                "axis": {"format": "%", "tickCount": 3, "grid": False},
            },
            "color": {
                "field": "label",
                "type": "nominal",
                "scale": {"domain": [say.label(label) for label in shown], "range": colors},
                "legend": None,
            },
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": [
                {"field": "label", "type": "nominal", "title": say("report.looked")},
                {"field": "share", "type": "quantitative", "title": say("report.of_students"), "format": ".0%"},
            ],
        },
        "height": 150,
        "padding": CLOSE,
        "description": say("report.mood_chart"),
        "datasets": {"mood": mood_rows(mood, shown, say)},
    }
    st.vega_lite_chart(chart, width="stretch", key="mood")
    show_legend(shown, say)
    trend = valence_trend(mood, TREND_S)
    told = (
        say("live.trend_later")
        if trend is None
        else say("live.trend", now=f"{trend[0]:+.2f}", change=f"{trend[1]:+.2f}")
    )
    st.caption(told, help=say("report.valence_is"))


def mood_rows(mood: Mood, shown: list[str], say: Messages) -> list[dict[str, object]]:
    """Return what the areas are drawn from: each step at its beginning, and nothing at the end of one that no other follows soon.

    In a pause, and while too few students are in view to be told of, the mood of before does not last.
    """
    spans = mood.spans()
    edges = [(begin, shares) for (begin, _), shares in zip(spans, mood.shares, strict=True)]
    nexts = [*(begin for begin, _ in spans[1:]), math.inf]
    nothing = np.zeros(len(mood.labels), np.float32)
    edges += [(end, nothing) for (_, end), then in zip(spans, nexts, strict=False) if then - end > BRIDGED_S]
    return [
        {
            "seconds": second,
            "label": say.label(label),
            "share": float(shares[mood.labels.index(label)]),
            "order": order,
        }
        for second, shares in sorted(edges, key=lambda edge: edge[0])
        for order, label in enumerate(shown)
    ]
