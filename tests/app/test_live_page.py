"""The live page without a browser: what it says beside the video."""

from __future__ import annotations

import json

import altair as alt
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from app.markdown import plain
from app.state import process
from app.state.choices import OVERRIDES_VARIABLE
from app.state.resources import Resources
from fewshot.errors import WeightsError
from fewshot.palette import COLORS_RGB
from fewshot.person import Person
from tests.app.conftest import OpenPage, cards, component, make_bob, see


def attention(page: AppTest) -> list[tuple[str, str, bool]]:
    """Name, evidence, and whether it is put aside, of each who may need a look."""
    shown = component(page, "attention")
    return [] if shown is None else [(entry["name"], entry["told"], entry["aside"]) for entry in shown["entries"]]


def mood_areas(page: AppTest) -> int:
    """How many numbers the chart of the class's mood is drawn from."""
    (chart,) = page.get("vega_lite_chart")
    alt.Chart.from_dict(json.loads(chart.proto.spec))  # Vega-Lite knows every word, or this raises
    (dataset,) = chart.proto.datasets
    return int(pa.ipc.open_stream(dataset.data.data).read_all().num_rows)


def test_the_backend_and_its_licence_are_shown(resources: Resources, open_page: OpenPage) -> None:
    captions = " ".join(caption.value for caption in open_page().caption)
    assert "Faces: **Built in**." in captions
    assert plain(str(resources.models.backend.licence)) in captions


def test_an_empty_class_is_told_how_to_begin(resources: Resources, open_page: OpenPage) -> None:
    page = open_page()
    assert "Nobody is enrolled" in page.info[0].value
    assert not cards(page)


def test_a_card_shows_who_was_seen_with_which_emotion(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    page = open_page()
    assert [(card["seen"], card["emotion"]) for card in cards(page)] == [("not yet", None)]
    lesson = page.session_state["lesson"]
    see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    (card,) = cards(page.run())
    assert [card[of] for of in ("name", "emotion", "confidence", "seen")] == ["Ada", "happy", 0.75, "now"]
    assert (card["color_rgb"], card["named"]) == (COLORS_RGB["happy"], True)
    assert (card["read_by"], card["personal"], card["evidence"], card["in_view"]) == (
        "read by own photos",
        True,
        "",
        True,
    )
    assert [metric.value for metric in page.metric] == ["1", "1", "0"]


def test_the_mood_and_who_may_need_a_look_are_shown(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    assert component(page, "attention") is not None, "its room is held from the first"
    assert not attention(page)
    assert mood_areas(page) == 0, "its place is kept, so that nothing jumps when the lesson begins"
    for second in range(120):
        monkeypatch.setattr(lesson, "_clock", lambda second=second: 1000.0 + second)
        see(lesson, enrolled_ada, enrolled_ada.embeddings[0], "neutral" if second < 60 else "sad")
    page.run()
    assert not page.exception
    assert attention(page) == [("Ada", "looks sad for 50 s, usually neutral", False)]
    assert mood_areas(page) > 0
    lately = cards(page)[0]["lately"]
    assert (lately[-8], lately[-1]) == (0.0, -1.0)
    monkeypatch.setattr(lesson, "_clock", lambda: 1130.0)
    assert not attention(page.run()), "nothing comes any more, and nobody knows how she looks now"


def test_who_is_put_aside_stands_last_and_is_counted_apart(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = make_bob(enrolled_ada)
    resources.roster.save(bob, resources.store.consent(resources.store.key_of("Ada")))
    page = open_page()
    lesson = page.session_state["lesson"]
    for second in range(210):
        monkeypatch.setattr(lesson, "_clock", lambda second=second: 1000.0 + second)
        see(lesson, enrolled_ada if second < 2 else bob, bob.embeddings[0], "neutral" if second < 150 else "sad")
    ada, bobs = ("Ada", "not seen for 3 min"), ("Bob", "looks sad for 50 s, usually neutral")
    assert attention(page.run()) == [(*ada, False), (*bobs, False)]
    assert component(page, "attention")["more"] == "1 more"
    lesson.put_aside(lesson.view().attention[0])
    assert attention(page.run()) == [(*bobs, False), (*ada, True)]
    assert component(page, "attention")["more"] == "1 put aside"
    again = open_page(lesson=lesson.entry.lesson_id)
    assert attention(again) == [(*bobs, False), (*ada, True)], "a reload brings nothing back"


def test_who_may_need_a_look_stands_in_the_order_of_the_numbers_where_names_are_hidden(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = resources.roster.save(make_bob(enrolled_ada), resources.store.consent(resources.store.key_of("Ada")))
    if bob.number > enrolled_ada.number:  # the numbers are drawn; here they run against the alphabet
        resources.roster.rename(bob, "Abe")
        bob = resources.store.person("Abe")
    resources.change({"display.mode": "anonymous"})
    page = open_page()
    lesson = page.session_state["lesson"]
    for second in range(120):
        monkeypatch.setattr(lesson, "_clock", lambda second=second: 1000.0 + second)
        for person in (enrolled_ada, bob):
            see(lesson, person, person.embeddings[0], "neutral" if second < 60 else "sad")
    low, high = sorted((enrolled_ada, bob), key=lambda person: person.number)
    assert low.name > high.name
    assert [name for name, _, _ in attention(page.run())] == [f"Student {low.number}", f"Student {high.number}"]


@pytest.mark.parametrize("mode", ["anonymous", "aggregate"])
def test_a_lesson_shows_what_its_mode_allows(
    mode: str, resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    resources.change({"display.mode": mode, "display.language": "hi"})
    page = open_page()
    lesson = page.session_state["lesson"]
    for second in range(120):
        monkeypatch.setattr(lesson, "_clock", lambda second=second: 1000.0 + second)
        see(lesson, enrolled_ada, enrolled_ada.embeddings[0], "neutral" if second < 60 else "sad")
    page.run()
    assert not page.exception
    buttons = [button.label for button in page.button]
    assert not [label for label in buttons if "Ada" in label]
    if mode == "anonymous":
        ada = f"विद्यार्थी {enrolled_ada.number}"
        assert attention(page) == [(ada, "50 से॰ से दिखने में: दुखी, सामान्यतः सामान्य", False)]
        (card,) = cards(page)
        assert [card[of] for of in ("name", "emotion", "seen")] == [ada, "दुखी", "अभी"]
        assert f"{ada}, दिखने में दुखी: ऐसा नहीं" in buttons
    else:
        assert component(page, "attention") is None
        assert not cards(page)
        assert "इस पाठ में व्यक्ति छिपे हैं" in page.info[0].value
        assert mood_areas(page) == 0, "one student is no group"


def test_a_gallery_of_another_model_is_told_as_a_sentence(
    resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(resources.models.backend), "identity_fingerprint", "another model")
    page = open_page()
    assert not page.exception
    assert "'Ada' was enrolled with identity model" in page.error[0].value
    assert "Enroll 'Ada' again" in page.error[0].value


def test_missing_weights_are_told_as_a_sentence(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Resources:
        raise WeightsError("the encoder must be at weights/encoder.onnx, and there is nothing. Reinstall.")

    monkeypatch.setattr(process.shared, "get", fail)
    for name in ("live", "enroll", "students", "report", "settings"):
        page = open_page(name)
        assert not page.exception
        assert "A model file is missing or damaged" in page.error[0].value
        assert "Reinstall." in page.error[0].value


def test_faces_of_a_while_ago_are_not_counted_as_in_view(
    enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    lesson = page.session_state["lesson"]
    for now_s in (1000.0, 1001.0):
        monkeypatch.setattr(lesson, "_clock", lambda now_s=now_s: now_s)
        see(lesson, enrolled_ada, enrolled_ada.embeddings[0])
    for later_s, counts in ((1005.0, ["1", "1", "0"]), (1010.0, ["—"] * 3)):
        monkeypatch.setattr(lesson, "_clock", lambda later_s=later_s: later_s)
        assert [metric.value for metric in page.run().metric] == counts
