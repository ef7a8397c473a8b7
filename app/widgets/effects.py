"""What a threshold does, shown before it does it: to measured answers, and to the last lesson."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import streamlit as st

from app.markdown import plain
from app.state.resources import Resources
from app.widgets.choosing import Chooser
from app.widgets.parts import viewers_zone
from fewshot.classroom.attention import Reason, review_attention
from fewshot.classroom.charts import CLOSE, Spec
from fewshot.classroom.wording import title_of
from fewshot.config import ClassroomConfig
from fewshot.encoder import SHIPPED_ENCODER
from fewshot.lesson import KeptLesson, LessonEntry
from fewshot.messages import Messages

RULES: tuple[tuple[str, Reason], ...] = (("looks_s", "looks"), ("turned_s", "turned"), ("absent_s", "absent"))
WAITS_S = range(20, 301, 20)

NAMED_RGB, RIGHT_RGB = "#56B4E9", "#E69F00"


@cache
def _measured() -> tuple[str, Mapping[float, Mapping[str, float]]]:
    """What the shipped encoder's release measured: on what, and by threshold the share named and the accuracy of these."""
    for report in json.loads(SHIPPED_ENCODER.with_name("metrics.json").read_text()):
        if "named" in report:
            return report["split"], {float(least): named for least, named in report["named"].items()}
    return "", {}


def show_confidence(threshold: float, say: Messages) -> None:
    """Show how many answers are named from ``threshold`` on and how many of them are right; nothing where none was measured."""
    split, named = _measured()
    if not named:
        return
    at = sorted(named)
    share, accuracy = (
        float(np.interp(threshold, at, [named[least][what] for least in at])) for what in ("share", "accuracy")
    )
    with st.container(horizontal=True):
        st.metric(say("settings.named"), f"{share:.0%}", border=True)
        st.metric(say("settings.right"), f"{accuracy:.0%}", border=True)
    st.vega_lite_chart(confidence_chart(named, threshold, say), width="stretch", key="confidence_chart")
    st.caption(say("settings.measured", split=f"FER2013 {split}"))


def confidence_chart(named: Mapping[float, Mapping[str, float]], threshold: float, say: Messages) -> Spec:
    """Draw the share of answers that are named and the accuracy of these, both by threshold, and which is in use."""
    texts = {"share": say("settings.named"), "accuracy": say("settings.right")}
    rows = [
        {"threshold": least, "what": text, "value": at[key], **at}
        for key, text in texts.items()
        for least, at in sorted(named.items())
    ]
    domain = list(texts.values())
    told = {"threshold": say("settings.confidence"), **texts}
    percent = {"type": "quantitative", "title": None}
    lines = {
        "data": {"name": "measured"},
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "x": {"field": "threshold", "axis": {"format": "%", "tickCount": 6, "grid": False}, **percent},
            "y": {"field": "value", "scale": {"domain": [0, 1]}, "axis": {"format": "%", "tickCount": 3}, **percent},
            "color": {
                "field": "what",
                "type": "nominal",
                "scale": {"domain": domain, "range": [NAMED_RGB, RIGHT_RGB]},
                "legend": {"orient": "bottom", "title": None, "symbolType": "stroke"},
            },
            "strokeDash": {"field": "what", "type": "nominal", "scale": {"domain": domain, "range": [[1, 0], [4, 2]]}},
            "tooltip": [
                {"field": field, "type": "quantitative", "title": title, "format": ".0%"}
                for field, title in told.items()
            ],
        },
    }
    in_use = {
        "data": {"name": "in_use"},
        "mark": {"type": "rule", "color": "#A0A0A0", "strokeWidth": 2},
        "encoding": {"x": {"field": "threshold", **percent}},
    }
    return {
        "layer": [lines, in_use],
        "height": 190,
        "padding": CLOSE,
        "description": say("settings.confidence_chart"),
        "datasets": {"measured": rows, "in_use": [{"threshold": threshold}]},
    }


def show_notices(resources: Resources) -> None:
    """Show how long each rule waits, and how often it would have spoken in the last lesson."""
    say = resources.words
    config = resources.config.classroom
    kept = _last_lesson(resources)
    for name, reason in RULES:
        chooser = Chooser(resources, f"classroom.{name}")
        setter, effect = st.columns([3, 2], gap="small")
        setter.number_input(say(f"settings.{name}"), value=getattr(config, name), step=5, **chooser.widget)
        if kept is not None:
            counts, curve = count_notices(kept.lesson, config), [counts[reason] for counts in kept.by_wait]
            effect.metric(say("settings.last_lesson"), counts[reason], chart_data=curve, chart_type="line")
        chooser.tell()
    if kept is None:
        st.caption(say("settings.no_lesson"))
    else:
        st.caption(
            say(
                "settings.curve",
                title=plain(title_of(kept.lesson.entry, viewers_zone(), say)),
                shortest=WAITS_S[0],
                longest=WAITS_S[-1],
            )
        )


@dataclass(frozen=True, eq=False)
class _LastLesson:
    """The newest lesson that tells of individuals, and how often each rule would have spoken in it by how long it waits."""

    lesson: KeptLesson
    by_wait: Sequence[Counter[Reason]]


def _last_lesson(resources: Resources) -> _LastLesson | None:
    """Return the newest lesson that tells of individuals, read and counted once a session; None where there is none.

    A notice is about one student: how many there were would tell what the mode ``aggregate`` hides.
    """
    if resources.config.display.mode == "aggregate":
        return None
    entries = resources.lesson_store.entries()
    entry = next((entry for entry in entries if entry.length_s > 0 and entry.mode != "aggregate"), None)
    if entry is None:
        return None
    cached: tuple[LessonEntry, _LastLesson] | None = st.session_state.get("last_lesson")
    if cached is not None and cached[0] == entry:
        return cached[1]
    kept = resources.lesson_store.read(entry.lesson_id)
    if kept is None:  # deleted in another tab a moment ago
        return None
    last = _LastLesson(kept, [count_notices(kept, _waiting(resources.config.classroom, wait_s)) for wait_s in WAITS_S])
    st.session_state.last_lesson = (entry, last)
    return last


def _waiting(config: ClassroomConfig, wait_s: int) -> ClassroomConfig:
    return replace(config, looks_s=wait_s, turned_s=wait_s, absent_s=wait_s)


def count_notices(kept: KeptLesson, config: ClassroomConfig) -> Counter[Reason]:
    """Return how often a student would have needed a look in a lesson, by rule."""
    return Counter(notice.reason for notice in review_attention(kept.seconds, config))
