"""The report of a lesson as one self-contained file, HTML or PDF: one design, drawn from report.html beside this file."""

from __future__ import annotations

import re
from datetime import tzinfo
from functools import cache
from pathlib import Path

import jinja2
import vl_convert
from markupsafe import Markup
from PIL import ImageFile

from fewshot.classroom.charts import (
    LESSON_PX,
    ROW_PX,
    Spec,
    comparison_chart,
    mood_chart,
    shown_labels,
    strips_chart,
    valence_chart,
)
from fewshot.classroom.modes import SMALLEST_GROUP
from fewshot.classroom.moments import find_moments
from fewshot.classroom.report import Report
from fewshot.classroom.wording import (
    beginning_of,
    in_minutes,
    notice_in_words,
    part_in_words,
    short_titles,
    title_of,
)
from fewshot.errors import OutputError
from fewshot.lesson import UNSURE
from fewshot.messages import Messages
from fewshot.palette import color_of
from fewshot.sentence import Sentence

PANGO = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""What WeasyPrint needs on Debian and Ubuntu."""

WIDTH_PX, NAMES_PX, PADDING_PX = 640, 190, 4
"""Of a chart, of the names beside its rows, and of the room around it."""

_RECTANGLE = re.compile(r'<path d="(M[^"]*Z)" fill="(#\w+)" stroke-width="0"/>')
_RECTANGLES = re.compile(rf"(?:{_RECTANGLE.pattern})+")


def report_html(report: Report, zone: tzinfo, say: Messages) -> str:
    """Return the report as one HTML file, with times in ``zone``, in the words of ``say``."""
    charts = {}
    if not report.is_empty:
        charts = {"mood": mood_chart(report, say), "valence": valence_chart(report, say)}
    if report.individuals:
        charts["strips"] = strips_chart(report, say, named=False)
    titles = short_titles([lesson.entry for lesson in report.compared], zone)
    if len(report.compared) > 1:
        charts["compared"] = comparison_chart(report.compared, titles, say, named=False)
    return _template().render(
        report=report,
        say=say,
        title=title_of(report.entry, zone, say),
        began=beginning_of(report.entry, zone, say),
        part=part_in_words(report, say),
        charts={name: _drawn(chart, beside=name in ("strips", "compared")) for name, chart in charts.items()},
        titles=titles,
        row_px=ROW_PX,
        lesson_px=LESSON_PX,
        names_px=NAMES_PX,
        padding_px=PADDING_PX,
        labels=shown_labels(report),
        moments=find_moments(report, say),
        smallest=SMALLEST_GROUP,
    )


def missing_for_pdf() -> Sentence | None:
    """Return what to install before this machine can write a PDF, in a sentence; None where nothing is missing."""
    strict = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return Sentence(
            "A PDF needs the library Pango, which this machine lacks. On Debian and Ubuntu: {command}. HTML and CSV work without.",
            "no_pango",
            command=PANGO,
        )
    finally:
        # WeasyPrint lets Pillow fill cut-off images with gray, in the whole process; a reference photo must be refused then
        ImageFile.LOAD_TRUNCATED_IMAGES = strict
    return None


def report_pdf(html: str) -> bytes:
    """Return the same document as PDF; nothing is fetched for it.

    Raises:
        OutputError: this machine lacks what WeasyPrint needs.
    """
    missing = missing_for_pdf()
    if missing:
        raise OutputError(missing)
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    return HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf()


def _drawn(chart: Spec, beside: bool) -> Markup:
    """Draw a chart as SVG, less wide where names stand ``beside`` its rows; its only words are numbers and the times.

    Names are left to HTML: neither Vega nor what WeasyPrint makes of an SVG sets every script as it is written.
    """
    look = {"font": "DejaVu Sans", "background": "transparent", "view": {"strokeWidth": 0}, "aria": False}
    width = WIDTH_PX - NAMES_PX if beside else WIDTH_PX
    svg = vl_convert.vegalite_to_svg(chart | {"width": width, "padding": PADDING_PX, "config": look})
    return Markup(_RECTANGLES.sub(_joined, svg))  # noqa: S704


def _joined(rectangles: re.Match[str]) -> str:
    """Return thousands of rectangles as one path a color: the PDF is written in a fraction of the time."""
    by_color: dict[str, list[str]] = {}
    for outline, color in _RECTANGLE.findall(rectangles[0]):
        by_color.setdefault(color, []).append(outline)
    return "".join(f'<path d="{"".join(outlines)}" fill="{color}"/>' for color, outlines in by_color.items())


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["minutes"] = in_minutes
    environment.filters["percent"] = lambda share: f"{share:.0%}"
    environment.filters["signed"] = lambda value: "" if value is None else f"{value:+.2f}"
    environment.filters["notice"] = notice_in_words
    environment.filters["color"] = lambda label: color_of(None if label == UNSURE else label)
    return environment.get_template("report.html")
