"""Two teachers sign in, one after the other, in a real browser, with their school's provider of accounts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.axe import faults
from tests.browser.conftest import OpenPage, Server
from tests.browser.provider import Claims, running_provider
from tests.browser.stage import all_named, choose, enroll_demo_class, go_on, start, wait_until

pytestmark = pytest.mark.browser

ADA = {"sub": "ada-1", "name": "Ada *Lovelace*", "email": "5b@school.example"}
BO = {"sub": "bo-2", "name": "Bo", "email": "5b@school.example"}


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Server]:
    """A server where two teachers sign in, who share an e-mail address."""
    file = tmp_path / "secrets.toml"
    server = Server(tmp_path, "--secrets.files", str(file))
    with running_provider(ADA, BO) as provider:
        file.write_text(
            f"""[auth]
            redirect_uri = "{server.url}/oauth2callback"
            cookie_secret = "{secrets.token_hex(32)}"
            client_id = "fewshot"
            client_secret = "whatever"
            server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"
            """
        )
        try:
            server.start()
            yield server
        finally:
            server.kill()


def sign_in(page: Page, account: Claims) -> None:
    page.get_by_role("button", name="Sign in with your school account").click()
    page.get_by_role("link", name=account["sub"]).click()
    go_on(page)


def sign_out(page: Page) -> None:
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign in with your school account").wait_for()


def title_of_lesson(page: Page) -> str:
    return page.get_by_role("textbox", name="Title of this lesson").input_value()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_first_page_asks_to_sign_in(dark: bool, school: Server, open_page: OpenPage, tmp_path: Path) -> None:
    for width in (1400, 390):
        page = open_page(dark=dark, width=width)
        page.goto(f"{school.url}/students")
        page.get_by_role("button", name="Sign in with your school account").wait_for()
        page.screenshot(path=tmp_path / f"signin-{width}.png")
        assert not faults(page)
        assert page.get_by_role("link", name="Students").count() == 0, "no page is in the menu"
        assert page.get_by_role("dialog").count() == 0


def test_teachers_see_their_own_class_and_go_on_with_their_own_lesson(
    school: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(dark=True)
    page.goto(school.url)
    sign_in(page, ADA)
    page.get_by_role("textbox", name="Title of this lesson").fill("Algebra")
    page.get_by_role("textbox", name="Title of this lesson").press("Enter")
    enroll_demo_class(page)
    start(page)
    wait_until(page, all_named)
    page.get_by_role("link", name="Sign out (Ada *Lovelace*)").wait_for()
    page.screenshot(path=tmp_path / "ada.png")

    page.context.clear_cookies()  # as if they had expired
    page.reload()
    sign_in(page, ADA)
    assert title_of_lesson(page) == "Algebra", "the lesson goes on"
    choose(page, "demo")
    start(page)
    wait_until(page, all_named)
    sign_out(page)

    sign_in(page, BO)
    assert title_of_lesson(page) == "", "another's lesson does not"
    page.get_by_text("Nobody is enrolled yet").wait_for()
    page.get_by_role("link", name="Students").click()
    page.get_by_text("Nobody is enrolled yet").wait_for()
    page.get_by_role("link", name="Report").click()
    page.get_by_text("No lesson has been kept yet").wait_for()
    page.screenshot(path=tmp_path / "bo.png")
    sign_out(page)

    sign_in(page, ADA)
    page.get_by_role("link", name="Report").click()
    page.get_by_role("heading", name=re.compile("Algebra")).wait_for()
    assert len(list(tmp_path.glob("students-*.db"))) == 2
