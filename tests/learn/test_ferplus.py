"""FER+ votes: joined by row from either form of the table, and refused where they cannot be."""

from pathlib import Path

import numpy as np
import pytest

from fewshot.compose import load
from fewshot.errors import DatasetError
from fewshot.learn.episodes import EpisodeDealer, balanced_episodes
from fewshot.learn.evaluate_config import EvaluateConfig
from fewshot.learn.ferplus import VOTED, label_shares, load_votes, majority, vote_shares
from fewshot.types import EMOTIONS

PUBLISHED = """Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF
Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0
Training,,0,0,0,0,0,0,0,0,0,10
PublicTest,fer0000002.png,0,5,0,0,0,0,0,0,5,0
"""
BY_FILE = """file,neutral,happy,surprise,sad,angry,disgust,fear,contempt,unknown,not_a_face
test/happy/PublicTest_2.jpg,0,5,0,0,0,0,0,0,5,0
train/angry/Training_0.jpg,4,0,0,1,3,2,0,0,0,0
"""


def _table(folder: Path, text: str) -> Path:
    path = folder / "votes.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", [PUBLISHED, BY_FILE])
def test_votes_by_row(tmp_path: Path, text: str) -> None:
    votes = load_votes(_table(tmp_path, text), np.array([2, 0]))
    np.testing.assert_array_equal(votes, [[0, 5, 0, 0, 0, 0, 0, 0], [4, 0, 0, 1, 3, 2, 0, 0]])


VOTES = np.array(
    [
        [0, 5, 0, 0, 0, 0, 0, 0],
        [4, 0, 0, 1, 3, 2, 0, 0],
        [2, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 9],
        [5, 5, *[0] * 6],
    ],
    np.float32,
)


def test_shares_leave_out_what_most_could_not_tell() -> None:
    shares = vote_shares(VOTES)
    np.testing.assert_allclose(shares[1], [0.4, 0, 0, 0.1, 0.3, 0.2, 0, 0], atol=1e-6)
    np.testing.assert_allclose(shares.sum(axis=1), [1, 1, 0, 1, 1], atol=1e-6)


def test_labels_are_as_likely_as_among_images_of_the_same_votes() -> None:
    neutral, happy = (np.eye(len(VOTED), dtype=np.float32)[VOTED.index(name)] for name in ("neutral", "happy"))
    shares = np.array([neutral] * 4 + [happy] * 2 + [0 * happy])
    names = ("neutral", "neutral", "neutral", "sad", "happy", "happy", "fear")
    likely = label_shares(shares, np.array([EMOTIONS.index(name) for name in names]))
    sad = {"neutral": 0.75, "sad": 0.25}
    for row, expected in zip(likely, [sad] * 4 + [{"happy": 1.0}] * 2 + [{"fear": 1.0}], strict=True):
        np.testing.assert_allclose(row, [expected.get(e, 0.0) for e in EMOTIONS], atol=1e-6)


def test_majority_needs_five_raters_and_one_winner() -> None:
    assert majority(VOTES).tolist() == [EMOTIONS.index("happy"), -1, -1, -1, -1]


def test_what_cannot_be_joined(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is nothing. Correct data.votes"):
        load_votes(tmp_path / "none.csv", np.array([0]))
    with pytest.raises(DatasetError, match="1 of 2 have none, first row -1"):
        load_votes(_table(tmp_path, BY_FILE), np.array([0, -1]))
    with pytest.raises(DatasetError, match="missing: contempt"):
        load_votes(_table(tmp_path, PUBLISHED.replace("contempt", "scorn")), np.array([0]))
    with pytest.raises(DatasetError, match="line 2: could not convert"):
        load_votes(_table(tmp_path, PUBLISHED.replace("4,0,0,1", "four,0,0,1")), np.array([0]))
    for said in ("nan", "inf", "-4"):
        with pytest.raises(DatasetError, match=f"line 2: votes must be counts, got '{said}'"):
            load_votes(_table(tmp_path, PUBLISHED.replace("4,0,0,1", f"{said},0,0,1")), np.array([0]))
    other = tmp_path / "utf-16.csv"
    other.write_text(PUBLISHED, encoding="utf-16")
    with pytest.raises(DatasetError, match="line 0: 'utf-8' codec can't decode"):
        load_votes(other, np.array([0]))
    with pytest.raises(DatasetError, match="must end in _<row>.jpg"):
        load_votes(_table(tmp_path, BY_FILE.replace("Training_0", "face")), np.array([0]))


def test_votes_that_may_not_be_read_are_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = _table(tmp_path, PUBLISHED)
    monkeypatch.setattr(Path, "open", _refuse)
    with pytest.raises(DatasetError, match=r"\.csv must be readable, and is not: Permission denied\. Correct its perm"):
        load_votes(table, np.array([0]))


@pytest.mark.parametrize("rows", [(28_709, 32_298), (32_298, 35_887)], ids=["PublicTest", "PrivateTest"])
def test_the_rarest_label_of_most_raters_fills_the_episodes_of_its_config(
    shared_dir: Path, rows: tuple[int, int]
) -> None:
    few_shot = load(EvaluateConfig, ["data.path=x", "data=ferplus"]).few_shot
    labels = majority(load_votes(shared_dir / "data" / "ferplus_votes.csv", np.arange(*rows)))
    for shots in few_shot.shots:
        EpisodeDealer(labels[labels >= 0], balanced_episodes(len(EMOTIONS), shots, few_shot.n_query), seed=1)


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")
