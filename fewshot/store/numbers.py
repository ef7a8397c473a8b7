"""The numbers by which students are called where names are hidden.

They are drawn, because those of a whole class are often enrolled by name, and its list would say who is the third. Whoever is
forgotten takes their number with them, and nobody else's moves.
"""

from __future__ import annotations

import secrets
from collections.abc import Set

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from fewshot.store.tables import NumberRow, PersonRow, SchemaRow

_SMALLEST = 1000
"""Four digits hold a school: a longer number would tell who was enrolled late. And none is a position in a class."""


def draw_number(session: Session) -> int:
    """Return a number that nobody enrolled has."""
    return _draw(set(session.scalars(select(NumberRow.number))))


def lacks_numbers(session: Session) -> bool:
    """Whether somebody has none: a program of an earlier version that was left open enrolls without."""
    return session.scalar(_without_number().limit(1)) is not None


def number_everybody(session: Session) -> None:
    """Give a number to everybody who has none, of a store from before there were any."""
    session.execute(select(SchemaRow.version).with_for_update())  # on a server another opening or enrollment waits
    taken = set(session.scalars(select(NumberRow.number)))
    for person_id in session.scalars(_without_number()).all():
        number = _draw(taken)
        taken.add(number)
        session.add(NumberRow(person_id=person_id, number=number))


def _without_number() -> Select[str]:
    return select(PersonRow.person_id).where(PersonRow.person_id.not_in(select(NumberRow.person_id)))


def _draw(taken: Set[int]) -> int:
    smallest = _SMALLEST
    while 2 * len(taken) > 9 * smallest:  # so that at least every second draw is free
        smallest *= 10
    while (number := smallest + secrets.randbelow(9 * smallest)) in taken:
        pass
    return number
