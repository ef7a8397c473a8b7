"""The whole way on JAFFE with the shipped encoder: enroll a class from a list, die in the middle, go on."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from fewshot.compose import load
from fewshot.config import EnrollConfig
from fewshot.encoder import load_encoder
from fewshot.models import load_models
from fewshot.store.students import Store
from fewshot.types import EMOTIONS

ROOT = Path(__file__).parents[2]
STUDENTS = ("jaffe_KA", "jaffe_KL", "jaffe_KM", "jaffe_KR")


def _add(list_file: Path, images: Path, store: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "enroll", "add", "--list", str(list_file), "--root", str(images)]
    command += ["--consent", "JAFFE's terms of use", "--store", str(store), "--confirmed", "faces=builtin"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_class_is_enrolled_in_spite_of_a_kill(tmp_path: Path, shared_dir: Path) -> None:
    with (shared_dir / "data/clips/jaffe_class_10_enroll.csv").open(newline="") as lines:
        rows = [row for row in csv.reader(lines) if row[1] in ("person", *STUDENTS)]
    list_file, database = tmp_path / "class.csv", tmp_path / "students.db"
    with list_file.open("w", newline="") as lines:
        csv.writer(lines).writerows(rows)

    with _add(list_file, shared_dir / "data/jaffe", database) as first:
        assert first.stdout
        saved = []
        for line in first.stdout:
            if ": saved. " in line:
                saved.append(line.split(":")[0])
            if line.startswith("jaffe_KM [3/7]"):
                first.kill()
    store = Store(str(database))
    assert saved == ["jaffe_KA", "jaffe_KL"]
    assert [person.name for person in store.people()] == saved

    second = _add(list_file, shared_dir / "data/jaffe", database)
    said, _ = second.communicate()
    assert second.returncode == 0, said
    assert "2 of 4 enrolled, 2 were before" in said
    people = store.people()
    assert tuple(person.name for person in people) == STUDENTS
    assert all(sorted(person.embedding_labels) == sorted(EMOTIONS) for person in people)
    store.close()

    config = load(EnrollConfig, ["faces=builtin"])
    gallery = load_models(config.faces, config.personal).gallery_of(people)
    assert people[0].encoder_fingerprint == load_encoder().fingerprint
    assert [match.name for person in people for match in gallery.match(person.templates[:1])] == list(STUDENTS)
