"""Reading FER2013 in all its forms, and what its reader says of damaged copies."""

import gzip
import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import cv2
import numpy as np
import pytest

from fewshot.errors import ConfigError, DatasetError
from fewshot.learn.fer2013 import PUBLISHED_COUNTS, load_fer2013
from fewshot.types import EMOTIONS


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder in the layout of the Kaggle archive: three images an emotion in train, one each of both test splits."""
    root = tmp_path / "archive"
    rng = np.random.default_rng(0)
    for folder, usages in {"train": ["Training"] * 3, "test": ["PublicTest", "PrivateTest"]}.items():
        for emotion in EMOTIONS:
            (root / folder / emotion).mkdir(parents=True)
            for i, usage in enumerate(usages):
                image = rng.integers(0, 256, (48, 48), np.uint8)
                cv2.imwrite(str(root / folder / emotion / f"{usage}_{i}.png"), image)
    return root


def _write_csv(path: Path, rows: list[str]) -> Path:
    path.write_text("emotion,pixels,Usage\n" + "".join(f"{row}\n" for row in rows))
    return path


def _row(label: int, value: int, usage: str) -> str:
    return f"{label},{' '.join([str(value)] * 2304)},{usage}"


def test_folder_and_zip_hold_the_same_images(archive: Path, tmp_path: Path) -> None:
    zipped = tmp_path / "archive.zip"
    with ZipFile(zipped, "w", ZIP_STORED) as file:
        for path in archive.rglob("*.png"):
            file.write(path, f"fer2013/{path.relative_to(archive)}")
            file.writestr(f"__MACOSX/fer2013/{path.relative_to(archive).with_name(f'._{path.name}')}", b"Mac OS X")
        file.writestr("fer2013/train/happy/.Training_0.jpg", b"hidden")
    from_folder = load_fer2013(archive, tmp_path / "cache", check_counts=False)
    from_zip = load_fer2013(zipped, tmp_path / "cache", check_counts=False)
    assert {name: len(split) for name, split in from_zip.splits.items()} == {
        "Training": 21,
        "PublicTest": 7,
        "PrivateTest": 7,
    }
    for name, split in from_folder.splits.items():
        np.testing.assert_array_equal(split.images_gray, from_zip.split(name).images_gray)
        np.testing.assert_array_equal(split.labels, from_zip.split(name).labels)
    public = from_zip.split("PublicTest")
    expected = cv2.imread(str(archive / "test" / "sad" / "PublicTest_0.png"), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(public.images_gray[public.labels == EMOTIONS.index("sad")][0], expected)


def test_suffixes_may_be_capitals(archive: Path, tmp_path: Path) -> None:
    zipped = tmp_path / "FER.ZIP"
    with ZipFile(zipped, "w", ZIP_STORED) as file:
        for path in archive.rglob("*.png"):
            file.write(path, f"fer2013/{path.relative_to(archive)}")
    assert len(load_fer2013(zipped, tmp_path / "cache", check_counts=False).split("Training")) == 21
    plain = _write_csv(tmp_path / "FER.CSV", [_row(3, 7, "Training")])
    packed = tmp_path / "FER.CSV.GZ"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, packed):
        assert len(load_fer2013(path, tmp_path / "cache", check_counts=False).split("Training")) == 1


@pytest.mark.parametrize("name", ["fer2013.csv", "fer2013.zip"])
def test_a_file_that_may_not_be_read_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / name).touch()
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(ZipFile, "__init__", refuse)
    monkeypatch.setattr(ZipFile, "__del__", lambda _: None)
    with pytest.raises(DatasetError, match=rf"{name} must be readable, and is not: Permission denied\. Correct its"):
        load_fer2013(tmp_path / name, tmp_path / "cache")


def test_an_empty_cache_is_made_again(archive: Path, tmp_path: Path) -> None:
    load_fer2013(archive, tmp_path / "cache", check_counts=False)
    (cached,) = (tmp_path / "cache").iterdir()
    cached.write_bytes(b"")
    assert len(load_fer2013(archive, tmp_path / "cache", check_counts=False).split("Training")) == 21
    assert cached.stat().st_size


@pytest.mark.parametrize("form", ["plain", "from Excel", "gz", "zip"])
def test_csv_forms(tmp_path: Path, form: str) -> None:
    plain = _write_csv(
        tmp_path / "fer2013.csv", [_row(3, 7, "Training"), _row(6, 9, "PublicTest"), _row(0, 255, "PrivateTest")]
    )
    path = plain
    if form == "from Excel":
        plain.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes())
    if form == "gz":
        path = tmp_path / "fer2013.csv.gz"
        path.write_bytes(gzip.compress(plain.read_bytes()))
    if form == "zip":
        path = tmp_path / "all.zip"
        with ZipFile(path, "w") as file:
            file.write(plain, "fer2013/fer2013.csv")
    fer2013 = load_fer2013(path, tmp_path / "cache", check_counts=False)
    assert fer2013.split("Training").labels.tolist() == [3]
    assert fer2013.split("PublicTest").images_gray.mean() == 9
    assert fer2013.split("PrivateTest").images_gray.max() == 255


def test_second_start_reads_the_cache_and_notices_another_file(archive: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = load_fer2013(archive, cache, check_counts=False)
    assert len(list(cache.iterdir())) == 1
    second = load_fer2013(archive, cache, check_counts=False)
    np.testing.assert_array_equal(first.split("Training").images_gray, second.split("Training").images_gray)
    shutil.copy(archive / "train" / "sad" / "Training_0.png", archive / "train" / "sad" / "Training_9.png")
    assert len(load_fer2013(archive, cache, check_counts=False).split("Training")) == 22


def test_an_image_that_was_moved_to_another_emotion_is_noticed(archive: Path, tmp_path: Path) -> None:
    angry, disgust = (archive / "train" / emotion for emotion in ("angry", "disgust"))
    for i in range(3):
        (disgust / f"Training_{i}.png").rename(disgust / f"Training_{3 + i}.png")
    load_fer2013(archive, tmp_path / "cache", check_counts=False)
    (angry / "Training_2.png").rename(
        disgust / "Training_2.png"
    )  # the names, sizes and times in order stay as they are
    labels = load_fer2013(archive, tmp_path / "cache", check_counts=False).split("Training").labels
    assert np.bincount(labels)[:2].tolist() == [2, 4]


def test_damaged_cache_is_replaced(archive: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    load_fer2013(archive, cache, check_counts=False)
    (damaged,) = cache.iterdir()
    damaged.write_bytes(damaged.read_bytes()[:1000])
    assert len(load_fer2013(archive, cache, check_counts=False).split("Training")) == 21


def test_untold_test_names_give_one_split(archive: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for i, path in enumerate(sorted((archive / "test").rglob("*.png"))):
        path.rename(path.with_name(f"im{i}.png"))
    fer2013 = load_fer2013(archive, tmp_path / "cache", check_counts=False)
    assert len(fer2013.split("test")) == 14
    assert "does not tell PublicTest from PrivateTest" in caplog.text
    with pytest.raises(DatasetError, match="split 'PublicTest' is wanted, this copy of FER2013 offers Training, test"):
        fer2013.split("PublicTest")


def test_what_lies_in_test_is_never_learned_from(archive: Path, tmp_path: Path) -> None:
    for path in sorted((archive / "test").rglob("PublicTest_*.png")):  # dealt out anew, under the names of before
        path.rename(path.with_name("Training_7.png"))
    fer2013 = load_fer2013(archive, tmp_path / "cache", check_counts=False)
    assert {name: len(split) for name, split in fer2013.splits.items()} == {"Training": 21, "test": 14}


def test_a_path_that_cannot_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="must be readable, and is not: File name too long"):
        load_fer2013(tmp_path / ("x" * 300), cache=tmp_path)


def test_an_account_without_a_home_names_a_cache(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(_: str) -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr("platformdirs.user_cache_path", nowhere)
    with pytest.raises(ConfigError, match="this account has no home. Name one in data.cache"):
        load_fer2013(archive, check_counts=False)
    assert load_fer2013(archive, cache=tmp_path, check_counts=False).splits


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="FER2013 must be at .*nothing.csv, and there is nothing. Give data.path"):
        load_fer2013(tmp_path / "nothing.csv")


def test_wrong_counts_name_split_and_emotion(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match="Training/angry: expected 3995, found 3; .* and 17 more.*check_counts=false"
    ):
        load_fer2013(archive, tmp_path / "cache")


def test_unknown_emotion_folder(archive: Path, tmp_path: Path) -> None:
    (archive / "train" / "sad").rename(archive / "train" / "gloomy")
    with pytest.raises(DatasetError, match="lies in the folder 'gloomy', known are angry"):
        load_fer2013(archive, tmp_path / "cache", check_counts=False)


def test_broken_images_are_named_all_at_once_and_skipped_only_if_told_to(archive: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(archive / "train" / "angry" / "Training_0.png"), np.zeros((40, 48), np.uint8))
    (archive / "test" / "sad" / "PublicTest_0.png").write_bytes(b"no image")
    with pytest.raises(
        DatasetError, match="2 broken image.*\n.*PublicTest_0.png: its 8 bytes cannot be decoded\n.*Training_0"
    ):
        load_fer2013(archive, tmp_path / "cache", check_counts=False)
    kept = load_fer2013(archive, tmp_path / "cache", skip_broken=True)
    assert [len(kept.split(name)) for name in ("Training", "PublicTest", "PrivateTest")] == [20, 6, 7]
    with pytest.raises(DatasetError, match="Training_0.png: must be 48x48 pixels, got 48x40"):
        load_fer2013(archive, tmp_path / "cache", check_counts=False)


def test_broken_rows_are_named_all_at_once_and_skipped_only_if_told_to(tmp_path: Path) -> None:
    rows = [
        _row(0, 1, "Training"),
        "3,1 2 3,Training",
        _row(1, 300, "Training"),
        f"3,{2**70},Training",
        _row(2, 5, "Training"),
    ]
    path = _write_csv(tmp_path / "fer2013.csv", rows)
    named = r"3 broken image.*\nline 3: .* got 3, from 1 to 3\nline 4: .* got 2304, from 300 to 300\nline 5: .*whole numbers"
    with pytest.raises(DatasetError, match=named):
        load_fer2013(path, tmp_path / "cache", check_counts=False)
    kept = load_fer2013(path, tmp_path / "cache", skip_broken=True).split("Training")
    assert kept.labels.tolist() == [0, 2]
    assert kept.rows.tolist() == [0, 4]  # by which votes are joined


def spoil(path: Path, inside: bytes) -> None:
    """Change a byte of what is packed, as a bad disk does."""
    data = bytearray(path.read_bytes())
    at = data.index(inside) + len(inside) // 2
    data[at] ^= 0xFF
    path.write_bytes(data)


def test_a_damaged_image_in_a_whole_zip_is_named_like_a_broken_one(archive: Path, tmp_path: Path) -> None:
    packed, image = tmp_path / "archive.zip", archive / "train" / "sad" / "Training_1.png"
    with ZipFile(packed, "w", ZIP_STORED) as target:
        for file in sorted(archive.rglob("*.png")):
            target.write(file, file.relative_to(archive))
    spoil(packed, image.read_bytes())
    with pytest.raises(DatasetError, match="1 broken image.*\n.*sad/Training_1.png: cannot be unpacked, Bad CRC-32"):
        load_fer2013(packed, tmp_path / "cache", check_counts=False)


@pytest.mark.parametrize("form", ["csv.gz", "zip"])
def test_a_damaged_csv_names_the_line(form: str, tmp_path: Path) -> None:
    plain = _write_csv(tmp_path / "fer2013.csv", [_row(0, value, "Training") for value in range(200)])
    packed = tmp_path / f"fer2013.{form}"
    if form == "zip":
        with ZipFile(packed, "w", ZIP_DEFLATED) as target:
            target.write(plain, "fer2013.csv")
    else:
        packed.write_bytes(gzip.compress(plain.read_bytes()))
    data = packed.read_bytes()
    spoil(packed, data[len(data) // 2 : len(data) // 2 + 40])
    with pytest.raises(DatasetError, match=r"is damaged after line \d+: .* Download it again"):
        load_fer2013(packed, tmp_path / "cache", check_counts=False)


def test_truncated_zip(tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DatasetError, match="must be a whole .zip"):
        load_fer2013(path, tmp_path / "cache")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("3,1 2 3,Training", "line 3: pixels must be 2304 numbers from 0 to 255 .48x48., got 3"),
        (_row(7, 0, "Training"), "line 3: emotion must be 0 to 6, got '7'"),
        (_row(1, 300, "Training"), "numbers from 0 to 255"),
        (_row(1, 3, "Trainin"), "Usage must be one of Training, PublicTest, PrivateTest; got 'Trainin'"),
        ("3,1 2", "Usage must be one of .* got None. Is the row cut off?"),
        ("3,a b,Training", "pixels must be whole numbers"),
    ],
)
def test_bad_rows_name_their_line(tmp_path: Path, row: str, message: str) -> None:
    path = _write_csv(tmp_path / "fer2013.csv", [_row(0, 1, "Training"), row])
    with pytest.raises(DatasetError, match=message):
        load_fer2013(path, tmp_path / "cache", check_counts=False)


def test_missing_column(tmp_path: Path) -> None:
    path = tmp_path / "icml.csv"
    path.write_text("emotion,pixels\n3,1 2\n")
    with pytest.raises(DatasetError, match="missing: Usage. Is it fer2013.csv?"):
        load_fer2013(path, tmp_path / "cache")


def test_the_real_archive(shared_dir: Path, tmp_path: Path) -> None:
    fer2013 = load_fer2013(shared_dir / "data" / "fer2013.zip", tmp_path / "cache")
    assert {name: len(split) for name, split in fer2013.splits.items()} == {
        n: sum(c) for n, c in PUBLISHED_COUNTS.items()
    }
    assert fer2013.split("Training").images_gray.shape == (28709, 48, 48)
