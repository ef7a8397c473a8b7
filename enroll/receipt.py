"""What an enrollment gained, measured on the student's own photos: pure functions, no state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from enroll.guide import suggest_photo
from fewshot.person import PhotoVerdict, Receipt
from fewshot.prior import Prior
from fewshot.prototypes import nearest
from fewshot.types import Float32, Prototypes


def measure_gain(
    embeddings: Float32,
    labels: Sequence[str],
    prior: Prior,
    left_out: Sequence[PhotoVerdict | str] = (),
) -> Receipt:
    """Compare generic and personal prototypes by leave-one-out and decide which are used.

    A photo can be held out only where its emotion has another one: without that, its own prototype would fall back
    to the generic one while the other six are the student's, which tests the lack of the photo and not the photos.
    (With one photo an emotion and an early encoder, testing all the same kept the generic prototypes for 18 to 36 % of
    the people in JAFFE, KDEF and NTU and lost 3 to 4 points of accuracy on their other photos.) Classmates, whom a gallery lets
    refine the personal prototypes, are not known here: the answer does not depend on who else is enrolled.

    Args:
        embeddings: (k, d) float32. Emotion embeddings of the accepted photos.
        labels: k labels; photos of states that ``prior`` does not know are counted and not tested.
        prior: Of the same encoder.
        left_out: Noted on the receipt: what became of the other photos.

    Returns:
        A receipt that uses the personal prototypes unless they name fewer held-out photos right than the generic ones.

    Raises:
        PrototypeError: the dimension does not fit ``prior``.
    """
    generic, counts = prior.generic, Counter(labels)
    photos = {label: counts[label] for label in (*generic.classes, *sorted(counts)) if counts[label]}
    held_out = [i for i, label in enumerate(labels) if counts[label] > 1 and label in generic.classes]
    generic_correct = sum(_named_right(embeddings[i], labels[i], generic) for i in held_out)
    personal_correct = 0
    for i in held_out:
        others = [label for j, label in enumerate(labels) if j != i]
        without_it = prior.personal(np.delete(embeddings, i, axis=0), others)
        personal_correct += _named_right(embeddings[i], labels[i], without_it)
    return Receipt(
        photos=photos,
        tested=len(held_out),
        generic_correct=generic_correct,
        personal_correct=personal_correct,
        uses="generic" if personal_correct < generic_correct else "personal",
        next_photo=suggest_photo(prior.personal(embeddings, labels)),
        left_out=tuple(left_out),
    )


def _named_right(embedding: Float32, label: str, prototypes: Prototypes) -> bool:
    return nearest(embedding[None], prototypes).labels[0] == label
