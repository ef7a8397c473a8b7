"""Sentences about problems: each that a page can show is known by its key in every language, word by word in English."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from fewshot.errors import EnrollmentError
from fewshot.messages import languages, messages
from fewshot.sentence import Fact, Sentence

ROOT = Path(__file__).parents[1]


def made_in(package: str) -> Iterator[tuple[str, str, set[str]]]:
    """Where sentences are made: their English, key and names of facts, as the source has them."""
    for file in sorted((ROOT / package).rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Sentence":
                english, key = (ast.literal_eval(argument) for argument in call.args)
                yield english, key, {str(keyword.arg) for keyword in call.keywords}


MADE = [made for package in ("app", "enroll", "fewshot") for made in made_in(package)]


def stand_in(specification: str | None) -> Fact:
    return 3.0 if specification and specification[-1] in "dfg," else "x"


def placeholders(text: str) -> dict[str, Fact]:
    return {name: stand_in(specification) for _, name, specification, _ in Formatter().parse(text) if name}


def test_every_sentence_stands_in_the_messages_and_every_message_is_said() -> None:
    written = messages("en").part("sentences")
    assert {key: english for english, key, _ in MADE} == written
    assert all(english == written[key] for english, key, _ in MADE)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("english", "key", "names"), MADE, ids=[key for _, key, _ in MADE])
def test_a_sentence_is_told_in_every_language(language: str, english: str, key: str, names: set[str]) -> None:
    facts = placeholders(english)
    assert set(facts) == names
    told = messages(language).told(Sentence(english, key, **facts))
    assert not set("{}") & set(told)
    if language == "en":
        assert told == str(Sentence(english, key, **facts))


def test_a_sentence_within_is_told_in_the_language_of_the_whole() -> None:
    within = Sentence("got none", "photos_none")
    whole = Sentence(
        "'{name}' needs at least one photo that can be used, {found}. Take others.",
        "no_usable_photo",
        name="Ada",
        found=within,
    )
    assert str(whole) == "'Ada' needs at least one photo that can be used, got none. Take others."
    say = messages("hi")
    assert say.told(whole) == say("sentences.no_usable_photo", name="Ada", found=say("sentences.photos_none"))


def test_labels_are_called_as_the_language_calls_them_and_names_as_they_are() -> None:
    sentence = Sentence(
        "'{found}' is almost the emotion '{emotion}'. Write it so, or name the state otherwise.",
        "almost_emotion",
        found="happy",
        emotion=("sad",),
    )
    assert str(sentence).startswith("'happy' is almost the emotion 'sad'.")
    told = messages("hi").told(sentence)
    assert "happy" in told
    assert messages("hi").label("sad") in told


def test_an_error_keeps_its_sentence_and_prints_it_in_english() -> None:
    error = EnrollmentError(Sentence("all {given} were rejected", "photos_all", given=3))
    assert str(error) == "all 3 were rejected"
    assert messages("hi").told(error.sentence) == messages("hi")("sentences.photos_all", given=3)


def test_a_plain_text_is_told_as_it_is() -> None:
    assert messages("hi").told(EnrollmentError("For whoever runs it.").sentence) == "For whoever runs it."


def test_an_error_that_is_written_for_a_programmer_says_its_sentence() -> None:
    assert "3 photos" in repr(EnrollmentError(Sentence("{n} photos are too few", "too_few", n=3)))
