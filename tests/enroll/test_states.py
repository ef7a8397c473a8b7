"""What a folder's name is taken for: an emotion, in whatever language, or a state of the teacher's own."""

from __future__ import annotations

import pytest

from enroll.states import clean_state, label_of
from fewshot.errors import EnrollmentError


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Happy", "happy"),
        (" SAD", "sad"),
        ("दुखी", "sad"),
        ("\uff48appy", "happy"),
        ("Confused", "confused"),
        ("बोर", "बोर"),
    ],
)
def test_an_emotion_is_known_by_its_name_in_any_language(name: str, label: str) -> None:
    assert clean_state(name) == label
    assert label_of(name) == label


@pytest.mark.parametrize("name", ["unsure", "अनिश्चित", "a state whose name is far too long"])
def test_what_can_be_no_state(name: str) -> None:
    with pytest.raises(EnrollmentError, match="A state needs a name of up to 24 characters that is none of unsure"):
        clean_state(name)


def test_no_name_at_all() -> None:
    with pytest.raises(EnrollmentError, match="A state needs a name, got an empty one"):
        clean_state(" ")


@pytest.mark.parametrize(("name", "emotion"), [("Suprise", "surprise"), ("happiness", "happy"), ("Sadness", "sad")])
def test_an_emotion_by_another_word_is_asked_about(name: str, emotion: str) -> None:
    with pytest.raises(EnrollmentError, match=f"'{name}' is almost the emotion '{emotion}'. Write it so"):
        label_of(name)
