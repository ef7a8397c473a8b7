"""The charts say nothing that Vega-Lite does not understand: it would pass over a word that is not its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import altair as alt
import pytest
from jsonschema.exceptions import ValidationError

from experiments.report_speed.lesson import make_lesson
from fewshot.classroom.charts import Spec, comparison_chart, mood_chart, strips_chart, valence_chart
from fewshot.classroom.report import Choice, make_report
from fewshot.classroom.wording import short_titles
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.lesson import Bookmark, KeptLesson, LessonTotals
from fewshot.messages import messages
from tests.lessons import make_entry

SAY = messages()


def check(chart: Spec) -> None:
    """Raise ValidationError where Vega-Lite's schema does not know a chart."""
    kind = alt.LayerChart if "layer" in chart else alt.Chart
    kind.from_dict(chart)


def charts() -> dict[str, Spec]:
    """Every chart of a report with turns, a bookmark and a lesson beside it."""
    kept = KeptLesson(make_entry(), make_lesson(["Ada", "Bo", "Cy"], 10), (Bookmark(60, "explained recursion"),))
    totals = [
        LessonTotals(replace(kept.entry, lesson_id=str(i), length_s=599), {"happy": 3, "mine": 1}) for i in range(2)
    ]
    report = make_report(kept, load(LiveConfig).classroom, Choice(), totals)
    assert report.turns
    titles = short_titles([lesson.entry for lesson in report.compared], UTC)
    return {
        "mood": mood_chart(report, SAY),
        "valence": valence_chart(report, SAY),
        "strips": strips_chart(report, SAY),
        "bare strips": strips_chart(report, SAY, named=False),
        "lessons": comparison_chart(report.compared, titles, SAY),
        "bare lessons": comparison_chart(report.compared, titles, SAY, named=False),
    }


@pytest.mark.parametrize("name", charts())
def test_vega_lite_knows_every_word(name: str) -> None:
    chart = charts()[name]
    assert all(chart["datasets"].values()), "a chart shows what it should"
    check(chart)


def test_a_word_that_is_none_is_found() -> None:
    strips = charts()["strips"]
    wrong = {**strips["encoding"], "x": {**strips["encoding"]["x"], "axes": None}}
    with pytest.raises(ValidationError):
        check(strips | {"encoding": wrong})
