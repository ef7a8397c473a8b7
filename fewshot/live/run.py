"""A source read from beginning to end: results, their file, the annotated video and the totals."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from fewshot.live.overlay import draw
from fewshot.live.readings import ReadingsFile
from fewshot.live.session import LiveSession
from fewshot.live.sources import FrameSource, sample
from fewshot.live.totals import Totals
from fewshot.live.video import VideoFileWriter
from fewshot.outputs import claim
from fewshot.types import FrameResult

READINGS_NAME = "readings.csv"
VIDEO_NAME = "annotated.mp4"


def count_analyzed(source: FrameSource, analyze_fps: float) -> int | None:
    """How many frames of ``source`` will be analyzed, roughly; None where it has no known end."""
    if source.frame_count is None:
        return None
    return round(source.frame_count * min(1.0, analyze_fps / source.fps)) if source.fps else source.frame_count


def run(
    source: FrameSource,
    session: LiveSession,
    *,
    analyze_fps: float,
    output: Path | None = None,
    video_name: str = VIDEO_NAME,
    totals: Totals | None = None,
    on_result: Callable[[FrameResult], None] | None = None,
) -> Totals:
    """Read ``source`` to its end, at most ``analyze_fps`` frames a second of its own time.

    Args:
        source: Stays open; its frames are used up.
        session: Fresh, or that of the same stream.
        analyze_fps: Frames a second of the source's time.
        output: Folder, made where missing, of the annotated video and ``readings.csv``, and without such files so far;
            None writes nothing.
        video_name: ``.mp4``, or ``.webm`` for browsers.
        totals: To add to, so that the caller keeps them when the source breaks off.
        on_result: Called after each analyzed frame, when its rows are written.

    Returns:
        The totals.

    Raises:
        SourceError: the source broke off; what was written until then stays.
        OutputError: ``output`` cannot be written, or holds the results of another run.
    """
    totals = Totals() if totals is None else totals
    with ExitStack() as files:
        readings = video = None
        if output is not None:
            claim(output, READINGS_NAME, video_name)
            video = files.enter_context(
                VideoFileWriter(output / video_name, min(analyze_fps, source.fps or analyze_fps))
            )
            readings = files.enter_context(ReadingsFile(output / READINGS_NAME))
        for frame in sample(source, analyze_fps):
            result = session.process(frame.image_bgr, frame.time_s, frame.index)
            if readings is not None and video is not None:
                readings.write(result)
                video.write(draw(frame.image_bgr, result), frame.time_s)
            totals.add(result)
            if on_result is not None:
                on_result(result)
    return totals
