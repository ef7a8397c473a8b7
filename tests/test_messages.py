"""The message files: every language says everything, with the same placeholders."""

from __future__ import annotations

import re
import unicodedata
from string import Formatter

import pytest

from fewshot import messages as package
from fewshot.errors import ConfigError
from fewshot.lesson import LEGEND
from fewshot.messages import ENGLISH, languages, messages, read

OTHERS = [language for language in languages() if language != ENGLISH]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_english_and_hindi_are_there() -> None:
    assert {"en", "hi"} <= set(languages())
    assert all(messages(language).label(label) for language in languages() for label in LEGEND)


@pytest.mark.parametrize("language", languages())
def test_no_page_names_an_option_of_the_command_line(language: str) -> None:
    assert not {key: text for key, text in read(language).items() if re.search(r"(?<!-)--[a-z]", text)}


@pytest.mark.parametrize("language", OTHERS)
def test_all_languages_have_the_same_messages(language: str) -> None:
    english, other = read(ENGLISH), read(language)
    assert set(other) == set(english)
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in english.items()
    }
    assert all(text.strip() for text in other.values())


def test_hindi_is_written_in_devanagari() -> None:
    for key, text in read("hi").items():
        spelled = "".join(piece for piece, *_ in Formatter().parse(text) if piece)
        letters = [character for character in spelled if character.isalpha()]
        assert all(unicodedata.name(letter).startswith("DEVANAGARI") for letter in letters), key


def test_a_missing_message_is_told_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read
    monkeypatch.setattr(
        package,
        "read",
        lambda language: {k: v for k, v in whole(language).items() if language == ENGLISH or k != "stage.start"},
    )
    say = package.messages.__wrapped__("hi")
    assert (say("stage.start"), say("stage.stop")) == ("Start", "रोकें")


def test_words_with_values_and_states_of_the_teachers_own() -> None:
    say = messages("hi")
    assert say("live.seconds_ago", n=5) == "5 से॰ पहले"
    assert (say.label("happy"), say.label("confused")) == ("प्रसन्न", "confused")
    assert say.part("labels")["unknown"] == "अज्ञात"


def test_another_language_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"display\.language must be one of en, hi; got 'xx'"):
        messages("xx")
