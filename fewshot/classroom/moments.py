"""The moments of a lesson that a report names: where the mood turned, and what the teacher has marked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from fewshot.classroom.report import Report
from fewshot.classroom.wording import turn_in_words
from fewshot.messages import Messages

NEAR = 0.025
"""Share of the time axis within which two names would touch."""


@dataclass(frozen=True)
class Moment:
    """One of them.

    Attributes:
        second: Since the lesson began.
        name: A letter for a turn, a number for a bookmark.
        note: What it is, in words.
        high: Whether its name in a chart gives way to that of the moment before.
    """

    second: int
    name: str
    note: str
    high: bool = False


def find_moments(report: Report, say: Messages) -> tuple[Moment, ...]:
    """Return turns and bookmarks in the order of time, in the words of ``say``."""
    turns = [Moment(turn.second, letter(i), turn_in_words(turn, say)) for i, turn in enumerate(report.turns)]
    marks = [
        Moment(mark.second, str(i + 1), mark.note or say("live.bookmark")) for i, mark in enumerate(report.bookmarks)
    ]
    near_s = NEAR * (report.mood.seconds[-1] - report.mood.seconds[0]) if report.mood.seconds else 0.0
    moments: list[Moment] = []
    for moment in sorted([*turns, *marks], key=lambda moment: moment.second):
        is_near = moment.second - (moments[-1].second if moments else -math.inf) < near_s
        moments.append(replace(moment, high=is_near and not moments[-1].high))
    return tuple(moments)


def letter(position: int) -> str:
    """Return the name of a turn in the chart: A, B, ..."""
    return chr(ord("A") + position % 26) + str(position // 26 or "")
