"""The app's config: the defaults of conf/live.yaml, over them what the teacher chose, over that what the environment fixes."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Mapping
from types import MappingProxyType

from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.errors import ConfigError
from fewshot.messages import Messages, messages
from fewshot.sentence import Sentence

log = logging.getLogger(__name__)

OVERRIDES_VARIABLE = "FEWSHOT_OVERRIDES"
"""Changes to conf/live.yaml for the app, as on a command line: ``FEWSHOT_OVERRIDES="faces=builtin analyze_fps=10"``."""

CHOICES = (
    "faces.backend",
    "smoothing.min_confidence",
    "smoothing.keep_confidence",
    "classroom.looks_s",
    "classroom.turned_s",
    "classroom.absent_s",
    "classroom.retention_days",
    "display.mode",
    "display.language",
)
"""What a teacher may choose on the page Settings, by its name in conf/live.yaml."""

NOTHING: Mapping[str, str] = MappingProxyType({})


def app_config(chosen: Mapping[str, str] = NOTHING) -> LiveConfig:
    """Return conf/live.yaml with the changes that the teacher chose and that the environment names.

    The environment wins. A choice that this version of the program does not offer is passed over.

    Raises:
        ConfigError: a value that cannot be used, of either.
    """
    ours = [f"{name}={chosen[name]}" for name in CHOICES if name in chosen and not is_fixed(name)]
    of_the_environment = _of_the_environment()
    try:
        config: LiveConfig = load(LiveConfig, [*ours, *of_the_environment])
        messages(config.display.language)  # raises where there is no such language
    except ConfigError as error:
        raise ConfigError(
            Sentence(
                "{error} In the app: on the page Settings or in {variable}.",
                "correct_in_app",
                error=error.sentence,
                variable=OVERRIDES_VARIABLE,
            )
        ) from error
    return config


def words_of_everybody() -> Messages:
    """Return the messages of the language that the environment names, else of the default; English where either cannot be used."""
    try:
        return messages(app_config().display.language)
    except ConfigError:  # which is told in these very words
        return messages()


def usable(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return what was chosen without what cannot be used any more, as after a change of the bounds."""
    if _fits(chosen):
        return dict(chosen)
    kept: dict[str, str] = {}
    for name, value in chosen.items():
        if _fits({**kept, name: value}):
            kept[name] = value
    return kept


def _fits(chosen: Mapping[str, str]) -> bool:
    try:
        app_config(chosen)
    except ConfigError as error:
        log.warning("a setting is passed over: %s", error)
        return False
    return True


def is_fixed(name: str) -> bool:
    """Whether the environment fixes a setting, by its own name or that of its group, so that nobody can choose it."""
    fixed = (override.partition("=")[0].lstrip("+~") for override in _of_the_environment())
    return any(name == key or name.startswith(f"{key}.") for key in fixed)


def _of_the_environment() -> list[str]:
    try:
        return shlex.split(os.environ.get(OVERRIDES_VARIABLE, ""))
    except ValueError as error:
        raise ConfigError(f"{OVERRIDES_VARIABLE} must be words as in a shell, got: {error}. Correct it.") from error
