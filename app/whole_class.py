"""The part of the page Enroll that takes a whole class at once, from one .zip."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO

import streamlit as st

from app.parts import plain
from app.problems import told_as_sentences
from app.resources import Resources
from enroll.add import Enrolled
from enroll.archive import unpack
from enroll.photos import find_class
from fewshot.consent import record_consent
from fewshot.errors import ConsentError

CONSENT = (
    "Every student in it, or a minor's parents, agreed in writing that their face is recognized and their expressions are "
    "read, and know that they can withdraw at any time."
)


def show_whole_class(loaded: Resources) -> None:
    """Show the form, enroll on request, and tell what became of each student."""
    st.caption(
        "One .zip with a folder for each student, named so, and in it a folder for each emotion: Ada/neutral/1.jpg"
    )
    archive = st.file_uploader("Photos of the class", type=["zip"], key="class_zip", max_upload_size=1000)
    agreed = st.checkbox(CONSENT, key="class_agreed", wrap=True)
    with st.container(horizontal=True):
        how = st.text_input("Who agreed, and how?", key="class_how", placeholder="Forms collected on 3 May")
        teacher = st.text_input("Recorded by", key="class_teacher", placeholder="Your name")
    replace = st.checkbox("Enroll those anew who are enrolled already", key="class_replace")
    confirmed = st.checkbox(
        "Use photos that seem to show another emotion or person all the same", key="class_confirmed"
    )
    with told_as_sentences():
        if st.button("Enroll the class", type="primary", icon=":material/groups:", disabled=archive is None):
            if not (agreed and how.strip()):
                raise ConsentError("Nobody is enrolled without consent: tick the box, and write who agreed and how.")
            assert archive is not None
            st.session_state.class_results = _enroll(loaded, archive, f"{CONSENT} {how}", teacher, replace, confirmed)
    _show_results(st.session_state.get("class_results", []))


def _enroll(
    loaded: Resources, archive: IO[bytes], agreement: str, teacher: str, replace: bool, confirmed: bool
) -> list[Enrolled]:
    consent, results = record_consent(agreement, teacher), []
    with tempfile.TemporaryDirectory() as folder:
        students = find_class(unpack(archive, Path(folder)))
        progress = st.progress(0.0, "Looking at the photos")
        for result in loaded.enroll_class(students, consent, replace=replace, confirmed=confirmed):
            results.append(result)
            progress.progress(len(results) / len(students), f"{len(results)} of {len(students)} students")
        progress.empty()
    return results


def _show_results(results: list[Enrolled]) -> None:
    if not results:
        return
    present = sum(result.person is not None or result.kept for result in results)
    said = f"{present} of {len(results)} students are enrolled now."
    if present == len(results):
        st.success(said, icon=":material/check_circle:")
    else:
        st.warning(f"{said} Below is what the others lack.", icon=":material/warning:")
    st.dataframe(
        [
            {
                "student": result.student,
                "enrolled": result.person is not None or result.kept,
                "photos used": sum(verdict.accepted for verdict in result.verdicts),
                "photos given": len(result.verdicts),
                "what happened": result.sentence[0].upper() + result.sentence[1:],
            }
            for result in results
        ],
        hide_index=True,
        width="stretch",
    )
    unused = [(r.student, verdict) for r in results for verdict in r.verdicts if not verdict.accepted]
    if unused:
        with st.expander(f"{len(unused)} photos were not used"):
            st.markdown("\n".join(f"- {plain(f'{name}: {v.photo}: {v.reason}')}" for name, v in unused))
