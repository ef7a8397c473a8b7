"""What each command of ``python -m enroll`` does with its arguments, its config and the store; returns its exit code."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from enroll.class_files import open_zip
from enroll.photo_list import read_list
from enroll.photos import Photos, find_class, find_photos
from enroll.states import clean_state, label_of
from enroll.students import describe, describe_all
from enroll.wording import forgotten_in_words
from fewshot.config import EnrollConfig
from fewshot.consent import Consent, record_consent
from fewshot.courses import agreed
from fewshot.errors import ConsentError, EnrollmentError, GalleryMismatch
from fewshot.messages import IN_ENGLISH
from fewshot.store.students import Store
from fewshot.terminal import LAW

if TYPE_CHECKING:
    from enroll.add import Enrolled


def add(options: Namespace, config: EnrollConfig, store: Store) -> int:
    """Enroll one student, a class or those of a list."""
    from enroll.add import add_students
    from fewshot.models import load_models  # whose packages the other commands do without

    consent = _consent(options)
    with _students(options) as students:
        models = load_models(config.faces, config.personal)
        print(LAW, file=sys.stderr)
        adding = add_students(
            students,
            store.people(),
            store.add,
            consent,
            models,
            replace=options.replace,
            confirmed=options.confirmed,
            courses=options.courses,
            for_class=options.for_class,
            two_people=options.two_people,
            tell=_print_now,
        )
        try:
            results = list(adding)
        except GalleryMismatch as error:
            raise GalleryMismatch(
                f"{error} Say --replace to enroll them again, --store to use another store."
            ) from error
    saved, kept = sum(r.person is not None for r in results), sum(r.problem is None and r.kept for r in results)
    _tell_left_out(results)
    if any(result.seems_enrolled for result in results):
        print("Say --two-people, with --name, to enroll somebody who only looks like another.")
    if kept:
        print("Say --replace to enroll anew who is enrolled already.")
    before = f", {kept} were before" if kept else ""
    print(f"{saved} of {len(results)} enrolled{before}, in {store.location}.")
    return 0 if saved and saved + kept == len(results) else 1


def teach(options: Namespace, config: EnrollConfig, store: Store) -> int:
    """Teach a state of the teacher's own to students who are enrolled."""
    from enroll.teach import teach_state
    from fewshot.models import load_models

    state = label_of(options.state)
    with _students(options, state) as students:
        models = load_models(config.faces, config.personal)
        print(LAW, file=sys.stderr)
        taught = list(
            teach_state(
                state,
                students,
                store,
                models,
                for_class=options.for_class,
                confirmed=options.confirmed,
                tell=_print_now,
            )
        )
    saved = sum(result.person is not None for result in taught)
    _tell_left_out(taught)
    print(f"{saved} of {len(taught)} taught, in {store.location}.")
    return 0 if saved == len(taught) else 1


def list_all(_options: Namespace, _config: EnrollConfig, store: Store) -> int:
    """Name everybody enrolled."""
    print(describe_all(store))
    return 0


def show(options: Namespace, _config: EnrollConfig, store: Store) -> int:
    """Print what is kept of a student."""
    person = store.person(options.name)
    print(describe(person, store.consent(person.person_id), store.people()))
    return 0


def assign(options: Namespace, _config: EnrollConfig, store: Store) -> int:
    """Say which classes a student is taught in."""
    person = store.person(options.name)
    courses = agreed(options.courses, store.people())
    store.change(person.person_id, partial(replace, courses=courses))
    print(f"'{person.name}' is taught in {', '.join(courses) or 'no class'}.")
    return 0


def rename(options: Namespace, _config: EnrollConfig, store: Store) -> int:
    """Give a student another name."""
    name = store.rename(store.key_of(options.name), options.new_name)
    print(f"'{options.name}' is now called '{name}'.")
    return 0


def forget(options: Namespace, _config: EnrollConfig, store: Store) -> int:
    """Delete everything kept of a student."""
    name, person_id = options.name, store.key_of(options.name)  # of whom nothing else need be readable
    if not options.yes:
        if not sys.stdin.isatty():
            raise EnrollmentError(f"Forgetting '{name}' cannot be undone. Confirm it with --yes.")
        if input(f"Delete everything kept of '{name}'? It cannot be undone. [y/N] ").strip().casefold() not in (
            "y",
            "yes",
        ):
            print("Nothing was deleted.")
            return 1
    gone = store.forget(person_id)
    print(forgotten_in_words(gone, IN_ENGLISH))
    return 0


def forget_state(options: Namespace, _config: EnrollConfig, store: Store) -> int:
    """Remove a state of the teacher's own from a student, or from everybody."""
    from enroll.teach import unteach_state

    state = clean_state(options.state)
    if options.name is not None:
        people = [store.person(options.name)]
    else:
        people = [person for person in store.people() if state in person.embedding_labels]
    if not people:
        raise EnrollmentError(f"Nobody in {store.location} has a state '{state}'. See what is kept of each with show.")
    for person in unteach_state(state, store.change, people):
        print(f"'{state}' is removed from '{person.name}'.")
    return 0


@contextmanager
def _students(options: Namespace, state: str | None = None) -> Iterator[tuple[Photos, ...]]:
    """Yield the photos of each student, or those of ``state``; what is in a .zip can be read until the block ends."""
    if options.name is not None:
        yield (find_photos(options.name, options.images, state or options.emotion),)
    elif options.list:
        yield read_list(options.list, options.root or options.list.parent)
    elif _is_archive(options.whole_class):
        with open_zip(options.whole_class) as folder:
            yield find_class(folder, state)
    else:
        yield find_class(options.whole_class, state)


def _is_archive(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # whoever looks into it as a folder says why
        return False


def _tell_left_out(results: Sequence[Enrolled]) -> None:
    if any(verdict.asks for result in results for verdict in result.verdicts):
        print("Say --confirmed to use photos that were left out, if they are right all the same.")


def _print_now(line: str) -> None:
    print(line, flush=True)  # whoever reads a pipe must know at once who is saved


def _consent(options: Namespace) -> Consent:
    wording: str | None = options.consent
    if wording is None and sys.stdin.isatty():
        wording = input("Who agreed to this enrollment, and how (such as 'form signed by the mother on 3 May')? ")
    if wording is None:
        raise ConsentError(
            "Consent must be recorded before anybody is enrolled. Say who agreed, and how, with --consent."
        )
    return record_consent(wording, options.recorded_by or _account())


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:  # a container's user may have no name
        raise ConsentError(
            "Who records the consent must be known, this account has no name. Say --recorded-by."
        ) from error
