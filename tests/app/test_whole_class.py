"""A whole class from a folder or one .zip: everybody who can be enrolled is, and one table says what became of each."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from streamlit.runtime.scriptrunner import StopException

from app.state.resources import Resources
from app.state.roster import Roster
from enroll.add import Enrolled
from fewshot.live.demo import DemoStudent, class_photo
from tests.app.conftest import OpenPage
from tests.app.test_enroll_page import png


def test_a_class_is_enrolled_from_a_zip(resources: Resources, ada: DemoStudent, open_page: OpenPage) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("Ada/neutral/1.png", png(ada.photo_bgr))
        file.writestr("Ada/suprise/2.png", png(ada.photo_bgr))
        file.writestr("Bob/neutral/1.png", png(class_photo()))
        file.writestr("Cleo/3.png", png(ada.photo_bgr))
    page = open_page("enroll")
    page.segmented_control(key="whom").set_value("class").run()
    page.segmented_control(key="class_as").set_value("zip").run()
    page.file_uploader(key="class_zip").upload("class.zip", packed.getvalue())
    page.checkbox(key="class_confirmed_0").check()
    page.run().button[0].click().run()
    assert "without consent" in page.error[0].value
    page.checkbox(key="class_agreed_0").check()
    page.multiselect(key="class_courses").set_value(["7b"])
    page.text_input(key="class_how_0").set_value("Forms collected on 3 May")
    page.text_input(key="class_teacher").set_value("Ms. Noether")
    page.run().button[0].click().run()
    assert not page.exception
    assert not page.error
    assert "1 of 3 students are enrolled now. What the others lack stands first below." in page.warning[0].value
    assert page.checkbox(key="class_agreed_1").value is False, "another class needs another consent"
    table = page.table[0].value
    assert table["Student"].tolist() == ["Bob", "Cleo", "Ada"]
    assert table["Enrolled"].tolist() == ["✗", "✗", "✓"]
    assert table["Photos used"].tolist() == ["0 / 1", "", "1 / 1"]
    assert [(person.name, person.courses) for person in resources.store.people()] == [("Ada", ("7b",))]
    assert "Forms collected on 3 May" in resources.store.consent(resources.store.key_of("Ada")).wording
    unused = " ".join(text.value for text in page.markdown)
    for said in (
        "faces were found",
        "'suprise' is almost the emotion 'surprise'",
        "3.png: not in the folder of an emotion",
    ):
        assert said in unused.replace("\\", "")


def test_a_run_that_a_click_stopped_is_told_and_gone_on_with(
    resources: Resources, ada: DemoStudent, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("Ada/neutral/1.png", png(ada.photo_bgr))
        file.writestr("Bob/neutral/1.png", png(class_photo()))
    enroll_class = Roster.enroll_class

    def stop_after_one(self: Roster, *arguments: object, **options: object) -> Iterator[Enrolled]:
        yield next(enroll_class(self, *arguments, **options))
        raise StopException  # what Streamlit raises in a run of the page that a click ends

    page = open_page("enroll")
    page.segmented_control(key="whom").set_value("class").run()
    page.segmented_control(key="class_as").set_value("zip").run()
    page.file_uploader(key="class_zip").upload("class.zip", packed.getvalue())
    page.checkbox(key="class_agreed_0").check()
    page.text_input(key="class_how_0").set_value("Forms collected on 3 May")
    page.text_input(key="class_teacher").set_value("Ms. Noether")
    monkeypatch.setattr(Roster, "enroll_class", stop_after_one)
    page.run().button[0].click().run()
    page.run()
    assert "Stopped after 1 of 2 students" in page.warning[0].value
    assert page.table[0].value["Student"].tolist() == ["Ada"]
    monkeypatch.setattr(Roster, "enroll_class", enroll_class)
    page.button[0].click().run()
    assert page.table[0].value["Enrolled"].tolist() == ["✗", "✓"]
    assert not [warning for warning in page.warning if "Stopped" in warning.value]
