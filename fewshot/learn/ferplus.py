"""FER+ votes (Barsoum et al. 2016, "Training deep networks for facial expression recognition with crowd-sourced labels").

Ten raters looked at every image of FER2013 again. The votes are joined to the images by row of the original fer2013.csv:
the published fer2013new.csv has them in that order; a table with a column ``file`` names the row, ``Training_<row>.jpg``.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from fewshot.config import expand_home
from fewshot.errors import DatasetError
from fewshot.learn.fer2013 import Fer2013
from fewshot.learn.fer2013_csv import unreadable
from fewshot.types import EMOTIONS, Float32, Int64

VOTED = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt")
"""The emotions that raters could name, in the order of the published table."""

AGREED = 5
"""How many of ten raters must agree to give an image its label."""

_PUBLISHED = dict(
    zip(VOTED, ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"), strict=True)
)
_ROW = re.compile(r"_(\d+)\.\w+$")


def with_votes(fer2013: Fer2013, path: str | Path) -> Fer2013:
    """Return the data set with the votes on each image in its splits; raises DatasetError as :func:`load_votes`.

    A split other than Training none of whose images say which row of the original they are has none.
    """
    splits = dict(fer2013.splits)
    told = [name for name, split in splits.items() if name == "Training" or (split.rows >= 0).any()]
    votes = load_votes(path, np.concatenate([splits[name].rows for name in told]))
    parts = np.split(votes, np.cumsum([len(splits[name]) for name in told])[:-1])
    return Fer2013(splits | {name: replace(splits[name], votes=part) for name, part in zip(told, parts, strict=True)})


def load_votes(path: str | Path, rows: Int64) -> Float32:
    """Read the votes on some images.

    Args:
        path: The .csv.
        rows: (n,) int64, rows of the images in the original fer2013.csv.

    Returns:
        (n, 8) float32, how many of the ten raters named each emotion of ``VOTED``.

    Raises:
        DatasetError: no such file or it may not be read, a missing column, a vote that is no count, or an image without votes.
    """
    path = expand_home(path)
    if not path.is_file():
        raise DatasetError(
            f"the FER+ votes must be at {path}, and there is nothing. Correct data.votes, or leave it out."
        )
    try:
        votes = _read_votes(path)
    except OSError as error:
        raise unreadable(path, error) from error
    unknown = [int(r) for r in rows if int(r) not in votes]
    if unknown:
        raise DatasetError(
            f"{path} must have votes on every image, {len(unknown)} of {len(rows)} have none, first row {unknown[0]}. "
            "The images must carry their row in fer2013.csv: use that file, or an archive that names them Training_<row>.jpg."
        )
    return np.array([votes[int(r)] for r in rows], np.float32).reshape(len(rows), len(VOTED))


def _read_votes(path: Path) -> dict[int, list[float]]:
    """Return the votes for each emotion of ``VOTED`` by row of fer2013.csv."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        table = csv.DictReader(file)
        try:
            header = table.fieldnames or ()
            columns = [name if name in header else _PUBLISHED[name] for name in VOTED]
            missing = [c for c in columns if c not in header]
            if missing:
                raise DatasetError(
                    f"{path} must have a column for each emotion; missing: {', '.join(missing)}. Download it again."
                )
            return {_row(line, number): [_vote(line[c]) for c in columns] for number, line in enumerate(table)}
        except (TypeError, ValueError, csv.Error) as error:  # a UnicodeDecodeError is a ValueError
            raise DatasetError(f"{path} line {table.line_num}: {error}. Download it again.") from error


def _vote(text: str) -> float:
    vote = float(text)
    if not 0 <= vote < math.inf or vote != int(vote):
        raise ValueError(f"votes must be counts, got {text!r}")
    return vote


def vote_shares(votes: Float32) -> Float32:
    """Turn (n, 8) votes into shares that sum to 1; all zero where most raters saw no face or could not tell."""
    told = votes.sum(axis=1, keepdims=True)
    return np.where(told >= AGREED, votes / np.maximum(told, 1), 0).astype(np.float32)


def emotion_shares(votes: Float32) -> Float32:
    """Return :func:`vote_shares` in the order of ``EMOTIONS``, (n, 7); contempt, which is none of them, is left out."""
    return vote_shares(votes)[:, [VOTED.index(name) for name in EMOTIONS]]


def label_shares(shares: Float32, labels: Int64) -> Float32:
    """Return how likely each of FER2013's labels is on an image with these votes, by linear least squares on the images.

    Raters and labels differ systematically: some images that all raters call neutral are labeled sad. Being fitted to the
    labels, the result keeps such habits, and drops the chance in a single label.

    Args:
        shares: (n, 8) float32, as :func:`vote_shares` returns them.
        labels: (n,) int64 positions in ``EMOTIONS``.

    Returns:
        (n, 7) float32, rows that sum to 1; where nobody voted, the one label.
    """
    one_hot = np.eye(len(EMOTIONS), dtype=np.float32)[labels]
    told = shares.sum(axis=1) > 0
    likely = np.linalg.lstsq(shares[told], one_hot[told], rcond=None)[0]
    fitted = np.maximum(shares @ likely, 0)
    fitted[~told] = one_hot[~told]
    return (fitted / fitted.sum(axis=1, keepdims=True)).astype(np.float32)


def shared_labels(labels: Int64, named: Float32, share: float) -> Float32:
    """Mix each image's one label with ``named``, (n, 7) float32, which gets ``share`` of the weight; return (n, 7) float32."""
    one_hot = np.eye(len(EMOTIONS), dtype=np.float32)[labels]
    return ((1 - share) * one_hot + share * named).astype(np.float32)


def majority(votes: Float32) -> Int64:
    """Return (n,) positions in ``EMOTIONS`` of what at least five raters named; -1 where they disagree, or saw contempt."""
    names = np.array([EMOTIONS.index(name) if name in EMOTIONS else -1 for name in VOTED], np.int64)
    tops = votes.max(axis=1, keepdims=True)
    agreed = (tops[:, 0] >= AGREED) & ((votes == tops).sum(axis=1) == 1)
    return np.where(agreed, names[votes.argmax(axis=1)], -1)


def _row(line: dict[str, str], number: int) -> int:
    if "file" not in line:
        return number
    found = _ROW.search(line["file"])
    if found is None:
        raise ValueError(f"file must end in _<row>.jpg, got {line['file']!r}")
    return int(found[1])
