"""Enroll students from the command line: ``python -m enroll add | teach | list | show | assign | rename | forget | forget-state``.

Exit codes: 0 done; 1 somebody could not be enrolled, nobody was, or an error, told in a sentence; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from enroll import commands
from fewshot.compose import load
from fewshot.config import EnrollConfig
from fewshot.store.students import Store
from fewshot.store.url import default_url
from fewshot.terminal import run_command
from fewshot.types import EMOTIONS

Command = Callable[[argparse.Namespace, EnrollConfig, Store], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options, left = _parser().parse_known_args(arguments)
    # argparse takes what has no dashes in one piece: values of the config that follow an option are left over
    unknown = [argument for argument in left if argument.startswith("-") or "=" not in argument]
    if unknown:
        options.usage_error(f"unrecognized arguments: {' '.join(unknown)}")
    unclear = options.run in (commands.add, commands.teach) and _what_is_unclear(options)
    if unclear:
        options.usage_error(unclear)

    def run() -> int:
        config: EnrollConfig = load(EnrollConfig, [*options.overrides, *left])
        with closing(Store(options.store or default_url(config.store))) as store:
            command: Command = options.run
            return command(options, config, store)

    return run_command("enroll", run, on_interrupt="stopped. Who was said to be saved is saved, nobody else.")


def _what_is_unclear(options: argparse.Namespace) -> str | None:
    """Say what of the arguments goes with others that are not there; None where nothing does."""
    if (options.name is None) != (options.images is None):
        return "say --images with --name, and not without it"
    if options.emotion and options.name is None:
        return "say --emotion of one student's photos, with --name"
    if options.root and not options.list:
        return "say --root with --list"
    if options.two_people and options.name is None:
        return "say --two-people of one student, with --name"
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m enroll", description="Enroll students from photos.")
    subparsers = parser.add_subparsers(
        required=True, metavar="add | teach | list | show | assign | rename | forget | forget-state"
    )

    add = subparsers.add_parser("add", help="enroll one student from a folder, or many from a class's folder or a list")
    images = f"holds a folder for each of {', '.join(EMOTIONS)}, or state"
    _ask_for_photos(add, images, "name/emotion/photo", or_list=True)
    add.add_argument("--emotion", type=str.casefold, choices=EMOTIONS, help="that all photos directly in DIR show")
    add.add_argument("--root", type=_path, metavar="DIR", help="that the list's files are relative to; else its folder")
    _ask_for_courses(add, "they are taught in, such as 7b; may be said more than once")
    add.add_argument("--consent", help="who agreed to the enrollment, and how; asked for where it is missing")
    add.add_argument("--recorded-by", help="who records the consent; else the name of the account")
    add.add_argument("--replace", action="store_true", help="take the place of an entry of the same name")
    add.add_argument(
        "--two-people",
        action="store_true",
        help="enroll a face that resembles somebody else's all the same, such as a twin's; with --name",
    )
    _finish(add, commands.add)

    teach = subparsers.add_parser("teach", help="teach a state of your own to students who are enrolled")
    teach.add_argument("state", help="such as confused")
    _ask_for_photos(teach, "holds photos of the state", "name/photo, or name/state/photo,", or_list=False)
    teach.set_defaults(list=None, emotion=None, root=None, two_people=False)  # one state in folders, and no new face
    _finish(teach, commands.teach)

    _finish(subparsers.add_parser("list", help="name everybody enrolled"), commands.list_all)

    show = subparsers.add_parser("show", help="print what is kept of a student, with the receipt")
    show.add_argument("name")
    _finish(show, commands.show)

    assign = subparsers.add_parser("assign", help="say which classes a student is taught in")
    assign.add_argument("name")
    _ask_for_courses(assign, "such as 7b; may be said more than once; without it, none")
    _finish(assign, commands.assign)

    rename = subparsers.add_parser("rename", help="give a student another name")
    rename.add_argument("name")
    rename.add_argument("new_name")
    _finish(rename, commands.rename)

    forget = subparsers.add_parser("forget", help="delete everything kept of a student")
    forget.add_argument("name")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    _finish(forget, commands.forget)

    state = subparsers.add_parser("forget-state", help="remove a state of your own from a student, or from everybody")
    state.add_argument("state")
    state.add_argument("--name", help="of the student; else everybody")
    _finish(state, commands.forget_state)
    return parser


def _named(text: str) -> str:
    """Refuse the value of a variable that is not set: an empty path is the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must name a file or folder, got nothing")
    return text


def _path(text: str) -> Path:
    return Path(_named(text))


def _ask_for_photos(command: argparse.ArgumentParser, images: str, inside: str, *, or_list: bool) -> None:
    """Add what says whose photos lie where, and how they are used."""
    who = command.add_mutually_exclusive_group(required=True)
    who.add_argument("--name", help="of one student")
    who.add_argument(
        "--class", dest="whole_class", type=_path, metavar="DIR", help=f"a folder or .zip: {inside} for each student"
    )
    if or_list:
        who.add_argument("--list", type=_path, metavar="CSV", help="many students: columns file, person, emotion")
    command.add_argument("--images", type=_path, metavar="DIR", help=f"{images}; with --name")
    command.add_argument(
        "--for-class", action="store_true", help="let their states be looked for in everybody enrolled"
    )
    command.add_argument(
        "--confirmed",
        action="store_true",
        help="use photos that seem to show another emotion, another person or covered eyes all the same",
    )


def _ask_for_courses(command: argparse.ArgumentParser, help_: str) -> None:
    command.add_argument("--course", dest="courses", action="append", default=[], metavar="CLASS", help=help_)


def _finish(command: argparse.ArgumentParser, run: Command) -> None:
    """Add what all commands share; after their own arguments, so that a name comes before the overrides."""
    command.add_argument(
        "--store", type=_named, help="file or URL; else conf/enroll.yaml, FEWSHOT_STORE, the user's data folder"
    )
    command.add_argument(
        "overrides", nargs="*", default=[], metavar="KEY=VALUE", help="of conf/enroll.yaml, such as faces=builtin"
    )
    command.set_defaults(run=run, usage_error=command.error)


if __name__ == "__main__":
    sys.exit(main())
