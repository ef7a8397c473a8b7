"""A whole class from a folder or one .zip: everybody who can be enrolled is, and one table says what became of each."""

from __future__ import annotations

import io
import zipfile

from app.resources import Resources
from fewshot.live.demo import DemoStudent, class_photo
from tests.app.conftest import OpenPage
from tests.app.test_enroll_page import png


def test_a_class_is_enrolled_from_a_zip(loaded: Resources, ada: DemoStudent, open_page: OpenPage) -> None:
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
    page.checkbox(key="class_confirmed").check()
    page.run().button[0].click().run()
    assert "without consent" in page.error[0].value
    page.checkbox(key="class_agreed").check()
    page.multiselect(key="class_courses").set_value(["7b"])
    page.text_input(key="class_how").set_value("Forms collected on 3 May")
    page.text_input(key="class_teacher").set_value("Ms. Noether")
    page.run().button[0].click().run()
    assert not page.exception
    assert not page.error
    assert "1 of 3 students are enrolled now. Below is what the others lack." in page.warning[0].value
    table = page.dataframe[0].value
    assert table["Student"].tolist() == ["Ada", "Bob", "Cleo"]
    assert table["Enrolled"].tolist() == [True, False, False]
    assert [(person.name, person.courses) for person in loaded.store.people()] == [("Ada", ("7b",))]
    assert "Forms collected on 3 May" in loaded.store.consent("Ada").wording
    unused = " ".join(text.value for text in page.markdown)
    for said in (
        "faces were found",
        "'suprise' is almost the emotion 'surprise'",
        "3.png: not in the folder of an emotion",
    ):
        assert said in unused.replace("\\", "")
