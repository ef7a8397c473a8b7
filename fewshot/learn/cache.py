"""Arrays that take minutes to make, kept between runs in the user's cache folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import platformdirs

from fewshot.config import expand_home
from fewshot.errors import UNPACKING_FAILS, ConfigError
from fewshot.outputs import scratch_folder

log = logging.getLogger(__name__)

Arrays = Mapping[str, np.ndarray]


def cache_file(folder: str | Path | None, name: str) -> Path:
    """Return where ``name`` is kept: in ``folder``, or for None in the user's cache folder.

    Raises:
        ConfigError: for None, where this account has no home.
    """
    try:
        return expand_home(folder or platformdirs.user_cache_path("fewshot")) / name
    except RuntimeError as error:
        raise ConfigError(
            "The images that were read need a folder to be kept in, and this account has no home. Name one in data.cache."
        ) from error


def read_arrays(cached: Path) -> Arrays | None:
    """Return the arrays that were written there, None where nothing is or it is damaged, which is logged."""
    if not cached.is_file():
        return None
    try:
        with cached.open("rb") as file, np.load(file) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, KeyError, TypeError, OSError, *UNPACKING_FAILS) as error:
        log.warning("The cache %s cannot be read (%s): making it again.", cached, error)
        return None


def write_arrays(cached: Path, arrays: Arrays) -> None:
    """Write beside the target and rename, so that a kill leaves no half cache; what cannot be written is logged."""
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(cached.parent) as folder:
            written = folder / "arrays.npz"
            np.savez(written, allow_pickle=False, **arrays)
            written.replace(cached)
    except OSError as error:
        log.warning("The cache %s cannot be written (%s): the next start makes it again.", cached, error)
