"""The shipped encoder: batches, threads, fingerprints, and files that are none."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fewshot.encoder import SHIPPED_ENCODER, Encoder, file_fingerprint, load_encoder
from fewshot.errors import WeightsError
from fewshot.prototypes import load_generic, nearest
from fewshot.types import EMOTIONS


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The shipped one."""
    return load_encoder(threads=1)


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    """Twenty noisy crops."""
    return np.random.default_rng(0).integers(0, 256, (20, 48, 48), np.uint8)


def test_shape_dtype_and_empty_batch(encoder: Encoder, crops: np.ndarray) -> None:
    embeddings = encoder.embed(crops)
    assert embeddings.shape == (20, encoder.dimension)
    assert embeddings.dtype == np.float32
    assert encoder.embed(crops[:0]).shape == (0, encoder.dimension)


def test_an_embedding_does_not_depend_on_its_batch(encoder: Encoder, crops: np.ndarray) -> None:
    np.testing.assert_allclose(encoder.embed(crops)[7], encoder.embed(crops[7:8])[0], rtol=1e-3, atol=1e-4)


def test_eight_threads_get_the_answers_of_one(encoder: Encoder, crops: np.ndarray) -> None:
    expected = encoder.embed(crops)
    with ThreadPoolExecutor(8) as threads:
        for result in threads.map(lambda _: encoder.embed(crops), range(16)):
            np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


def test_prototypes_belong_to_the_encoder(encoder: Encoder, crops: np.ndarray) -> None:
    generic = load_generic()
    assert generic.fingerprint == encoder.fingerprint
    assert generic.labels == EMOTIONS
    answer = nearest(encoder.embed(crops), generic)
    np.testing.assert_allclose(answer.probabilities.sum(axis=1), 1, rtol=1e-5)


def test_shipped_files_are_small() -> None:
    folder = SHIPPED_ENCODER.parent
    assert sum(path.stat().st_size for path in folder.iterdir()) < 12e6


@pytest.mark.parametrize(
    "bad", [np.zeros((2, 40, 40), np.uint8), np.zeros((2, 48, 48), np.float32), np.zeros((48, 48), np.uint8)]
)
def test_wrong_crops_are_refused(encoder: Encoder, bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"must be uint8 \(n, 48, 48\), got"):
        encoder.embed(bad)


def test_missing_and_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    with pytest.raises(WeightsError, match="must be at .*encoder.onnx, and there is nothing"):
        load_encoder(path)
    path.write_bytes(b"no model")
    with pytest.raises(WeightsError, match="must be an ONNX encoder"):
        load_encoder(path)


def test_fingerprint_follows_the_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"2")
    assert file_fingerprint(tmp_path / "a") != file_fingerprint(tmp_path / "b")
    assert len(file_fingerprint(tmp_path / "a")) == 16


def test_a_fer2013_face_is_named_better_than_chance(encoder: Encoder, shared_dir: Path, tmp_path: Path) -> None:
    from fewshot.learn.fer2013 import load_fer2013

    split = load_fer2013(shared_dir / "data" / "fer2013.zip", tmp_path).split("PublicTest")
    found = nearest(encoder.embed(split.images_gray[::30]), load_generic()).labels
    truth = [EMOTIONS[i] for i in split.labels[::30]]
    assert np.mean([a == b for a, b in zip(found, truth, strict=True)]) > 0.5
