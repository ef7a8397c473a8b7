"""The seconds of a lesson as rows: what each student looked like in them, and how many strangers there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, cast, func, insert, select
from sqlalchemy.orm import Session

from fewshot.lesson import ABSENT, LEGEND, ClassSeconds, StudentSeconds
from fewshot.store.lesson_tables import AttendanceRow, LookRow, SecondRow
from fewshot.store.tables import PersonRow
from fewshot.types import Int64, UInt8

_BETWEEN_LABELS = "\x1f"
"""ASCII's unit separator."""


def save_seconds(session: Session, lesson_id: str, seconds: ClassSeconds) -> frozenset[str]:
    """Add the seconds that come after those kept; return who in them is not enrolled, of whom nothing is kept."""
    last = session.scalar(select(func.max(SecondRow.second)).where(SecondRow.lesson_id == lesson_id))
    new = seconds.at(seconds.seconds > (-1 if last is None else last))
    if len(new.seconds) == 0:
        return frozenset()
    session.execute(
        insert(SecondRow),
        [
            {"lesson_id": lesson_id, "second": second, "strangers": strangers}
            for second, strangers in zip(new.seconds.tolist(), new.strangers.tolist(), strict=True)
        ],
    )
    enrolled = set(session.scalars(select(PersonRow.person_id).where(PersonRow.person_id.in_(list(new.students)))))
    students = _attending(session, lesson_id, sorted(enrolled))
    looks = []
    for key in sorted(enrolled):
        student, row = new.students[key], students[key]
        labels = [new.legend[code] for code in student.codes.tolist()]
        in_view = [
            {"number": row.number, "second": second, "label": label, "turned": int(turned)}
            for second, label, turned in zip(new.seconds.tolist(), labels, student.turned.tolist(), strict=True)
            if label != ABSENT
        ]
        row.looks = dict(Counter(row.looks) + Counter(look["label"] for look in in_view))
        looks += in_view
    session.flush()
    if looks:
        session.execute(insert(LookRow), looks)
    return frozenset(new.students) - enrolled


def _attending(session: Session, lesson_id: str, person_ids: Sequence[str]) -> dict[str | None, AttendanceRow]:
    """Return the rows of the students of this lesson, new ones for those of ``person_ids`` who had none."""
    rows = session.scalars(select(AttendanceRow).where(AttendanceRow.lesson_id == lesson_id)).all()
    by_person = {row.person_id: row for row in rows}
    new = [AttendanceRow(lesson_id=lesson_id, person_id=key, looks={}) for key in person_ids if key not in by_person]
    session.add_all(new)
    session.flush()
    return by_person | {row.person_id: row for row in new}


def read_seconds(session: Session, lesson_id: str) -> ClassSeconds:
    """Return the seconds kept of a lesson, none where there is no such lesson."""
    rows = session.execute(
        select(SecondRow.second, SecondRow.strangers).where(SecondRow.lesson_id == lesson_id).order_by(SecondRow.second)
    ).all()
    seconds, strangers = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2).T
    found = session.execute(
        select(AttendanceRow.number, PersonRow.person_id, PersonRow.name)
        .join(PersonRow, PersonRow.person_id == AttendanceRow.person_id)
        .where(AttendanceRow.lesson_id == lesson_id)
        .order_by(PersonRow.name_key)
    ).all()
    looks = _read_looks(session, [number for number, _, _ in found])
    legend = (*LEGEND, *sorted({label for _, labels, _ in looks.values() for label in labels}.difference(LEGEND)))
    code_of = {label: code for code, label in enumerate(legend)}
    students = {}
    for number, key, name in found:
        at, labels, turned = looks.get(number, _NO_LOOKS)
        codes = np.fromiter(map(code_of.__getitem__, labels), np.uint8, len(labels))
        students[key] = _student(name, len(seconds), np.searchsorted(seconds, at), codes, turned)
    return ClassSeconds(seconds, strangers, legend, students)


_Looks: TypeAlias = tuple[Int64, Sequence[str], NDArray[np.bool_]]
"""Second, label and whether turned of every look of one student, in any order."""

_NO_LOOKS: _Looks = (np.zeros(0, np.int64), (), np.zeros(0, bool))


def _read_looks(session: Session, numbers: Sequence[int]) -> dict[int, _Looks]:
    """Return the looks of each of these students, by number; of those who have any.

    A student is one row, of texts that the database joins: a hundred thousand rows would take seven times as
    long. No label holds the separator, which is a control character.
    """
    query = (
        select(
            LookRow.number,
            func.aggregate_strings(cast(LookRow.second, String), ","),
            func.aggregate_strings(LookRow.label, _BETWEEN_LABELS),
            func.aggregate_strings(cast(LookRow.turned, String), ","),
        )
        .where(LookRow.number.in_(numbers))
        .group_by(LookRow.number)
    )
    return {
        number: (
            np.fromstring(at, np.int64, sep=","),
            labels.split(_BETWEEN_LABELS),
            np.fromstring(turned, np.int64, sep=",") != 0,
        )
        for number, at, labels, turned in session.execute(query)
    }


def _student(name: str, n: int, where: Int64, codes: UInt8, turned: NDArray[np.bool_]) -> StudentSeconds:
    """Return a student's ``n`` seconds from what was seen at some of their positions."""
    all_codes, all_turned = np.zeros(n, np.uint8), np.zeros(n, bool)
    all_codes[where], all_turned[where] = codes, turned
    return StudentSeconds(name, all_codes, all_turned, int(where.min(initial=n)))
