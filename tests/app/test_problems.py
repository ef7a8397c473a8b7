"""What goes wrong is told on every page in the language that the teacher chose."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete

from app.markdown import plain
from app.state import process
from app.state.choices import OVERRIDES_VARIABLE
from app.state.process import SharedResources
from app.state.resources import Resources
from fewshot.consent import record_consent
from fewshot.errors import EnrollmentError
from fewshot.live.demo import DemoStudent, class_photo
from fewshot.messages import messages
from fewshot.person import Person
from fewshot.store.students import Store
from fewshot.store.tables import SCHEMA_VERSION, SchemaRow
from tests.app.conftest import OpenPage, make_bob, see
from tests.app.test_correction import hold_a_moment
from tests.app.test_enroll_page import fill_in, give, png
from tests.app.test_languages import without_names

SAY = messages("hi")


@pytest.fixture(autouse=True)
def hindi(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    """The teacher has chosen Hindi."""
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    resources.change({"display.language": "hi"})


def other(key: str, **facts: str | float) -> str:
    """What the box of such a problem says."""
    return f"**{SAY('problems.other')}** {plain(SAY(f'sentences.{key}', **facts))}"


def test_a_student_who_cannot_be_saved(resources: Resources, ada: DemoStudent, open_page: OpenPage) -> None:
    page = fill_in(open_page("enroll"), "अदिति")
    page.button(key="save").click().run()
    lacking = {"name": "अदिति", "found": SAY("sentences.photos_none")}
    assert [box.value for box in page.error] == [other("no_usable_photo", **lacking)]
    page.text_input(key="state_0").set_value("suprised").run()
    assert [box.value for box in page.error] == [
        other("almost_emotion", found="suprised", emotion=SAY.label("surprise"))
    ]
    page.text_input(key="state_0").set_value("").run()
    give(page, png(class_photo()))
    page.text_input(key="teacher").set_value(" ")
    page.button(key="save").click().run()
    assert [box.value for box in page.error] == [other("consent_of_nobody")]
    assert not resources.store.people()


def test_a_name_and_a_face_that_are_enrolled_already(
    resources: Resources, enrolled_ada: Person, ada: DemoStudent, open_page: OpenPage
) -> None:
    page = fill_in(give(open_page("enroll"), png(ada.photo_bgr)), "अदिति")
    page.button(key="save").click().run()
    (box,) = page.warning
    told = SAY("sentences.face_enrolled", name="अदिति", double="Ada", similarity=1.0)
    assert plain(told.split("(")[0]) in box.value
    assert not re.search("[A-Za-z]{3,}", without_names(box.value, ["Ada"]))


def test_a_whole_class_of_which_nobody_can_be_enrolled(ada: DemoStudent, open_page: OpenPage) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("Ada/surprised/1.png", png(ada.photo_bgr))
        file.writestr("Bob/neutral/1.png", png(class_photo()))
        file.writestr("Cleo/3.png", png(ada.photo_bgr))
    page = open_page("enroll")
    page.segmented_control(key="whom").set_value("class").run()
    page.segmented_control(key="class_as").set_value("zip").run()
    page.checkbox(key="class_agreed_0").check()
    page.text_input(key="class_how_0").set_value("Forms collected on 3 May")
    page.text_input(key="class_teacher").set_value("Ms. Noether")
    page.file_uploader(key="class_zip").upload("class.zip", b"no zip")
    page.run().button(key="enroll_class").click().run()
    assert [box.value for box in page.error] == [other("no_zip", found="File is not a zip file")]
    page.file_uploader(key="class_zip").upload("class.zip", packed.getvalue())
    page.run().button(key="enroll_class").click().run()
    assert not page.error
    told = [text for row in page.table[0].value.itertuples() for text in map(str, row)]
    told += [text.value for text in page.markdown]
    names = ["Ada", "Bob", "Cleo", "surprised", "1.png", "3.png", "neutral"]
    assert not [text for text in told if re.search("[A-Za-z]{3,}", without_names(text, names))]
    assert plain(SAY("sentences.skipped_file", name="3.png")) in "".join(told)


def test_names_that_cannot_be_used(resources: Resources, enrolled_ada: Person, open_page: OpenPage) -> None:
    resources.roster.save(make_bob(enrolled_ada), record_consent("form signed", "Ms. Noether"))
    page = open_page("students")
    for name, told in (
        (" ", SAY("sentences.nameless_student")),
        ("x" * 101, SAY("sentences.name_too_long", most=100, found=101)),
    ):
        page.text_input(key=f"name_{enrolled_ada.person_id}").set_value(name)
        page.button(key=f"rename_{enrolled_ada.person_id}").click().run()
        assert [box.value for box in page.error] == [plain(told)]
    page.multiselect(key=f"courses_{enrolled_ada.person_id}").set_value(["x" * 101]).run()
    assert [box.value for box in page.error] == [plain(SAY("sentences.name_too_long", most=100, found=101))]


def test_states_that_nobody_can_lose(resources: Resources, enrolled_ada: Person) -> None:
    bob = make_bob(enrolled_ada)
    resources.roster.save(bob, record_consent("form signed", "Ms. Noether"))
    with pytest.raises(EnrollmentError) as raised:
        resources.roster.forget_state("bored", [enrolled_ada, bob])
    assert str(raised.value).count("no state 'bored'") == 2
    assert SAY.told(raised.value.sentence) == " ".join(
        SAY("sentences.state_not_theirs", name=name, state="bored") for name in ("Ada", "Bob")
    )


def test_a_correction_that_cannot_be_made(resources: Resources, enrolled_ada: Person, open_page: OpenPage) -> None:
    page, _ = hold_a_moment(open_page, enrolled_ada)
    page.text_input(key="held_state").set_value("अज्ञात").run()
    page.button(key="held_save").click().run()
    reserved = ", ".join(map(SAY.label, ("unsure", "unknown", "absent")))
    assert [box.value for box in page.error] == [other("state_name", most=24, reserved=reserved, found="अज्ञात")]


def test_settings_that_cannot_be_used(
    resources: Resources, open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, f"'faces.pack_root={tmp_path}'")
    page = open_page("settings")
    page.number_input(key="setting_classroom.retention_days_hi").set_value(0).run()
    page.number_input(key="setting_classroom.looks_s_hi").set_value(0).run()
    page.radio(key="setting_faces.backend_hi").set_value("insightface").run()
    told = [box.value for box in page.error]
    assert len(told) == 3
    names = [
        "classroom.retention_days",
        "classroom.looks_s",
        OVERRIDES_VARIABLE,
        "insightface.ai",
        resources.config.faces.pack,
    ]
    names += [str(tmp_path / "models")]
    assert not [text for text in told if re.search("[A-Za-z]{3,}", without_names(text, names))]
    assert "इनसाइटफ़ेस का पैक" in told[0]
    assert "कम से कम 1 होना चाहिए, पर 0 है।" in told[1]


def test_a_lesson_that_cannot_be_saved(resources: Resources, enrolled_ada: Person, open_page: OpenPage) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    lesson.bookmark("")
    with resources.store.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    resources.lessons.save()
    page.run()
    (box,) = page.warning
    assert plain(SAY("sentences.store_readonly")) in box.value
    assert SAY("live.unsaved") in box.value
    with resources.store.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
    resources.lessons.save()
    assert not page.run().warning


def test_a_store_that_cannot_be_opened_is_told_in_the_language_of_everybody(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = str(tmp_path / "other.db")
    with closing(Store(place)) as store, store.database.transaction(write=True) as session:
        session.merge(SchemaRow(version=SCHEMA_VERSION + 1))
        session.execute(delete(SchemaRow).where(SchemaRow.version == SCHEMA_VERSION))
    monkeypatch.setenv("FEWSHOT_STORE", place)
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin display.language=hi")
    monkeypatch.setattr(process, "shared", SharedResources())
    page = open_page("students")
    (box,) = page.error
    told = SAY("sentences.store_version", store=place, found=SCHEMA_VERSION + 1, ours=SCHEMA_VERSION)
    assert box.value == f"**{SAY('problems.store')}** {plain(told)}"
    assert page.title[0].value == SAY("pages.students")
