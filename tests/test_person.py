"""When two entries of the gallery say the same."""

from copy import deepcopy
from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest

from fewshot.person import Person
from tests.people import make_person

ADA = make_person(1, "Ada")


def test_an_entry_read_twice_is_another_object_and_equal() -> None:
    again = deepcopy(ADA)
    assert again.equals(ADA)
    assert again != ADA


CHANGED = {
    "person_id": "key-2",
    "name": "Ada L.",
    "templates": ADA.templates[:1],
    "embeddings": ADA.embeddings + np.float32(1e-6),
    "embedding_labels": ("happy",) * len(ADA.embedding_labels),
    "receipt": replace(ADA.receipt, uses="generic"),
    "encoder_fingerprint": "encoder-2",
    "identity_fingerprint": "identity-2",
    "enrolled_at": ADA.enrolled_at + timedelta(seconds=1),
    "number": 7,
    "shared_states": ("bored",),
    "courses": ("7b",),
}


@pytest.mark.parametrize("part", [field.name for field in fields(Person)])
def test_whatever_differs_tells_them_apart(part: str) -> None:
    assert not ADA.equals(replace(ADA, **{part: CHANGED[part]}))
