"""The demo class: six students from a published photo, which the page Live animates as if it were filmed.

``python -m app.demo DIR`` shows it without a browser: DIR receives the clip, the annotated video and readings.csv.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2

from app.state.choices import app_config
from app.state.models import load_shared_models
from app.state.resources import Resources
from enroll.wording import reason_in_words
from fewshot.consent import record_consent
from fewshot.errors import EnrollmentError, OutputError, StillInLog, UnknownPerson
from fewshot.live.__main__ import watch
from fewshot.live.demo import LIMITS, SECONDS, class_photo, demo_people, write_clip
from fewshot.live.run import READINGS_NAME, VIDEO_NAME
from fewshot.live.totals import Totals
from fewshot.names import name_key
from fewshot.person import Person
from fewshot.store.students import Store
from fewshot.terminal import run_command

CONSENT = "Demo class: invented names for the people of a photo that InsightFace publishes with its package."


@cache
def names() -> tuple[str, ...]:
    """The invented names; a function, because asking for them opens the photo."""
    return tuple(student.name for student in demo_people())


@cache
def photo_jpeg() -> bytes:
    """The photo of all six, as a JPEG."""
    return cv2.imencode(".jpg", class_photo(), [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def is_enrolled(resources: Resources) -> bool:
    """Whether all six are in the gallery."""
    present = {name_key(person.name) for person in resources.roster.gallery().people}
    return all(name_key(name) in present for name in names())


def enroll(resources: Resources) -> None:
    """Enroll those of the six whose names are free; a student of the teacher's who has one of the names is left alone.

    Raises:
        EnrollmentError: a portrait cannot be used.
    """
    present = {name_key(person.name) for person in resources.roster.refresh().people}
    for student in demo_people():
        if name_key(student.name) in present:
            continue
        session = resources.open_enrollment(LIMITS)
        portrait = f"the portrait of {student.name}"
        verdict = session.add_photo(student.photo_bgr, student.label, portrait, confirmed=True)
        if not verdict.accepted:
            say = resources.words
            why = reason_in_words(verdict, say)
            raise EnrollmentError(say("live.demo_rejected", name=student.name, reason=why))
        # Without the gallery: two of the six look so far to the side that the check for doubles takes them for one.
        resources.roster.save(session.finish(student.name), record_consent(CONSENT, "the demo"))


def forget(resources: Resources) -> None:
    """Erase those of the six who were enrolled as the demo class; a student of the teacher's of that name stays.

    Raises:
        StillInLog: they are forgotten, but the database's log could not be emptied yet.
        StoreError: some are not.
    """
    left: StillInLog | None = None
    for person in enrolled(resources, resources.store.people()):
        try:
            resources.roster.forget(person)
        except UnknownPerson:  # by another tab, a moment ago
            continue
        except StillInLog as error:
            left = error
    if left is not None:
        raise left


def enrolled(resources: Resources, people: Iterable[Person]) -> list[Person]:
    """Return those of ``people`` who are enrolled as the demo class."""
    keys = {name_key(name) for name in names()}
    six = [person for person in people if name_key(person.name) in keys]
    return [person for person in six if resources.store.consent(person.person_id).wording == CONSENT]


def run_headless(output: Path, seconds: float = SECONDS) -> Totals:
    """Watch ``seconds`` of the demo class without a browser: clip, annotated video, readings and table, in ``output``.

    The students live in a store that is gone afterwards; the user's own is not touched. Raises FewshotError.
    """
    clip = output / "class.mp4"
    if clip.is_file():  # the results beside it are an earlier demo's, and this one makes them again
        for name in (READINGS_NAME, VIDEO_NAME):
            (output / name).unlink(missing_ok=True)
    write_clip(clip, seconds)
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "students.db")
        config = app_config()
        # six people of a photo: nobody to hide, whatever the environment says of the students
        everybody = replace(config.display, mode="full")
        config = replace(config, source=str(clip), output=str(output), store=place, display=everybody)
        with closing(Store(place)) as store:
            enroll(Resources(config, load_shared_models(config.personal), store))
        return watch(config)


def main() -> int:
    """Show the demo class in the folder named on the command line, else in outputs/demo; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m app.demo", description="Watch the demo class without a browser.")
    parser.add_argument(
        "folder", nargs="?", default="outputs/demo", help="for what it writes; outputs/demo if left out"
    )
    named = parser.parse_args().folder
    if not named.strip():
        raise OutputError("The demo must have a folder for what it writes, got nothing. Name one, or leave it out.")
    run_headless(Path(named))
    return 0


if __name__ == "__main__":
    sys.exit(run_command("demo", main))
