"""The live page in a real browser: a camera, a shared tab, the demo class, a server that dies and comes back."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from app.socket.server import SAVE_EVERY_S
from fewshot.live.demo import class_photo, demo_frame
from tests.browser import stage
from tests.browser.conftest import FAKE_CAMERA, OpenPage, Server, running_server
from tests.browser.line import line_to
from tests.builders import write_webm

pytestmark = pytest.mark.browser


def test_a_camera_shows_six_faces_with_names_and_emotions(
    server: Server, fake_camera: Path, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={fake_camera}")
    stage.watch(page, server.url, "camera")
    assert page.locator(".screen.mirrored").count() == 1, "a camera is shown like a mirror"
    stage.expect_counted(page, 6)
    page.screenshot(path=tmp_path / "camera.png")
    page.locator("button.stop").click()
    assert page.locator("canvas.overlay").get_attribute("aria-label") == "no faces"


def test_a_shared_tab_shows_six_faces_with_names_and_emotions(
    server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    meeting = tmp_path / "meeting.html"
    cv2.imwrite(str(tmp_path / "class.jpg"), class_photo())
    meeting.write_text("<title>The meeting</title><body style='margin:0'><img src='class.jpg' style='height:100vh'>")
    page = open_page("--auto-select-tab-capture-source-by-title=The meeting")
    page.context.new_page().goto(meeting.as_uri())
    page.bring_to_front()
    stage.watch(page, server.url, "screen")
    assert page.locator(".screen.mirrored").count() == 0, "a shared window is shown as it is"
    stage.expect_counted(page, 6)
    page.screenshot(path=tmp_path / "shared.png")


def test_the_demo_class_plays_without_a_camera(server: Server, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(dark=True)
    stage.watch(page, server.url, "demo")
    stage.expect_counted(page, 6)
    page.screenshot(path=tmp_path / "demo.png")
    page.get_by_role("button", name="Correct an emotion").click()
    page.get_by_role("button", name=": not so").first.wait_for()
    page.locator("button.stop").evaluate("button => button.onclick()")  # no click, which would close the list
    page.get_by_role("button", name="Correct an emotion").wait_for(state="detached")


def test_a_pause_sends_nothing_and_goes_on_without_asking_for_the_source_again(
    server: Server, fake_camera: Path, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={fake_camera}")
    stage.watch(page, server.url, "camera")
    page.get_by_role("button", name="Pause").click()
    page.locator(".stage[data-state=paused]").wait_for()
    page.get_by_text("Capture paused").wait_for()
    assert stage.drawn(page) == {}
    assert page.locator("video.video").evaluate("video => video.paused && video.srcObject.active"), (
        "the camera stays open"
    )
    page.screenshot(path=tmp_path / "paused.png")
    page.get_by_role("button", name="Go on").click()
    stage.wait_until(page, stage.all_named)
    page.get_by_text("Capture running").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.locator("button.stop").click()
    page.locator(".stage[data-state=idle]").wait_for()
    stage.start(page)
    stage.wait_until(page, stage.all_named)


def test_a_recording_is_played_from_disk_and_not_uploaded(server: Server, open_page: OpenPage, tmp_path: Path) -> None:
    recording = write_webm(tmp_path / "lesson.webm", (demo_frame(class_photo(), k / 10) for k in range(40)), 10)
    page = open_page()
    stage.enter(page, server.url)
    stage.enroll_demo_class(page)
    stage.choose(page, "recording")
    uploads: list[str] = []
    page.on("request", lambda request: uploads.append(request.url) if request.method != "GET" else None)
    page.locator(".file input").set_input_files(recording)
    stage.wait_until(page, stage.all_named)
    assert uploads == []
    page.locator("button.stop").click()
    stage.start(page)  # the same once more
    stage.wait_until(page, stage.all_named)
    page.locator("button.stop").click()
    page.locator(".file input").set_input_files(recording)
    stage.wait_until(page, stage.all_named)


def test_behind_a_proxy_with_a_base_path_everything_lies_below_it(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path, "--server.baseUrlPath=school/fewshot") as server:
        page = open_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda opened: asked.append(opened.url))
        stage.watch(page, f"{server.url}/school/fewshot/", "demo")
        assert [url for url in asked if url.endswith("/live/ws")]
        assert not [url for url in asked if "/school/fewshot/" not in url and not url.startswith(("data:", "blob:"))]


def test_without_a_camera_the_page_says_so(server: Server, open_page: OpenPage) -> None:
    page = open_page()
    stage.enter(page, server.url)
    page.locator("button.start").click()
    page.locator(".complaint:visible").wait_for()
    assert page.locator(".stage").get_attribute("data-state") == "idle"


def test_a_lesson_survives_a_killed_server_and_becomes_a_report(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        page = open_page()
        stage.watch(page, server.url, "demo")
        end = page.get_by_role("button", name="End", exact=True)
        places = end.bounding_box(), page.locator(".screen").bounding_box()
        stage.bookmark(page, "first exercise, in which everybody had to find out alone what a recursion needs")
        assert (end.bounding_box(), page.locator(".screen").bounding_box()) == places, (
            "a long note moves what stands there"
        )
        page.wait_for_timeout(1000 * (SAVE_EVERY_S + 2))
        address = page.url
        server.kill()
        server.start()
        page.goto(address)
        page.get_by_text("first exercise").first.wait_for()
        page.get_by_text("Mood of the class").wait_for()
        page.get_by_role("button", name="End", exact=True).click()
        page.get_by_role("button", name="End the lesson").click()
        page.get_by_text("Who may have needed a look").wait_for()
        files = {}
        for name in ("PDF", "HTML", "Summary", "Every second"):
            with page.expect_download() as download:
                page.get_by_role("button", name=name).click()
            files[name] = download.value.path()
        printed = "".join(sheet.extract_text() for sheet in PdfReader(files["PDF"]).pages)
        assert all(text in told for text in ("Alex", "first exercise") for told in (printed, files["HTML"].read_text()))
        summary, seconds = (
            list(csv.DictReader(files[name].read_text(encoding="utf-8-sig").splitlines()))
            for name in ("Summary", "Every second")
        )
        assert {row["student"] for row in summary} == {*stage.SIX, "(class)"}
        assert {row["student"] for row in seconds} == stage.SIX
        assert {"happy", "neutral"} <= {row["looked"] for row in seconds}


def test_neither_a_bookmark_nor_a_lesson_that_cannot_be_saved_moves_a_card(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        page = open_page(width=820)
        stage.watch(page, server.url, "demo")
        card = page.locator(".cards .card").first
        place = card.bounding_box()
        stage.bookmark(
            page, "first exercise, " + "in which everybody had to find out alone what a recursion needs, " * 2
        )
        assert card.bounding_box() == place
        with closing(sqlite3.connect(tmp_path / "students.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            unsaved = page.get_by_role("alert").filter(has_text="could not be saved")
            unsaved.wait_for()
            page.keyboard.press("Escape")
            expect(page.get_by_role("textbox", name="Note")).to_be_hidden()
            page.screenshot(path=tmp_path / "unsaved.png")
            assert card.bounding_box() == place
        expect(unsaved).to_have_count(0, timeout=60_000)
        assert card.bounding_box() == place


def test_a_connection_lost_between_two_frames_is_found_again(open_page: OpenPage, tmp_path: Path) -> None:
    with running_server(tmp_path, overrides="analyze_fps=0.5") as server:
        page = open_page()
        stage.watch(page, server.url, "demo")
        latency = page.locator(".stage").get_attribute("data-latency-ms")
        page.locator(f".stage:not([data-latency-ms='{latency}'])").wait_for()
        page.wait_for_timeout(500)  # the next frame is sent in a second and a half
        server.kill()
        page.locator(".stage[data-state=waiting]").wait_for(timeout=10_000)
        server.start()
        page.locator(".stage[data-state=live]").wait_for()


def test_a_network_that_swallows_everything_is_noticed_and_the_lesson_goes_on(
    server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    with line_to(server.port) as line:
        page = open_page()
        stage.watch(page, line.url, "demo")
        address = page.url
        line.silence()
        page.locator(".stage[data-state=waiting]").wait_for(timeout=20_000)
        assert stage.drawn(page) == {}, "old names stand over faces that nobody reads"
        page.screenshot(path=tmp_path / "silent.png")
        line.speak()
        stage.wait_until(page, stage.all_named)
        stage.expect_counted(page, 6)
        assert page.url == address, "another lesson was begun"


def test_a_network_that_is_cut_and_comes_back_costs_no_lesson(server: Server, open_page: OpenPage) -> None:
    with line_to(server.port) as line:
        page = open_page()
        stage.watch(page, line.url, "demo")
        stage.bookmark(page, "before the cut")
        address = page.url
        line.cut()
        page.locator(".stage[data-state=waiting]").wait_for(timeout=10_000)
        page.wait_for_timeout(3000)
        line.mend()
        stage.wait_until(page, stage.all_named)
        stage.expect_counted(page, 6)
        page.get_by_text("before the cut").first.wait_for()
        assert page.url == address, "another lesson was begun"


def test_who_leaves_while_the_browser_asks_is_not_filmed(server: Server, open_page: OpenPage) -> None:
    page = open_page(*FAKE_CAMERA)
    stage.enter(page, server.url)
    page.evaluate("""() => {
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => {
            await new Promise((allow) => (window.allow = allow));
            return (window.filmed = await ask(wanted));
        };
    }""")
    page.locator("button.start").click()
    page.wait_for_function("() => Boolean(window.allow)")
    page.get_by_role("link", name="Students").click()
    page.get_by_role("heading", name="Students", exact=True).wait_for()
    page.evaluate("() => window.allow()")
    page.wait_for_function("window.filmed && window.filmed.getTracks().every((track) => track.readyState === 'ended')")


def test_a_killed_server_forgets_nobody_and_the_page_finds_it_again(
    fake_camera: Path, open_page: OpenPage, tmp_path: Path
) -> None:
    with running_server(tmp_path) as server:
        page = open_page(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={fake_camera}")
        stage.watch(page, server.url, "camera")
        server.kill()
        page.locator(".stage[data-state=waiting]").wait_for()
        server.start()
        page.locator(".stage[data-state=live]").wait_for()
        stage.wait_until(page, stage.all_named)
