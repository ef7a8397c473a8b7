"""Who may need a look, above the cards of the class."""

from __future__ import annotations

from dataclasses import replace

from app.attention.component import Entry, show_entries
from app.state.lesson import Lesson
from app.state.lesson_view import LessonView
from fewshot.classroom.wording import notice_in_words
from fewshot.messages import Messages

TOLD_S = 10
"""In steps of so many seconds it is told how long something lasts: a number that changes all the time draws the eye."""


def show_attention(lesson: Lesson, view: LessonView, say: Messages) -> None:
    """Show who may need a look and why, with a way to put it aside; those last. It takes the same room whoever it is."""
    notices = {notice.key: notice for notice in sorted(view.attention, key=lambda notice: notice.key in view.aside)}
    entries = []
    for key, notice in notices.items():
        rounded = replace(notice, for_s=notice.for_s // TOLD_S * TOLD_S or notice.for_s)
        entries.append(Entry(key, notice.name, notice_in_words(rounded, say), notice.reason, key in view.aside))

    def put_aside(key: str, aside: bool) -> None:
        if key in notices:
            lesson.put_aside(notices[key], aside)

    show_entries(entries, say, put_aside)
