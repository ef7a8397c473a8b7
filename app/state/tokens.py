"""Signed tokens: only a page this server made may open a socket, of its own kind, teacher and lesson."""

from __future__ import annotations

import os
import secrets
from dataclasses import astuple, dataclass

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from fewshot.sentence import Sentence

MAX_AGE_S = 12 * 3600


class TokenRefused(Exception):
    """A token is forged, damaged, too old or of another server; the sentence says which."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Ticket:
    """What a token opens: a session, such as a lesson, of one teacher, by her key."""

    teacher: str
    session_id: str


class TokenSigner:
    """Issues and reads tokens. Read-only, may be shared by threads.

    Args:
        secret: The signing key. All replicas of one deployment must share it; without one (see
            :func:`secret_of_process`) tokens die with the process, and pages fetch a new one by themselves.
        kind: Of socket; tokens of one kind open no other.
    """

    def __init__(self, secret: str, kind: str = "live") -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt=f"fewshot.ticket.{kind}")

    def issue(self, ticket: Ticket) -> str:
        """Return a token that opens a socket for ``ticket``."""
        return self._serializer.dumps(astuple(ticket))

    def ticket_of(self, token: object) -> Ticket:
        """Return the ticket a token was issued for.

        Raises:
            TokenRefused: not a token of this server and kind, or older than 12 hours.
        """
        if not isinstance(token, str):
            raise TokenRefused(Sentence("This page sent no token. Reload it.", "no_token"))
        try:
            return Ticket(*self._serializer.loads(token, max_age=MAX_AGE_S))
        except SignatureExpired as error:
            raise TokenRefused(
                Sentence("This page has been open for more than 12 hours. Reload it.", "old_token")
            ) from error
        except BadSignature as error:
            raise TokenRefused(
                Sentence(
                    "The server does not know this page, it was probably restarted. Reload the page.", "unknown_token"
                )
            ) from error


def secret_of_process() -> str:
    """Return the environment's FEWSHOT_SECRET, else a random key that lives as long as this call's result."""
    return os.environ.get("FEWSHOT_SECRET") or secrets.token_urlsafe(32)
