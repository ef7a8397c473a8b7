"""Tokens open a socket for one lesson of one teacher, for a day of teaching, on the server that issued them."""

import pytest

from app.state import tokens
from app.state.tokens import Ticket, TokenRefused, TokenSigner, secret_of_process

TICKET = Ticket("ada", "lesson-1")


def test_a_token_names_its_teacher_and_lesson() -> None:
    signer = TokenSigner("key")
    assert signer.ticket_of(signer.issue(TICKET)) == TICKET


def test_replicas_with_one_secret_accept_each_other() -> None:
    assert TokenSigner("key").ticket_of(TokenSigner("key").issue(TICKET)) == TICKET


@pytest.mark.parametrize(
    "token", [None, 7, "", "nonsense", TokenSigner("other key").issue(TICKET), TokenSigner("key").issue(TICKET)[:-1]]
)
def test_anything_else_is_refused(token: object) -> None:
    with pytest.raises(TokenRefused, match=r"Reload"):
        TokenSigner("key").ticket_of(token)


def test_a_token_of_another_kind_is_refused() -> None:
    with pytest.raises(TokenRefused, match=r"Reload"):
        TokenSigner("key").ticket_of(TokenSigner("key", "preview").issue(TICKET))


def test_a_token_dies_of_age(monkeypatch: pytest.MonkeyPatch) -> None:
    token = TokenSigner("key").issue(TICKET)
    monkeypatch.setattr(tokens, "MAX_AGE_S", -1)
    with pytest.raises(TokenRefused, match="12 hours"):
        TokenSigner("key").ticket_of(token)


def test_the_secret_comes_from_the_environment_or_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEWSHOT_SECRET", "from outside")
    assert secret_of_process() == "from outside"
    monkeypatch.delenv("FEWSHOT_SECRET")
    assert secret_of_process() != secret_of_process()
