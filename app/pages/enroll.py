"""Enroll: a name, a consent, a few photos by emotion; nothing is kept until the teacher saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed

import streamlit as st

from app.markdown import plain
from app.state import process
from app.state.resources import Resources
from app.widgets.courses import choose_courses
from app.widgets.draft import Draft, DraftPhoto
from app.widgets.guide import follow_wish, show_guide
from app.widgets.parts import PHOTO_TYPES, cards
from app.widgets.problems import told_as_sentences
from app.widgets.receipts import show_receipt
from app.widgets.whole_class import show_whole_class
from enroll.doubles import still_new
from enroll.photos import ORDER
from enroll.states import LONGEST_STATE, label_of
from enroll.wording import reason_in_words, wish_in_words
from fewshot.consent import record_consent
from fewshot.courses import agreed
from fewshot.errors import ConsentError, SeemsEnrolled
from fewshot.messages import Messages
from fewshot.names import name_key
from fewshot.person import Person


def show() -> None:
    """Show the page."""
    st.title(process.shared.words()("pages.enroll"))
    resources = process.shared.get()
    say = resources.words
    whom = st.segmented_control(
        say("enroll.whom"),
        ["one", "class"],
        default="one",
        required=True,
        key="whom",
        format_func=lambda whom: say(f"enroll.{whom}"),
        label_visibility="collapsed",
    )
    if whom == "class":
        show_whole_class(resources)
    else:
        _show_one_student(resources)


def _show_one_student(resources: Resources) -> None:
    say, draft = resources.words, _own_draft(resources)
    number = st.session_state.drafts
    _tell_who_was_saved(say)
    with st.container(key="enrolling"):
        form, tray = st.columns([3, 2] if st.session_state.get(f"guided_{number}") else [1, 1], gap="large")
    with form:
        name = st.text_input(
            say("students.name"), key=f"name_{number}", max_chars=100, placeholder=say("enroll.name_hint")
        )
        courses = choose_courses(resources, "courses")  # one key for all: the next student is mostly of the same class
        consented = st.checkbox(say("enroll.consent"), key=f"agreed_{number}", wrap=True)
        with st.container(horizontal=True):
            how = st.text_input(say("enroll.how"), key=f"how_{number}", placeholder=say("enroll.how_hint"))
            teacher = st.text_input(say("enroll.teacher"), key="teacher", placeholder=say("enroll.teacher_hint"))
        _take_photos(draft, number, say)
    with tray:
        st.subheader(say("enroll.photos"))
        _show_photos(draft, say)
        with told_as_sentences():
            if asks := sum(photo.verdict.asks for photo in draft.photos):
                st.caption(say("enroll.unanswered", n=asks))
            replace = _offer_to_replace(resources, name, number)
            two_people = _ask_about_double(draft, name, number, say)
            if st.button(say("enroll.save"), type="primary", icon=":material/save:", key="save"):
                try:
                    _save(resources, draft, name, courses, how if consented else "", teacher, replace, two_people)
                except SeemsEnrolled as error:
                    draft.ask(name, error.sentence)
                    st.rerun()  # the question stands above the button
        st.caption(say("enroll.nothing_kept"))


def _own_draft(resources: Resources) -> Draft:
    """The draft of this browser tab, judged by the models in use: other faces may have been chosen on the page Settings."""
    if "draft" not in st.session_state:
        st.session_state.draft = Draft(resources.open_enrollment)
        st.session_state.setdefault("drafts", 0)
    elif st.session_state.draft_by is not resources.models.backend:
        with st.spinner(resources.words("enroll.looking")):
            st.session_state.draft.judge_anew()
    st.session_state.draft_by = resources.models.backend
    return st.session_state.draft


def _take_photos(draft: Draft, number: int, say: Messages) -> None:
    guided = st.toggle(say("enroll.guide_me"), key=f"guided_{number}")
    chosen = f"emotion_{number}"
    if guided:
        follow_wish(draft, chosen)
    st.session_state.setdefault(chosen, ORDER[0])
    label = st.segmented_control(
        say("enroll.which"),
        ORDER,
        required=True,
        wrap=True,
        key=chosen,
        format_func=lambda emotion: f"{say.label(emotion)} {_count(draft, emotion)}".strip(),
    )
    label = _or_own_state(number, label or ORDER[0], say)
    if label and guided:
        show_guide(draft, label, number, say)
    elif label:
        _upload_photos(draft, label, number, say)


def _upload_photos(draft: Draft, label: str, number: int, say: Messages) -> None:
    st.caption(wish_in_words(draft.wish(), say))
    given = len(draft.photos)  # in the key, so that the widget is empty again once its photos were taken
    files = st.file_uploader(
        say("enroll.photos_of", label=say.label(label)),
        type=PHOTO_TYPES,
        accept_multiple_files=True,
        key=f"photos_{number}_{given}",
    )
    if files:
        with st.spinner(say("enroll.looking")):
            for file in files:
                draft.add(file.getvalue(), label, file.name)
        st.rerun()


def _or_own_state(number: int, label: str, say: Messages) -> str:
    """Return the state that the teacher names instead, as it is kept, or ``label``; empty where it can be no state's name."""
    state = st.text_input(
        say("enroll.own_state"),
        key=f"state_{number}",
        max_chars=LONGEST_STATE,
        placeholder=say("enroll.own_state_hint"),
    )
    if state.strip():
        label = ""
        with told_as_sentences():
            label = label_of(state)
    return label


def _count(draft: Draft, emotion: str) -> str:
    accepted = draft.accepted[emotion]
    return f"({accepted})" if accepted else ""


def _show_photos(draft: Draft, say: Messages) -> None:
    if not draft.photos:
        st.info(say("enroll.give"), icon=":material/add_a_photo:")
        return
    for card, (position, photo) in zip(cards(len(draft.photos), beside=2), enumerate(draft.photos), strict=True):
        with card:
            _show_photo(draft, position, photo, say)


def _show_photo(draft: Draft, position: int, photo: DraftPhoto, say: Messages) -> None:
    verdict = photo.verdict
    label = plain(say.label(verdict.label))
    if photo.thumbnail:
        st.image(photo.thumbnail, width="content", alt=f"{verdict.photo}, {say.label(verdict.label)}")
    if verdict.accepted:
        st.badge(label, icon=":material/check:", color="green")
    elif verdict.asks:
        st.badge(say("enroll.asks", label=label), icon=":material/help:", color="orange")
        st.caption(plain(f"{verdict.photo}: {reason_in_words(verdict, say)}"))
    else:
        st.badge(say("enroll.not_used", label=label), icon=":material/close:", color="red")
        st.caption(plain(f"{verdict.photo}: {reason_in_words(verdict, say)}"))
    st.space("stretch")
    if verdict.asks:
        _ask(draft, position, photo, say)
    if st.button(say("enroll.remove"), key=f"remove_{position}", type="tertiary", icon=":material/delete:"):
        with st.spinner(say("enroll.looking")):
            draft.remove(photo)
        st.rerun()


def _ask(draft: Draft, position: int, photo: DraftPhoto, say: Messages) -> None:
    """Offer the two answers to a photo that asks: it is right, or it shows another emotion."""
    if st.button(say("enroll.use_it"), key=f"confirm_{position}", icon=":material/check:"):
        with st.spinner(say("enroll.looking")):
            draft.confirm(photo)
        st.rerun()
    other = st.selectbox(
        say("enroll.shows"),
        [emotion for emotion in ORDER if emotion != photo.verdict.label],
        index=None,
        format_func=say.label,
        key=f"shows_{position}_{photo.verdict.label}",
        label_visibility="collapsed",
        placeholder=say("enroll.shows"),
    )
    if other is not None:
        with st.spinner(say("enroll.looking")):
            draft.relabel(photo, other)
        st.rerun()


def _offer_to_replace(resources: Resources, name: str, number: int) -> bool:
    """Where the name is taken, ask; returns whether the earlier entry may go."""
    everybody = resources.store.everybody()
    taken = [person.name for person in everybody.people] + [entry.name for entry in everybody.damaged]
    if not name.strip() or name_key(name) not in map(name_key, taken):
        return False
    return st.checkbox(resources.words("enroll.replace"), key=f"replace_{number}")


def _ask_about_double(draft: Draft, name: str, number: int, say: Messages) -> bool:
    """Where somebody who is enrolled looks the same, ask; returns whether they are two people."""
    sentence = draft.asked(name)
    if sentence is None:
        return False
    st.warning(plain(say.told(sentence)), icon=":material/help:")
    return st.checkbox(say("enroll.two_people"), key=f"two_people_{number}", wrap=True)


def _save(
    resources: Resources,
    draft: Draft,
    name: str,
    courses: Sequence[str],
    agreement: str,
    teacher: str,
    replace: bool,
    two_people: bool,
) -> None:
    say = resources.words
    if not agreement.strip():
        raise ConsentError(say("enroll.no_consent"))
    consent = record_consent(f"{say('enroll.consent')} {agreement}", teacher)
    agreed_courses = agreed(courses, resources.store.people())
    gallery = resources.roster.comparable_gallery()
    person = changed(draft.finish(name, gallery, two_people=two_people), courses=agreed_courses)
    resources.roster.save(person, consent, replace, still_new(person, gallery.match_threshold, two_people=two_people))
    st.session_state.saved = person
    st.session_state.drafts += 1
    del st.session_state.draft
    st.rerun()


def _tell_who_was_saved(say: Messages) -> None:
    person: Person | None = st.session_state.pop("saved", None)
    if person is not None:
        with st.container(border=True):
            st.success(say("enroll.saved", name=plain(person.name)), icon=":material/check_circle:")
            show_receipt(person.receipt, say)


show()
