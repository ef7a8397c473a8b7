"""A source read from beginning to end: results, their file and the annotated video."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path

from fewshot.errors import OutputError
from fewshot.live.frames import SAME_TIME_S, Frame, FrameSource, checked, sample
from fewshot.live.overlay import draw
from fewshot.live.readings import Place, ReadingsFile, find_place
from fewshot.live.session import LiveSession
from fewshot.live.video import VideoFileWriter, free_part
from fewshot.outputs import claim, make_folder
from fewshot.terminal import uninterrupted
from fewshot.types import FrameResult

READINGS_NAME = "readings.csv"
VIDEO_NAME = "annotated.mp4"

Write = Callable[[Frame, FrameResult], None]


def go_on_from(place: Place, source: FrameSource) -> Iterable[Frame]:
    """Skip what was read before, and return the frames from that of ``place`` on.

    Raises:
        SourceError: a live source has no such place.
        OutputError: the source has another frame there, or none: ``place`` is of another source.
    """
    source.mishaps.tell(f"Going on at frame {place.frame}, {place.time_s:.1f} s; those before are passed over.")
    source.skip_to(place.frame, place.time_s)
    frames = iter(source)
    first = next(frames, None)
    if first is None or first.index != place.frame or abs(first.time_s - place.time_s) > SAME_TIME_S:
        found = f"frame {first.index} at {first.time_s:.3f} s" if first else "no such frame"
        raise OutputError(
            f"A run is resumed with the source that it began with: {READINGS_NAME} ends with frame {place.frame} at "
            f"{place.time_s:.3f} s, and this source has {found}. Name that source, or another output folder."
        )
    return chain((first,), frames)


@contextmanager
def open_files(output: Path, fps: float, place: Place | None, resume: bool) -> Iterator[Write]:
    """Open the annotated video and ``readings.csv`` in ``output``; yield what writes a frame and its result to both.

    Args:
        output: Folder, which exists.
        fps: Of the video.
        place: Where an earlier run is resumed; its rows before that stay.
        resume: Whether an earlier run may have left a video; this one is then a further part of it.
    """
    path = output / VIDEO_NAME
    with (
        VideoFileWriter(free_part(path) if resume else path, fps) as video,
        ReadingsFile(output / READINGS_NAME, place.offset if place else 0) as readings,
    ):

        def write(frame: Frame, result: FrameResult) -> None:
            readings.write(result)
            video.write(draw(frame.image_bgr, result), frame.time_s)

        yield write


def run(
    source: FrameSource,
    session: LiveSession,
    on_result: Callable[[FrameResult], object],
    *,
    analyze_fps: float,
    output: Path | None = None,
    resume: bool = False,
) -> None:
    """Read ``source`` to its end, at most ``analyze_fps`` frames a second of its own time.

    Args:
        source: Stays open; its frames are used up, and its mishaps are counted.
        session: Fresh, or that of the same stream.
        on_result: Called after each analyzed frame, when its rows are written.
        analyze_fps: Frames a second of the source's time.
        output: Folder for the annotated video and ``readings.csv``, made if missing, without such files so far; None writes
            nothing.
        resume: Go on where an earlier run in ``output`` was interrupted, at the last frame with readings, which are made
            again. The video goes on in a further part.

    Raises:
        SourceError: the source broke off, or is live and cannot be resumed; what was written until then stays.
        OutputError: ``output`` cannot be written, holds the results of another run, or, to be resumed, those of another
            source.
    """
    place = None
    if output is not None and resume:
        make_folder(output)
        place = find_place(output / READINGS_NAME)
    elif output is not None:
        claim(output, READINGS_NAME, VIDEO_NAME)
    frames = go_on_from(place, source) if place else source
    video_fps = min(analyze_fps, source.fps or analyze_fps)
    files = open_files(output, video_fps, place, resume) if output is not None else nullcontext(_write_nothing)
    with files as write:
        for frame in sample(checked(frames, source.mishaps), analyze_fps):
            with uninterrupted():  # a frame is written, drawn and counted, or none of these
                result = session.process(frame.image_bgr, frame.time_s, frame.index)
                write(frame, result)
                on_result(result)


def _write_nothing(frame: Frame, result: FrameResult) -> None:
    pass
