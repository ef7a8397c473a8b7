"""Enroll: a name, a consent, a few photos by emotion; nothing is kept until the teacher saves."""

from __future__ import annotations

import streamlit as st

from app import process
from app.draft import Draft, DraftPhoto
from app.guide import follow_wish, show_guide
from app.parts import cards, plain
from app.problems import told_as_sentences
from app.receipts import show_receipt
from app.resources import Resources, words
from app.whole_class import show_whole_class
from enroll.photos import ORDER
from enroll.states import LONGEST_STATE, label_of
from fewshot.consent import record_consent
from fewshot.errors import ConsentError
from fewshot.names import name_key
from fewshot.types import Person

CONSENT = (
    "The student, or a minor's parents, agreed in writing that their face is recognized and their expressions are read, "
    "and know that they can withdraw at any time."
)


def show() -> None:
    """Show the page."""
    st.title(process.shared.words()("pages.enroll"))
    loaded = process.shared.get()
    whom = st.segmented_control(
        "Whom",
        ["One student", "A whole class"],
        default="One student",
        required=True,
        key="whom",
        label_visibility="collapsed",
    )
    if whom == "A whole class":
        show_whole_class(loaded)
    else:
        _show_one_student(loaded)


def _show_one_student(loaded: Resources) -> None:
    say, draft = words(loaded), _own_draft(loaded)
    number = st.session_state.drafts
    _tell_who_was_saved()
    form, tray = st.columns([3, 2] if st.session_state.get(f"guided_{number}") else [1, 1], gap="large")
    with form:
        name = st.text_input(
            say("students.name"), key=f"name_{number}", max_chars=100, placeholder="As the screen shall show it"
        )
        agreed = st.checkbox(CONSENT, key=f"agreed_{number}", wrap=True)
        with st.container(horizontal=True):
            how = st.text_input(
                "Who agreed, and how?", key=f"how_{number}", placeholder="Form signed by the mother on 3 May"
            )
            teacher = st.text_input("Recorded by", key="teacher", placeholder="Your name")
        _take_photos(draft, number)
    with tray:
        st.subheader(say("enroll.photos"))
        _show_photos(draft)
        with told_as_sentences():
            replace = _offer_to_replace(loaded, name, number)
            if st.button(say("enroll.save"), type="primary", icon=":material/save:", key="save"):
                _save(loaded, draft, name, how if agreed else "", teacher, replace)
        st.caption("Nothing is kept until you save. Saved are numbers computed from the photos, never the photos.")


def _own_draft(loaded: Resources) -> Draft:
    """The draft of this browser tab."""
    if "draft" not in st.session_state:
        st.session_state.draft = Draft(loaded.open_enrollment)
        st.session_state.setdefault("drafts", 0)
    return st.session_state.draft


def _take_photos(draft: Draft, number: int) -> None:
    guided = st.toggle("Guide me with the camera", key=f"guided_{number}")
    chosen = f"emotion_{number}"
    if guided:
        follow_wish(draft, chosen)
    st.session_state.setdefault(chosen, ORDER[0])
    label = st.segmented_control(
        "Photos of which emotion?",
        ORDER,
        required=True,
        wrap=True,
        key=chosen,
        format_func=lambda emotion: f"{emotion} {_count(draft, emotion)}".strip(),
    )
    label = _or_own_state(number, label or ORDER[0])
    if label and guided:
        show_guide(draft, label, number)
    elif label:
        _upload_photos(draft, label, number)


def _upload_photos(draft: Draft, label: str, number: int) -> None:
    st.caption(draft.wish.sentence)
    given = len(draft.photos)  # in the key, so that the widget is empty again once its photos were taken
    files = st.file_uploader(
        f"Photos that look {label}",
        type=["jpg", "jpeg", "png", "webp"],
        accept_multiple_files=True,
        key=f"photos_{number}_{given}",
    )
    if files:
        with st.spinner("Looking at the photos"):
            for file in files:
                draft.add(file.getvalue(), label, file.name)
        st.rerun()


def _or_own_state(number: int, label: str) -> str:
    """Return the state that the teacher names instead, as it is kept, or ``label``; empty where it can be no state's name."""
    state = st.text_input(
        "Or of a state of your own",
        key=f"state_{number}",
        max_chars=LONGEST_STATE,
        placeholder="confused, bored, sleepy, ...",
    )
    if state.strip():
        label = ""
        with told_as_sentences():
            label = label_of(state)
    return label


def _count(draft: Draft, emotion: str) -> str:
    accepted = draft.accepted[emotion]
    return f"({accepted})" if accepted else ""


def _show_photos(draft: Draft) -> None:
    if not draft.photos:
        st.info("Give one or two photos for each emotion, of one face, near and sharp.", icon=":material/add_a_photo:")
        return
    for card, (position, photo) in zip(cards(len(draft.photos)), enumerate(draft.photos), strict=True):
        with card:
            _show_photo(draft, position, photo)


def _show_photo(draft: Draft, position: int, photo: DraftPhoto) -> None:
    verdict = photo.verdict
    if photo.thumbnail:
        st.image(photo.thumbnail, width="content", alt=f"{verdict.photo}, {verdict.label}")
    if verdict.accepted:
        st.badge(verdict.label, icon=":material/check:", color="green")
    elif verdict.asks:
        st.badge(f"{verdict.label}: please confirm", icon=":material/help:", color="orange")
        st.caption(plain(f"{verdict.photo}: {verdict.reason}"))
    else:
        st.badge(f"{verdict.label}: not used", icon=":material/close:", color="red")
        st.caption(plain(f"{verdict.photo}: {verdict.reason}"))
    st.space("stretch")
    if verdict.asks and st.button("It is right, use it", key=f"confirm_{position}", icon=":material/check:"):
        draft.confirm(photo)
        st.rerun()
    if st.button("Remove", key=f"remove_{position}", type="tertiary", icon=":material/delete:"):
        draft.remove(photo)
        st.rerun()


def _offer_to_replace(loaded: Resources, name: str, number: int) -> bool:
    """Where the name is taken, ask; returns whether the earlier entry may go."""
    taken = {name_key(person.name) for person in loaded.store.people()}
    if not name.strip() or name_key(name) not in taken:
        return False
    return st.checkbox(
        "Somebody of this name is enrolled. Put this entry in the place of theirs.", key=f"replace_{number}"
    )


def _save(loaded: Resources, draft: Draft, name: str, agreement: str, teacher: str, replace: bool) -> None:
    if not agreement.strip():
        raise ConsentError("Nobody is enrolled without consent: tick the box, and write who agreed and how.")
    consent = record_consent(f"{CONSENT} {agreement}", teacher)
    person = draft.finish(name, loaded.comparable_gallery())
    loaded.save(person, consent, replace)
    st.session_state.saved = person
    st.session_state.drafts += 1
    del st.session_state.draft
    st.rerun()


def _tell_who_was_saved() -> None:
    person: Person | None = st.session_state.pop("saved", None)
    if person is not None:
        with st.container(border=True):
            st.success(f"{plain(person.name)} is saved.", icon=":material/check_circle:")
            show_receipt(person.receipt)


show()
