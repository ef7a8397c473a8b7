"""How long a face takes to be looked up among many, and a class of 1,000 to change by one student.

    python -m experiments.identity.scale

Made-up unit vectors of the builtin backend's length, each probe near a template as a face is near its own. Writes scale.json
beside itself. Times are those of the machine it runs on, one thread, the fastest of three rounds.
"""

from __future__ import annotations

import json
import platform
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import faiss
import numpy as np

from experiments.commands import no_options
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.consent import record_consent
from fewshot.gallery import Gallery
from fewshot.index import EXACT_UP_TO, IdentityIndex
from fewshot.person import Person, Receipt
from fewshot.prior import Prior
from fewshot.prototypes import load_generic
from fewshot.store.students import Store
from fewshot.types import EMOTIONS, Float32, Prototypes

HERE = Path(__file__).parent
IDENTITY_DIMENSION = 128
SIZES = (1_000, EXACT_UP_TO, 100_000)
STUDENTS, PHOTOS = 1_000, 7


def _unit(rows: Float32) -> Float32:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def _fastest_ms(call: Callable[[], object], rounds: int = 3) -> float:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return 1000 * min(taken)


def search_times(rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Return, by number of templates, how long one probe takes and how often its own template is found."""
    found = {}
    for size in SIZES:
        templates = _unit(rng.normal(size=(size, IDENTITY_DIMENSION)))
        started = time.perf_counter()
        index = IdentityIndex(templates)
        built_s = time.perf_counter() - started
        own = rng.permutation(size)[:500]
        # a cosine of about 0.7, as between two pictures of one person in LFW
        probes = _unit(templates[own] + _unit(rng.normal(size=(len(own), IDENTITY_DIMENSION))))
        positions = np.concatenate([index.search(probe[None], 8).positions[:, 0] for probe in probes])
        found[f"{size:,}"] = {
            "a probe, ms": _fastest_ms(lambda i=index, p=probes: [i.search(probe[None], 8) for probe in p]) / len(own),
            "own template found": float((positions == own).mean()),
            "built in, s": built_s,
        }
    return found


def make_student(number: int, generic: Prototypes, rng: np.random.Generator, identity: str) -> Person:
    """Return a made-up student with one photo of each emotion."""
    return Person(
        person_id=f"key-{number}",
        name=f"Student {number}",
        templates=_unit(rng.normal(size=(PHOTOS, IDENTITY_DIMENSION))),
        embeddings=(generic.vectors + rng.normal(size=generic.vectors.shape)).astype(np.float32),
        embedding_labels=EMOTIONS,
        receipt=Receipt(dict.fromkeys(EMOTIONS, 1), 0, 0, 0, "personal"),
        encoder_fingerprint=generic.fingerprint,
        identity_fingerprint=identity,
        enrolled_at=datetime.now(UTC),
    )


def change_times(rng: np.random.Generator) -> dict[str, float]:
    """Return how many ms it takes until one change of 1,000 students is saved and known to the live loop."""
    generic, identity = load_generic(), "identity of no model"
    consent = record_consent("made up", "nobody")
    with tempfile.TemporaryDirectory() as folder, closing(Store(str(Path(folder) / "students.db"))) as store:
        students = [make_student(i, generic, rng, identity) for i in range(STUDENTS + 3)]
        for student in students[:STUDENTS]:
            store.add(student, consent)
        people = store.people()
        prior = Prior(generic, load(LiveConfig, []).personal)
        started = time.perf_counter()
        gallery = Gallery(people, prior, match_threshold=0.4, match_margin=0.1, identity_fingerprint=identity)
        built_ms = 1000 * (time.perf_counter() - started)
        new, changed, gone = iter(students[STUDENTS:]), people[5], iter(people[10:])

        def add() -> None:
            student = next(new)
            store.add(student, consent)
            gallery.with_person(student)

        def correct() -> None:
            gallery.with_person(store.change(changed.person_id, corrected))

        def corrected(person: Person) -> Person:
            return replace(
                person,
                embeddings=np.concatenate([person.embeddings, person.embeddings[:1]]),
                embedding_labels=(*person.embedding_labels, "angry"),
            )

        def teach() -> None:
            gallery.with_person(store.change(changed.person_id, teaching))

        def teaching(person: Person) -> Person:
            taught = corrected(person)
            return replace(
                taught,
                embedding_labels=(*taught.embedding_labels[:-1], "confused"),
                shared_states=("confused",),
            )

        def rename() -> None:
            store.rename(changed.person_id, f"{changed.name} the second")
            gallery.with_person(store.person(f"{changed.name} the second"))
            store.rename(changed.person_id, changed.name)

        def forget() -> None:
            person = next(gone)
            store.forget(person.person_id)
            gallery.without(person.person_id)

        return {
            "the whole gallery, once": built_ms,
            "add": _fastest_ms(add),
            "correct": _fastest_ms(correct),
            "rename, there and back": _fastest_ms(rename),
            "forget": _fastest_ms(forget),
            "teach everybody a state": _fastest_ms(teach),
        }


def main() -> None:
    """Measure, print and keep."""
    no_options(__doc__)
    faiss.omp_set_num_threads(1)
    rng = np.random.default_rng(0)
    result = {
        "machine": f"{platform.machine()}, 1 thread",
        "faiss": faiss.__version__,
        "search": search_times(rng),
        "a change of 1,000 students, ms": change_times(rng),
    }
    print(json.dumps(result, indent=1))
    (HERE / "scale.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
