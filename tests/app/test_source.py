"""What the page Live watches: the choice of the source, and the demo class."""

from __future__ import annotations

from app import demo
from app.state.resources import Resources
from fewshot.consent import record_consent
from fewshot.live.demo import DemoStudent
from tests.app.conftest import OpenPage


def test_the_demo_class_is_enrolled_by_one_button(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    page.segmented_control(key="source").set_value("demo").run()
    page.button(key="demo").click().run()
    assert not page.error
    assert [person.name for person in resources.store.people()] == list(demo.names())
    assert page.get_by_key("stage") is not None


def test_the_demo_leaves_a_student_of_the_same_name_alone(resources: Resources, ada: DemoStudent) -> None:
    session = resources.open_enrollment()
    session.add_photo(ada.photo_bgr, "happy", "portrait", confirmed=True)
    own = session.finish(demo.names()[0])
    resources.roster.save(own, record_consent("form signed", "Ms. Noether"))
    demo.enroll(resources)
    demo.enroll(resources)
    assert len(resources.store.people()) == 6
    assert resources.store.person(own.name).person_id == own.person_id


def test_a_look_at_another_page_keeps_the_source(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    page.segmented_control(key="source").set_value("recording").run()
    page.switch_page("app/pages/settings.py").run()
    page.switch_page("app/pages/live.py").run()
    assert page.segmented_control(key="source").value == "recording"


def test_a_click_that_comes_with_the_address_of_before_leaves_the_source(
    resources: Resources, open_page: OpenPage
) -> None:
    page = open_page()
    page.segmented_control(key="source").set_value("recording").run()
    page.query_params["source"] = "camera"
    assert page.run().segmented_control(key="source").value == "recording"
