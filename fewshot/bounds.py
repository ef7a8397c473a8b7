"""What the schemas of conf/ check their values by: each bound raises a ConfigError that names the value in full."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fewshot.errors import CORRECT_CONFIG, ConfigError
from fewshot.sentence import Sentence


def at_least(group: str, config: Any, **bounds: float) -> None:
    """Raise ConfigError unless every named field of ``config`` is finite and at least its bound.

    Args:
        group: Where ``config`` stands in its file, such as ``trainer``; empty for the file itself.
        config: The schema's object.
        bounds: By field.
    """
    for name, bound in bounds.items():
        value = getattr(config, name)
        if value == math.inf:
            raise ConfigError(
                f"{_full(group, name)} must be at least {bound:g} and finite, got {value}. {CORRECT_CONFIG}"
            )
        if not bound <= value:
            raise ConfigError(
                Sentence(
                    "{name} must be at least {least:g}, got {found}. {todo}",
                    "too_small",
                    name=_full(group, name),
                    least=bound,
                    found=value,
                    todo=CORRECT_CONFIG,
                )
            )


def one_of(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise ConfigError unless ``value``, of the full name ``name``, is one of the choices."""
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}; got '{value}'. {CORRECT_CONFIG}")


def named(group: str, config: Any, *names: str) -> None:
    """Raise ConfigError where a named field, a path or several, is empty, which would mean the current folder; None is left out.

    ``group`` as :func:`at_least` takes it.
    """
    for name in names:
        value = getattr(config, name)
        if any(not path.strip() for path in (value if isinstance(value, list) else [value]) if path is not None):
            raise ConfigError(f"{_full(group, name)} must name a file or folder, got nothing. {CORRECT_CONFIG}")


def in_unit_interval(group: str, config: Any, *names: str) -> None:
    """Raise ConfigError unless every named field lies in [0, 1]; ``group`` as :func:`at_least` takes it."""
    for name in names:
        value = getattr(config, name)
        if not 0.0 <= value <= 1.0:
            raise ConfigError(f"{_full(group, name)} must lie between 0 and 1, got {value}. {CORRECT_CONFIG}")


def _full(group: str, name: str) -> str:
    return f"{group}.{name}" if group else name
