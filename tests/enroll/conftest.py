"""Real faces and the real built-in backend; only the emotion encoder is a stand-in, so that no trained weights are needed."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from insightface.data import get_image

from enroll.session import EnrollmentSession
from fewshot.compose import load
from fewshot.config import EnrollConfig
from fewshot.face.backend import FaceBackend, load_backend
from fewshot.models import Models
from fewshot.prior import Prior
from fewshot.types import EMOTIONS, Float32, Prototypes, UInt8
from tests.builders import trust_by

CONSENTED = ("--consent", "form signed by the mother", "--recorded-by", "Ms. Noether")
"""What the command line is told of a consent."""


class StandInEncoder:
    """A fixed random projection of the crop: another face or another light gives another embedding."""

    fingerprint = "stand-in"
    dimension = 16

    def __init__(self) -> None:
        self._projection = np.random.default_rng(0).standard_normal((48 * 48, self.dimension)).astype(np.float32)

    def embed(self, crops_gray: UInt8) -> Float32:
        assert crops_gray.dtype == np.uint8
        assert crops_gray.shape[1:] == (48, 48)
        embeddings: Float32 = (
            crops_gray.reshape(len(crops_gray), -1).astype(np.float32) / 255 - 0.5
        ) @ self._projection
        return embeddings


@pytest.fixture(scope="session")
def backend() -> FaceBackend:
    return load_backend(load(EnrollConfig, ["faces=builtin"]).faces)


@pytest.fixture(scope="session")
def group_photo() -> UInt8:
    """Six people in one photo."""
    photo: UInt8 = get_image("t1")
    return photo


@pytest.fixture(scope="session")
def portraits(backend: FaceBackend, group_photo: UInt8) -> list[UInt8]:
    """One photo of each of them, from left to right."""
    enlarged = cv2.resize(group_photo, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    portraits = []
    for face in sorted(backend.detect(enlarged), key=lambda face: float(face.box_xyxy[0])):
        left, top, right, bottom = (face.box_xyxy + face.width * np.array([-0.4, -0.4, 0.4, 0.4])).astype(int)
        portraits.append(enlarged[max(top, 0) : bottom, max(left, 0) : right].copy())
    assert len(portraits) == 6
    return portraits


@pytest.fixture(scope="session")
def models(backend: FaceBackend) -> Models:
    vectors = np.random.default_rng(1).standard_normal((7, StandInEncoder.dimension)).astype(np.float32)
    generic = Prototypes(
        vectors, EMOTIONS, np.ones(7, np.int64), np.ones_like(vectors), 1e4, StandInEncoder.fingerprint
    )
    prior = Prior(generic, trust_by(1.0))
    return Models(backend, StandInEncoder(), prior)


@pytest.fixture
def session(models: Models) -> EnrollmentSession:
    return EnrollmentSession(models)


@pytest.fixture
def store_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of a command's own, and no terminal to ask anything."""
    file = str(tmp_path / "students.db")
    monkeypatch.setenv("FEWSHOT_STORE", file)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return file


@pytest.fixture
def use_stand_in(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a command use the stand-in for the encoder."""
    monkeypatch.setattr("fewshot.models.load_models", lambda faces, personal: models)


def vary(photo_bgr: UInt8, step: int) -> UInt8:
    """Return another photo of the same person: turned by a few degrees, in other light."""
    h, w = photo_bgr.shape[:2]
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), 4.0 * step, 1.0)
    turned = cv2.warpAffine(photo_bgr, turn, (w, h), borderMode=cv2.BORDER_REPLICATE)
    return cv2.convertScaleAbs(turned, alpha=1.0 - 0.08 * step, beta=6.0 * step)


def write_photos(folder: Path, photos: dict[str, UInt8]) -> Path:
    """Write each photo under its name, such as ``happy/1.png``, and return ``folder``."""
    for name, photo in photos.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(folder / name), photo)
    return folder
