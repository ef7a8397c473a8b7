"""Whether a server can let anybody in: its sign-in, the stores of those who come, and whether it is open to others."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config as streamlit_config

from app.socket import server
from app.state import signin
from app.state.process import SharedResources
from fewshot.errors import StoreError
from tests.app.conftest import COMPLETE, ISSUER, OpenPage, WriteSecrets
from tests.app.test_signin import words


def test_a_server_whose_store_is_gone_is_not_well(
    shared: SharedResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = TestClient(Starlette(routes=server.routes()))
    assert probe.get("/healthz").status_code == 200

    def gone() -> dict[str, str]:
        raise StoreError("the store must be at its place, and is gone.")

    monkeypatch.setattr(shared.of(signin.ANYBODY).preferences, "read", gone)
    assert probe.get("/healthz").json() == {
        "status": "failing",
        "reason": "the store must be at its place, and is gone.",
    }


@pytest.mark.parametrize(
    ("secrets", "store", "sentence"),
    [
        (None, None, "secrets.toml is not there."),
        ("[auth", None, "secrets.toml cannot be read as TOML."),
        ("[auth]", None, "it lacks redirect_uri, cookie_secret"),
        (COMPLETE.replace("client_id", "id"), None, "it lacks client_id."),
        (COMPLETE, "postgresql+psycopg://host/class", "another for each of them"),
    ],
)
def test_a_sign_in_that_cannot_work_lets_nobody_in(
    secrets: str | None,
    store: str | None,
    sentence: str,
    write_secrets: WriteSecrets,
    shared: SharedResources,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if store is not None:
        monkeypatch.setenv("FEWSHOT_STORE", store)
    write_secrets(secrets)
    page = open_page("students", user={"is_logged_in": store is not None, "iss": ISSUER, "sub": "ada"})
    assert not page.exception
    assert sentence in words(page).replace("\\", "")
    assert shared._resources == {}
    health = TestClient(Starlette(routes=server.routes())).get("/healthz")
    assert health.status_code == 503
    assert sentence in health.json()["reason"]


def test_the_server_is_well_before_anybody_has_signed_in(write_secrets: WriteSecrets, shared: SharedResources) -> None:
    write_secrets(COMPLETE)
    for path in ("/healthz", "/health"):
        assert TestClient(Starlette(routes=server.routes())).get(path).json() == {"status": "ok"}


def test_a_server_where_no_teacher_can_have_a_store_is_not_well(
    write_secrets: WriteSecrets, shared: SharedResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_secrets(COMPLETE)
    (tmp_path / "data").touch()
    monkeypatch.setenv("FEWSHOT_STORE", str(tmp_path / "data" / "students.db"))
    health = TestClient(Starlette(routes=server.routes())).get("/healthz")
    assert health.status_code == 503
    assert "needs a folder that can be written to" in health.json()["reason"]


@pytest.mark.parametrize(
    ("address", "guarded", "secrets", "told"),
    [
        ("localhost", "", "", False),
        ("127.0.0.1", "", "", False),
        ("0.0.0.0", "", "", True),
        (None, "", "", True),
        ("class.example.org", "", "", True),
        ("0.0.0.0", "1", "", False),
        ("0.0.0.0", "", COMPLETE, False),
    ],
)
def test_open_pages_say_that_they_are_open(
    address: str | None,
    guarded: str,
    secrets: str,
    told: bool,
    write_secrets: WriteSecrets,
    shared: SharedResources,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(signin.GUARDED_VARIABLE, guarded)
    write_secrets(secrets)
    before = streamlit_config.get_option("server.address")
    streamlit_config.set_option("server.address", address)
    try:
        page = open_page("students", user={"is_logged_in": True, "iss": ISSUER, "sub": "ada"})
    finally:
        streamlit_config.set_option("server.address", before)
    assert not page.exception
    assert page.title[0].value == "Students"
    assert ["open to others" in warning.value for warning in page.warning] == [True] * told
