"""A picture is judged before the photo is taken as the photo will be."""

from __future__ import annotations

import cv2
import numpy as np

from enroll.preview import preview_photo
from experiments.covered_eyes.covers import glasses
from fewshot.face.backend import FaceBackend
from fewshot.face.quality import USUAL_LIMITS
from fewshot.messages import IN_ENGLISH
from fewshot.types import UInt8


def test_a_good_picture_says_so_and_where_the_face_is(backend: FaceBackend, portraits: list[UInt8]) -> None:
    preview = preview_photo(portraits[0], backend, USUAL_LIMITS, IN_ENGLISH)
    assert (preview.good, preview.sentence) == (True, "Good: hold still.")
    assert (preview.height, preview.width) == portraits[0].shape[:2]
    (face,) = preview.faces
    assert 0 < face.box_xyxy[0] < face.box_xyxy[2] < preview.width


def test_each_fault_has_its_sentence(backend: FaceBackend, portraits: list[UInt8], group_photo: UInt8) -> None:
    portrait = portraits[0]
    pair = cv2.hconcat([portrait, portrait])
    pictures = {
        "No face is in the picture": np.zeros((240, 320, 3), np.uint8),
        "Two faces are in the picture": pair,
        "Several faces are in the picture": group_photo,
        "Move closer.": cv2.resize(portrait, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA),
        "Hold still.": cv2.GaussianBlur(portrait, (0, 0), 9),
        "Turn to the light.": cv2.convertScaleAbs(portrait, alpha=0.15),
    }
    for sentence, picture in pictures.items():
        preview = preview_photo(picture, backend, USUAL_LIMITS, IN_ENGLISH)
        assert not preview.good
        assert preview.sentence.startswith(sentence)
    assert len(preview_photo(pair, backend, USUAL_LIMITS, IN_ENGLISH).faces) == 2


def test_covered_eyes_are_advised_about_and_no_obstacle(backend: FaceBackend, portraits: list[UInt8]) -> None:
    (face,) = preview_photo(portraits[0], backend, USUAL_LIMITS, IN_ENGLISH).faces
    preview = preview_photo(glasses(0.0)(portraits[0], face), backend, USUAL_LIMITS, IN_ENGLISH)
    assert (preview.good, preview.sentence) == (True, "Let both eyes be seen.")


def test_a_bystander_is_not_boxed(backend: FaceBackend, portraits: list[UInt8]) -> None:
    portrait = portraits[0]
    picture = np.zeros((portrait.shape[0], 2 * portrait.shape[1], 3), np.uint8)
    picture[:, : portrait.shape[1]] = portrait
    small = cv2.resize(portrait, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    picture[: small.shape[0], -small.shape[1] :] = small
    assert len(backend.detect(picture)) == 2
    preview = preview_photo(picture, backend, USUAL_LIMITS, IN_ENGLISH)
    assert preview.good
    assert len(preview.faces) == 1
