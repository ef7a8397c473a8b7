"""The numbers by which students are called where names are hidden.

They are drawn, because those of a whole class are often enrolled by name, and its list would say who is the third. Whoever is
forgotten takes their number with them, and nobody else's moves.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from fewshot.store.tables import NumberRow, PersonRow

_SMALLEST = 100
"""No position in a class, as numbers were before they were drawn, and an earlier report shows them."""


def draw_number(session: Session) -> int:
    """Return a number that nobody enrolled has."""
    return _draw(set(session.scalars(select(NumberRow.number))))


def number_everybody(session: Session) -> None:
    """Give a number to everybody who has none, of a store from before there were any."""
    people = session.scalars(select(PersonRow.person_id).with_for_update()).all()  # another process that opens it waits
    numbers = dict(session.execute(select(NumberRow.person_id, NumberRow.number)).all())
    for person_id in people:
        if person_id not in numbers:
            numbers[person_id] = _draw(numbers.values())
            session.add(NumberRow(person_id=person_id, number=numbers[person_id]))


def _draw(taken: Collection[int]) -> int:
    smallest = _SMALLEST
    while len(taken) > smallest:  # else most are taken
        smallest *= 10
    return secrets.choice([number for number in range(smallest, 10 * smallest) if number not in taken])
