"""What a database server needs beyond SQL: connections that outlive its restarts, and what to do while it is away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from fewshot.sentence import Sentence

RECYCLE_S = 200
"""A connection older than that is replaced before use: networks of clouds forget an idle one in silence, Azure's after 4 minutes."""

CONNECT_TIMEOUT_S = 10
"""So long a page waits for a server that does not answer; the drivers' own limits are minutes or none."""

_KNOW_THE_TIMEOUT = frozenset({"psycopg", "psycopg2"})
"""Drivers that call it ``connect_timeout``, in seconds."""

_AWAY = Sentence(
    "Try again in a moment. If that does not help, see that the database server runs and has this database.",
    "store_away",
)


def engine_options(url: URL) -> dict[str, Any]:
    """Return what create_engine is told of a server, beside its URL, which may name another timeout.

    Each connection is tried before use, so that the first request after a restart of the server does not fail.
    """
    options: dict[str, Any] = {"pool_pre_ping": True, "pool_recycle": RECYCLE_S}
    if url.get_driver_name() in _KNOW_THE_TIMEOUT and "connect_timeout" not in url.query:
        options["connect_args"] = {"connect_timeout": CONNECT_TIMEOUT_S}
    return options


def advice(error: Exception) -> Sentence | None:
    """Return what to do where the server could not be reached or was lost meanwhile; None where it complains of the data."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return _AWAY if lost or isinstance(error, OperationalError) else None
