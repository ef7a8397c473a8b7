"""Compose conf/*.yaml into a checked config. Entry points compose with Hydra and call :func:`typed`, all others :func:`load`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import is_dataclass
from threading import Lock
from typing import Any, TypeVar, get_type_hints

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from fewshot.errors import CORRECT_CONFIG, ConfigError

CONF_MODULE = "conf"
Schema = TypeVar("Schema")


def typed(config: DictConfig, schema: type[Schema]) -> Schema:
    """Turn a composed config into its schema's object.

    Raises:
        ConfigError: an unknown key, a missing value, a value of the wrong type or out of bounds.
    """
    try:
        checked = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(schema), config))
    except OmegaConfBaseException as error:
        where = f" at {error.full_key}" if error.full_key else ""
        raise ConfigError(f"{schema.__name__}{where}: {str(error).splitlines()[0]}. {CORRECT_CONFIG}") from error
    assert isinstance(checked, schema)
    return checked


def quote_texts(schema: type, overrides: Sequence[str]) -> list[str]:
    """Quote the values of text fields, so that a file may be called "lesson (1), Zoë.mp4": Hydra's grammar would not have it.

    What is quoted already, ``null``, and whatever is no text in ``schema`` stays as it is; under ``-m`` so do several values.
    """
    sweep = not {"-m", "--multirun"}.isdisjoint(overrides)
    return [o if sweep and _SEVERAL.search(o) else _quote_text(schema, o) for o in overrides]


def _quote_text(schema: type, override: str) -> str:
    key, _, value = override.partition("=")
    kind: Any = schema
    for name in key.split("."):
        kind = get_type_hints(kind).get(name) if is_dataclass(kind) else None
    if kind not in (str, str | None) or value == "null" or value[:1] in ("'", '"'):
        return override
    # backslashes count as such unless a quote follows
    escaped = re.sub(r"(\\*)('|\Z)", lambda found: 2 * found[1] + ("\\'" if found[2] else ""), value)
    return f"{key}='{escaped}'"


def load(schema: type[Schema], overrides: Sequence[str] = ()) -> Schema:
    """Compose the file of ``schema`` (conf/live.yaml for LiveConfig) with Hydra overrides such as ``"faces=builtin"``.

    Raises:
        ConfigError: as :func:`typed`, or the overrides do not fit the file.
    """
    from hydra import compose, initialize_config_module
    from hydra.errors import HydraException

    name, quoted = schema.__name__.removesuffix("Config").lower(), quote_texts(schema, overrides)
    try:
        with _COMPOSING, initialize_config_module(CONF_MODULE, version_base="1.3"):
            return typed(compose(name, overrides=quoted), schema)
    except (HydraException, ValueError) as error:  # a group set to null is a bare ValueError
        said = " ".join(_HINTS.sub("", str(error)).split()).rstrip(".")
        suspects = " ".join(override for override in overrides if override in quoted)  # no text, which may be secret
        raise ConfigError(
            f"conf/{name}.yaml with {suspects}: {said}. Give each value as name=value, with a name of that file."
        ) from error


_COMPOSING = Lock()
"""Hydra composes in one state of the whole process; the sessions of the web app are threads of it."""

_SEVERAL = re.compile(r"=\s*(choice\(|[^'\"]*,)")
"""What Hydra's grammar calls a sweep."""

_HINTS = re.compile(r"\n(To append|Either|1\. To|See https:|Config search path:).*", re.DOTALL)
"""What Hydra adds for those who write Hydra programs."""
