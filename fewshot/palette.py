"""The color of each emotion, for everything that draws: told apart with any kind of color vision."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COLORS_RGB: Mapping[str, str] = MappingProxyType(
    {
        "angry": "#D55E00",
        "disgust": "#009E73",
        "fear": "#CC79A7",
        "happy": "#F0E442",
        "sad": "#0072B2",
        "surprise": "#E69F00",
        "neutral": "#56B4E9",
    }
)
"""Okabe and Ito's palette (Color Universal Design, 2008) as #RRGGBB by label."""

STATE_RGB = "#9467BD"
"""A state of the teacher's own."""

UNSURE_RGB = "#A0A0A0"
"""No emotion named, or nobody recognized."""


def color_of(label: str | None) -> str:
    """The color of an emotion or a state as #RRGGBB; gray for None."""
    return UNSURE_RGB if label is None else COLORS_RGB.get(label, STATE_RGB)
