"""Settings: what is told of a lesson, when something is said, which faces run, how long lessons are kept."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.capture.component import address
from app.markdown import plain
from app.pages import PAGES
from app.state import process
from app.state.choices import CHOICES
from app.state.lesson import utc_now
from app.state.resources import Resources
from app.theme.component import choose_theme
from app.widgets.choosing import Changes, Chooser, forget_widgets
from app.widgets.effects import show_confidence, show_notices
from app.widgets.notice import show_acknowledgment
from app.widgets.problems import left_in_log_told_later, told_as_sentences
from fewshot.classroom.modes import SMALLEST_GROUP
from fewshot.config import MODES
from fewshot.errors import FewshotError
from fewshot.face.pack import LICENCE, missing, pack_folder
from fewshot.messages import languages, messages

FACES = ("auto", "builtin", "insightface")
LOWEST_PERCENT, HIGHEST_PERCENT = 15, 80


def show() -> None:
    """Show the page."""
    try:
        resources = process.shared.get()
    except FewshotError:
        st.title(process.shared.words()("pages.settings"))
        _offer_defaults_without(process.shared)
        raise
    say = resources.words
    st.title(say("pages.settings"))
    st.caption(say("settings.intro"))
    left, right = st.columns(2, gap="medium")
    with left:
        _choose_mode(resources)
        _choose_faces(resources)
        _choose_retention(resources)
        _choose_language(resources)
    with right:
        _choose_confidence(resources)
        _choose_attention(resources)
        show_acknowledgment(resources)
    _offer_defaults(resources)


def _choose_mode(resources: Resources) -> None:
    say = resources.words
    with st.container(border=True):
        st.subheader(say("settings.told"), icon=":material/visibility:")
        chooser = Chooser(resources, "display.mode")
        st.radio(
            say("settings.told"),
            MODES,
            index=MODES.index(resources.config.display.mode),
            format_func=lambda mode: say(f"settings.mode_{mode}"),
            captions=[say(f"settings.{mode}_is", smallest=SMALLEST_GROUP) for mode in MODES],
            label_visibility="collapsed",
            **chooser.widget,
        )
        chooser.tell()
        st.caption(say("settings.told_where"))


def _choose_faces(resources: Resources) -> None:
    say = resources.words
    config = resources.config.faces
    with st.container(border=True):
        st.subheader(say("settings.faces"), icon=":material/familiar_face_and_zone:")
        chooser = Chooser(resources, "faces.backend")
        st.radio(
            say("settings.faces"),
            FACES,
            index=FACES.index(config.backend),
            format_func=lambda backend: say(f"settings.faces_{backend}"),
            captions=[say(f"settings.faces_{backend}_is") for backend in FACES],
            label_visibility="collapsed",
            **chooser.widget,
        )
        chooser.tell()
        backend = resources.models.backend
        st.markdown(
            f"**{say('settings.in_use', name=say(f'settings.faces_{backend.name}'))}** {plain(say.told(backend.licence))}"
        )
        lacking = missing(pack_folder(Path(config.pack_root), config.pack))
        if lacking:
            st.caption(f"{say('settings.weights_missing')} {plain(say.told(lacking))} {plain(say.told(LICENCE))}")
        else:
            st.caption(say("settings.weights_here", pack=f"`{config.pack}`"))
        _tell_who_is_lost(resources)


def _tell_who_is_lost(resources: Resources) -> None:
    people = resources.store.people()
    lost = sum(person.identity_fingerprint != resources.models.backend.identity_fingerprint for person in people)
    if lost:
        st.warning(
            resources.words("settings.lost", lost=lost, all=len(people)),
            icon=":material/person_alert:",
        )
    elif people:
        st.caption(resources.words("settings.would_lose", all=len(people)))


def _choose_retention(resources: Resources) -> None:
    say = resources.words
    days = resources.config.classroom.retention_days
    with st.container(border=True):
        st.subheader(say("settings.retention"), icon=":material/auto_delete:")
        chooser = Chooser(resources, "classroom.retention_days")
        st.number_input(say("settings.days"), value=days, step=1, **chooser.widget)
        chooser.tell()
        older = resources.lesson_store.count_older(days, utc_now())
        kept = len(resources.lesson_store.entries())
        deleted = st.session_state.pop("older_deleted", 0)
        if deleted:
            st.success(say("settings.deleted", n=deleted), icon=":material/check_circle:")
        st.caption(say("settings.kept", n=kept, older=older))
        if not older:
            return
        st.caption(say("settings.older_when"))
        with st.popover(say("settings.delete_older"), icon=":material/delete:", type="tertiary"):
            st.markdown(say("settings.delete_question", days=days, n=older))
            if st.button(say("settings.delete"), type="primary", key="delete_older"):
                with left_in_log_told_later():
                    resources.lesson_store.delete_older(days, utc_now())
                st.session_state.older_deleted = older
                st.rerun()


def _choose_language(resources: Resources) -> None:
    say = resources.words
    with st.container(border=True):
        st.subheader(say("settings.language"), icon=":material/translate:")
        chooser = Chooser(resources, "display.language")
        known = languages()
        st.selectbox(
            say("settings.language_choice"),
            known,
            index=known.index(resources.config.display.language),
            format_func=lambda language: messages(language)("language.name"),
            help=say("settings.language_help"),
            **chooser.widget,
        )
        chooser.tell()
        st.caption(say("settings.in_english"))
        _, *others = PAGES
        choose_theme([address(f"/{name}") for name in ("", *others)], say)


def _choose_confidence(resources: Resources) -> None:
    say = resources.words
    smoothing = resources.config.smoothing
    gap = smoothing.min_confidence - smoothing.keep_confidence

    def changes_of(percent: int) -> Changes:
        least = percent / 100
        return {
            "smoothing.min_confidence": f"{least:g}",
            "smoothing.keep_confidence": f"{max(0.0, least - gap):.4g}",  # so that a named emotion does not flicker
        }

    with st.container(border=True):
        st.subheader(say("settings.thresholds"), icon=":material/tune:")
        chooser = Chooser(resources, "smoothing.min_confidence", changes_of)
        percent = round(100 * smoothing.min_confidence)
        st.slider(
            say("settings.least"),
            min(LOWEST_PERCENT, percent),
            max(HIGHEST_PERCENT, percent),
            percent,
            format="%d %%",
            **chooser.widget,
        )
        chooser.tell()
        show_confidence(smoothing.min_confidence, say)


def _choose_attention(resources: Resources) -> None:
    with st.container(border=True):
        st.subheader(resources.words("settings.attention"), icon=":material/notifications:")
        show_notices(resources)


def _offer_defaults(resources: Resources) -> None:
    if resources.preferences.read() and st.button(
        resources.words("settings.defaults"), icon=":material/restart_alt:", key="defaults"
    ):
        resources.change(dict.fromkeys(CHOICES))
        forget_widgets()
        st.rerun()


def _offer_defaults_without(shared: process.SharedResources) -> None:
    """What was chosen may be why nothing works, such as faces whose weights are gone."""
    with told_as_sentences():
        if st.button(shared.words()("settings.defaults"), icon=":material/restart_alt:", key="defaults"):
            shared.forget_choices()
            st.rerun()


show()
