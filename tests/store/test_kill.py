"""What was reported as saved survives SIGKILL, whole; and writers do not lose each other's work."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from fewshot.store.students import Store
from tests.people import facts, make_person

ROOT = Path(__file__).parents[2]


def _start(file: Path, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.writer", str(file), str(first), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("lines", "later_ms"), [(0, 0), (1, 1), (3, 0.5), (5, 3), (8, 6), (12, 2.2)])
def test_killed_while_saving(tmp_path: Path, lines: int, later_ms: float) -> None:
    file = tmp_path / "students.db"
    with _start(file, 0, 100_000) as writer:
        assert writer.stdout
        said = [int(writer.stdout.readline()) for _ in range(lines)]
        time.sleep(later_ms / 1000)
        writer.kill()
        said += [int(line) for line in writer.stdout.read().split("\n")[:-1]]
    store = Store(str(file))
    saved = {int(person.person_id.removeprefix("key-")): person for person in store.people()}
    store.close()
    assert set(said) <= set(saved)
    assert len(saved) - len(said) <= 1  # saved, and killed before it could say so
    for number, person in saved.items():
        assert facts(person) == facts(make_person(number))


def test_processes_write_at_once(tmp_path: Path) -> None:
    file = tmp_path / "students.db"
    writers = [_start(file, 100 * i, 25) for i in range(3)]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    store = Store(str(file))
    assert len(store.people()) == 75
    store.close()
