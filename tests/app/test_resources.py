from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app import demo
from app.state.choices import OVERRIDES_VARIABLE, app_config, usable
from app.state.resources import Resources
from enroll.photos import find_class
from fewshot.consent import record_consent
from fewshot.errors import ConfigError, EnrollmentError, StoreError
from fewshot.gallery import Gallery
from fewshot.live.demo import DemoStudent, class_photo
from fewshot.models import Models
from fewshot.person import Person
from fewshot.store.students import Forgotten
from tests.app.conftest import assign, count_as, make_bob, offer_other_faces


def test_the_environment_changes_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "analyze_fps=7 'store=my students (1).db'")
    config = app_config()
    assert (config.analyze_fps, config.store) == (7, "my students (1).db")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("store='x", "must be words as in a shell, got: No closing quotation"),
        ("fps=7", "Could not override 'fps'"),
        ("display.language=xx", "must be one of en, hi; got 'xx'"),
        (
            "analyze_fps=0",
            r"^analyze_fps must .* command line\. In the app: on the page Settings or in FEWSHOT_OVERRIDES\.$",
        ),
    ],
)
def test_nonsense_is_a_sentence(value: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, value)
    with pytest.raises(ConfigError, match=sentence):
        app_config()


def test_a_choice_counts_unless_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {"faces.backend": "insightface", "classroom.looks_s": "25", "of_a_newer_version": "7"}
    config = app_config(chosen)
    assert (config.faces.backend, config.classroom.looks_s) == ("insightface", 25)
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin classroom.looks_s=33")
    config = app_config(chosen)
    assert (config.faces.backend, config.classroom.looks_s) == ("builtin", 33)


def test_what_cannot_be_used_any_more_is_passed_over() -> None:
    chosen = {
        "classroom.looks_s": "0",
        "classroom.retention_days": "soon",
        "display.language": "xx",
        "display.mode": "anonymous",
    }
    assert usable(chosen) == {"display.mode": "anonymous"}
    assert usable({}) == {}


def test_a_setting_counts_in_a_lesson_that_runs(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "faces=builtin")
    demo.enroll(resources)
    picture = class_photo()
    process = resources.open_lesson("lesson-of-a-class")
    lesson = resources.lessons.join("lesson-of-a-class")
    named = {reading.match.name for reading in process(picture, 0.0).readings}
    assert named & set(demo.names())
    resources.change({"display.mode": "anonymous"})
    named = {reading.match.name for reading in process(picture, 1.0).readings} - {None}
    assert named
    assert named <= {f"Student {person.number}" for person in resources.store.people()}
    resources.change({"display.mode": "aggregate"})
    assert process(picture, 2.0).readings == ()
    resources.change({"display.mode": "full"})
    assert process(picture, 3.0).readings == (), "what was once hidden stays so"
    resources.lessons.save()
    assert [entry.mode for entry in resources.lesson_store.entries()] == ["aggregate"]
    assert lesson.view().sightings, "the lesson itself goes on"


def test_who_cannot_be_forgotten_stays_in_the_lesson(
    resources: Resources, enrolled_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = resources.open_lesson("lesson-of-a-class")

    def fail(_person_id: str) -> Forgotten:
        raise StoreError("database is locked")

    with monkeypatch.context() as while_locked:
        while_locked.setattr(resources.store, "forget", fail)
        with pytest.raises(StoreError, match="locked"):
            resources.roster.forget(enrolled_ada)
    assert "Ada" in {reading.match.name for reading in process(class_photo(), 0.0).readings}
    resources.roster.forget(enrolled_ada)
    assert {reading.match.name for reading in process(class_photo(), 1.0).readings} == {None}


def test_a_face_named_anew_is_known_by_that_name_alone(resources: Resources, enrolled_ada: Person) -> None:
    bob = make_bob(enrolled_ada)
    resources.roster.save(bob, record_consent("form signed", "Ms. Noether"))
    face = np.eye(1, bob.templates.shape[1], 3, dtype=np.float32)
    for who in (enrolled_ada, bob, bob):
        resources.roster.name_face(who.person_id, face[0])
        assert resources.roster.gallery().match(face)[0].person_id == who.person_id


def test_a_lesson_of_a_class_knows_its_students_alone(resources: Resources) -> None:
    demo.enroll(resources)
    picture, process = class_photo(), resources.open_lesson("lesson-of-a-class")
    lesson = resources.lessons.join("lesson-of-a-class")
    everybody = {reading.match.name for reading in process(picture, 0.0).readings} - {None}
    assert len(everybody) > 2
    one = sorted(everybody)[0]
    assert one is not None
    assign(resources, resources.store.person(one), "7b")
    lesson.set_course("7b")
    assert {reading.match.name for reading in process(picture, 1.0).readings} - {None} == {one}
    assert resources.roster.rename_course("7b", " 8b ") == "8b"
    assert lesson.entry.course == "8b"
    assert {reading.match.name for reading in process(picture, 2.0).readings} - {None} == {one}
    lesson.set_course("")
    assert {reading.match.name for reading in process(picture, 3.0).readings} - {None} == everybody


def test_other_faces_are_used_from_the_next_frame_on(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    process = resources.open_lesson("lesson-of-a-class")
    process(class_photo(), 0.0)
    before = resources.models.backend
    resources.change({"faces.backend": "auto"})
    assert resources.models.backend is not before
    assert process(class_photo(), 1.0).readings


def test_other_faces_chosen_in_the_middle_of_a_frame_are_used_from_the_next_one_on(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = resources.open_lesson("lesson-of-a-class")
    process(class_photo(), 0.0)
    others, gallery = offer_other_faces(resources, monkeypatch), resources.roster.gallery

    def gallery_after_a_choice(*models: Models) -> Gallery:
        monkeypatch.setattr(resources.roster, "gallery", gallery)
        resources.change({"faces.backend": "auto"})
        return gallery(*models)

    monkeypatch.setattr(resources.roster, "gallery", gallery_after_a_choice)
    assert process(class_photo(), 1.0).readings
    assert resources.models.backend is others
    assert process(class_photo(), 2.0).readings
    assert resources.roster.gallery().identity_fingerprint == others.identity_fingerprint


def test_a_page_that_was_drawn_before_undoes_nothing(resources: Resources, enrolled_ada: Person) -> None:
    """Another tab has corrected her since; the class typed here joins that."""
    count_as(resources, enrolled_ada, "sad")
    assign(resources, enrolled_ada, "7b")
    kept = resources.store.person("Ada")
    assert (kept.embedding_labels, kept.courses) == ((*enrolled_ada.embedding_labels, "sad"), ("7b",))
    assert resources.roster.gallery().person(kept.person_id).embedding_labels == kept.embedding_labels


def test_who_is_enrolled_anew_stays_in_her_class_of_a_running_lesson(
    resources: Resources, enrolled_ada: Person
) -> None:
    consent = resources.store.consent(resources.store.key_of("Ada"))
    assign(resources, enrolled_ada, "7b")
    resources.roster.save(enrolled_ada, consent, replace=True)
    assert [person.name for person in resources.roster.gallery().of_course("7b").people] == ["Ada"]


def test_a_state_leaves_all_but_who_has_nothing_else(resources: Resources, enrolled_ada: Person) -> None:
    only = replace(make_bob(enrolled_ada), embedding_labels=("confused",) * len(enrolled_ada.embeddings))
    resources.roster.save(only, resources.store.consent(resources.store.key_of("Ada")))
    count_as(resources, enrolled_ada, "confused")
    with pytest.raises(
        EnrollmentError, match="The only photos of 'Bob' show 'confused'. Give a photo of an emotion first"
    ):
        resources.roster.forget_state("confused", resources.roster.gallery().people)
    assert {person.name for person in resources.roster.gallery().people if "confused" in person.embedding_labels} == {
        "Bob"
    }


def forgotten_right_after(step: Callable[..., Person], resources: Resources) -> Callable[..., Person]:
    """``step`` of the store; then another tab begins to forget the student, and a lesson has a frame, before the gallery follows."""

    def step_then_forget(*arguments: object, **options: object) -> Person:
        person = step(*arguments, **options)
        other_tab = threading.Thread(target=resources.roster.forget, args=(person,))
        other_tab.start()
        other_tab.join(timeout=0.5)  # done by now, unless it has to wait for the gallery
        resources.roster.gallery()
        return person

    return step_then_forget


def everybody_once_quiet(resources: Resources) -> list[str]:
    """Who is in the live gallery when no other tab is at work any more."""
    for thread in threading.enumerate():
        if thread.name.endswith("(forget)"):
            thread.join()
    return [person.name for person in resources.roster.gallery().people]


def test_who_is_forgotten_while_a_state_is_removed_stays_forgotten(
    resources: Resources, enrolled_ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_as(resources, enrolled_ada, "confused")
    monkeypatch.setattr(resources.store, "change", forgotten_right_after(resources.store.change, resources))
    resources.roster.forget_state("confused", resources.roster.gallery().people)
    assert everybody_once_quiet(resources) == []


def test_who_is_forgotten_while_a_class_is_enrolled_stays_forgotten(
    resources: Resources, ada: DemoStudent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "class" / "Ada" / "neutral" / "1.png"
    photo.parent.mkdir(parents=True)
    cv2.imwrite(str(photo), ada.photo_bgr)
    monkeypatch.setattr(resources.store, "add", forgotten_right_after(resources.store.add, resources))
    consent = record_consent("form signed", "Ms. Noether")
    students = find_class(tmp_path / "class")
    (enrolled,) = resources.roster.enroll_class(students, consent, [], replace=False, confirmed=True)
    assert enrolled.person is not None
    assert everybody_once_quiet(resources) == []
