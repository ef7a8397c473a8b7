"""Receipts are kept as facts, and those of before are read as they are."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from enroll.wording import gain_in_words, left_out_in_words, next_photo_in_words
from fewshot.messages import IN_ENGLISH, messages
from fewshot.store.students import Store
from tests.people import CONSENT, facts, make_person

BEFORE_VERSION_6 = {
    "photos": {"neutral": 2, "happy": 1},
    "tested": 2,
    "generic_correct": 1,
    "personal_correct": 2,
    "uses": "personal",
    "reason": "Of 2 photos (all neutral) held out one at a time, the student's own prototypes name 2 right, the generic ones 1: "
    "the student's own are used.",
    "next_photo": "A photo of 'sad' would help most: it has no photo, and lies nearest to another emotion, 'fear'.",
    "left_out": ["wall.jpg (sad): no face was found. Use a photo in which the whole face is seen."],
}
"""A receipt as it was kept until version 5: in sentences."""


def _of_before(file: Path, receipt: dict[str, object]) -> None:
    """Make a store of version 5 with one student, whose receipt is this JSON."""
    with closing(Store(str(file))) as store:
        store.add(make_person(1), CONSENT)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE person SET receipt = ?", (json.dumps(receipt),))
        connection.execute("UPDATE fewshot_schema SET version = 5")


def test_a_receipt_of_before_is_read_and_nothing_in_it_is_lost(tmp_path: Path) -> None:
    _of_before(tmp_path / "students.db", BEFORE_VERSION_6)
    with closing(Store(str(tmp_path / "students.db"))) as store:
        (before,) = store.people()
        assert gain_in_words(before.receipt, IN_ENGLISH).startswith(str(BEFORE_VERSION_6["reason"]))
        store.change(before.person_id, partial(replace, courses=("7b",)))
    with closing(Store(str(tmp_path / "students.db"))) as store:
        (after,) = store.people()
        assert facts(after) == facts(replace(before, courses=("7b",)))
    for receipt in (before.receipt, after.receipt):
        assert receipt.next_photo == BEFORE_VERSION_6["next_photo"], "it stays in the store"
        assert [next_photo_in_words(receipt.next_photo, messages(language)) for language in ("en", "hi")] == [
            messages(language)("receipt.of_before") for language in ("en", "hi")
        ]
        assert [left_out_in_words(photo, IN_ENGLISH) for photo in receipt.left_out] == BEFORE_VERSION_6["left_out"]


@pytest.mark.parametrize("missing", [{"left_out"}, {"left_out", "next_photo"}])
def test_a_receipt_from_before_photos_were_noted_has_none(tmp_path: Path, missing: set[str]) -> None:
    receipt = {key: value for key, value in BEFORE_VERSION_6.items() if key not in missing}
    _of_before(tmp_path / "students.db", {**receipt, **({} if "next_photo" in missing else {"next_photo": ""})})
    with closing(Store(str(tmp_path / "students.db"))) as store:
        (person,) = store.people()
    assert (person.receipt.next_photo, person.receipt.left_out) == (None, ())


def test_a_receipt_is_kept_as_facts_alone(store: Store, file: Path) -> None:
    store.add(make_person(1), CONSENT)
    with closing(sqlite3.connect(file)) as connection:
        ((receipt,),) = connection.execute("SELECT receipt FROM person").fetchall()
    assert json.loads(receipt) == {
        "photos": {"neutral": 7},
        "tested": 2,
        "generic_correct": 1,
        "personal_correct": 2,
        "uses": "personal",
        "next_photo": {"label": "happy", "count": 0, "nearest": "surprise"},
        "left_out": [
            {"photo": "wall 1.jpg", "label": "sad", "reason": "no_face", "values": {}, "asks": False},
            {
                "photo": "far.jpg",
                "label": "sad",
                "reason": "small",
                "values": {"found": 41.25, "need": 80.0},
                "asks": False,
            },
            {
                "photo": "odd.jpg",
                "label": "sad",
                "reason": "another_emotion",
                "values": {"seen": "happy"},
                "asks": True,
            },
        ],
    }
