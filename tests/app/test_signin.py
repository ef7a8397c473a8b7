"""Sign-in without a browser: who is let in, and that two teachers see nothing of each other."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import cv2
import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config as streamlit_config
from streamlit.testing.v1 import AppTest

from app.capture.component import SOCKET_PATH
from app.socket import server
from app.state import process, signin
from app.state.choices import OVERRIDES_VARIABLE
from app.state.lesson import utc_now
from app.state.models import SharedModels
from app.state.process import SharedResources
from app.state.resources import Resources
from app.state.tokens import Ticket
from fewshot.errors import ConfigError, NotSignedIn, StoreError
from fewshot.live.demo import demo_people
from tests.app.conftest import OpenPage, pack_frame
from tests.lessons import make_entry, make_seconds
from tests.people import CONSENT

ISSUER = "https://school.example"
ADA, BO = (signin.teacher_key(ISSUER, subject) for subject in ("ada", "bo"))
COMPLETE = "[auth]\n" + "".join(f'{name} = "https://x.example"\n' for name in signin.NEEDED)

WriteSecrets = Callable[[str | None], None]
Visit = Callable[..., AppTest]


@pytest.fixture
def shared(shared_models: SharedModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedResources]:
    """What the process shares before anybody has come, but for the models, which take long to load."""
    monkeypatch.setenv("FEWSHOT_STORE", str(tmp_path / "students.db"))
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    monkeypatch.setattr(process.shared, "_models", shared_models)
    monkeypatch.setattr(process.shared, "_resources", {})
    yield process.shared
    for resources in process.shared._resources.values():
        resources.store.close()


@pytest.fixture
def write_secrets(tmp_path: Path) -> Iterator[WriteSecrets]:
    """``write_secrets(text)`` is what Streamlit finds in the file that it was told of; None: it is not there."""
    before = [ask("secrets.files") for ask in (streamlit_config.get_option, streamlit_config.get_where_defined)]
    file = tmp_path / "secrets.toml"

    def write(text: str | None) -> None:
        if text is not None:
            file.write_text(text)
        st.secrets._reset()
        streamlit_config.set_option("secrets.files", [str(file)])

    yield write
    streamlit_config.set_option("secrets.files", *before)
    st.secrets._reset()


@pytest.fixture
def visit(write_secrets: WriteSecrets, shared: SharedResources, open_page: OpenPage) -> Visit:
    """``visit("students", "ada")`` opens a page as one teacher sees it, where teachers sign in."""
    write_secrets(COMPLETE)

    def visit(page: str, subject: str, **others: str) -> AppTest:
        account = {"is_logged_in": True, "iss": ISSUER, "sub": subject, "email": "one@school.example"}
        return open_page(page, user=account, **others)

    return visit


def words(page: AppTest) -> str:
    kinds = (page.title, page.caption, page.info, page.warning, page.error, page.markdown, page.subheader)
    return " ".join(element.value for kind in kinds for element in kind)


@pytest.fixture
def ada(visit: Visit, shared: SharedResources) -> Resources:
    """The resources of a teacher who has a student and a lesson."""
    resources = shared.of(ADA)
    session = resources.open_enrollment()
    session.add_photo(demo_people()[0].photo_bgr, "neutral", "portrait", confirmed=True)
    person = session.finish("Emmy")
    resources.roster.save(person, CONSENT)
    seconds = make_seconds({person.person_id: ["happy"] * 9})
    resources.lesson_store.save(make_entry("lesson-of-ada", "Algebra", utc_now()), seconds, [])
    return resources


def read_by(token: str) -> list[str | None]:
    """Whom the live socket finds in the portrait of Ada's student, by name."""
    client = TestClient(Starlette(routes=server.routes()))
    portrait = cv2.imencode(".jpg", demo_people()[0].photo_bgr)[1].tobytes()
    with client.websocket_connect(SOCKET_PATH, headers={"origin": "http://testserver"}) as page:
        page.send_text(json.dumps({"token": token}))
        first = page.receive_json()
        if first["type"] != "ready":
            raise NotSignedIn(first["text"])
        page.send_bytes(pack_frame(0.0, portrait))
        return [reading["name"] for reading in page.receive_json()["readings"]]


@pytest.mark.parametrize("page", ["live", "enroll", "students", "report", "settings"])
def test_who_has_not_signed_in_sees_only_how_to(
    page: str, write_secrets: WriteSecrets, shared: SharedResources, open_page: OpenPage
) -> None:
    write_secrets(COMPLETE)
    shown = open_page(page)
    assert not shown.exception
    assert [title.value for title in shown.title] == ["Fewshot"]
    assert [button.label for button in shown.button] == ["Sign in with your school account"]
    assert shared._resources == {}
    with pytest.raises(NotSignedIn):
        shared.get()


def test_two_teachers_do_not_see_each_other(ada: Resources, visit: Visit) -> None:
    assert "Emmy" in words(visit("students", "ada"))
    assert "Algebra" in words(visit("report", "ada"))
    assert "Nobody is enrolled yet." in words(visit("students", "bo"))
    assert "No lesson has been kept yet." in words(visit("report", "bo"))
    named = visit("report", "bo", lesson="lesson-of-ada")
    assert "No lesson has been kept yet." in words(named), "another's address shows nothing"
    visit("settings", "ada").selectbox(key="setting_display.language_en").set_value("hi").run()
    assert visit("settings", "ada").title[0].value == "सेटिंग"
    assert visit("settings", "bo").title[0].value == "Settings"


def test_one_address_opens_another_lesson_for_another_teacher(ada: Resources, visit: Visit) -> None:
    assert visit("live", "ada", lesson="lesson-of-ada").text_input[0].value == "Algebra"
    assert visit("live", "bo", lesson="lesson-of-ada").text_input[0].value == ""


def test_a_token_opens_the_class_of_its_own_teacher(ada: Resources, shared: SharedResources) -> None:
    assert read_by(shared.signer.issue(Ticket(ADA, "lesson-of-ada"))) == ["Emmy"]
    assert read_by(shared.signer.issue(Ticket(BO, "lesson-of-ada"))) == [None]
    assert ada.lessons.join("lesson-of-ada").view().faces == 1
    assert ada.lessons.join("lesson-of-ada").view().strangers == 0
    assert shared.of(BO).lessons.join("lesson-of-ada").view().strangers == 1


def test_a_token_of_another_time_is_refused(
    ada: Resources, shared: SharedResources, write_secrets: WriteSecrets
) -> None:
    with pytest.raises(NotSignedIn, match="Reload"):
        read_by(shared.signer.issue(Ticket(signin.ANYBODY, "lesson-of-ada")))
    write_secrets("")
    with pytest.raises(NotSignedIn, match="Reload"):
        read_by(shared.signer.issue(Ticket(ADA, "lesson-of-ada")))


def test_the_models_are_shared(ada: Resources, shared: SharedResources) -> None:
    assert shared.of(BO).models is ada.models
    assert shared.of(BO).store.location != ada.store.location


def test_a_lesson_goes_on_after_another_sign_in(ada: Resources, visit: Visit) -> None:
    assert visit("live", "ada").text_input[0].value == "Algebra"
    assert visit("live", "bo").text_input[0].value == ""
    ada.lessons.join("lesson-of-ada").end()
    assert visit("live", "ada").text_input[0].value == ""


def test_only_a_lesson_of_a_moment_ago_goes_on(ada: Resources) -> None:
    left = ada.lesson_store.entries()[0].began + timedelta(seconds=8)
    assert ada.lessons.interrupted(left + timedelta(minutes=4)) == "lesson-of-ada"
    assert ada.lessons.interrupted(left + timedelta(minutes=6)) is None


def test_old_lessons_go_though_their_teacher_comes_no_more(
    ada: Resources, shared: SharedResources, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ada.lesson_store.save(make_entry("older", "Trees", utc_now() - timedelta(days=200)), make_seconds({}), [])
    (tmp_path / f"students-{BO}.db").write_text("Dear diary")
    monkeypatch.setattr(shared, "_resources", {})
    shared.delete_old_lessons()
    assert [entry.title for entry in ada.lesson_store.entries()] == ["Algebra"]


def test_old_lessons_go_without_a_restart_where_nobody_signs_in(shared: SharedResources) -> None:
    store = shared.of(signin.ANYBODY).lesson_store
    for lesson_id, days in (("old", 200), ("new", 100)):
        store.save(make_entry(lesson_id, lesson_id, utc_now() - timedelta(days=days)), make_seconds({}), [])
    shared.delete_old_lessons()
    assert [entry.title for entry in store.entries()] == ["new"]


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


def test_an_account_is_its_issuer_and_subject() -> None:
    keys = {signin.teacher_key(issuer, subject) for issuer in (ISSUER, "https://b") for subject in ("ada", "bo")}
    assert len(keys) == 4
    assert signin.teacher_key(ISSUER, "ada") == ADA
    for issuer, subject in ((None, "ada"), (ISSUER, None), (ISSUER, "")):
        with pytest.raises(ConfigError, match="issuer and a subject"):
            signin.teacher_key(issuer, subject)


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


def test_a_teacher_does_not_wait_for_the_store_of_another(
    shared: SharedResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signin, "is_configured", lambda: True)
    ada, ben = "a" * 32, "b" * 32
    shared.of(ben)
    opens, goes_on, open_store = threading.Event(), threading.Event(), shared._open

    def far_away(teacher: str) -> Resources:
        opens.set()
        assert goes_on.wait(30)
        return open_store(teacher)

    monkeypatch.setattr(shared, "_open", far_away)
    visit = threading.Thread(target=shared.of, args=(ada,))
    visit.start()
    assert opens.wait(30)
    assert shared.of(ben).store.people() == ()
    goes_on.set()
    visit.join()
    assert set(shared._resources) == {ada, ben}
