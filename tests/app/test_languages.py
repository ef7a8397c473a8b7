"""Every page in Hindi: what is still English is known, and shown nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import capture
from app.state.choices import OVERRIDES_VARIABLE
from app.state.resources import Resources
from fewshot.consent import record_consent
from fewshot.live.demo import DemoStudent, class_photo
from fewshot.messages import messages
from fewshot.types import Person
from tests.app.conftest import OpenPage, component
from tests.app.test_correction import hold_a_moment

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
        "builtin",
        "FER2013 PublicTest",
        "English",
        OVERRIDES_VARIABLE,
        resources.store.location,
    ]
    # what the store, the models' licences and the record of the notice hold is shown as it is
    receipt = enrolled_ada.receipt
    names += [receipt.reason, receipt.next_photo, resources.models.backend.licence, messages()("notice.wording")]
    pack = resources.config.faces.pack_root  # what is missing there is told by the models
    english = [text for text in shown if pack not in text and re.search("[A-Za-z]{3,}", without_names(text, names))]
    assert not english


def test_photos_and_receipts_are_judged_in_hindi(
    resources: Resources, ada: DemoStudent, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    resources.change({"display.language": "hi"})
    say = messages("hi")
    assert resources.preview_photo(class_photo(), 0.0).sentence == say("photo.many_faces_advice")
    session = resources.open_enrollment()
    assert session.add_photo(class_photo(), "happy", "1").reason == say("photo.many_faces", found=6)
    assert session.add_photo(ada.photo_bgr, "neutral", "2", confirmed=True).accepted
    assert session.add_photo(ada.photo_bgr, "neutral", "3").reason == say("photo.again", photo="2")
    resources.roster.save(session.finish("Ada"), record_consent("form signed", "Ms. Noether"))
    person = resources.store.person("Ada")
    page, _ = hold_a_moment(open_page, person)
    page.text_input(key="held_state").set_value("sad").run()
    page.button(key="held_save").click().run()
    assert resources.store.person("Ada").embedding_labels == ("neutral", "sad")
    for receipt in (person.receipt, resources.store.person("Ada").receipt):
        assert receipt.reason == say("receipt.untested")
        assert not re.search("[A-Za-z]{3,}", " ".join([receipt.next_photo, *receipt.left_out]))


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
