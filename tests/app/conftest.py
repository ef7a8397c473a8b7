"""The app's resources with real models and a store in a folder of the test's own."""

from __future__ import annotations

import copy
import json
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit import config as streamlit_config
from streamlit.testing.v1 import AppTest

from app.state import process, signin
from app.state.choices import OVERRIDES_VARIABLE
from app.state.lesson import Lesson
from app.state.models import SharedModels
from app.state.process import SharedResources
from app.state.resources import Resources
from enroll.correct import correct
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.consent import record_consent
from fewshot.encoder import load_encoder
from fewshot.face.backend import FaceBackend
from fewshot.live.demo import DemoStudent, demo_people
from fewshot.live.session import FaceEmbeddings
from fewshot.messages import messages
from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.prototypes import load_generic
from fewshot.store.acknowledgment import Acknowledgments
from fewshot.store.students import Store
from fewshot.types import Emotion, Face, Float32, FrameResult, Match, Reading

ROOT = Path(__file__).parents[2]

OpenPage = Callable[..., AppTest]
WriteSecrets = Callable[[str | None], None]

ISSUER = "https://school.example"
COMPLETE = "[auth]\n" + "".join(f'{name} = "https://x.example"\n' for name in signin.NEEDED)


@pytest.fixture(scope="session")
def shared_models(config: LiveConfig) -> SharedModels:
    """What takes long to load and never changes."""
    return SharedModels(load_encoder(threads=1), Prior(load_generic(), config.personal))


@pytest.fixture(scope="session")
def config() -> LiveConfig:
    """The defaults, with the built-in faces."""
    config: LiveConfig = load(LiveConfig, ["faces=builtin"])
    return config


@pytest.fixture(scope="session")
def backend(shared_models: SharedModels, config: LiveConfig) -> FaceBackend:
    """The built-in faces."""
    return shared_models.with_faces(config.faces).backend


@pytest.fixture
def resources(
    shared_models: SharedModels, config: LiveConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Resources]:
    """The resources that every page finds in this test; what the law says was read."""
    with closing(Store(str(tmp_path / "students.db"))) as store:
        made = Resources(config, shared_models, store)
        Acknowledgments(store.database).record(messages()("notice.wording"))
        monkeypatch.setattr(process.shared, "_resources", {signin.ANYBODY: made})
        yield made


@pytest.fixture(scope="session")
def ada() -> DemoStudent:
    """A student with one good portrait, of a woman who looks into the camera."""
    return demo_people()[0]


@pytest.fixture
def enrolled_ada(resources: Resources, ada: DemoStudent) -> Person:
    """The same student, in the store already."""
    session = resources.open_enrollment()
    assert session.add_photo(ada.photo_bgr, "neutral", "portrait", confirmed=True).accepted
    return resources.roster.save(session.finish("Ada"), record_consent("form signed", "Ms. Noether"))


def make_bob(ada: Person) -> Person:
    """Another student, with a face that is not hers."""
    return replace(ada, person_id="bob", name="Bob", templates=-ada.templates)


def assign(resources: Resources, person: Person, *courses: str) -> None:
    """Let a student be one of these classes, as the page Students does."""
    resources.roster.change(person.person_id, partial(replace, courses=courses))


def count_as(resources: Resources, person: Person, label: str) -> None:
    """Let a moment of a student count as ``label``, as a correction on the page Live does."""
    learned = partial(correct, embedding=person.embeddings[0] + 0.1, label=label, prior=resources.models.prior)
    resources.roster.change(person.person_id, learned)


def offer_other_faces(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> FaceBackend:
    """Let the next change of a setting bring other faces, and return them: the same, as if by another identity model."""
    others = copy.copy(resources.models.backend)
    monkeypatch.setattr(others, "identity_fingerprint", "other faces")
    monkeypatch.setattr(resources.shared_models, "with_faces", lambda _faces: replace(resources.models, backend=others))
    return others


@pytest.fixture
def open_page() -> OpenPage:
    """``open_page("students")`` runs one page as a visitor sees it who has passed the welcome, or not; ``user``: who signed in."""

    def open_page(
        page: str = "live",
        *,
        welcomed: bool = True,
        lesson: str | None = None,
        user: Mapping[str, object] = MappingProxyType({}),
    ) -> AppTest:
        visit = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        if welcomed:
            visit.session_state["skipped"] = True
        if lesson is not None:
            visit.query_params["lesson"] = lesson
        visit.user = dict(user)
        visit.run()
        return visit if page == "live" else visit.switch_page(f"app/pages/{page}.py").run()

    return open_page


@pytest.fixture
def shared(shared_models: SharedModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedResources]:
    """What the process shares before anybody has come, but for the models, which take long to load."""
    monkeypatch.setenv("FEWSHOT_STORE", str(tmp_path / "students.db"))
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    monkeypatch.setattr(process.shared, "_models", shared_models)
    monkeypatch.setattr(process.shared, "_resources", {})
    yield process.shared
    for resources in process.shared._resources.values():
        resources.store.close()


@pytest.fixture
def write_secrets(tmp_path: Path) -> Iterator[WriteSecrets]:
    """``write_secrets(text)`` is what Streamlit finds in the file that it was told of; None: it is not there."""
    before = [ask("secrets.files") for ask in (streamlit_config.get_option, streamlit_config.get_where_defined)]
    file = tmp_path / "secrets.toml"

    def write(text: str | None) -> None:
        if text is not None:
            file.write_text(text)
        st.secrets._reset()
        streamlit_config.set_option("secrets.files", [str(file)])

    yield write
    streamlit_config.set_option("secrets.files", *before)
    st.secrets._reset()


def pack_frame(time_s: float, jpeg: bytes) -> bytes:
    """Join capture time and JPEG, as the page's script does."""
    return struct.pack("<d", time_s) + jpeg


def component(page: AppTest, key: str) -> dict[str, Any] | None:
    """What one of our own components is told; None where the page does not show it."""
    try:
        told: dict[str, Any] = json.loads(page.get_by_key(key).proto.json)
    except KeyError:
        return None
    return told


def cards(page: AppTest) -> list[dict[str, Any]]:
    """The cards of the class, as the component that draws them is told."""
    shown = component(page, "cards")
    return [] if shown is None else shown["cards"]


def see(lesson: Lesson, person: Person, embedding: Float32, label: str = "happy") -> None:
    """Record a frame in which a student looks so."""
    face = Face(np.array([0, 0, 9, 9], np.float32), np.zeros((5, 2), np.float32), 0.9)
    emotion = Emotion(label, {"happy": 0.75, "sad": 0.25}, 1.0, "personal")
    reading = Reading(1, face, Match(person.person_id, person.name, 0.9), emotion)
    lesson.record(FrameResult(0, 0.0, 64, 48, (reading,)), {1: FaceEmbeddings(embedding, person.templates[0])})
