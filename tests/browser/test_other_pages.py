"""Enroll and Students in a real browser: what the tests of single pages cannot see."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import pytest
import streamlit as st
from playwright.sync_api import FilePayload, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from fewshot.live.demo import class_photo, demo_people
from tests.browser import stage
from tests.browser.conftest import OpenPage, Server, running_server

pytestmark = pytest.mark.browser


def unusable_photos() -> list[FilePayload]:
    """Letters called photo, and a photo of six: cards of different heights, on two rows."""
    group = cv2.imencode(".jpg", class_photo())[1].tobytes()
    contents = [b"Dear Sir", group, b"", b"Yours", group]
    return [{"name": f"{i}_a*b*.jpg", "mimeType": "image/jpeg", "buffer": data} for i, data in enumerate(contents)]


def choose_from_list(page: Page, name: str, option: str) -> None:
    """Choose one option; a list opened while the page is still being put together closes again, so open it once more."""
    for _ in range(10):
        page.get_by_role("combobox", name=name).click()
        try:
            page.get_by_role("option", name=option).click(timeout=5000)
            return
        except PlaywrightTimeout:
            page.keyboard.press("Escape")
    raise AssertionError(f"The list {name!r} never offered {option!r}.")


@pytest.mark.parametrize("width", [1400, 390], ids=["desk", "phone"])
def test_rejected_photos_say_why_and_cover_nothing(
    width: int, server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(width=width)
    elsewhere: list[str] = []
    ours = (server.url, server.url.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(ours) else elsewhere.append(request.url))
    page.goto(f"{server.url}/enroll")
    page.locator("input[type=file]").set_input_files(unusable_photos())
    page.get_by_text("4_a*b*.jpg: 6 faces were found").wait_for()
    page.get_by_text("0_a*b*.jpg: the file is damaged").wait_for()
    page.screenshot(path=tmp_path / "enroll.png")
    tops = [button.bounding_box()["y"] for button in page.get_by_role("button", name="Remove").all()]
    save = page.get_by_role("button", name="Save this student").bounding_box()
    assert len(tops) == 5
    assert max(tops) < save["y"], "the photos lie above the button"
    assert max(tops) - min(tops) < (900 if width == 1400 else 2000), "a card is as tall as its row, not as all rows"
    surprise = page.get_by_test_id("stButtonGroup").get_by_text("surprise").bounding_box()
    assert surprise["x"] + surprise["width"] <= width, "all emotions can be chosen"
    assert elsewhere == [], "no other host learns who looks at this page"


def test_a_store_that_cannot_be_opened_says_what_to_do(open_page: OpenPage, tmp_path: Path) -> None:
    (tmp_path / "students.db").write_text("Dear diary")
    with running_server(tmp_path, status=503) as server:
        page = open_page()
        for path in ("enroll", "students", ""):
            page.goto(f"{server.url}/{path}")
            page.get_by_text("file is not a database. Name another on the command line or in FEWSHOT_STORE").wait_for()
        (tmp_path / "students.db").unlink()
        page.goto(f"{server.url}/students")
        page.get_by_text("Nobody is enrolled yet").wait_for()


def test_what_streamlit_offers_to_programmers_is_not_shown(server: Server, open_page: OpenPage) -> None:
    scripts = (Path(st.__file__).parent / "static" / "static" / "js").glob("index.*.js")
    assert any("stSkillsNudge" in script.read_text(encoding="utf-8") for script in scripts), "it goes by another name"
    page = open_page()
    page.goto(f"{server.url}/students")
    page.get_by_text("Capture off").wait_for()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p data-testid=stSkillsNudge>Install</p>')")
    expect(page.get_by_test_id("stSkillsNudge")).to_be_hidden()


def test_a_double_click_is_one_click(server: Server, open_page: OpenPage) -> None:
    page = open_page()
    stage.enter(page, server.url)
    page.get_by_role("button", name="Bookmark").click()
    note, mark = page.get_by_role("textbox", name="Note"), page.get_by_role("button", name="Mark this moment")
    for said in ("a question", "its answer"):
        note.fill(said)
        mark.dblclick()
        expect(page.get_by_text(re.compile(rf"\d:\d\d {said}"))).to_be_visible(timeout=30_000)
        expect(note).to_have_value("")


WORDS_OF = "(element, before) => getComputedStyle(element, before).content"


def test_what_streamlit_says_by_itself_is_no_english_beside_hindi(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path, overrides="display.language=hi") as server:
        page = open_page()
        page.goto(f"{server.url}/enroll")
        name = page.get_by_role("textbox", name="नाम", exact=True)
        name.press_sequentially("गीता")
        instructions = page.get_by_test_id("InputInstructions")
        expect(instructions).to_be_attached()
        expect(instructions).to_be_hidden()
        files = page.get_by_test_id("stFileUploaderDropzone")
        upload = files.get_by_role("button").locator("p")
        assert upload.evaluate(WORDS_OF, "::before") == '"अपलोड करें"'
        assert upload.evaluate("element => getComputedStyle(element).fontSize") == "0px"
        expect(files.get_by_text("per file")).to_be_attached()
        expect(files.get_by_text("per file")).to_be_hidden()
        page.screenshot(path=tmp_path / "hindi.png")


IN_A_STYLE = "words => [...document.querySelectorAll('style')].some(style => style.textContent.includes(words))"


def test_a_server_that_is_gone_is_told_in_a_teachers_words(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        page = open_page()
        page.goto(f"{server.url}/students")
        page.wait_for_function(IN_A_STYLE, arg="Connection lost")  # which comes last
        server.kill()
        page.get_by_role("dialog").wait_for()
        assert page.get_by_role("dialog").locator("h2").evaluate(WORDS_OF, "::before") == '"Connection lost"'
        advice = page.get_by_role("dialog").locator("h2 + div").evaluate(WORDS_OF, "::before")
        assert "start it again as it was started" in advice
        expect(page.get_by_text("yourscript.py")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(page.get_by_text("Capture off")).to_be_hidden()
        assert page.locator(".st-key-capture").evaluate(WORDS_OF, "::after") == '"Connection lost"'
        page.screenshot(path=tmp_path / "gone.png")
        server.start()
        page.get_by_text("Capture off").wait_for()


def test_every_page_tells_what_the_capture_in_another_tab_is_doing(
    server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    lesson = open_page()
    stage.enter(lesson, server.url)
    stage.enroll_demo_class(lesson)
    beside = lesson.context.new_page()
    for path in ("enroll", "students", "report", "settings"):
        beside.goto(f"{server.url}/{path}")
        beside.get_by_text("Capture off").wait_for()
    for leave in (lambda: lesson.locator("button.stop").click(), lambda: lesson.close(run_before_unload=True)):
        lesson.bring_to_front()
        stage.start(lesson)
        beside.get_by_text("Capture running").wait_for()
        beside.screenshot(path=tmp_path / "running.png")
        leave()
        beside.get_by_text("Capture off").wait_for()  # never Connection lost, though a frame was on its way


def test_a_language_is_chosen_and_speaks_over_the_video(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        page = open_page(dark=True)
        page.goto(f"{server.url}/settings")
        choose_from_list(page, "Language", "हिन्दी")
        page.get_by_role("heading", name="सेटिंग").wait_for()
        expect(page.locator("html")).to_have_attribute("lang", "hi")
        page.locator(".st-key-setting_display\\.mode_hi, [class*=mode_hi]").first.wait_for()
        expect(page.get_by_role("radio", checked=True)).to_have_count(3)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
        page.screenshot(path=tmp_path / "settings.png")
        page.goto(server.url)
        page.get_by_role("button", name="नमूना कक्षा देखें").click()
        page.get_by_role("button", name="रोकें").wait_for()
        assert "प्रसन्न" in (page.locator(".legend").text_content() or "")


def test_a_class_is_typed_on_a_card_and_alone_recognized_in_its_lesson(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        page = open_page()
        stage.enter(page, server.url)
        stage.enroll_demo_class(page)
        page.goto(f"{server.url}/students")
        page.get_by_role("combobox", name="Classes").first.fill("7a")
        page.keyboard.press("Enter")
        page.locator(".st-key-course").get_by_text("7a").click()
        page.get_by_role("button", name="Rename the class").click()
        page.get_by_role("textbox", name="Class").fill("7b")
        page.keyboard.press("Enter")
        page.locator(".st-key-course").get_by_text("7b").wait_for()
        page.locator("[data-test-script-state=notRunning]").wait_for()
        # what the button in its place offers must not be open
        expect(page.get_by_role("button", name="Forget for good")).to_have_count(0)
        page.screenshot(path=tmp_path / "students.png")
        stage.enter(page, server.url)
        choose_from_list(page, "Class", "7b")
        stage.choose(page, "demo")
        stage.start(page)
        alone = stage.wait_until(page, lambda drawn: "Alex" in drawn and len(drawn) > 1)
        assert set(alone) == {"Alex", "unknown"}
        page.screenshot(path=tmp_path / "live.png")
        page.reload()
        expect(page.get_by_role("combobox", name="Class")).to_have_value("7b")


def test_a_class_is_enrolled_from_its_folder(open_page: OpenPage, tmp_path: Path) -> None:
    for student in demo_people():
        folder = tmp_path / "class 5b" / student.name / student.label
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / "photo.jpg"), student.photo_bgr)
    with running_server(tmp_path) as server:
        page = open_page()
        page.goto(f"{server.url}/enroll")
        page.get_by_text("A whole class").click()
        page.get_by_role(
            "button", name="Enroll the class"
        ).wait_for()  # a page that is still coming loses what it is given
        page.locator("input[type=file][webkitdirectory]").set_input_files(tmp_path / "class 5b")
        page.get_by_text("Every student in it").click()
        page.get_by_label("Who agreed, and how?").fill("forms collected on 3 May")
        page.get_by_label("Recorded by").fill("Ms. Noether")
        page.get_by_role("button", name="Enroll the class").click()
        page.get_by_text("5 of 6 students are enrolled now.").wait_for()  # of one, the head is turned too far
        page.screenshot(path=tmp_path / "class.png")
        page.goto(f"{server.url}/students")
        page.get_by_text("Alex", exact=True).first.wait_for()


def test_who_presses_twice_forgets_one(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        page = open_page()
        stage.enter(page, server.url)
        stage.enroll_demo_class(page)
        page.goto(f"{server.url}/students")
        page.get_by_role("heading", name="Fay").wait_for()
        page.get_by_role("button", name="Forget", exact=True).nth(1).click()
        page.get_by_text("Everything kept of Bo is erased").wait_for()
        page.get_by_role("button", name="Forget for good").dblclick()
        page.get_by_text("Bo is forgotten").wait_for()
        page.get_by_role("heading", name="Bo", exact=True).wait_for(state="detached")
        page.wait_for_timeout(1000)
        assert page.get_by_role("button", name="Forget for good").filter(visible=True).count() == 0
        expect(page.locator("h3")).to_have_count(5)
        page.screenshot(path=tmp_path / "forgotten.png")
