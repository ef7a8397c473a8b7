"""Seconds of each emotion per student, summed while frames go by, and the closing table made of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from fewshot.types import EMOTIONS, FrameResult

LONGEST_STEP_S = 1.0
"""A frame stands for the time since the frame before it, but for no longer than this: a paused source adds nothing. If frames
are meant to come less often, the bound is one and a half of their intervals."""

UNKNOWN = "unknown"
"""Row of the faces that were not recognized."""


@dataclass
class Seen:
    """Time of one person: in all, by the label named, and without one ("unsure")."""

    seconds: float = 0.0
    unsure_s: float = 0.0
    by_label_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))


class Totals:
    """Running sums over the results of one session. For one thread; its memory grows with the people, not with time.

    Args:
        analyze_fps: Frames a second, at most.
    """

    def __init__(self, analyze_fps: float = 15.0) -> None:
        self._longest_step_s = max(LONGEST_STEP_S, 1.5 / analyze_fps)
        self.frames = self.empty_frames = self.most_faces = 0
        self.people: dict[str, Seen] = {}
        self.timing_ms: dict[str, float] = defaultdict(float)
        self._last_s: float | None = None

    def add(self, result: FrameResult) -> None:
        """Count one frame for the time that has passed since the one before."""
        elapsed_s = 0.0 if self._last_s is None else result.time_s - self._last_s
        step_s = min(max(0.0, elapsed_s), self._longest_step_s)
        self._last_s = result.time_s
        self.frames += 1
        self.empty_frames += not result.readings
        self.most_faces = max(self.most_faces, len(result.readings))
        for stage, duration_ms in result.timing_ms.items():
            self.timing_ms[stage] += duration_ms
        for reading in result.readings:
            seen = self.people.setdefault(reading.match.name or UNKNOWN, Seen())
            seen.seconds += step_s
            if reading.emotion.label is None:
                seen.unsure_s += step_s
            else:
                seen.by_label_s[reading.emotion.label] += step_s

    def mean_timing_ms(self) -> dict[str, float]:
        """Mean duration of each stage over all frames, in order of execution; empty before the first."""
        return {stage: total / self.frames for stage, total in self.timing_ms.items()}

    def account(self) -> str:
        """What was read, in one line."""
        return f"frames: {self.frames} analyzed, {self.empty_frames} of them without a face, at most {self.most_faces} faces"

    def table(self) -> str:
        """One line a person: seconds seen, share of each emotion in them, share unsure. Unknown faces come last.

        Empty where no face was seen.
        """
        if not self.people:
            return ""
        width = max(len("student"), *(len(name) for name in self.people))
        states = sorted({label for seen in self.people.values() for label in seen.by_label_s} - set(EMOTIONS))
        columns = (*EMOTIONS, *states, "unsure")
        lines = [f"{'student':<{width}}  {'seconds':>8}" + "".join(f"  {column:>8}" for column in columns)]
        for name in sorted(self.people, key=lambda name: (name == UNKNOWN, name)):
            seen = self.people[name]
            parts_s = [*(seen.by_label_s.get(label, 0.0) for label in columns[:-1]), seen.unsure_s]
            shares = (
                f"{f'{part_s / seen.seconds:.0%}' if seen.seconds > 0 else '-':>{max(8, len(column))}}"
                for part_s, column in zip(parts_s, columns, strict=True)
            )
            lines.append(f"{name:<{width}}  {seen.seconds:>8.1f}" + "".join(f"  {share}" for share in shares))
        return "\n".join(lines)
