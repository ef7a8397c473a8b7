"""CONTRIBUTING.md draws the house as the contracts of setup.cfg hold it."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def layers(contract: str) -> list[str]:
    """Every module of a contract, from the top down."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return re.findall(r"\w+", config[f"importlinter:contract:{contract}"]["layers"])


def drawn(after: str) -> list[str]:
    """Every module of the first drawing after these words, from the top down."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawing = text[text.index(after) :].split("```")[1].strip()
    columns = [re.split(r" {2,}", line.strip())[0] for line in drawing.splitlines()]
    return [module.removeprefix("app.") for column in columns for module in re.findall(r"[\w.]+", column)]


def test_the_core_is_drawn_as_it_is_held() -> None:
    assert drawn("downwards only") == ["app", "enroll", *layers("core")]


def test_the_web_app_is_drawn_as_it_is_held() -> None:
    assert drawn("The web app has rooms") == ["streamlit_app", *layers("app")]
