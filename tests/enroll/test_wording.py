"""What was found is put into words where somebody reads it, in every language."""

from __future__ import annotations

import dataclasses
from string import Formatter

import pytest

from enroll.add import Enrolled
from enroll.guide import Wish
from enroll.wording import (
    ask_for,
    evidence_in_words,
    forgotten_in_words,
    gain_in_words,
    left_out_in_words,
    next_photo_in_words,
    outcome_in_words,
    reason_in_words,
    wish_in_words,
)
from fewshot.messages import IN_ENGLISH, languages, messages
from fewshot.person import NextPhoto, PhotoVerdict, Receipt
from fewshot.states import StateEvidence
from fewshot.store.students import Forgotten
from fewshot.types import EMOTIONS
from tests.people import make_person

NOT_USED = {
    "no_face": {},
    "two_faces": {"found": 2},
    "many_faces": {"found": 6},
    "small": {"found": 41.26, "need": 80.0},
    "cut_off": {},
    "turned": {"found": 54.6, "most": 45.0},
    "up": {"found": 50.2, "most": 40.0},
    "down": {"found": 50.2, "most": 40.0},
    "tilted": {"found": 60.1, "most": 45.0},
    "dark": {"found": 12.7, "need": 35.0},
    "bright": {"found": 240.2, "most": 225.0},
    "flat": {"found": 3.3, "need": 12.0},
    "blurred": {"found": 0.00512, "need": 0.015},
    "left_eye": {},
    "right_eye": {},
    "eyes": {},
    "another_face": {"whose": "1.jpg", "found": 0.1234, "need": 0.35},
    "another_emotion": {"seen": "happy"},
    "again": {"photo": "1.jpg"},
    "enrolled_before": {},
    "missing": {},
    "unreadable": {"error": "Permission denied"},
    "too_large": {"most": 64_000_000},
    "deep": {},
    "empty": {},
    "damaged": {},
    "packed": {"error": "Bad magic number"},
}
"""What is raised with each reason."""

HAPPY = NextPhoto("happy", 0, "surprise")


def refused(reason: str) -> PhotoVerdict:
    return PhotoVerdict("2.jpg", "sad", reason, NOT_USED[reason])


@pytest.mark.parametrize("language", languages())
def test_every_reason_has_words_in_every_language(language: str) -> None:
    say = messages(language)
    reasons = {key for key in say.part("photo") if key != "good" and not key.endswith("_advice")}
    assert reasons == set(NOT_USED)
    for reason in reasons:
        filled = {name for _, name, _, _ in Formatter().parse(say.texts[f"photo.{reason}"]) if name} - {"label"}
        assert filled <= set(NOT_USED[reason])
        assert "{" not in reason_in_words(refused(reason), say)


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("small", "the face is 41 px wide, need 80. Move closer to the camera."),
        ("turned", "the face is turned away by about 55 degrees, at most 45. Look into the camera."),
        ("dark", "the face is too dark (brightness 13 of 255, need 35). Turn to the light."),
        ("blurred", "the face is blurred (sharpness 0.005, need 0.015). Hold the camera still and let it focus."),
        ("many_faces", "6 faces were found, need exactly one. Crop the photo to one person or take another."),
        ("too_large", "the picture has more than 64,000,000 pixels. Make it smaller."),
    ],
)
def test_numbers_are_as_exact_as_they_help(reason: str, sentence: str) -> None:
    assert reason_in_words(refused(reason), IN_ENGLISH) == sentence


def test_emotions_are_named_in_the_language_and_photos_and_people_as_they_are() -> None:
    say = messages("hi")
    told = reason_in_words(refused("another_emotion"), say)
    assert f"'{say.label('happy')}'" in told
    assert f"'{say.label('sad')}'" in told
    namesake = dataclasses.replace(refused("another_face"), values=NOT_USED["another_face"] | {"whose": "happy"})
    assert "चेहरा happy का" in reason_in_words(namesake, say)


def test_a_photo_that_was_left_out_is_named_with_its_label() -> None:
    assert left_out_in_words(refused("enrolled_before"), IN_ENGLISH).startswith("2.jpg (sad): this photo was enrolled")
    assert left_out_in_words("an old entry's sentence", messages("hi")) == "an old entry's sentence"


@pytest.mark.parametrize(
    ("receipt", "sentence"),
    [
        (
            Receipt({"neutral": 1, "bored": 2}, 0, 0, 0, "personal"),
            "No emotion has two photos, so none could be held out",
        ),
        (Receipt({"neutral": 2, "happy": 1, "bored": 2}, 2, 1, 2, "personal"), "Of 2 photos (all neutral) held out"),
        (Receipt({"neutral": 2, "happy": 3}, 5, 1, 2, "personal"), "Of 5 photos held out"),
        (
            Receipt({"neutral": 2, "happy": 3}, 5, 3, 2, "generic"),
            "name 2 right, the generic ones 3: the generic ones stay",
        ),
    ],
)
def test_the_test_is_told_with_its_numbers(receipt: Receipt, sentence: str) -> None:
    assert sentence in gain_in_words(receipt, IN_ENGLISH)


def test_the_next_photo_is_told_with_its_reason() -> None:
    say = IN_ENGLISH
    assert next_photo_in_words(NextPhoto("neutral", 0, "sad"), say).startswith(
        "A neutral photo would help most: it needs"
    )
    assert next_photo_in_words(HAPPY, say) == (
        "A photo of 'happy' would help most: it has no photo, and lies nearest to another emotion, 'surprise'."
    )
    assert next_photo_in_words(NextPhoto("neutral", 2, "sad"), say) == (
        "One more photo of 'neutral' would help most: it has 2 so far, and lies nearest to another emotion, 'sad'."
    )
    assert next_photo_in_words(None, say) == ""
    assert next_photo_in_words("an old entry's sentence", say) == say("receipt.of_before")


def test_a_wish_says_when_it_is_enough_and_what_one_more_would_bring() -> None:
    more = next_photo_in_words(HAPPY, IN_ENGLISH)
    told = {
        Wish(HAPPY, False, False): more,
        Wish(HAPPY, True, False): f"That is enough: one of each. {more}",
        Wish(HAPPY, True, True): f"That is enough: one of each that was not skipped. {more}",
        Wish(None, True, False): "That is enough: one of each. More would add little.",
        Wish(None, False, True): "Everything was skipped. Choose an emotion to go on with.",
    }
    assert {wish: wish_in_words(wish, IN_ENGLISH) for wish in told} == told


def test_every_emotion_is_asked_for_in_words_that_help() -> None:
    assert len({ask_for(emotion, {}, IN_ENGLISH) for emotion in EMOTIONS}) == len(EMOTIONS)
    assert ask_for("neutral", {}, IN_ENGLISH) == "First, a neutral face: relaxed, mouth closed."
    assert ask_for("happy", {"neutral": 1}, IN_ENGLISH) == "Now, a happy face: a real smile, up to the eyes."
    assert ask_for("happy", {"happy": 1}, IN_ENGLISH) == "Once more, a happy face: a real smile, up to the eyes."
    assert ask_for("confused", {"happy": 1}, IN_ENGLISH) == "Now, a face that looks confused."


def test_what_became_of_a_student() -> None:
    saved = Enrolled("Ada", make_person(1), False, (PhotoVerdict("1.jpg", "neutral"), refused("no_face")))
    assert outcome_in_words(saved, IN_ENGLISH).startswith(
        "saved. 7 of 2 photos accepted (neutral 7). Of 2 photos (all neutral)"
    )
    assert outcome_in_words(saved, IN_ENGLISH).endswith(next_photo_in_words(HAPPY, IN_ENGLISH))
    kept = Enrolled("Ada", None, True, ())
    assert outcome_in_words(kept, IN_ENGLISH) == "somebody of this name is enrolled already, and left as they are."
    assert outcome_in_words(Enrolled("Ada", None, False, (), "No name."), IN_ENGLISH) == "NOT enrolled. No name."


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        (StateEvidence(1, {}), "1 own shot, little evidence"),
        (StateEvidence(0, {"Ada": 1}), "1 shot of Ada, little evidence"),
        (StateEvidence(0, {}), "0 own shots, little evidence"),
        (StateEvidence(2, {"Ada": 1, "Bo": 2}), "2 own shots and 3 shots of Ada, Bo"),
    ],
)
def test_evidence_names_shots_and_whose(evidence: StateEvidence, sentence: str) -> None:
    assert evidence_in_words(evidence, IN_ENGLISH) == sentence


def test_evidence_is_told_in_hindi() -> None:
    told = evidence_in_words(StateEvidence(2, {"Ada": 1}), messages("hi"))
    assert told == "अपनी 2 तस्वीरें और Ada की 1 तस्वीर"


def test_what_was_forgotten_is_counted() -> None:
    told = forgotten_in_words(Forgotten("Ada", 7, 3, 2), IN_ENGLISH)
    assert told.startswith("Ada is forgotten. Erased: the numbers of photos (7) and faces (3), the consent")
    assert "lessons (2)" in told
