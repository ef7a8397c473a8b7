"""``python -m fewshot.live source=clip.mp4 output=DIR``: watch a source with the students of a store.

Every value of conf/live.yaml can be given as ``name=value``, those of the face backend as ``faces.name=value``.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from fewshot.compose import load
from fewshot.config import LiveConfig, expand_home
from fewshot.courses import find_course, members
from fewshot.errors import ConfigError
from fewshot.live.mishaps import Mishaps
from fewshot.live.run import READINGS_NAME, VIDEO_NAME, run
from fewshot.live.session import LiveSession
from fewshot.live.sources import LiveSource, open_source
from fewshot.live.totals import Totals
from fewshot.models import load_models
from fewshot.store.students import Store
from fewshot.store.url import default_url
from fewshot.terminal import LAW, run_command
from fewshot.types import FrameResult

USAGE = """Usage: python -m fewshot.live source=SOURCE [output=DIR] [store=URL] [course=CLASS] [name=value ...]

SOURCE is a video file, an image, a folder of images, a camera number such as 0, an RTSP or HTTP URL, or screen
(screen:2 is the second monitor).
output=DIR receives the annotated video and readings.csv, one row a face and analyzed frame.
resume=true goes on where a recording was interrupted: the same source and DIR, a further part of the video.
store=URL names the students; without it FEWSHOT_STORE, else a file in your data folder.
course=CLASS looks for those of one class alone, such as 7b.
Further values and their meaning: conf/live.yaml. Example: analyze_fps=5 faces=builtin smoothing.min_confidence=0.5
"""


def watch(config: LiveConfig) -> Totals:
    """Run the source of ``config`` to its end, showing progress, and print the closing table.

    Raises:
        FewshotError: something cannot be opened, or the source broke off; the table is printed all the same.
    """
    if config.display.mode != "full":
        raise ConfigError(
            f"display.mode must be full here, got {config.display.mode}: the video and readings.csv name every student. "
            "Leave it out, or watch in the web app, which can hide individuals."
        )
    models = load_models(config.faces, config.personal)
    with closing(Store(default_url(config.store))) as store:
        people = store.people()
    gallery = models.gallery_of(members(people, find_course(people, config.course)), classmates=people)
    print(LAW)
    print(f"faces:    {models.backend.name} ({models.backend.licence})")
    print(f"students: {len(gallery.people)} of {len(people)} enrolled in {store.location}")

    totals = Totals(config.analyze_fps)
    output = expand_home(config.output) if config.output else None
    mishaps = Mishaps(tell=lambda sentence: tqdm.write(f"live: {sentence}", file=sys.stderr))
    with open_source(config.source, patience=config.stream, screen_fps=config.analyze_fps, mishaps=mishaps) as source:
        budget_ms = config.budget_ms if isinstance(source, LiveSource) else None
        session = LiveSession(models, gallery, config, budget_ms=budget_ms)
        bar = tqdm(total=source.frame_count, unit="frame", smoothing=0.1)

        def take(result: FrameResult) -> None:
            totals.add(result)
            if totals.frames == 1:  # what an earlier run has read is no speed of this one
                bar.initial = bar.n = bar.last_print_n = result.frame
            bar.set_postfix_str(f"{result.time_s:.1f} s, {len(result.readings)} faces", refresh=False)
            bar.update(result.frame + 1 - bar.n)

        try:
            run(source, session, take, analyze_fps=config.analyze_fps, output=output, resume=config.resume)
            bar.update((source.frame_count or bar.n) - bar.n)
        finally:
            bar.close()
            if totals.frames:  # an error before the first says all by itself
                print_closing(totals, mishaps, config.faces.min_face_px, output)
    return totals


def print_closing(totals: Totals, mishaps: Mishaps, min_face_px: float, output: Path | None) -> None:
    """Print the table per student, what was read and what went wrong, the mean duration of each stage and where the files are."""
    nobody = (
        f"No face was seen. Faces less than {min_face_px:g} px wide were passed over, for little can be read from them: "
        "show them larger, or lower faces.min_face_px."
    )
    print(totals.table() or nobody)
    print(totals.account())
    if mishaps.summary():
        print(f"source: {mishaps.summary()}")
    stages = ", ".join(f"{stage} {ms:.1f}" for stage, ms in totals.mean_timing_ms().items())
    print(f"mean ms a frame: {stages}")
    if output is not None:
        name = Path(VIDEO_NAME)
        parts = sorted(path for path in output.glob(f"{name.stem}*{name.suffix}") if ".partial" not in path.suffixes)
        print(f"written: {', '.join(map(str, [output / READINGS_NAME, *parts]))}")


def main(arguments: Sequence[str]) -> int:
    """Run the command; 0, or 1 after an error's sentence on stderr, or 130 when interrupted."""
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0

    def watch_to_the_end() -> int:
        watch(load(LiveConfig, arguments))
        return 0

    return run_command("live", watch_to_the_end, "stopped. A recording with an output=DIR goes on with resume=true.")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)  # a container's stop ends the recording as cleanly as Ctrl-C
    sys.exit(main(sys.argv[1:]))
