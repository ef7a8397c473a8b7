"""Faces and photos for tests of this folder."""

from functools import cache

import cv2
import numpy as np

from fewshot.config import FacesConfig
from fewshot.face.align import MEAN_FACE_XY
from fewshot.types import Face, UInt8


def face_at(x: float, y: float, width: float = 100.0, score: float = 0.9) -> Face:
    """A frontal face whose box has its corner at (x, y), with FER2013's mean landmarks."""
    box = np.array([x, y, x + width, y + 1.2 * width], np.float32)
    landmarks = np.array([x, y], np.float32) + ((MEAN_FACE_XY - [0.1, 0.0]) / 0.8 * width).astype(np.float32)
    return Face(box, landmarks, score)


@cache
def six_people_bgr() -> UInt8:
    """InsightFace's photo of six people, (886, 1280, 3); not to be written to."""
    from insightface.data import get_image

    image: UInt8 = get_image("t1")
    image.setflags(write=False)
    return image


def encode(image: UInt8, extension: str = ".png") -> bytes:
    """The bytes of a file that holds ``image``."""
    done, data = cv2.imencode(extension, image)
    assert done
    return bytes(data)


def faces_config(
    backend: str = "auto", pack: str = "buffalo_sc", pack_root: str = "nowhere", download: bool = False
) -> FacesConfig:
    """Which backend is asked for, with the bounds that ship."""
    return FacesConfig(backend, pack, pack_root, download, min_score=0.6, min_face_px=20)
