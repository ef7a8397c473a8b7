"""What went wrong between a source and its session: counted, told when it happens, never a reason to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

TOLD = 10
"""How many unreadable pictures are reported; a broken stream must not flood the reader."""


def _say_nothing(sentence: str) -> None:
    pass


@dataclass
class Mishaps:
    """Running counts of one source, which everything between it and the session adds to.

    Attributes:
        reconnections: How often a live source came back after a loss.
        without_picture_s: Seconds lost by that, from the last picture before to the first one after.
        unreadable: Pictures that were damaged, cut off or no picture at all; they were passed over.
        missing: Frames that a recording claims to have and does not.
        converted: Pictures of another color layout (gray, with transparency, 16 bits), which became BGR.
        resized: How often the size changed.
        black: Pictures without anything to see.
        jumps_back: How often the clock of the source went back.
        tell: Called with a sentence when something happens that somebody who waits should know.
    """

    reconnections: int = 0
    without_picture_s: float = 0.0
    unreadable: int = 0
    missing: int = 0
    converted: int = 0
    resized: int = 0
    black: int = 0
    jumps_back: int = 0
    tell: Callable[[str], None] = field(default=_say_nothing, repr=False)
    _told: int = field(default=0, repr=False)

    def pass_over(self, sentence: str, pictures: int = 1) -> None:
        """Count unreadable pictures, and tell why the first few times."""
        self.unreadable += pictures
        self._told += 1
        if self._told <= TOLD:
            self.tell(sentence if self._told < TOLD else f"{sentence} Further ones are only counted.")

    def summary(self) -> str:
        """What happened, in one line; empty where nothing did."""
        counts = (
            (self.reconnections, "connected again {} times"),
            (self.without_picture_s, "{:.1f} s without a picture"),
            (self.unreadable, "{} unreadable pictures passed over"),
            (self.missing, "{} frames claimed and not there"),
            (self.converted, "{} pictures of another color layout converted"),
            (self.resized, "{} changes of size"),
            (self.black, "{} black pictures"),
            (self.jumps_back, "{} jumps back of the clock"),
        )
        return ", ".join(text.format(count) for count, text in counts if count)
