"""The guide asks for one emotion after the other, takes what the camera hands over, and stops when it is enough."""

from __future__ import annotations

import base64

import cv2
import pytest
from streamlit.testing.v1 import AppTest

from app.capture.component import JPEG_URL, Snapshot, read_snapshot
from app.state.resources import Resources
from enroll.photos import ORDER
from fewshot.live.demo import DemoStudent
from fewshot.messages import Messages
from tests.app.conftest import OpenPage
from tests.app.test_enroll_page import fill_in, said


class Camera:
    """The browser's half: notes down what it is told to show, and hands over one photo where one was put in."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.photo: bytes | None = None

    def show(self, key: str, say: Messages, token: str, **told: object) -> Snapshot | None:
        self.asked.append(told)
        photo, self.photo = self.photo, None
        return None if photo is None else Snapshot(photo, str(told["label"]))


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Camera:
    made = Camera()
    monkeypatch.setattr("app.widgets.guide.guided_camera", made.show)
    return made


@pytest.fixture
def page(resources: Resources, camera: Camera, open_page: OpenPage) -> AppTest:
    """The page Enroll with the guide switched on."""
    page = open_page("enroll")
    return page.toggle(key="guided_0").set_value(True).run()


def take(page: AppTest, camera: Camera, data: bytes) -> AppTest:
    camera.photo = data
    return page.run()


def portraits(ada: DemoStudent) -> list[bytes]:
    """Seven photos of her, none like the other: turned a little, in changing light."""
    height, width = ada.photo_bgr.shape[:2]
    photos = []
    for step in range(7):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 4.0 * step - 12, 1.0)
        turned = cv2.warpAffine(ada.photo_bgr, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
        photos.append(cv2.imencode(".png", cv2.convertScaleAbs(turned, alpha=1 - 0.05 * step))[1].tobytes())
    return photos


def test_neutral_is_asked_for_first_and_the_guide_moves_on(page: AppTest, camera: Camera, ada: DemoStudent) -> None:
    assert camera.asked[-1]["prompt"] == "First, a neutral face: relaxed, mouth closed."
    take(page, camera, portraits(ada)[0])
    assert not page.exception
    told = camera.asked[-1]
    assert (told["note"], told["given"], told["may_go_by_itself"]) == ("Taken: neutral.", 1, True)
    assert told["label"] in set(ORDER) - {"neutral"}
    assert page.button_group(key="emotion_0").value == told["label"]


def test_a_photo_that_cannot_be_used_is_asked_for_again(page: AppTest, camera: Camera) -> None:
    take(page, camera, b"no picture")
    told = camera.asked[-1]
    assert (told["label"], told["given"], told["may_go_by_itself"]) == ("neutral", 1, False)
    assert str(told["note"]).startswith("Not used: the file is damaged, cut off, or no JPEG")
    assert r"1.jpg\: the file is damaged" in said(page)


def test_a_photo_with_a_question_waits_for_the_teacher(
    page: AppTest, camera: Camera, ada: DemoStudent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enroll.session.LABEL_ODDS", 0.0)  # asks about every photo
    take(page, camera, portraits(ada)[0])
    assert (camera.asked[-1]["label"], camera.asked[-1]["may_go_by_itself"]) == ("neutral", False)
    assert "question about the last photo" in str(camera.asked[-1]["note"])
    page.button(key="confirm_0").click().run()
    assert camera.asked[-1]["label"] != "neutral"


def test_an_emotion_can_be_skipped_or_chosen_against_the_guide(page: AppTest, camera: Camera) -> None:
    page.button(key="skip_0").click().run()
    wished = camera.asked[-1]["label"]
    assert wished != "neutral"
    page.button_group(key="emotion_0").set_value("neutral").run()
    assert camera.asked[-1]["label"] == "neutral"
    page.button_group(key="emotion_0").set_value(wished).run()
    page.button(key="skip_0").click().run()
    assert camera.asked[-1]["label"] not in {"neutral", wished}


def test_it_stops_when_it_is_enough(
    page: AppTest, camera: Camera, resources: Resources, ada: DemoStudent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enroll.session.LABEL_ODDS", float("inf"))  # she looks the same on all of them
    for photo in portraits(ada):
        take(page, camera, photo)
    assert "That is enough: one of each. One more photo of" in page.success[0].value
    shown = len(camera.asked)
    page.run()
    assert len(camera.asked) == shown, "the camera is let go"
    page.button(key="more_0").click().run()
    assert str(camera.asked[-1]["prompt"]).startswith("Once more, ")
    fill_in(page).button(key="save").click().run()
    assert sorted(resources.store.person("Ada").embedding_labels) == sorted(ORDER)


def test_who_uploads_is_told_what_would_help_most(resources: Resources, open_page: OpenPage, ada: DemoStudent) -> None:
    page = open_page("enroll")
    assert "A neutral photo would help most" in said(page)
    page.file_uploader[0].upload("ada.png", portraits(ada)[0])
    page.run()
    assert "A photo of" in said(page)


def test_what_the_camera_hands_over_is_the_file_itself() -> None:
    jpeg = b"\xff\xd8 a photo"
    url = JPEG_URL + base64.b64encode(jpeg).decode()
    snapshot = read_snapshot({"label": "happy", "url": url})
    assert (snapshot.jpeg, snapshot.label) == (jpeg, "happy")
    assert read_snapshot({"label": "happy", "url": "data:,"}).jpeg == b""
