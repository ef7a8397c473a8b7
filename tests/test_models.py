from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fewshot.encoder import load_encoder
from fewshot.errors import GalleryMismatch, PrototypeError
from fewshot.face.align import align_all
from fewshot.face.images import to_gray
from fewshot.models import Models, load_models
from fewshot.prior import Prior
from tests.live.builders import make_config, make_face, make_person
from tests.live.stand_ins import GrayEncoder, ScriptedBackend, make_models, paint

ADA = make_person("Ada", [1, 0])


@pytest.fixture
def models() -> Models:
    return make_models(ScriptedBackend())


def test_crops_are_embedded_in_one_batch_in_their_order() -> None:
    encoder, faces = GrayEncoder(), (make_face(50, 50, 60), make_face(200, 50, 60))
    crops = align_all(to_gray(paint(faces, (2, 5))), faces)
    assert make_models(ScriptedBackend(), encoder).embed(crops).argmax(axis=1).tolist() == [2, 5]
    assert encoder.batches == [2]


def test_no_crops_are_an_empty_batch(models: Models) -> None:
    assert models.embed(()).shape == (0, 8)


def test_a_prior_of_another_encoder_is_refused(models: Models) -> None:
    foreign = Prior(replace(models.prior.generic, fingerprint="another"), models.prior.shrinkage)
    with pytest.raises(PrototypeError, match="must come from the encoder in use"):
        replace(models, prior=foreign)


@pytest.mark.parametrize("part", ["encoder_fingerprint", "identity_fingerprint"])
def test_whom_other_models_have_made_is_in_no_gallery_of_these(models: Models, part: str) -> None:
    stranger = replace(ADA, **{part: "another"})
    assert models.made(ADA)
    assert not models.made(stranger)
    with pytest.raises(GalleryMismatch, match="'Ada' was enrolled with"):
        models.gallery_of([stranger])


def test_a_gallery_matches_by_the_thresholds_of_the_face_backend(models: Models) -> None:
    gallery = models.gallery_of([ADA])
    near, far = (np.array([[s, (1 - s**2) ** 0.5]], np.float32) for s in (0.36, 0.34))
    assert [gallery.match(probe)[0].name for probe in (near, far)] == ["Ada", None]


def test_the_shipped_models_fit_together() -> None:
    config = make_config()
    models = load_models(replace(config.faces, backend="builtin"), config.personal)
    assert models.encoder.fingerprint == load_encoder().fingerprint == models.prior.generic.fingerprint
    assert models.backend.name == "builtin"
