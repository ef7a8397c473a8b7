"""Settings: what is told of a lesson, when something is said, which faces run, how long lessons are kept."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import resources
from app.choices import CHOICES, app_config
from app.choosing import Changes, Chooser, forget_widgets
from app.effects import show_confidence, show_notices
from app.lesson import utc_now
from app.messages import languages, messages
from app.parts import plain
from app.problems import told_as_sentences
from app.resources import Resources, words
from fewshot.classroom.report import SMALLEST_GROUP
from fewshot.config import MODES
from fewshot.errors import FewshotError
from fewshot.face.pack import LICENCE, missing, pack_folder

MODES_TOLD = {
    "full": "Names and emotions of everybody.",
    "anonymous": "Student 1, Student 2 and so on, in the order of enrollment.",
    "aggregate": f"No individuals, and nothing while fewer than {SMALLEST_GROUP} students are in view.",
}
FACES_TOLD = {
    "auto": ("Automatic", "InsightFace where its weights are on this computer, else the built-in ones."),
    "builtin": ("Built in", "YuNet and SFace. Free for any use."),
    "insightface": ("InsightFace", "SCRFD and ArcFace. Weights for non-commercial research only."),
}
LOWEST_PERCENT, HIGHEST_PERCENT = 15, 80


def show() -> None:
    """Show the page."""
    try:
        loaded = resources.shared.get()
    except FewshotError:
        st.title("Settings")
        _offer_defaults_without(resources.shared)
        raise
    st.title(words(loaded)("pages.settings"))
    st.caption("Kept on this server, and used from the next picture on, in a lesson that runs too.")
    left, right = st.columns(2, gap="medium")
    with left:
        _choose_mode(loaded)
        _choose_faces(loaded)
        _choose_retention(loaded)
        _choose_language(loaded)
    with right:
        _choose_confidence(loaded)
        _choose_attention(loaded)
    _offer_defaults(loaded)


def _choose_mode(loaded: Resources) -> None:
    with st.container(border=True):
        st.subheader(words(loaded)("settings.told"), icon=":material/visibility:")
        chooser = Chooser(loaded, "display.mode")
        st.radio(
            "What is told of a lesson",
            MODES,
            index=MODES.index(loaded.config.display.mode),
            format_func=lambda mode: words(loaded)(f"settings.mode_{mode}"),
            captions=[MODES_TOLD[mode] for mode in MODES],
            label_visibility="collapsed",
            **chooser.widget,
        )
        chooser.tell()
        st.caption(
            "In the video, beside it, in the report and in every file. A lesson that was held in a stricter mode stays so."
        )


def _choose_faces(loaded: Resources) -> None:
    config = loaded.config.faces
    with st.container(border=True):
        st.subheader(words(loaded)("settings.faces"), icon=":material/familiar_face_and_zone:")
        chooser = Chooser(loaded, "faces.backend")
        st.radio(
            "Faces",
            list(FACES_TOLD),
            index=list(FACES_TOLD).index(config.backend),
            format_func=lambda backend: FACES_TOLD[backend][0],
            captions=[told for _, told in FACES_TOLD.values()],
            label_visibility="collapsed",
            **chooser.widget,
        )
        chooser.tell()
        st.markdown(f"**In use: {loaded.backend.name}.** {plain(loaded.backend.licence)}")
        lacking = missing(pack_folder(Path(config.pack_root), config.pack))
        if lacking:
            st.caption(f"InsightFace's weights are not here: {plain(lacking)} {LICENCE}")
        else:
            st.caption(f"InsightFace's weights (`{config.pack}`) are on this computer.")
        _tell_who_is_lost(loaded)


def _tell_who_is_lost(loaded: Resources) -> None:
    people = loaded.store.people()
    lost = sum(person.identity_fingerprint != loaded.backend.identity_fingerprint for person in people)
    if lost:
        st.warning(
            f"{lost} of {len(people)} students were enrolled with the other faces. Choose those again, or enroll these "
            "students anew: until then the page Live does not start.",
            icon=":material/person_alert:",
        )
    elif people:
        st.caption(
            f"Other faces mean enrolling all {len(people)} students anew: what one model knows of a face says nothing to another."
        )


def _choose_retention(loaded: Resources) -> None:
    days = loaded.config.classroom.retention_days
    with st.container(border=True):
        st.subheader(words(loaded)("settings.retention"), icon=":material/auto_delete:")
        chooser = Chooser(loaded, "classroom.retention_days")
        st.number_input("Days", value=days, step=1, **chooser.widget)
        chooser.tell()
        older = loaded.lesson_store.count_older(days, utc_now())
        kept = len(loaded.lesson_store.entries())
        deleted = st.session_state.pop("older_deleted", 0)
        if deleted:
            st.success(f"{_lessons(deleted)} deleted: nothing of them is left.", icon=":material/check_circle:")
        if not older:
            st.caption(f"{_lessons(kept)} kept, none of them older.")
            return
        st.caption(f"{_lessons(kept)} kept. {_lessons(older)} older: deleted when the app starts the next time.")
        with st.popover("Delete older now", icon=":material/delete:", type="tertiary"):
            st.markdown(f"{_lessons(older)} that began more than {days} days ago erased. This cannot be undone.")
            if st.button("Delete for good", type="primary", key="delete_older"):
                st.session_state.older_deleted = loaded.lesson_store.delete_older(days, utc_now())
                st.rerun()


def _lessons(count: int) -> str:
    return f"{count} lesson is" if count == 1 else f"{count} lessons are"


def _choose_language(loaded: Resources) -> None:
    with st.container(border=True):
        st.subheader(words(loaded)("settings.language"), icon=":material/translate:")
        chooser = Chooser(loaded, "display.language")
        known = languages()
        st.selectbox(
            "Language",
            known,
            index=known.index(loaded.config.display.language),
            format_func=lambda language: messages(language)("language.name"),
            help="Of the menu, the page Live and the video's labels.",
            **chooser.widget,
        )
        chooser.tell()
        st.caption(
            "The rest, the report and the command line's videos are in English so far. Light or dark follows your system; "
            "choose another in the menu :material/more_vert: at the top right."
        )


def _choose_confidence(loaded: Resources) -> None:
    smoothing = loaded.config.smoothing
    gap = app_config().smoothing.min_confidence - app_config().smoothing.keep_confidence

    def changes_of(percent: int) -> Changes:
        least = percent / 100
        return {
            "smoothing.min_confidence": f"{least:g}",
            "smoothing.keep_confidence": f"{max(0.0, least - gap):.4g}",  # so that a named emotion does not flicker
        }

    with st.container(border=True):
        st.subheader(words(loaded)("settings.thresholds"), icon=":material/tune:")
        chooser = Chooser(loaded, "smoothing.min_confidence", changes_of)
        percent = round(100 * smoothing.min_confidence)
        st.slider(
            "From this confidence on; below it the app says *unsure*",
            min(LOWEST_PERCENT, percent),
            max(HIGHEST_PERCENT, percent),
            percent,
            format="%d %%",
            **chooser.widget,
        )
        chooser.tell()
        show_confidence(smoothing.min_confidence)


def _choose_attention(loaded: Resources) -> None:
    with st.container(border=True):
        st.subheader(words(loaded)("settings.attention"), icon=":material/notifications:")
        show_notices(loaded)


def _offer_defaults(loaded: Resources) -> None:
    if loaded.preferences.read() and st.button("Back to the defaults", icon=":material/restart_alt:", key="defaults"):
        loaded.change(dict.fromkeys(CHOICES))
        forget_widgets()
        st.rerun()


def _offer_defaults_without(shared: resources.SharedResources) -> None:
    """What was chosen may be why nothing works, such as faces whose weights are gone."""
    with told_as_sentences():
        if st.button("Back to the defaults", icon=":material/restart_alt:", key="defaults"):
            shared.forget_choices()
            st.rerun()


show()
