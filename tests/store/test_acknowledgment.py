"""That the law was read is kept word by word, and can be taken back."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fewshot.errors import StoreError
from fewshot.store.acknowledgment import Acknowledgments
from fewshot.store.students import Store


def test_the_last_wording_survives_a_restart_until_it_is_withdrawn(tmp_path: Path) -> None:
    file = str(tmp_path / "students.db")
    with closing(Store(file)) as store:
        kept = Acknowledgments(store.database)
        assert kept.last() is None
        kept.record("Do not.")
        kept.record("Do not, not even on Mondays.")
    with closing(Store(file)) as store:
        kept = Acknowledgments(store.database)
        found = kept.last()
        assert found is not None
        assert found.wording == "Do not, not even on Mondays."
        assert abs(datetime.now(UTC) - found.read_at) < timedelta(minutes=1)
        kept.withdraw()
        assert kept.last() is None


def test_a_store_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with closing(Store(str(tmp_path / "students.db"))) as store:
        with store.database._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
        with pytest.raises(StoreError, match="readonly"):
            Acknowledgments(store.database).record("Do not.")
