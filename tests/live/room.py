"""A room with two places and a session of stand-in models that watches them."""

from __future__ import annotations

from fewshot.config import SmoothingConfig, WeightConfig
from fewshot.gallery import Gallery
from fewshot.live.session import LiveSession
from fewshot.types import EMOTIONS, FrameResult
from tests.live.builders import make_config, make_face, make_person
from tests.live.stand_ins import GrayEncoder, ScriptedBackend, make_gallery, make_models, paint

ADA, BEN = make_person("Ada", [1, 0, 0]), make_person("Ben", [0, 1, 0])
LEFT, RIGHT = make_face(50, 50, 60), make_face(200, 50, 60)
HAPPY, SAD, NEUTRAL = (EMOTIONS.index(label) for label in ("happy", "sad", "neutral"))


class Room:
    """Two places, a session that watches them, and a hand clock."""

    def __init__(self, gallery: Gallery | None = None, **config: float | SmoothingConfig | WeightConfig) -> None:
        self.backend, self.encoder = ScriptedBackend(), GrayEncoder()
        self.backend.faces = (LEFT, RIGHT)
        self.backend.looks_like = {50: [1, 0, 0], 200: [0, 1, 0]}
        self.session = LiveSession(
            make_models(self.backend, self.encoder), gallery or make_gallery(ADA, BEN), make_config(**config)
        )
        self.now_s = 0.0

    def show(self, left: int = HAPPY, right: int = SAD, step_s: float = 1 / 15) -> FrameResult:
        """Process one frame in which those at the left and right show these emotions."""
        result = self.session.process(paint((LEFT, RIGHT), (left, right)), self.now_s)
        self.now_s += step_s
        return result


def names(result: FrameResult) -> list[str | None]:
    return [reading.match.name for reading in result.readings]


def labels(result: FrameResult) -> list[str | None]:
    return [reading.emotion.label for reading in result.readings]
