from __future__ import annotations

import pytest

from app.choices import OVERRIDES_VARIABLE, app_config
from fewshot.errors import ConfigError


def test_the_environment_changes_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, "analyze_fps=7 'store=my students (1).db'")
    config = app_config()
    assert (config.analyze_fps, config.store) == (7, "my students (1).db")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [("store='x", "must be words as in a shell, got: No closing quotation"), ("fps=7", "Could not override 'fps'")],
)
def test_nonsense_is_a_sentence(value: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OVERRIDES_VARIABLE, value)
    with pytest.raises(ConfigError, match=sentence):
        app_config()
