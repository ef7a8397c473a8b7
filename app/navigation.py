"""The frame around every page: its menu, and its problems told as sentences."""

from __future__ import annotations

import json
import re

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from app.pages import PAGES
from app.state import process, signin
from app.widgets.ahead import fetch_report_ahead
from app.widgets.badge import show_capture
from app.widgets.problems import tell_of_log, told_as_sentences
from fewshot.messages import ENGLISH, Messages

ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#2F5FA7" stroke-width="2"
 stroke-linecap="round"><path d="M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3
M9 10v.5M15 10v.5M9 15c1.8 1.5 4.2 1.5 6 0"/></svg>"""
"""Drawn here: Streamlit's named icons would be fetched from the network, from every visitor's browser."""

KEPT = r"aggregate|students_.+|(name|agreed|how|emotion|state)_{draft}|teacher|courses|class_courses|class_teacher"
"""Keys of widgets that keep what they were set to while another page is looked at: what a report hides, and what was typed of
the student who is being enrolled. Streamlit forgets what a run does not show."""

STYLE = """<style>
[data-testid=stBaseButton-primary], [data-testid=stBaseButton-primaryFormSubmit] { background-color: #2F5FA7; border-color: #2F5FA7 }
[data-testid=stMultiSelectTagsContainer] [data-tag] { background-color: #2F5FA7 }
@media (max-width: 960px) {
  :is(.st-key-lesson, .st-key-enrolling, .st-key-beside) > div > [data-testid=stHorizontalBlock] > [data-testid=stColumn] {
    min-width: 100%
  }
}
[data-testid=stHeading] h1 { padding-top: 0 }
@media (min-width: 641px) {
  [data-testid=stLayoutWrapper]:has(> .st-key-capture) { height: 0; margin-bottom: -1rem; z-index: 1 }
  .st-key-capture { padding-top: 0.4rem; pointer-events: none }
  .st-key-capture [data-testid=stVerticalBlock] { align-items: end }
  [data-testid=stHeading] h1 { padding-right: 20rem }
}
[data-testid=stLayoutWrapper]:has(> .st-key-unsaved) {
  position: fixed; bottom: 1rem; left: 1rem; z-index: 1; width: min(44rem, 100% - 2rem);
  background: Canvas; border-radius: 0.5rem; box-shadow: 0 4px 16px rgb(0 0 0 / 25%)
}
.st-key-newest_bookmark p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
[data-testid=stTable] td [data-testid=stMarkdownContainer] { max-width: none }
[data-testid=stStatusWidget] button, [data-testid=stSkillsNudge] { display: none }
[data-testid=stElementContainer]:has(> [data-testid=stHtml] > script) { display: none }
[data-testid=stTopNavLink]:focus-visible, [data-testid=stSidebarNavLink]:focus-visible { outline: 3px solid #6F9CF2 }
</style>"""
"""What Streamlit's themes cannot say. Its white on buttons and chosen classes needs a darker blue than words on the dark theme's
background, and its menu does not show where the keyboard is. On a tablet the class has its room below the video, photos below the
form and earlier lessons below the valence, not beside it; where it is wider than a phone, what the capture does stands on the line
of the title. Sentences in a table may use its width. The button Stop beside the sign that a page works, which breaks it off
half-way, would be taken for that of the capture. What Streamlit offers to programmers, over the buttons of a lesson, is not for a
teacher. A script takes no room."""

ONE_CLICK = """<script>
if (!window.takesOneClick) {
  window.takesOneClick = true;
  document.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest("[data-testid=stButton], [data-testid=stFormSubmitButton]")) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
}
</script>"""
"""A double click on a button is one click. The second would break off what the first began, and send the form that the first has
emptied: the note of a bookmark was lost, and the photos that were to be added."""


def show() -> None:
    """Show the page that the address names, to whoever may see it."""
    st.set_page_config(page_title="Fewshot", page_icon=ICON, layout="wide")
    st.html(STYLE)
    _keep_widgets()
    place = None
    with told_as_sentences():
        if signin.let_in():
            page = _page_of_the_address()
            st.set_page_config(page_title=f"{page.title} · Fewshot")  # tells tabs and visited pages apart
            signin.warn_if_open(process.shared.words())
            place = st.container(key="capture")
            tell_of_log()
            try:
                with told_as_sentences():
                    page.run()
            except Exception:  # of which Streamlit tells; what the capture does meanwhile must be seen all the same
                _show_around(place)
                raise
    _show_around(place)


def _show_around(place: DeltaGenerator | None) -> None:
    """Show what goes with every page: in its ``place``, where it has one, what the capture does.

    At last: a page that was left stops its capture when the first of this one has arrived.
    """
    say = process.shared.words()
    if place is not None:
        with place:
            show_capture(process.shared.capture(), say)
        fetch_report_ahead()
    _name_language(say)
    st.html(ONE_CLICK, unsafe_allow_javascript=True)
    st.html(_lost_in_words(say) + _without_english(say))


def _lost_in_words(say: Messages) -> str:
    """Return a style that puts a teacher's words in the place of a programmer's where the server cannot be reached.

    Streamlit's page then asks, in English, whether "streamlit run yourscript.py" was stopped. No script of this page runs at
    that time, so the words lie ready in the style. What the capture was doing is not known any more.
    """
    lost = "body:has([data-test-connection-state]:not([data-test-connection-state=CONNECTED]))"
    words = f"{lost} [data-testid=stDialog] h2"
    title, advice = (json.dumps(say(key), ensure_ascii=False) for key in ("capture.lost", "problems.gone"))
    return f"""<style>
{lost} .st-key-capture > * {{ display: none }}
{lost} .st-key-capture::after {{
  content: {title}; align-self: end; padding: 0 0.5rem; color: #fff; background: #B3261E; border-radius: 4px
}}
{words} {{ font-size: 0 }}
{words}::before {{ content: {title}; font-size: 1.35rem }}
{words} + div > * {{ display: none }}
{words} + div::before {{ content: {advice} }}
</style>"""


def _without_english(say: Messages) -> str:
    """Return a style that takes away what Streamlit says by itself at a field and for files, where the page speaks another language.

    The count of letters at a field goes with it.
    """
    if say.language == ENGLISH:
        return ""
    upload = json.dumps(say("enroll.upload"), ensure_ascii=False)
    return f"""<style>
[data-testid=InputInstructions], [data-testid=stFileUploaderDropzoneInstructions] {{ display: none }}
[data-testid=stFileUploaderDropzone] button p {{ font-size: 0 }}
[data-testid=stFileUploaderDropzone] button p::before {{ content: {upload}; font-size: 0.875rem }}
</style>"""


def _name_language(say: Messages) -> None:
    """Tell the browser the language of the page, which Streamlit leaves at English: a screen reader speaks by it.

    At the end, for the first page after a start finds out on its way which one was chosen.
    """
    script = f"<script>document.documentElement.lang = '{say.language}'</script>"
    st.html(script, unsafe_allow_javascript=True)


def _keep_widgets() -> None:
    """Note what the widgets that are there hold, and give back what others held, before a page shows them again.

    Never to one that is there: what was typed since this run began would be lost.
    """
    keys = re.compile(KEPT.format(draft=st.session_state.get("drafts", 0)))
    held = {**st.session_state.get("kept", {}), **st.session_state}
    st.session_state.kept = {str(key): value for key, value in held.items() if keys.fullmatch(str(key))}
    for key, value in st.session_state.kept.items():
        if key not in st.session_state:
            st.session_state[key] = value


def _page_of_the_address() -> StreamlitPage:
    say = process.shared.words()
    pages = [
        st.Page(f"app/pages/{name}.py", title=say(f"pages.{name}"), icon=icon, default=place == 0)
        for place, (name, icon) in enumerate(PAGES.items())
    ]
    return st.navigation([*pages, *signin.menu(say)], position="top")
