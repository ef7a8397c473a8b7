"""The part of the page Enroll that takes a whole class at once, from a folder or one .zip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import streamlit as st

from app.markdown import plain
from app.state.resources import Resources
from app.widgets.courses import choose_courses
from app.widgets.parts import PHOTO_TYPES, show_table
from app.widgets.problems import told_as_sentences
from enroll.add import Enrolled
from enroll.class_files import PackedFolder, gather, open_zip
from enroll.photos import find_class
from enroll.wording import outcome_in_words, reason_in_words
from fewshot.consent import Consent, record_consent
from fewshot.errors import ConsentError, FewshotError
from fewshot.messages import Messages

OpenClass = Callable[[], AbstractContextManager[PackedFolder]]
"""Gives the folder of a class, whose photos can be read until its block ends."""


def show_whole_class(resources: Resources) -> None:
    """Show the form, enroll on request, and tell what became of each student."""
    say, run = resources.words, st.session_state.setdefault("class_runs", 0)  # another class needs another consent
    open_class = _choose_files(say)
    courses = choose_courses(resources, "class_courses")
    agreed = st.checkbox(say("enroll.class_consent"), key=f"class_agreed_{run}", wrap=True)
    with st.container(horizontal=True):
        how = st.text_input(say("enroll.how"), key=f"class_how_{run}", placeholder=say("enroll.class_how_hint"))
        teacher = st.text_input(say("enroll.teacher"), key="class_teacher", placeholder=say("enroll.teacher_hint"))
    replace = st.checkbox(say("enroll.anew"), key=f"class_replace_{run}")
    confirmed = st.checkbox(say("enroll.use_all"), key=f"class_confirmed_{run}")
    with told_as_sentences():
        if st.button(
            say("enroll.enroll_class"),
            type="primary",
            icon=":material/groups:",
            disabled=open_class is None,
            key="enroll_class",
        ):
            if not (agreed and how.strip()):
                raise ConsentError(say("enroll.no_consent"))
            assert open_class is not None
            consent = record_consent(f"{say('enroll.class_consent')} {how}", teacher)
            _enroll(resources, open_class, consent, courses, replace, confirmed)
            st.session_state.class_runs += 1
            st.rerun()
    results, students = st.session_state.get("class_results", ([], 0))
    _show_results(results, students, say)


def _choose_files(say: Messages) -> OpenClass | None:
    """Offer to choose the folder of the class, or it as one .zip; None until that is done."""
    kind = st.segmented_control(
        say("enroll.class_as"),
        ["folder", "zip"],
        default="folder",
        required=True,
        key="class_as",
        format_func=lambda kind: say(f"enroll.class_{kind}"),
    )
    st.caption(say("enroll.class_is"))
    if kind == "zip":
        archive = st.file_uploader(say("enroll.class_photos"), type=["zip"], key="class_zip", max_upload_size=1000)
        return None if archive is None else partial(open_zip, archive)
    files = st.file_uploader(
        say("enroll.class_photos"), type=PHOTO_TYPES, accept_multiple_files="directory", key="class_folder"
    )
    return (lambda: nullcontext(gather({file.name: file for file in files}))) if files else None


def _enroll(
    resources: Resources,
    open_class: OpenClass,
    consent: Consent,
    courses: Sequence[str],
    replace: bool,
    confirmed: bool,
) -> None:
    """Enroll the students one after the other, keeping what became of each: a click elsewhere stops this run of the page."""
    results: list[Enrolled] = []
    say = resources.words
    st.session_state.class_results = (results, 0)
    with open_class() as folder:
        students = find_class(folder)
        progress = st.progress(0.0, say("enroll.looking"))
        st.session_state.class_results = (results, len(students))
        try:
            for result in resources.roster.enroll_class(
                students, consent, courses, replace=replace, confirmed=confirmed
            ):
                results.append(result)
                told = say("enroll.progress", n=len(results), all=len(students))
                progress.progress(len(results) / len(students), told)
        except FewshotError:  # which is told by itself
            st.session_state.class_results = (results, len(results))
            raise
        progress.empty()


def _show_results(results: list[Enrolled], students: int, say: Messages) -> None:
    """Show what became of each, and whether all had their turn."""
    if len(results) < students:
        st.warning(say("enroll.stopped", n=len(results), all=students), icon=":material/front_hand:")
    if not results:
        return
    present = sum(map(_is_enrolled, results))
    said = say("enroll.present", n=present, all=len(results))
    if present == len(results):
        st.success(said, icon=":material/check_circle:")
    else:
        st.warning(f"{said} {say('enroll.lacking')}", icon=":material/warning:")
    show_table(
        [
            {
                say("live.student"): result.student,
                say("enroll.enrolled"): "✓" if _is_enrolled(result) else "✗",
                say("enroll.used"): _photos_used(result),
                say("enroll.happened"): told[0].upper() + told[1:],
            }
            for result in sorted(results, key=_is_enrolled)  # who is not comes first
            for told in (outcome_in_words(result, say),)
        ]
    )
    unused = [
        f"{r.student}: {v.photo}: {reason_in_words(v, say)}" for r in results for v in r.verdicts if not v.accepted
    ]
    unused += [f"{result.student}: {say.told(sentence)}" for result in results for sentence in result.skipped]
    if unused:
        with st.expander(say("enroll.unused", n=len(unused)), expanded=present < len(results)):
            st.markdown("\n".join(f"- {plain(told)}" for told in unused))


def _is_enrolled(result: Enrolled) -> bool:
    return result.problem is None


def _photos_used(result: Enrolled) -> str:
    return f"{sum(verdict.accepted for verdict in result.verdicts)} / {len(result.verdicts)}" if result.verdicts else ""
