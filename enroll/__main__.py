"""Enroll students from the command line: ``python -m enroll add | list | show | assign | rename | forget | forget-state``.

Exit codes: 0 done; 1 somebody could not be enrolled, nobody was, or an error, told in a sentence; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from enroll.class_files import open_zip
from enroll.photos import Photos, find_class, find_photos, read_list
from enroll.states import clean_state, label_of
from enroll.students import describe, describe_all
from fewshot.compose import load
from fewshot.config import EnrollConfig
from fewshot.consent import Consent, record_consent
from fewshot.courses import agreed
from fewshot.errors import ConsentError, EnrollmentError
from fewshot.store.students import Store
from fewshot.store.url import default_url
from fewshot.terminal import LAW, run_command
from fewshot.types import EMOTIONS

if TYPE_CHECKING:
    from enroll.add import Enrolled

Command = Callable[[argparse.Namespace, EnrollConfig, Store], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    if options.run is _add and not _is_clear(options):
        options.usage_error(
            "say either --name and --images (and --emotion or --state), or --class (and --state), or --list (and --root); with "
            "--state, none of --emotion, --replace, --course, --consent, --recorded-by"
        )

    def run() -> int:
        config: EnrollConfig = load(EnrollConfig, options.overrides)
        with closing(Store(options.store or default_url(config.store))) as store:
            command: Command = options.run
            return command(options, config, store)

    return run_command("enroll", run, on_interrupt="stopped. Who was said to be saved is saved, nobody else.")


def _add(options: argparse.Namespace, config: EnrollConfig, store: Store) -> int:
    from enroll.add import add_students
    from fewshot.models import load_models  # whose packages are needed by this command alone

    if options.state:
        options.state = label_of(options.state)
        return _teach(options, config, store)
    consent = _consent(options)
    with _students(options) as students:
        models = load_models(config.faces, config.personal)
        print(LAW, file=sys.stderr)
        results = list(
            add_students(
                students,
                store.people(),
                store.add,
                consent,
                models,
                replace=options.replace,
                confirmed=options.confirmed,
                courses=options.courses,
                for_class=options.for_class,
                tell=_print_now,
            )
        )
    saved, kept = sum(r.person is not None for r in results), sum(r.kept for r in results)
    _tell_left_out(results)
    if kept:
        print("Say --replace to enroll anew who is enrolled already.")
    before = f", {kept} were before" if kept else ""
    print(f"{saved} of {len(results)} enrolled{before}, in {store.location}.")
    return 0 if saved and saved + kept == len(results) else 1


def _teach(options: argparse.Namespace, config: EnrollConfig, store: Store) -> int:
    from enroll.teach import teach_state
    from fewshot.models import load_models

    with _students(options) as students:
        models = load_models(config.faces, config.personal)
        print(LAW, file=sys.stderr)
        taught = list(
            teach_state(
                options.state,
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


def _tell_left_out(results: Sequence[Enrolled]) -> None:
    if any(verdict.asks for result in results for verdict in result.verdicts):
        print("Say --confirmed to use photos that were left out, if they are right all the same.")


def _forget_state(options: argparse.Namespace, _config: EnrollConfig, store: Store) -> int:
    from enroll.teach import unteach_state

    state = clean_state(options.state)
    named = [store.person(options.name)] if options.name else store.people()
    people = [person for person in named if options.name or state in person.embedding_labels]
    if not people:
        raise EnrollmentError(f"Nobody in {store.location} has a state '{state}'. See what is kept of each with show.")
    for person in unteach_state(state, store.change, people):
        print(f"'{state}' is removed from {person.name}.")
    return 0


def _print_now(line: str) -> None:
    print(line, flush=True)  # whoever reads a pipe must know at once who is saved


def _is_clear(options: argparse.Namespace) -> bool:
    """Whether the arguments of ``add`` speak of one student, of a class, or of a list, and of nothing else."""
    one = bool(options.name or options.images or options.emotion)
    of_the_new = options.list or options.emotion or options.replace or options.courses or options.consent
    if options.state and (of_the_new or options.recorded_by):
        return False  # who is taught a state is enrolled: consent and classes are recorded
    if options.list or options.whole_class:
        return not one and not (options.list and options.whole_class) and not (options.whole_class and options.root)
    return bool(options.name and options.images and not options.root)


@contextmanager
def _students(options: argparse.Namespace) -> Iterator[tuple[Photos, ...]]:
    """Yield the photos of each student; those of a .zip can be read until the block ends."""
    if options.list:
        yield read_list(options.list, options.root or options.list.parent)
    elif options.whole_class and _is_archive(options.whole_class):
        with open_zip(options.whole_class) as folder:
            yield find_class(folder, options.state)
    elif options.whole_class:
        yield find_class(options.whole_class, options.state)
    else:
        yield (find_photos(options.name, options.images, options.emotion or options.state),)


def _is_archive(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # whoever looks into it as a folder says why
        return False


def _consent(options: argparse.Namespace) -> Consent:
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


def _list(_options: argparse.Namespace, _config: EnrollConfig, store: Store) -> int:
    print(describe_all(store))
    return 0


def _show(options: argparse.Namespace, _config: EnrollConfig, store: Store) -> int:
    person = store.person(options.name)
    print(describe(person, store.consent(person.person_id), store.people()))
    return 0


def _assign(options: argparse.Namespace, _config: EnrollConfig, store: Store) -> int:
    person = store.person(options.name)
    courses = agreed(options.courses, store.people())
    store.change(person.person_id, partial(replace, courses=courses))
    print(f"'{person.name}' is taught in {', '.join(courses) or 'no class'}.")
    return 0


def _rename(options: argparse.Namespace, _config: EnrollConfig, store: Store) -> int:
    name = store.rename(store.key_of(options.name), options.new_name)
    print(f"'{options.name}' is now called '{name}'.")
    return 0


def _forget(options: argparse.Namespace, _config: EnrollConfig, store: Store) -> int:
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
    print(gone.in_words())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m enroll", description="Enroll students from photos.")
    commands = parser.add_subparsers(
        required=True, metavar="add | list | show | assign | rename | forget | forget-state"
    )

    add = commands.add_parser("add", help="enroll one student from a folder, or many from a list")
    add.add_argument("--name", help="of the student")
    add.add_argument(
        "--images", type=Path, metavar="DIR", help=f"holds a folder for each of {', '.join(EMOTIONS)}, or state"
    )
    add.add_argument("--emotion", type=str.casefold, choices=EMOTIONS, help="that all photos directly in DIR show")
    add.add_argument("--state", help="of your own, that photos directly in DIR show; for students enrolled already")
    add.add_argument("--for-class", action="store_true", help="let their states be looked for in everybody enrolled")
    add.add_argument(
        "--class",
        dest="whole_class",
        type=Path,
        metavar="DIR",
        help="a folder or .zip: name/emotion/photo for each student",
    )
    add.add_argument("--list", type=Path, metavar="CSV", help="many students: columns file, person, emotion")
    add.add_argument("--root", type=Path, metavar="DIR", help="that the list's files are relative to; else its folder")
    add.add_argument(
        "--course",
        dest="courses",
        action="append",
        default=[],
        metavar="CLASS",
        help="they are taught in, such as 7b; may be said more than once",
    )
    add.add_argument("--consent", help="who agreed to the enrollment, and how; asked for where it is missing")
    add.add_argument("--recorded-by", help="who records the consent; else the name of the account")
    add.add_argument("--replace", action="store_true", help="take the place of an entry of the same name")
    add.add_argument(
        "--confirmed",
        action="store_true",
        help="use photos that seem to show another emotion, another person or covered eyes all the same",
    )
    _finish(add, _add)

    _finish(commands.add_parser("list", help="name everybody enrolled"), _list)

    show = commands.add_parser("show", help="print what is kept of a student, with the receipt")
    show.add_argument("name")
    _finish(show, _show)

    assign = commands.add_parser("assign", help="say which classes a student is taught in")
    assign.add_argument("name")
    assign.add_argument(
        "--course",
        dest="courses",
        action="append",
        default=[],
        metavar="CLASS",
        help="such as 7b; may be said more than once; without it, none",
    )
    _finish(assign, _assign)

    rename = commands.add_parser("rename", help="give a student another name")
    rename.add_argument("name")
    rename.add_argument("new_name")
    _finish(rename, _rename)

    forget = commands.add_parser("forget", help="delete everything kept of a student")
    forget.add_argument("name")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    _finish(forget, _forget)

    state = commands.add_parser("forget-state", help="remove a state of your own from a student, or from everybody")
    state.add_argument("state")
    state.add_argument("--name", help="of the student; else everybody")
    _finish(state, _forget_state)
    return parser


def _finish(command: argparse.ArgumentParser, run: Command) -> None:
    """Add what all commands share; after their own arguments, so that a name comes before the overrides."""
    command.add_argument("--store", help="file or URL; else conf/enroll.yaml, FEWSHOT_STORE, the user's data folder")
    command.add_argument(
        "overrides", nargs="*", default=[], metavar="KEY=VALUE", help="of conf/enroll.yaml, such as faces=builtin"
    )
    command.set_defaults(run=run, usage_error=command.error)


if __name__ == "__main__":
    sys.exit(main())
