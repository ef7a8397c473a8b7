"""Fixtures that several folders of tests share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a busy machine must not fail a property
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of the research data sets and InsightFace's pack, which cannot be part of the project."""
    path = Path(os.environ.get("SHARED_DIR", "../shared")).resolve()
    if not (path / "data").is_dir():
        pytest.skip(f"needs the research data under SHARED_DIR, {path} has none")
    return path


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """SIGINT interrupts, as at a terminal; whoever starts the tests in the background may have let it be ignored."""
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, inherited)
