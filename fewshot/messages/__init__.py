"""The words of the pages and the report in several languages: one plain file a language, beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from omegaconf import OmegaConf

from fewshot.bounds import one_of
from fewshot.sentence import Fact, Sentence

ENGLISH = "en"
"""What a message that another file lacks is told in."""

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Messages:
    """The messages of one language (ISO 639-1) by key, such as ``live.title``. Threads may share it."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return a message with ``values`` for its placeholders; KeyError for a key that English lacks."""
        return self.texts[key].format(**values)

    def label(self, label: str) -> str:
        """Return how an emotion is called, or ``unsure``, ``unknown`` and ``absent``; the teacher's own states as they are."""
        return self.texts.get(f"labels.{label}", label)

    def told(self, sentence: Sentence | str) -> str:
        """Return what is told of a problem; a plain text as it is."""
        if isinstance(sentence, str):
            return sentence
        return self(f"sentences.{sentence.key}", **{name: self._shown(fact) for name, fact in sentence.facts.items()})

    def _shown(self, fact: Fact) -> str | float:
        if isinstance(fact, tuple):
            return ", ".join(map(self.label, fact))
        return self.told(fact) if isinstance(fact, Sentence) else fact

    def part(self, section: str) -> dict[str, str]:
        """Return the messages of one section by the rest of their key."""
        head = f"{section}."
        return {key.removeprefix(head): text for key, text in self.texts.items() if key.startswith(head)}


def languages() -> tuple[str, ...]:
    """Return the languages that there are files of."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.yaml")))


@cache
def messages(language: str = ENGLISH) -> Messages:
    """Return the messages of a language, in English where its file lacks one.

    Raises:
        ConfigError: there is no file of that language.
    """
    one_of("display.language", language, languages())
    return Messages(language, MappingProxyType({**read(ENGLISH), **read(language)}))


def read(language: str) -> dict[str, str]:
    """Return what one file holds, by key."""
    sections = OmegaConf.to_container(OmegaConf.load(_FOLDER / f"{language}.yaml"))
    assert isinstance(sections, dict)
    return {f"{section!s}.{key!s}": str(text) for section, texts in sections.items() for key, text in texts.items()}


IN_ENGLISH = messages()
"""What the command line is told in."""
