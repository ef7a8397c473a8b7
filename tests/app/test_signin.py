"""Sign-in without a browser: who is let in, and that two teachers see nothing of each other."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import cv2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from app.capture.component import SOCKET_PATH
from app.socket import server
from app.state import signin
from app.state.lesson import utc_now
from app.state.process import SharedResources
from app.state.resources import Resources
from app.state.tokens import Ticket
from fewshot.errors import ConfigError, NotSignedIn
from fewshot.live.demo import demo_people
from tests.app.conftest import COMPLETE, ISSUER, OpenPage, WriteSecrets, pack_frame
from tests.lessons import make_entry, make_seconds
from tests.people import CONSENT

ADA, BO = (signin.teacher_key(ISSUER, subject) for subject in ("ada", "bo"))

Visit = Callable[..., AppTest]


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


def test_an_account_is_its_issuer_and_subject() -> None:
    keys = {signin.teacher_key(issuer, subject) for issuer in (ISSUER, "https://b") for subject in ("ada", "bo")}
    assert len(keys) == 4
    assert signin.teacher_key(ISSUER, "ada") == ADA
    for issuer, subject in ((None, "ada"), (ISSUER, None), (ISSUER, "")):
        with pytest.raises(ConfigError, match="issuer and a subject"):
            signin.teacher_key(issuer, subject)


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
