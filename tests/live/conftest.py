from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def clips(shared_dir: Path) -> Path:
    """The folder of short real clips; the test is skipped where it is missing."""
    return shared_dir / "data" / "clips"
