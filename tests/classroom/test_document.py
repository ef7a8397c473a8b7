"""The files of a report, opened and read: names stay names, and nothing is fetched or told that should not be."""

from __future__ import annotations

import builtins
import csv
import io
import re
from dataclasses import replace
from datetime import UTC, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from PIL import ImageFile
from pypdf import PdfReader

from experiments.report_speed.lesson import make_lesson
from fewshot.classroom.charts import mood_chart, strips_chart
from fewshot.classroom.document import missing_for_pdf, report_html, report_pdf
from fewshot.classroom.moments import letter
from fewshot.classroom.report import Choice, Report, make_report
from fewshot.classroom.spreadsheet import seconds_csv, summary_csv
from fewshot.classroom.wording import short_titles, title_of
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.errors import OutputError
from fewshot.lesson import ABSENT, Bookmark, ClassSeconds, KeptLesson, LessonTotals
from fewshot.messages import messages
from fewshot.palette import COLORS_RGB, STATE_RGB
from tests.lessons import make_entry, make_seconds

RULES = load(LiveConfig).classroom
NAMES = ("<b>x", "=cmd()", "Ada", "Zoë", "-1+1", "@import")
BERLIN = ZoneInfo("Europe/Berlin")
SAY = messages()


def report_of(
    lesson: ClassSeconds | None = None, choice: Choice | None = None, title: str = "Recursion & <trees>"
) -> Report:
    """The report of a made lesson of ten minutes, with one earlier lesson."""
    made = make_lesson(NAMES, 10) if lesson is None else lesson
    entry = replace(make_entry(title=title), length_s=599, students=6)
    marks = (Bookmark(60, "explained <script>alert(1)</script>"), Bookmark(200, ""))
    totals = [LessonTotals(replace(entry, lesson_id=str(i)), {"happy": 3, "mine": 1}) for i in range(2)]
    return make_report(KeptLesson(entry, made, marks), RULES, choice or Choice(), totals)


class Elements(HTMLParser):
    """Tags, attributes and text of a file."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_holds_everything_and_fetches_nothing() -> None:
    page = Elements(report_html(report_of(), BERLIN, SAY))
    for words in (
        "Recursion & <trees>",
        "4 May 2026, 10:30 (Europe/Berlin)",
        "Mood of the class",
        "Beside earlier lessons",
    ):
        assert words in page.text
    for name in NAMES:
        assert page.text.count(name) >= 2, "in the chart and in the table"
    assert "explained <script>alert(1)</script>" in page.text
    assert not page.tags & {"script", "b>x", "img", "iframe", "link", "object"}
    assert page.links == []


def test_the_words_claim_no_feeling() -> None:
    text = Elements(report_html(report_of(), BERLIN, SAY)).text
    assert "looked like to a model, which is often wrong" in text
    for claim in (" feels", " is happy", " is sad", " was sad", "felt sad", "unhappy"):
        assert claim not in text


def test_the_pdf_holds_the_same_words() -> None:
    reader = PdfReader(io.BytesIO(report_pdf(report_html(report_of(), BERLIN, SAY))))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for words in ("Recursion & <trees>", "<b>x", "=cmd()", "Zoë", "explained <script>", "not seen for"):
        assert words in text
    assert reader.metadata is not None
    assert reader.metadata.title == "Recursion & <trees>"


def test_a_pdf_fetches_nothing(recwarn: pytest.WarningsRecorder) -> None:
    assert (
        report_pdf('<img src="file:///etc/hostname"><link rel=stylesheet href="http://localhost:1/x.css">')[:4]
        == b"%PDF"
    )


def test_a_machine_without_pango_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: object, **kwargs: object) -> object:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    assert missing_for_pdf() is None
    assert not ImageFile.LOAD_TRUNCATED_IMAGES, "a photo that was cut off must go on being refused"
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(OutputError, match=r"needs the library Pango.*apt-get install libpango-1\.0-0"):
        report_pdf("<p>")
    assert "HTML and CSV work without" in str(missing_for_pdf())


def test_without_individuals_no_file_names_anybody() -> None:
    report = report_of(choice=Choice(aggregate=True))
    html = report_html(report, BERLIN, SAY)
    everything = html + seconds_csv(report).decode() + summary_csv(report).decode()
    for name in ("&lt;b&gt;x", "=cmd()", "Ada", "Zoë", "@import"):
        assert name not in everything
    assert "without individuals" in html


def test_a_small_group_is_not_reported_in_any_file() -> None:
    report = report_of(make_lesson(NAMES[:4], 10), Choice(aggregate=True))
    text = Elements(report_html(report, BERLIN, SAY)).text
    assert "Groups of fewer than 5 students are not reported." in text
    assert "Mood of the class" not in text
    assert len(seconds_csv(report).splitlines()) == 1
    head, *told = rows_of(summary_csv(report))
    assert told == [["(class)", *[""] * (len(head) - 1)]], "nothing is told, not that nobody looked like anything"


def test_a_lesson_in_which_nobody_was_seen_can_be_written() -> None:
    report = report_of(make_seconds({"Ada": [ABSENT] * 9}))
    assert "Nobody enrolled was seen" in report_html(report, UTC, SAY)


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_every_second_is_a_row() -> None:
    lesson = make_seconds(
        {"Ada": ["happy", ABSENT, "unsure"], "=cmd()": [ABSENT, "+state", "sad"]},
        turned={"Ada": [True, False, False]},
        seconds=[0, 1, 5],
    )
    assert rows_of(seconds_csv(report_of(lesson))) == [
        ["second", "student", "looked", "turned_away"],
        ["0", "Ada", "happy", "yes"],
        ["1", "Ada", "absent", ""],
        ["5", "Ada", "unsure", "no"],
        ["1", "'=cmd()", "'+state", "no"],
        ["5", "'=cmd()", "sad", "no"],
    ]


def test_a_state_that_looks_like_a_formula_is_none() -> None:
    lesson = make_seconds({f"S{i}": ["=1+1", "happy"] for i in range(5)})
    head = rows_of(seconds_csv(report_of(lesson, Choice(aggregate=True))))[0]
    assert head[-1] == "'=1+1"


def test_the_summary_is_a_row_a_student_and_one_of_the_class() -> None:
    rows = rows_of(summary_csv(report_of()))
    assert [row[0] for row in rows] == ["student", "<b>x", "'=cmd()", "Ada", "Zoë", "'-1+1", "'@import", "(class)"]
    assert rows[0][1:4] == ["in_view", "turned_away", "valence"]
    assert rows[0][-1] == "confused"
    for row in rows[1:]:
        assert sum(map(float, row[4:])) == pytest.approx(1, abs=0.01)


def test_every_file_of_chosen_students_says_that_it_is_not_the_class() -> None:
    keys = [key for key, one in make_lesson(NAMES, 10).students.items() if one.name in ("<b>x", "Zoë")]
    report = report_of(choice=Choice(only=keys))
    assert " · only <b>x, Zoë" in Elements(report_html(report, BERLIN, SAY)).text
    assert [row[0] for row in rows_of(summary_csv(report))] == ["student", "<b>x", "Zoë", "(chosen)"]
    hidden = report_of(choice=Choice(only=keys, aggregate=True))
    assert " · only" not in report_html(hidden, BERLIN, SAY)
    assert rows_of(summary_csv(hidden))[-1][0] == "(class)"
    absent = report_of(make_seconds({"Ada": [ABSENT, "sad"], "Bo": ["happy"] * 2}), Choice(only=["ada"], end_s=1))
    assert "None of the chosen students was seen" in report_html(absent, UTC, SAY)


def test_charts_have_the_colors_of_the_overlay() -> None:
    chart = mood_chart(report_of(), SAY)
    scale = chart["layer"][0]["encoding"]["color"]["scale"]
    colors = dict(zip(scale["domain"], scale["range"], strict=True))
    assert colors | COLORS_RGB == colors
    assert colors["confused"] == STATE_RGB
    moments = chart["datasets"]["moments"]
    assert {"1", "2"} <= {moment["name"] for moment in moments}
    assert [moment["second"] for moment in moments] == sorted(moment["second"] for moment in moments)


def test_names_of_moments_give_way_to_their_neighbors() -> None:
    marks = tuple(Bookmark(second, "") for second in (10, 12, 14, 300))
    lesson = make_seconds({"Ada": ["happy"] * 600})
    moments = mood_chart(make_report(KeptLesson(make_entry(), lesson, marks), RULES, Choice()), SAY)["datasets"][
        "moments"
    ]
    assert [moment["high"] for moment in moments] == [False, True, False, False]


def test_a_strip_stops_where_the_capture_paused() -> None:
    lesson = make_seconds({"Ada": ["happy"] * 20}, seconds=[*range(10), *range(100, 110)])
    strips = strips_chart(report_of(lesson), SAY)["datasets"]["strips"]
    assert [(row["begin"], row["end"]) for row in strips] == [(0, 10), (100, 110)]


def test_the_first_lesson_of_all_can_be_written() -> None:
    first = replace(report_of(), compared=report_of().compared[:1])
    text = Elements(report_html(first, BERLIN, SAY)).text
    assert "Mood of the class" in text
    assert "Beside earlier lessons" not in text


def test_titles_tell_lessons_apart() -> None:
    assert title_of(make_entry(), BERLIN, SAY) == "Lesson of 4 May, 10:30"
    assert title_of(make_entry(title="Trees"), BERLIN, SAY) == "Trees"
    assert short_titles([make_entry(title="Trees")], UTC) == ["2026-05-04, 08:30 · Trees"]


def test_lessons_of_one_minute_have_two_titles() -> None:
    first = make_entry()
    second = replace(first, began=first.began + timedelta(seconds=20))
    assert short_titles([first, second], UTC) == ["2026-05-04, 08:30:00", "2026-05-04, 08:30:20"]
    assert [letter(i) for i in (0, 1, 25, 26)] == ["A", "B", "Z", "A1"]


def test_a_report_in_another_language_and_script() -> None:
    lesson = make_lesson(("प्रिया", "Ada"), 10)
    html = report_html(report_of(lesson, title="पुनरावृत्ति"), BERLIN, messages("hi"))
    assert '<html lang="hi">' in html
    assert "4 मई 2026" in html
    assert "कक्षा का मिज़ाज" in Elements(html).text
    # neither Vega nor a PDF sets the words in an SVG as they are written
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) == 4
    assert all("प्रिया" not in svg and "पुनरावृत्ति" not in svg for svg in drawings)
    assert html.count("प्रिया") >= 2, "beside the strips, and in the table"


def test_a_pdf_in_another_script_has_its_letters() -> None:
    html = report_html(report_of(make_lesson(("प्रिया", "Ada"), 10), title="पुनरावृत्ति"), BERLIN, messages("hi"))
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(io.BytesIO(report_pdf(html))).pages
        for font in page["/Resources"].get_object()["/Font"].get_object().values()
    }
    assert [font for font in fonts if "DejaVu" not in font], "a font with these letters is needed: fonts-lohit-deva"
