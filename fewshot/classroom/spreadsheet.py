"""The report of a lesson as CSV: its seconds, and a summary. Names can become no formula of a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from fewshot.classroom.report import Looks, Report
from fewshot.lesson import ABSENT, LEGEND
from fewshot.outputs import as_cell


def seconds_csv(report: Report) -> bytes:
    """Return one row a student and second, from the first in view on; without individuals, one row a second."""
    if report.lesson is None:
        labels = report.by_second.labels
        rows = (
            [f"{second:.0f}", *(f"{share:.3f}" for share in shares)]
            for second, shares in zip(report.by_second.seconds, report.by_second.shares, strict=True)
        )
        return _written(["second", *map(as_cell, labels)], rows)
    legend, seconds = report.lesson.legend, report.lesson.seconds.tolist()
    each = (
        [
            second,
            as_cell(student.name),
            as_cell(legend[code]),
            "" if legend[code] == ABSENT else "yes" if is_turned else "no",
        ]
        for student in report.lesson.students.values()
        for second, code, is_turned in zip(
            seconds[student.first :],
            student.codes[student.first :].tolist(),
            student.turned[student.first :].tolist(),
            strict=True,
        )
    )
    return _written(["second", "student", "looked", "turned_away"], each)


def summary_csv(report: Report) -> bytes:
    """Return one row a student and one of all of them; shares are of the time in view, blank where there was none to tell of."""
    is_chosen = report.choice.only is not None and not report.choice.aggregate
    labels = [*LEGEND[1:], *sorted(set(report.mood.labels) - set(LEGEND))]
    rows = [
        [as_cell(one.name), f"{one.in_view:.3f}", f"{one.turned:.3f}", *_cells(one.looks, labels)]
        for one in report.individuals
    ]
    return _written(
        ["student", "in_view", "turned_away", "valence", *map(as_cell, labels)],
        [*rows, ["(chosen)" if is_chosen else "(class)", "", "", *_cells(report.looks, labels)]],
    )


def _cells(looks: Looks, labels: Sequence[str]) -> list[str]:
    if not looks.shares:
        return [""] * (1 + len(labels))
    valence = "" if looks.valence is None else f"{looks.valence:.3f}"
    return [valence, *(f"{looks.shares.get(label, 0.0):.3f}" for label in labels)]


def _written(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return the table in UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
