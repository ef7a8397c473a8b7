"""A made lesson: students who mostly look neutral, each in their own way, and a class whose mood turns twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fewshot.lesson import ABSENT, LEGEND, UNSURE, ClassSeconds, StudentSeconds

MOODS: tuple[dict[str, float], ...] = (
    {"neutral": 0.62, "happy": 0.18, "surprise": 0.06, UNSURE: 0.08, "sad": 0.04, ABSENT: 0.02},
    {"neutral": 0.30, "happy": 0.50, "surprise": 0.10, UNSURE: 0.06, "sad": 0.02, ABSENT: 0.02},
    {"neutral": 0.45, "happy": 0.08, "sad": 0.20, "confused": 0.15, UNSURE: 0.08, ABSENT: 0.04},
)
HOLDS_S = 12
"""A look lasts about so long."""


def make_lesson(names: Sequence[str], minutes: int, seed: int = 1) -> ClassSeconds:
    """Return a lesson of three parts as long as each other; the last student leaves after the first, the first one is sad."""
    random, n, legend = np.random.default_rng(seed), 60 * minutes, (*LEGEND, "confused")
    parts = [np.array([mood.get(label, 0.0) for label in legend]) for mood in MOODS]
    part_of = np.arange(n) * 3 // n
    students = {}
    for number, name in enumerate(names):
        own = random.dirichlet(np.full(len(legend), 3.0))
        codes = np.zeros(n, np.uint8)
        for part, shares in enumerate(parts):
            blend = shares * (0.4 + own) / (shares * (0.4 + own)).sum()
            where = np.flatnonzero(part_of == part)
            looks = random.choice(len(legend), size=len(where) // HOLDS_S + 1, p=blend)
            codes[where] = np.repeat(looks, HOLDS_S)[: len(where)]
        if number == 0:
            codes[n // 2 : n // 2 + min(n // 6, 150)] = legend.index("sad")
        if number == len(names) - 1:
            codes[n // 3 :] = 0
        first = int(random.integers(0, 20)) if number else 0
        codes[:first] = 0
        codes[first] = legend.index("neutral")
        turned = np.repeat(random.random(n // 30 + 1) < 0.05, 30)[:n] & (codes > 0)
        students[name.lower()] = StudentSeconds(name, codes, turned, first)
    strangers = random.integers(0, 3, n)
    return ClassSeconds(np.arange(n, dtype=np.int64), strangers.astype(np.int64), legend, students)
