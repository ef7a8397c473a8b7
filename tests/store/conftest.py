"""An empty store in a file of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fewshot.store.students import Store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "students.db"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    opened = Store(str(file))
    yield opened
    opened.close()
