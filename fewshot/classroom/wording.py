"""What a lesson showed, in the words of a language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from fewshot.classroom.attention import Notice
from fewshot.classroom.report import Report
from fewshot.classroom.turns import Turn
from fewshot.lesson import LessonEntry
from fewshot.messages import Messages


def title_of(entry: LessonEntry, zone: tzinfo, say: Messages) -> str:
    """Return a lesson's class and title, or when it was, in ``zone``, where it has none."""
    began = entry.began.astimezone(zone)
    title = entry.title or say(
        "report.lesson_of", day=began.day, month=say(f"months.{began.month}"), time=f"{began:%H:%M}"
    )
    return " · ".join(filter(None, (entry.course, title)))


def short_titles(entries: Sequence[LessonEntry], zone: tzinfo) -> list[str]:
    """Return titles that tell lessons apart, in a list or beside a bar: when each began, to the second where that is needed."""
    for form in ("%Y-%m-%d, %H:%M", "%Y-%m-%d, %H:%M:%S", "%Y-%m-%d, %H:%M:%S.%f"):
        titles = [
            " · ".join(filter(None, (f"{entry.began.astimezone(zone):{form}}", entry.course, entry.title)))
            for entry in entries
        ]
        if len(set(titles)) == len(titles):
            break
    return titles


def beginning_of(entry: LessonEntry, zone: tzinfo, say: Messages) -> str:
    """Return when a lesson began, with the zone."""
    began = entry.began.astimezone(zone)
    month = say(f"months.{began.month}")
    return say("report.began", day=began.day, month=month, year=began.year, time=f"{began:%H:%M}", zone=zone)


def notice_in_words(notice: Notice, say: Messages, *, past: bool = False) -> str:
    """Return the evidence of a notice, as "looks sad for 40 s, usually neutral"; ``past``: of a lesson that is over."""
    minutes = notice.for_s // 60
    time = say("attention.seconds", n=notice.for_s) if minutes < 2 else say("attention.minutes", n=minutes)
    key: str = "looked" if past and notice.reason == "looks" else notice.reason
    if notice.usual is not None:
        key = f"{key}_usually"
    return say(f"attention.{key}", time=time, label=say.label(notice.label or ""), usual=say.label(notice.usual or ""))


def turn_in_words(turn: Turn, say: Messages) -> str:
    """Return what rose and what fell in a turn of the mood."""
    return say(
        "report.turn",
        rose=say.label(turn.rose.label),
        rose_before=f"{turn.rose.before:.0%}",
        rose_after=f"{turn.rose.after:.0%}",
        fell=say.label(turn.fell.label),
        fell_before=f"{turn.fell.before:.0%}",
        fell_after=f"{turn.fell.after:.0%}",
    )


def part_in_words(report: Report, say: Messages) -> str:
    """Return of whom a report is and of which time, as "only Ada, Bo, shown from 2:00 to 4:00"; empty for a whole lesson.

    Of those who were chosen it names who was seen.
    """
    choice, told = report.choice, []
    if choice.only and report.individuals:
        told.append(say("report.only", names=", ".join(student.name for student in report.individuals)))
    if choice.begin_s or choice.end_s is not None:
        end_s = report.entry.length_s if choice.end_s is None else choice.end_s
        told.append(say("report.part", begin=in_minutes(choice.begin_s), end=in_minutes(end_s)))
    return ", ".join(told)


def in_minutes(second: float) -> str:
    """Return seconds since the lesson began as 12:05."""
    return f"{int(second) // 60}:{int(second) % 60:02d}"
