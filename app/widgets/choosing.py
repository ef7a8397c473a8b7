"""Widgets that keep what they are set to: at once where it can be used, with a sentence where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app.markdown import plain
from app.state.choices import OVERRIDES_VARIABLE, is_fixed
from app.state.resources import Resources
from fewshot.errors import FewshotError
from fewshot.sentence import Sentence

Changes = Mapping[str, str | None]
"""Values by their name in conf/live.yaml, as :meth:`Resources.change` takes them."""


class Chooser:
    """Owns the settings that one page offers, for one run of it.

    Args:
        resources: What is changed.
        name: Of the setting in conf/live.yaml.
        changes_of: Turns what the widget holds into changes; its text if left out.
    """

    def __init__(self, resources: Resources, name: str, changes_of: Callable[[Any], Changes] | None = None) -> None:
        self._resources, self._changes_of = resources, changes_of or (lambda value: {name: str(value)})
        # the browser keeps a choice by its words: in another language it would be none, and be taken for a click
        self.key = f"setting_{name}_{resources.config.display.language}"
        self.fixed = is_fixed(name)
        if self.key not in st.session_state:  # a visit to another page let go of what was typed
            _refused().pop(self.key, None)

    @property
    def widget(self) -> dict[str, Any]:
        """The arguments that every widget of Streamlit takes, for this one."""
        return {"key": self.key, "disabled": self.fixed, "on_change": self._keep}

    def tell(self) -> None:
        """Say below the widget what became of it."""
        refused, say = _refused().get(self.key), self._resources.words
        if refused:
            st.error(f"{plain(say.told(refused))} {say('settings.refused')}", icon=":material/error:")
        if self.fixed:
            st.caption(f":material/lock: {say('settings.fixed', variable=OVERRIDES_VARIABLE)}")

    def _keep(self) -> None:
        say = self._resources.words
        told = st.toast(say("settings.saving"), icon="spinner", duration="infinite")  # other faces take seconds to load
        try:
            self._resources.change(self._changes_of(st.session_state[self.key]))
        except FewshotError as error:
            _refused()[self.key] = error.sentence
            told.toast(say("settings.refused"), icon=":material/error:")
        else:
            _refused().pop(self.key, None)
            told.toast(self._resources.words("settings.saved"), icon=":material/check:")


def _refused() -> dict[str, Sentence | str]:
    """Why a value was not kept, by widget."""
    refused: dict[str, Sentence | str] = st.session_state.setdefault("refused", {})
    return refused


def forget_widgets() -> None:
    """Let every widget show what is set, not what was typed."""
    for key in [str(key) for key in st.session_state if str(key).startswith("setting_")]:
        del st.session_state[key]
    _refused().clear()
