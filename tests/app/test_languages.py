"""Every page in Hindi: what is still English is known, and shown nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import capture, demo
from app.markdown import plain
from app.state.choices import OVERRIDES_VARIABLE
from app.state.resources import Resources
from enroll.wording import next_photo_in_words
from fewshot.live.demo import DemoStudent, class_photo
from fewshot.messages import messages
from fewshot.person import Person
from tests.app.conftest import OpenPage, component
from tests.app.test_correction import hold_a_face, hold_a_moment
from tests.app.test_enroll_page import fill_in, give, png, said

TOLD = ("title", "header", "subheader", "caption", "markdown", "info", "success", "warning", "error")
ASKED = ("button", "checkbox", "toggle", "text_input", "selectbox", "multiselect", "number_input", "slider")
CHOSEN = ("segmented_control", "pills", "radio", "selectbox")


def words_of(page: AppTest) -> list[str]:
    """Everything a page says, asks and offers."""
    told = [element.value for kind in TOLD for element in page.get(kind)]
    asked = [element.label for kind in (*ASKED, *CHOSEN) for element in page.get(kind)]
    offered = [option for kind in CHOSEN for element in page.get(kind) for option in element.options]
    hinted = [element.proto.placeholder for element in page.get("text_input")]
    measured = [element.label for element in page.get("metric")]
    shown = component(page, "cards") or {"cards": [], "what": "", "lately": ""}
    cards = [
        text for card in shown["cards"] for of, text in card.items() if of != "color_rgb" and isinstance(text, str)
    ]
    carded = [*cards, shown["what"], shown["lately"]]
    drawn = [text for chart in page.get("vega_lite_chart") for text in words_of_chart(json.loads(chart.proto.spec))]
    return [str(text) for text in (*told, *asked, *offered, *hinted, *measured, *carded, *drawn)]


def words_of_chart(chart: dict[str, Any]) -> list[str]:
    """What a chart says to a screen reader, and to who points at it."""
    tips = [tip for layer in (chart, *chart.get("layer", ())) for tip in layer.get("encoding", {}).get("tooltip", ())]
    return [chart["description"], *(tip.get("title", tip["field"]) for tip in tips)]


def without_names(text: str, names: list[str]) -> str:
    """What is left of a text without icons, badges and what is called so in every language."""
    text = re.sub(r":material/\w+:|:\w+-badge|\\", "", text)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return text


@pytest.mark.parametrize("name", ["live", "enroll", "students", "settings"])
def test_a_page_speaks_hindi(
    name: str, resources: Resources, enrolled_ada: Person, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    resources.change({"display.language": "hi"})
    page = open_page(name)
    if name == "enroll":
        shown = words_of(page)
        page.segmented_control(key="whom").set_value("class").run()
        shown += words_of(page)
    else:
        shown = words_of(page)
    assert not page.exception
    assert any("lang = 'hi'" in part.proto.body for part in page.get("html"))
    names = [
        "Ada",
        "Ms. Noether",
        "FER2013 PublicTest",
        "English",
        OVERRIDES_VARIABLE,
        resources.store.location,
    ]
    names += [messages()("notice.wording")]  # the record of what was read is shown as it is
    pack = resources.config.faces.pack
    names += ["insightface.ai", f"~/.insightface/models/{pack}", pack]
    assert not [text for text in shown if re.search("[A-Za-z]{3,}", without_names(text, names))]


def test_the_demo_class_is_kept_in_words_of_any_language(
    resources: Resources, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    demo.enroll(resources)
    resources.change({"display.language": "hi"})
    names = [*demo.names(), resources.store.location]
    shown = words_of(open_page("students"))
    assert sum(messages("hi")("students.demo_consent") in text for text in shown) == 6
    assert not [text for text in shown if re.search("[A-Za-z]{3,}", without_names(text, names))]


def test_a_camera_is_looked_into_in_hindi(resources: Resources) -> None:
    resources.change({"display.language": "hi"})
    assert resources.preview_photo(class_photo(), 0.0).sentence == messages("hi")("photo.many_faces_advice")


def test_what_was_enrolled_in_one_language_is_told_in_another(
    resources: Resources, ada: DemoStudent, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    page = fill_in(give(give(open_page("enroll"), png(ada.photo_bgr), "1.png"), png(ada.photo_bgr), "2.png"), "अदिति")
    give(give(page, b"no picture", "3.png"), png(class_photo()), "4.png")
    assert "this is the photo 1.png again" in said(page)
    page.button(key="save").click().run()
    (person,) = resources.store.people()
    assert page.info[0].value == next_photo_in_words(person.receipt.next_photo, messages("en"))
    resources.change({"display.language": "hi"})
    say = messages("hi")
    students = open_page("students")
    (told,) = (box.value for box in students.info)
    assert told == next_photo_in_words(person.receipt.next_photo, say)
    assert say("receipt.untested") in [text.value for text in students.markdown]
    left_out = students.expander[0].markdown[0].value.replace("\\", "")
    for sentence in (
        say("photo.again", photo="1.png"),
        say("photo.damaged"),
        say("photo.many_faces", found=6),
    ):
        assert sentence in left_out
    names = ["1.png", "2.png", "3.png", "4.png"]
    assert not re.search("[A-Za-z]{3,}", without_names(left_out, names))


@pytest.mark.parametrize("of", ["moment", "face"])
def test_a_correction_is_told_in_the_language_of_now(
    of: str, resources: Resources, enrolled_ada: Person, open_page: OpenPage
) -> None:
    if of == "moment":
        page, _ = hold_a_moment(open_page, enrolled_ada)
        page.pills(key="held_label").set_value("surprise").run()
    else:
        page, _ = hold_a_face(open_page, enrolled_ada)
        page.selectbox(key="held_name").set_value(enrolled_ada.person_id).run()
    page.button(key="held_save").click().run()
    say = {language: messages(language) for language in ("en", "hi")}
    told = {
        language: words("correction.counts", name="Ada", label=words.label("surprise"))
        if of == "moment"
        else words("correction.known", name="Ada", face=words("correction.face", n=1))
        for language, words in say.items()
    }
    assert plain(told["en"]) in said(page)
    resources.change({"display.language": "hi"})
    page.run()
    assert plain(told["hi"]) in said(page)
    assert plain(told["en"]) not in said(page)


def test_photos_not_yet_saved_are_judged_in_the_language_of_now(resources: Resources, open_page: OpenPage) -> None:
    page = give(open_page("enroll"), png(class_photo()), "1.png")
    assert "6 faces were found" in said(page)
    resources.change({"display.language": "hi"})
    page.run()
    say = messages("hi")
    assert say("photo.many_faces", found=6) in said(page)
    assert say("guide.neutral_first") in said(page)


def test_the_browsers_half_takes_its_words_from_the_messages() -> None:
    """A script shows what the page gave it: no sentence of its own, and no word that is missing."""
    folder = Path(capture.__file__).parent
    scripts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.js")}
    known = set(messages("en").part("stage"))
    asked = {word for text in scripts.values() for word in re.findall(r"\bwords\??\.(\w+)", text)}
    assert asked
    assert asked <= known
    assert {f"guide_{where}" for where in ("off", "start", "shutter", "auto")} <= known
    sentence = re.compile(r"""["'`>][A-Z][a-z]+ [a-z]+[^"'`<]*["'`<]""")
    for name, text in [*scripts.items(), *((path.name, path.read_text()) for path in folder.glob("*.html"))]:
        code = "\n".join(line.split("//")[0] for line in text.splitlines())
        assert not sentence.search(code), f"{name} says something in English"
