"""What a report says of small made lessons, and what it keeps to itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.classroom.attention import find_attention, review_attention
from fewshot.classroom.charts import valence_chart
from fewshot.classroom.modes import SMALLEST_GROUP
from fewshot.classroom.report import Choice, group_totals, make_report
from fewshot.classroom.spreadsheet import seconds_csv, summary_csv
from fewshot.classroom.wording import notice_in_words
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.lesson import ABSENT, NO_SECONDS, UNSURE, Bookmark, ClassSeconds, KeptLesson, LessonTotals
from fewshot.messages import messages
from tests.lessons import BEGAN, make_entry, make_seconds

RULES = load(LiveConfig).classroom


def kept(seconds: ClassSeconds, *bookmarks: Bookmark) -> KeptLesson:
    return KeptLesson(make_entry(title="Recursion"), seconds, bookmarks)


TWO = make_seconds(
    {"Ada": ["happy"] * 60 + ["sad"] * 20 + [ABSENT] * 20, "Bo": [ABSENT] * 50 + [UNSURE] * 25 + ["happy"] * 25},
    turned={"Ada": [True] * 40 + [False] * 60},
)


def test_each_student_is_told_of_since_they_were_seen() -> None:
    ada, bo = make_report(kept(TWO), RULES, Choice()).individuals
    assert (ada.name, ada.in_view, ada.turned) == ("Ada", 0.8, 0.5)
    assert ada.looks.shares == {"happy": 0.75, "sad": 0.25}
    assert ada.looks.valence == pytest.approx(0.5)
    assert (bo.in_view, bo.looks.shares, bo.looks.valence) == (1.0, {UNSURE: 0.5, "happy": 0.5}, 1.0)


def test_the_class_is_everybody_in_view() -> None:
    report = make_report(kept(TWO), RULES, Choice())
    assert report.looks.shares == pytest.approx({"happy": 85 / 130, "sad": 20 / 130, UNSURE: 25 / 130})
    assert report.looks.valence == pytest.approx(65 / 105)
    assert (report.students, round(report.in_view, 3)) == (2, 1.3)
    assert report.thirds == pytest.approx((1.0, 0.5), abs=0.3)


def test_a_strip_has_the_most_frequent_look_of_each_step() -> None:
    report = make_report(kept(make_seconds({"Ada": ["happy", "sad", "sad", "happy"] * 100})), RULES, Choice())
    assert report.mood.step_s == 5
    assert len(report.individuals[0].strip) == len(report.mood.seconds) == 80
    assert report.mood.labels[report.individuals[0].strip[0]] == "happy", "h s s h h"


def test_filters_show_a_part_with_its_bookmarks() -> None:
    lesson = kept(TWO, Bookmark(10, "a"), Bookmark(60, "b"))
    report = make_report(lesson, RULES, Choice(begin_s=60, end_s=75))
    assert [mark.note for mark in report.bookmarks] == ["b"]
    assert [one.looks.shares for one in report.individuals] == [{"sad": 1.0}, {UNSURE: 1.0}]
    only_bo = make_report(lesson, RULES, Choice(only=["bo"]))
    assert [one.name for one in only_bo.individuals] == ["Bo"]
    assert "sad" not in only_bo.looks.shares
    assert make_report(lesson, RULES, Choice(begin_s=500)).is_empty
    assert make_report(kept(NO_SECONDS), RULES, Choice()).looks.valence is None


def test_who_was_not_there_in_a_part_is_not_counted_in_it() -> None:
    report = make_report(kept(TWO), RULES, Choice(begin_s=80))
    assert (report.students, [one.in_view for one in report.individuals]) == (1, [0.0, 1.0])
    assert make_report(kept(TWO), RULES, Choice(begin_s=80, only=["ada"])).students == 0


def test_a_part_shows_what_is_noticed_in_the_whole_lesson() -> None:
    always = kept(make_seconds({"Ada": ["sad"] * 39 + ["neutral"] * 10 + ["sad"] * 600}))
    assert make_report(always, RULES, Choice()).notices == ()
    assert make_report(always, RULES, Choice(begin_s=45)).notices == (), "sad is what is usual"
    away = kept(make_seconds({"Ada": ["happy"] * 10 + [ABSENT] * 400 + ["happy"] * 90}))
    told = [(one.second, one.for_s) for one in make_report(away, RULES, Choice(begin_s=200, end_s=300)).notices]
    assert told == [(10, 400)]
    assert make_report(away, RULES, Choice(begin_s=420)).notices == ()


def test_where_nothing_was_named_the_line_of_valence_breaks() -> None:
    report = make_report(kept(make_seconds({"Ada": ["happy"] * 100 + [ABSENT] * 200})), RULES, Choice())
    assert report.thirds is None
    rows = valence_chart(report, messages())["datasets"]["valence"]
    assert [row["valence"] for row in rows] == [1.0] * 20 + [None] * 40


def test_earlier_lessons_stand_before_this_one() -> None:
    later = LessonTotals(replace(make_entry("b"), students=9), {"happy": 1, "sad": 1})
    earlier = LessonTotals(
        replace(make_entry("a", began=BEGAN - timedelta(days=1)), students=2), {"happy": 3, UNSURE: 1}
    )
    empty = LessonTotals(make_entry("c"), {})
    report = make_report(kept(TWO), RULES, Choice(), [later, empty, earlier])
    assert [(one.entry.lesson_id, dict(one.looks.shares), one.looks.valence) for one in report.compared] == [
        ("a", {"happy": 0.75, UNSURE: 0.25}, 1.0),
        ("b", {"happy": 0.5, "sad": 0.5}, 0.0),
    ]
    hidden = make_report(kept(TWO), RULES, Choice(aggregate=True), [later, earlier])
    assert [one.entry.lesson_id for one in hidden.compared] == ["b"], "two students are no group"


def test_a_lesson_that_hid_two_students_is_hidden_beside_one_that_hides_nobody() -> None:
    entries = [replace(make_entry(mode), students=2, mode=mode) for mode in ("full", "anonymous", "aggregate")]
    report = make_report(kept(TWO), RULES, Choice(), [LessonTotals(entry, {"happy": 1}) for entry in entries])
    assert [one.entry.lesson_id for one in report.compared] == ["full", "anonymous"]


def test_who_stays_alone_is_not_told_of_beside_earlier_lessons() -> None:
    looks = {f"S{i}": ["happy"] * 10 + [ABSENT] * 90 for i in range(SMALLEST_GROUP)}
    alone = kept(make_seconds(looks | {"S0": ["happy"] * 10 + ["sad"] * 90}))
    assert group_totals(alone).looks == {"happy": 10 * SMALLEST_GROUP}
    alone = replace(alone, entry=replace(alone.entry, students=SMALLEST_GROUP))
    report = make_report(alone, RULES, Choice(aggregate=True), [group_totals(alone)])
    assert [dict(one.looks.shares) for one in report.compared] == [{"happy": 1.0}]


def group(size: int, *labels: str) -> ClassSeconds:
    """So many students who look alike, for ten seconds each look; the last one is there from the second look on."""
    looks = {f"S{i}": [label for label in labels for _ in range(10)] for i in range(size)}
    looks[f"S{size - 1}"][:10] = [ABSENT] * 10
    return make_seconds(looks)


def test_without_individuals_nobody_is_told_of() -> None:
    report = make_report(kept(group(6, "happy", "sad", "sad")), RULES, Choice(aggregate=True, only=["s0"]))
    assert report.students == 6, "a choice of students would tell one by what is missing"
    assert (report.lesson, report.individuals, report.notices) == (None, (), ())
    assert report.looks.shares == pytest.approx({"happy": 50 / 170, "sad": 120 / 170})


def test_a_group_below_five_is_not_reported() -> None:
    report = make_report(kept(group(SMALLEST_GROUP, "happy", "sad")), RULES, Choice(aggregate=True))
    assert report.looks.shares == {"sad": 1.0}, "in the first ten seconds there were four"
    assert min(report.by_second.seconds) == 10
    small = make_report(kept(group(SMALLEST_GROUP - 1, "happy", "sad")), RULES, Choice(aggregate=True))
    assert (small.students, small.by_second.seconds, small.looks.shares, small.turns) == (0, (), {}, ())


def test_a_state_that_few_showed_tells_nobody() -> None:
    looks = {f"S{i}": ["happy", "tired", "happy"] for i in range(SMALLEST_GROUP)}
    looks |= {"Ada": ["confused", "neutral", "sad"], "Bo": [ABSENT, "neutral", "confused"]}
    lesson = kept(make_seconds(looks))
    report = make_report(lesson, RULES, Choice(aggregate=True))
    assert report.looks.shares == pytest.approx({"happy": 0.5, "tired": 0.25, "neutral": 0.1, "sad": 0.05, UNSURE: 0.1})
    assert group_totals(lesson).looks == {"happy": 10, "tired": 5, "neutral": 2, "sad": 1, UNSURE: 2}
    assert "confused" not in report.mood.labels
    assert b"confused" not in seconds_csv(report) + summary_csv(report)
    assert make_report(lesson, RULES, Choice()).looks.shares["confused"] == 0.1, "where individuals are told of"


def test_a_state_that_enough_showed_is_still_not_told_of_the_one_who_shows_it_in_a_part() -> None:
    looks = {f"S{i}": ["confused", "happy", "confused" if i == 0 else "happy"] for i in range(SMALLEST_GROUP)}
    lesson = kept(make_seconds(looks))
    assert make_report(lesson, RULES, Choice(aggregate=True)).looks.shares["confused"] == pytest.approx(6 / 15)
    report = make_report(lesson, RULES, Choice(aggregate=True, begin_s=1))
    assert report.looks.shares == pytest.approx({"happy": 0.9, UNSURE: 0.1})
    assert "confused" not in report.mood.labels


@given(
    st.lists(
        st.lists(st.sampled_from([ABSENT, UNSURE, "happy", "sad", "mine"]), min_size=8, max_size=8),
        min_size=1,
        max_size=8,
    )
)
def test_shares_add_up_and_no_small_group_is_told_of(looks: list[list[str]]) -> None:
    lesson = kept(make_seconds({f"S{i}": labels for i, labels in enumerate(looks)}))
    for aggregate in (False, True):
        report = make_report(lesson, RULES, Choice(aggregate=aggregate))
        if report.looks.shares:
            assert sum(report.looks.shares.values()) == pytest.approx(1)
        np.testing.assert_allclose(report.mood.shares.sum(axis=1), 1, rtol=1e-5)
        assert report.is_empty or report.students >= (SMALLEST_GROUP if aggregate else 1)
        for second in report.by_second.seconds if aggregate else ():
            assert sum(labels[int(second)] != ABSENT for labels in looks) >= SMALLEST_GROUP


def test_the_review_keeps_what_was_noticed_and_is_over() -> None:
    looks = ["neutral"] * 60 + ["sad"] * 50 + ["neutral"] * 60 + [ABSENT] * 130 + ["neutral"] * 30
    lesson = make_seconds({"Ada": looks, "Bo": ["neutral"] * len(looks)})
    assert find_attention(lesson, RULES) == ()
    assert [
        (notice.second, notice.name, notice_in_words(notice, messages(), past=True))
        for notice in review_attention(lesson, RULES)
    ] == [
        (60, "Ada", "looked sad for 50 s, usually neutral"),
        (170, "Ada", "not seen for 2 min"),
    ]


@given(st.lists(st.tuples(st.sampled_from(["neutral", "sad", ABSENT]), st.integers(1, 90)), min_size=1, max_size=8))
def test_what_is_noticed_now_is_in_the_review(parts: list[tuple[str, int]]) -> None:
    lesson = make_seconds({"Ada": ["neutral", *(label for label, seconds in parts for _ in range(seconds))]})
    reviewed = {(notice.reason, notice.second, notice.for_s) for notice in review_attention(lesson, RULES)}
    for notice in find_attention(lesson, RULES):
        assert (notice.reason, notice.second, notice.for_s) in reviewed
