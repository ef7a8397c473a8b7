"""``python -m fewshot.live source=clip.mp4 output=DIR``: watch a source with the students of a store.

Every value of conf/live.yaml can be given as ``name=value``, those of the face backend as ``faces.name=value``.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from fewshot.config import LiveConfig, load
from fewshot.encoder import load_encoder
from fewshot.face.backend import load_backend
from fewshot.gallery import Gallery
from fewshot.live.pipeline import Pipeline
from fewshot.live.run import READINGS_NAME, VIDEO_NAME, count_analyzed, run
from fewshot.live.session import LiveSession
from fewshot.live.sources import LiveSource, open_source
from fewshot.live.totals import Totals
from fewshot.prototypes import load_generic
from fewshot.store import Store, default_url
from fewshot.terminal import run_command
from fewshot.types import FrameResult

USAGE = """Usage: python -m fewshot.live source=SOURCE [output=DIR] [store=URL] [name=value ...]

SOURCE is a video file, an image, a folder of images, a camera number such as 0, or an RTSP or HTTP URL.
output=DIR receives the annotated video and readings.csv, one row a face and analyzed frame.
store=URL names the students; without it FEWSHOT_STORE, else a file in your data folder.
Further values and their meaning: conf/live.yaml. Example: analyze_fps=5 faces=builtin smoothing.min_confidence=0.5
"""


def watch(config: LiveConfig) -> Totals:
    """Run the source of ``config`` to its end, showing progress, and print the closing table.

    Raises:
        FewshotError: something cannot be opened, or the source broke off; the table is printed all the same.
    """
    backend = load_backend(config.faces)
    generic = load_generic()
    store = Store(default_url(config.store))
    gallery = Gallery(
        store.people(),
        generic,
        personal=config.personal,
        match_threshold=backend.match_threshold,
        match_margin=backend.match_margin,
        identity_fingerprint=backend.identity_fingerprint,
    )
    pipeline = Pipeline(backend, load_encoder())
    print(f"faces:    {backend.name} ({backend.licence})")
    print(f"students: {len(gallery.people)} enrolled in {store.location}")

    totals = Totals()
    output = Path(config.output).expanduser() if config.output else None
    with open_source(config.source) as source:
        budget_ms = config.budget_ms if isinstance(source, LiveSource) else None
        session = LiveSession(pipeline, gallery, config, budget_ms=budget_ms)
        bar = tqdm(total=count_analyzed(source, config.analyze_fps), unit="frame", smoothing=0.1)

        def show_progress(result: FrameResult) -> None:
            bar.set_postfix_str(f"{result.time_s:.1f} s, {len(result.readings)} faces", refresh=False)
            bar.update()

        try:
            run(
                source,
                session,
                analyze_fps=config.analyze_fps,
                output=output,
                totals=totals,
                on_result=show_progress,
            )
        finally:
            bar.close()
            print_closing(totals, output)
    return totals


def print_closing(totals: Totals, output: Path | None) -> None:
    """Print the table per student, the mean duration of each stage and where the files are."""
    print(totals.table())
    if totals.frames:
        stages = ", ".join(f"{stage} {ms:.1f}" for stage, ms in totals.mean_timing_ms().items())
        print(f"mean ms a frame: {stages}")
    if output is not None and totals.frames:
        print(f"written: {output / READINGS_NAME}, {output / VIDEO_NAME}")


def main(arguments: Sequence[str]) -> int:
    """Run the command; 0, or 1 after an error's sentence on stderr, or 130 when interrupted."""
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0

    def watch_to_the_end() -> int:
        watch(load(LiveConfig, arguments))
        return 0

    return run_command("live", watch_to_the_end)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)  # a container's stop ends the recording as cleanly as Ctrl-C
    sys.exit(main(sys.argv[1:]))
