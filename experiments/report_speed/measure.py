"""How long a report of an hour with thirty students takes: ``python -m experiments.report_speed.measure``.

A made lesson is written to a new SQLite file as the app writes it, five seconds at a time, with five earlier lessons beside
it. Each step is then measured a few times, in processor time, since other programs compute on the same machine; the
median is kept in results.json beside this file.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from experiments.commands import no_options
from experiments.machine import processor
from experiments.report_speed.lesson import make_lesson
from fewshot.classroom.charts import mood_chart, strips_chart, valence_chart
from fewshot.classroom.document import report_html, report_pdf
from fewshot.classroom.report import Choice, make_report
from fewshot.classroom.spreadsheet import seconds_csv, summary_csv
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.consent import record_consent
from fewshot.lesson import NO_SECONDS, Bookmark, ClassSeconds, LessonEntry
from fewshot.messages import messages
from fewshot.person import Person, Receipt
from fewshot.store.lessons import LessonStore
from fewshot.store.students import Store

HERE = Path(__file__).parent
STUDENTS, MINUTES, EARLIER, BATCH_S, REPEATS = 30, 60, 5, 5, 7
BEGAN = datetime(2026, 5, 4, 8, tzinfo=UTC)

T = TypeVar("T")


def enroll(store: Store, name: str) -> None:
    """Put a student of this name into the store, under their name in lower case."""
    one = np.ones((1, 4), np.float32)
    receipt = Receipt({}, 0, 0, 0, "generic")
    person = Person(name.lower(), name, one / 2, one, ("neutral",), receipt, "encoder", "identity", BEGAN)
    store.add(person, record_consent("nobody real", "nobody"))


def write(lessons: LessonStore, entry: LessonEntry, seconds: ClassSeconds) -> list[float]:
    """Save a lesson as the app does, and return what each batch took, in milliseconds."""
    times = []
    for begin in range(0, len(seconds.seconds), BATCH_S):
        part = seconds.at((seconds.seconds >= begin) & (seconds.seconds < begin + BATCH_S))
        started = time.process_time()
        lessons.save(entry, part, [Bookmark(600, "explained recursion")])
        times.append(1000 * (time.process_time() - started))
    return times


def measured(function: Callable[[], T], times: dict[str, float], step: str) -> T:
    """Call a function some times, note the median in milliseconds, and return what it returned."""
    taken = []
    for _ in range(REPEATS):
        started = time.process_time()
        result = function()
        taken.append(1000 * (time.process_time() - started))
    times[step] = statistics.median(taken)
    return result


def fill(file: Path, began: datetime = BEGAN) -> tuple[LessonEntry, list[float]]:
    """Write the students and the lessons, one a day; return the last lesson, and what each of its batches took, in milliseconds."""
    names = [f"Student {i}" for i in range(STUDENTS)]
    with closing(Store(str(file))) as store:
        for name in names:
            enroll(store, name)
        lessons = LessonStore(store.database)
        for day in range(EARLIER + 1):
            entry = LessonEntry(f"lesson-{day}", f"Lesson {day}", began + timedelta(days=day))
            lessons.save(entry, NO_SECONDS, [])
            batches = write(lessons, entry, make_lesson(names, MINUTES, seed=day))
    return entry, batches


def measure(file: Path) -> dict[str, Any]:
    """Return what each step takes, in milliseconds, and the size of what is kept."""
    times: dict[str, float] = {}
    rules = load(LiveConfig).classroom
    entry, batches = fill(file)
    times["write five seconds"] = statistics.median(batches)
    with closing(Store(str(file))) as store:
        lessons = LessonStore(store.database)
        entries = measured(lessons.entries, times, "list the lessons")
        kept = measured(lambda: lessons.read(entry.lesson_id), times, "read the lesson")
        totals = measured(lambda: lessons.totals(entries), times, "read the totals of six lessons")
    assert kept is not None
    report = measured(lambda: make_report(kept, rules, Choice(), totals), times, "compute the report")
    charts = (mood_chart, valence_chart, strips_chart)
    measured(lambda: [chart(report, messages()) for chart in charts], times, "draw its charts")
    html = measured(lambda: report_html(report, UTC, messages()), times, "write HTML")
    measured(lambda: report_pdf(html), times, "write PDF")
    measured(lambda: summary_csv(report), times, "write the summary as CSV")
    measured(lambda: seconds_csv(report), times, "write every second as CSV")
    size = file.stat().st_size / (EARLIER + 1)
    return {
        "ms": times,
        "megabytes a lesson": size / 1e6,
        "processor": processor(),
        "students": STUDENTS,
        "minutes": MINUTES,
    }


def main() -> None:
    """Measure, print and keep."""
    no_options(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        results = measure(Path(folder) / "students.db")
    print(json.dumps(results, indent=1))
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
