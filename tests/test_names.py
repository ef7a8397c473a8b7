from __future__ import annotations

import pytest

from fewshot.errors import EnrollmentError
from fewshot.names import LONGEST_NAME, clean_name, name_key


@pytest.mark.parametrize("name", ["Ada 😀", "A/B", "..\\..", "O'Neill-Škoda", "王小明", "<b>Ada</b>", "🧑‍🎓"])
def test_a_name_is_whatever_a_teacher_types(name: str) -> None:
    assert clean_name(f"  {name} ") == name
    assert name_key(name) == name_key(name.upper())


@pytest.mark.parametrize(
    ("name", "reason"), [("", "got an empty one"), ("A" * (LONGEST_NAME + 1), "up to"), ("A\x00", "control characters")]
)
def test_what_can_be_no_name_says_why(name: str, reason: str) -> None:
    with pytest.raises(EnrollmentError, match=reason):
        clean_name(name)
