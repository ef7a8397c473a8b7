"""Made-up people for the studies of people."""

from __future__ import annotations

import numpy as np

from experiments.other_faces.faces import Faces
from fewshot.types import EMOTIONS


def make_faces(sessions: dict[str, int], people: int = 3) -> Faces:
    """Each person shows each emotion ``count`` times in each session; neutral in the session ``neutral`` where there is one."""
    rows = [
        (label, f"p{person}", session)
        for person in range(people)
        for session, count in sessions.items()
        for label, emotion in enumerate(EMOTIONS)
        if "neutral" not in sessions or (emotion == "neutral") == (session == "neutral")
        for _ in range(count)
    ]
    labels, names, where = zip(*rows, strict=True)
    crops = np.zeros((len(rows), 48, 48), np.uint8)
    return Faces(crops, np.array(labels, np.int64), np.array(names), np.array(where), missed=0)
