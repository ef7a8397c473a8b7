"""What a database server is asked for, and what is said of one that is away."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError

from fewshot.store import remote

REFUSED = Exception("connection refused")


@pytest.mark.parametrize(
    ("url", "timeout"),
    [
        ("postgresql+psycopg://host/db", {"connect_args": {"connect_timeout": remote.CONNECT_TIMEOUT_S}}),
        ("postgresql+psycopg://host/db?connect_timeout=3", {}),
        ("postgresql+pg8000://host/db", {}),
    ],
)
def test_a_server_is_tried_before_use_and_not_waited_for(url: str, timeout: dict[str, object]) -> None:
    options = remote.engine_options(make_url(url))
    assert options == {"pool_pre_ping": True, "pool_recycle": remote.RECYCLE_S, **timeout}


def test_what_to_do_about_a_server_that_is_away() -> None:
    lost = InterfaceError("SELECT 1", {}, REFUSED, connection_invalidated=True)
    for error in (OperationalError("SELECT 1", {}, REFUSED), lost):
        assert str(remote.advice(error)).startswith("Try again in a moment.")
    assert remote.advice(DatabaseError("SELECT 1", {}, REFUSED)) is None
