"""The app's resources with real models and a store in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import resources
from app.messages import messages
from app.resources import Resources
from fewshot.acknowledgment import Acknowledgments
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.consent import record_consent
from fewshot.encoder import Encoder, load_encoder
from fewshot.face.backend import FaceBackend, load_backend
from fewshot.live.demo import DemoStudent, demo_people
from fewshot.prototypes import load_generic
from fewshot.store import Store
from fewshot.types import Person, Prototypes

ROOT = Path(__file__).parents[2]

OpenPage = Callable[..., AppTest]


@dataclass(frozen=True, eq=False)
class Models:
    """What takes long to load and never changes."""

    config: LiveConfig
    backend: FaceBackend
    encoder: Encoder
    generic: Prototypes


@pytest.fixture(scope="session")
def models() -> Models:
    """The built-in faces and the shipped encoder."""
    config: LiveConfig = load(LiveConfig, ["faces=builtin"])
    return Models(config, load_backend(config.faces), load_encoder(threads=1), load_generic())


@pytest.fixture
def loaded(models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Resources]:
    """The resources that every page finds in this test; what the law says was read."""
    with closing(Store(str(tmp_path / "students.db"))) as store:
        made = Resources(models.config, models.backend, models.encoder, models.generic, store)
        Acknowledgments(store).record(messages()("notice.wording"))
        monkeypatch.setattr(resources.shared, "get", lambda: made)
        yield made


@pytest.fixture(scope="session")
def ada() -> DemoStudent:
    """A student with one good portrait, of a woman who looks into the camera."""
    return demo_people()[0]


@pytest.fixture
def enrolled_ada(loaded: Resources, ada: DemoStudent) -> Person:
    """The same student, in the store already."""
    session = loaded.open_enrollment()
    assert session.add_photo(ada.photo_bgr, "neutral", "portrait", confirmed=True).accepted
    person = session.finish("Ada")
    loaded.save(person, record_consent("form signed", "Ms. Noether"))
    return person


@pytest.fixture
def open_page() -> OpenPage:
    """``open_page("students")`` runs one page of the app as a visitor sees it who has passed the welcome, or not."""

    def open_page(page: str = "live", *, welcomed: bool = True, lesson: str | None = None) -> AppTest:
        visit = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        if welcomed:
            visit.session_state["skipped"] = True
        if lesson is not None:
            visit.query_params["lesson"] = lesson
        visit.run()
        return visit if page == "live" else visit.switch_page(f"app/{page}.py").run()

    return open_page
