"""What is told by code that speaks no language, as of a problem: in English by itself, by its facts in that of whoever reads it."""

from __future__ import annotations

from typing import TypeAlias


class Sentence:
    """An English sentence, which logs and command lines tell, with what a page needs to say it in another language. Read-only.

    Args:
        english: With placeholders in braces; word by word as the message of ``key`` in English.
        key: Of the message, in the section ``sentences``.
        facts: What the placeholders are filled with. A tuple is of labels, such as ``("happy", "sad")``, which each language calls
            otherwise; a sentence, or a part of one, is said in the language of the whole.
    """

    def __init__(self, english: str, key: str, /, **facts: Fact) -> None:
        self.english, self.key, self.facts = english, key, facts

    def __str__(self) -> str:
        shown = {name: ", ".join(fact) if isinstance(fact, tuple) else fact for name, fact in self.facts.items()}
        return self.english.format(**shown)

    def __repr__(self) -> str:
        return repr(str(self))


Fact: TypeAlias = "str | float | tuple[str, ...] | Sentence"
"""What a sentence is filled with."""
