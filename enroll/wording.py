"""What is found, kept and forgotten of students, in the words of a language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from enroll.guide import Wish
from fewshot.messages import Messages
from fewshot.person import NextPhoto, PhotoVerdict, Receipt
from fewshot.states import StateEvidence
from fewshot.store.students import Forgotten
from fewshot.types import EMOTIONS

if TYPE_CHECKING:
    # which load the models' packages, and what is shown needs none
    from enroll.add import Enrolled
    from enroll.doubles import Double


def reason_in_words(verdict: PhotoVerdict, say: Messages) -> str:
    """Return why a photo is not used, and what to do about it."""
    values = dict(verdict.values)
    if "seen" in values:
        values["seen"] = say.label(str(values["seen"]))
    return say(f"photo.{verdict.reason}", label=say.label(verdict.label), **values)


def left_out_in_words(photo: PhotoVerdict | str, say: Messages) -> str:
    """Return which photo was not used and why, as a receipt notes it; the sentence of an old entry as it is."""
    if isinstance(photo, str):
        return photo
    return f"{photo.photo} ({say.label(photo.label)}): {reason_in_words(photo, say)}"


def double_in_words(double: Double, say: Messages) -> str:
    """Return whom a student resembles, and what that means for a lesson."""
    return say("enroll.resembles", double=double.person.name, similarity=double.similarity)


def gain_in_words(receipt: Receipt, say: Messages) -> str:
    """Return which prototypes are used, and the test that decided it."""
    if receipt.tested == 0:
        return say("receipt.untested")
    tested_labels = [label for label, count in receipt.photos.items() if count > 1 and label in EMOTIONS]
    return say(
        f"receipt.{receipt.uses}",
        tested=receipt.tested,
        only=say("receipt.only", label=say.label(tested_labels[0])) if len(tested_labels) == 1 else "",
        personal=receipt.personal_correct,
        generic=receipt.generic_correct,
    )


def next_photo_in_words(photo: NextPhoto | str | None, say: Messages) -> str:
    """Return which photo would help most and why; empty where none is needed. An old entry's English sentence is passed over."""
    if not photo:
        return ""
    if isinstance(photo, str):
        return say("receipt.of_before")
    if (photo.label, photo.count) == ("neutral", 0):
        return say("guide.neutral_first")
    key = "another" if photo.count else "one"
    return say(f"guide.{key}", label=say.label(photo.label), other=say.label(photo.nearest), count=photo.count)


def wish_in_words(wish: Wish, say: Messages) -> str:
    """Return what an enrollment on its way has and needs."""
    more = next_photo_in_words(wish.photo, say)
    if not wish.enough:
        return more or say("guide.all_skipped")
    enough = say("guide.enough_but_skipped" if wish.lacks_skipped else "guide.enough")
    return f"{enough} {more or say('guide.little')}"


def ask_for(label: str, taken: Mapping[str, int], say: Messages) -> str:
    """Ask for one face in a sentence, such as "First, a neutral face: relaxed, mouth closed".

    Args:
        label: An emotion, or a state of the teacher's own.
        taken: Accepted photos by label.
        say: The words of the sentence; how somebody is asked to look who is no actor.
    """
    when = "again" if taken.get(label) else "now" if any(taken.values()) else "first"
    face = say(f"guide.{label}") if label in EMOTIONS else say("guide.state", label=label)
    return say(f"guide.{when}", face=face)


def outcome_in_words(result: Enrolled, say: Messages) -> str:
    """Return what became of one student of several who were to be enrolled."""
    if result.person is None and result.problem is not None:
        return say("outcome.failed_again" if result.kept else "outcome.failed", error=say.told(result.problem))
    if result.person is None:
        return say("outcome.kept")
    receipt = result.person.receipt
    return say(
        "outcome.saved",
        used=len(result.person.embeddings),
        given=len(result.verdicts),
        photos=", ".join(f"{say.label(label)} {count}" for label, count in receipt.photos.items()),
        reason=gain_in_words(receipt, say),
        next_photo=next_photo_in_words(receipt.next_photo, say),
    ).rstrip()


def evidence_in_words(evidence: StateEvidence, say: Messages) -> str:
    """Return what a student's state rests on, as "3 own shots and 1 shot of Ada, little evidence"."""
    found, shots = [], sum(evidence.others.values())
    if evidence.own or not evidence.others:
        found.append(say(f"evidence.own_{_number(evidence.own)}", n=evidence.own))
    if evidence.others:
        found.append(say(f"evidence.others_{_number(shots)}", n=shots, names=", ".join(evidence.others)))
    told = say("evidence.and").join(found)
    return say("evidence.little", found=told) if evidence.is_little else told


def _number(n: int) -> str:
    return "one" if n == 1 else "many"


def forgotten_in_words(gone: Forgotten, say: Messages) -> str:
    """Return what was deleted with a student."""
    return say("students.forgotten", name=gone.name, photos=gone.embeddings, faces=gone.templates, lessons=gone.lessons)
