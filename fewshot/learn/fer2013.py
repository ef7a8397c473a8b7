"""FER2013 as arrays, from any of the forms in circulation.

- the Kaggle archive, as a folder or as the .zip itself: ``train/<emotion>/*`` and ``test/<emotion>/*``;
- the original ``fer2013.csv``, plain, .gz or .zip: columns emotion, pixels, Usage.

Goodfellow et al. 2013, "Challenges in Representation Learning", gives the splits and the counts checked here.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fewshot.config import expand_home
from fewshot.errors import DatasetError
from fewshot.learn.cache import Arrays, cache_file, read_arrays, write_arrays
from fewshot.learn.fer2013_archive import csv_member, read_folder, read_zip
from fewshot.learn.fer2013_csv import Record, read_csv, unreadable
from fewshot.types import EMOTIONS, Float32, Int64, UInt8

log = logging.getLogger(__name__)

PUBLISHED_COUNTS: Mapping[str, tuple[int, ...]] = {
    "Training": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "PublicTest": (467, 56, 496, 895, 653, 415, 607),
    "PrivateTest": (491, 55, 528, 879, 594, 416, 626),
}
"""Images by split and emotion, in the order of ``EMOTIONS``."""

UNTOLD_TEST = "test"
"""Name of the only test split of an archive whose file names do not tell PublicTest from PrivateTest."""


@dataclass(frozen=True, eq=False)
class Split:
    """One split.

    Attributes:
        images_gray: (n, 48, 48) uint8.
        labels: (n,) int64, positions in ``EMOTIONS``.
        rows: (n,) int64, rows of the original fer2013.csv, to join other tables; -1 where the file names do not tell.
        votes: (n, 8) float32, how many raters of FER+ named each emotion, as :func:`fewshot.learn.ferplus.load_votes` returns
            them; None where no votes were given.
    """

    images_gray: UInt8
    labels: Int64
    rows: Int64
    votes: Float32 | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def digest(self) -> str:
        """Return a short digest of the images, their order, labels and votes: what was learned from it goes with no other."""
        digest = hashlib.sha256()
        for array in (self.images_gray, self.labels, *(() if self.votes is None else (self.votes,))):
            digest.update(array.tobytes())
        return digest.hexdigest()[:16]

    def where(self, kept: NDArray[np.bool_]) -> Split:
        """Return the images whose place in ``kept``, (n,) bool, is true."""
        votes = None if self.votes is None else self.votes[kept]
        return Split(self.images_gray[kept], self.labels[kept], self.rows[kept], votes)


@dataclass(frozen=True, eq=False)
class Fer2013:
    """The data set by split name: Training, PublicTest and PrivateTest, or Training and ``UNTOLD_TEST``."""

    splits: Mapping[str, Split]

    def split(self, name: str) -> Split:
        """Return one split.

        Raises:
            DatasetError: this copy of the data set does not tell that split apart.
        """
        if name not in self.splits:
            untold = (
                "Its test files are not named PublicTest_* and PrivateTest_*: use the original names, or split=test."
            )
            raise DatasetError(
                f"split '{name}' is wanted, this copy of FER2013 offers {', '.join(self.splits)}. "
                f"{untold if UNTOLD_TEST in self.splits else 'Choose one of these.'}"
            )
        return self.splits[name]


def load_fer2013(
    path: str | Path, cache: str | Path | None = None, check_counts: bool = True, skip_broken: bool = False
) -> Fer2013:
    """Read FER2013, from the cache where the same file was read before.

    Args:
        path: Folder, .zip or fer2013.csv (.gz, .zip).
        cache: Folder for the decoded arrays (83 MB); None for the user's cache folder.
        check_counts: Expect the published number of images in each class and split, unless some are skipped.
        skip_broken: Go on without images that cannot be decoded or have the wrong size; they are logged.

    Raises:
        DatasetError: missing file, broken images (all of them are named), unknown label, wrong counts.
    """
    path = expand_home(path)
    try:
        is_there = path.exists()
    except OSError as error:  # a folder above it that may not be entered, or a name that is too long
        raise unreadable(path, error) from error
    if not is_there:
        raise DatasetError(
            f"FER2013 must be at {path}, and there is nothing. Give data.path the Kaggle archive "
            "(folder or .zip with train/ and test/) or fer2013.csv (.gz and .zip are read as they are)."
        )
    cached = cache_file(cache, f"fer2013-{_identity(path)}.npz")
    arrays = read_arrays(cached)
    if arrays is not None:
        dataset = _from_arrays(arrays)
    else:
        broken: list[str] = []
        dataset = _collect(_records(path, broken), path)
        _tell_broken(broken, path, skip_broken)
        if broken:
            return dataset  # neither cached nor counted: it is not what was published
        write_arrays(cached, _to_arrays(dataset))
    if check_counts:
        _check_counts(dataset, path)
    if UNTOLD_TEST in dataset.splits:
        log.warning("%s does not tell PublicTest from PrivateTest: offering one split '%s'.", path, UNTOLD_TEST)
    return dataset


# --- reading ----------------------------------------------------------------------------------------------------------


def _tell_broken(broken: list[str], path: Path, skip: bool) -> None:
    """Name all broken images: in the log where they are skipped, else in a DatasetError."""
    if not broken:
        return
    found = f"{path} has {len(broken)} broken image(s):\n" + "\n".join(broken)
    if not skip:
        raise DatasetError(f"{found}\nDownload it again, or set data.skip_broken=true to go on without them.")
    log.warning("Going on without them: %s", found)


def _records(path: Path, broken: list[str]) -> Iterator[Record]:
    if path.is_dir():
        csv_inside = path / "fer2013.csv"
        if csv_inside.is_file() and not (path / "train").is_dir():
            return read_csv(csv_inside, broken)
        return read_folder(path, broken)
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz")):
        return read_csv(path, broken)
    if name.endswith(".zip"):
        table = csv_member(path)
        return read_zip(path, broken) if table is None else read_csv(path, broken, member=table)
    raise DatasetError(f"FER2013 must be a folder, a .zip or a .csv (.gz), got the file {path}.")


def _collect(records: Iterator[Record], path: Path) -> Fer2013:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.usage if record.usage in PUBLISHED_COUNTS else UNTOLD_TEST, []).append(record)
    if "Training" not in found:
        raise DatasetError(
            f"{path} must hold train/<emotion>/ and test/<emotion>/ images or rows with Usage 'Training', found "
            f"{', '.join(f'{len(v)} of {k}' for k, v in found.items()) or 'no image at all'}. Is it the Kaggle archive's top folder?"
        )
    if UNTOLD_TEST in found:  # a mixture cannot be trusted either: put all test images into the one split
        for usage in ("PublicTest", "PrivateTest"):
            found[UNTOLD_TEST] += found.pop(usage, [])
    return Fer2013({u: _split(found[u]) for u in (*PUBLISHED_COUNTS, UNTOLD_TEST) if u in found})


def _split(records: list[Record]) -> Split:
    return Split(
        images_gray=np.stack([r.image_gray for r in records]),
        labels=np.array([r.label for r in records], np.int64),
        rows=np.array([r.row for r in records], np.int64),
    )


def _check_counts(dataset: Fer2013, path: Path) -> None:
    published = {name: np.array(counts) for name, counts in PUBLISHED_COUNTS.items()}
    if UNTOLD_TEST in dataset.splits:
        published = {"Training": published["Training"], UNTOLD_TEST: published["PublicTest"] + published["PrivateTest"]}
    faults = []
    for name, expected in published.items():
        found = Counter(dataset.splits[name].labels.tolist()) if name in dataset.splits else Counter()
        faults += [
            f"{name}/{emotion}: expected {want}, found {found[i]}"
            for i, (emotion, want) in enumerate(zip(EMOTIONS, expected.tolist(), strict=True))
            if found[i] != want
        ]
    if faults:
        more = f" and {len(faults) - 4} more" if len(faults) > 4 else ""
        raise DatasetError(
            f"{path} must hold the published 35,887 images. {'; '.join(faults[:4])}{more}. "
            "Download it again, or set data.check_counts=false to use it as it is."
        )


# --- cache ------------------------------------------------------------------------------------------------------------


_FIELDS = ("images_gray", "labels", "rows")


def _identity(path: Path) -> str:
    """Short digest that changes when the file, or for a folder the place, size or time of any file in it, changes."""
    digest = hashlib.sha256(str(path.resolve()).encode())
    for file in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
        stat = file.stat()
        digest.update(f"{file.relative_to(path.parent)}:{stat.st_size}:{stat.st_mtime_ns};".encode())
    return digest.hexdigest()[:16]


def _from_arrays(arrays: Arrays) -> Fer2013:
    names = sorted({key.split("/")[0] for key in arrays}, key=[*PUBLISHED_COUNTS, UNTOLD_TEST].index)
    return Fer2013({name: Split(*(arrays[f"{name}/{field}"] for field in _FIELDS)) for name in names})


def _to_arrays(dataset: Fer2013) -> Arrays:
    return {f"{name}/{f}": getattr(split, f) for name, split in dataset.splits.items() for f in _FIELDS}
