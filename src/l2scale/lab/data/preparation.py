"""What is done to samples once they are read: put in order, relabelled, standardised.

**Order.** Every stretch of it has about the same share of each class.

**Label noise.** The samples that are moved at a lower share are among those moved at a higher one,
and go to the same classes.

**Inputs** are centred and scaled by what the training part says. Pixels share one unit, so they
share one divisor, the root of their mean variance: a pixel that is almost always blank stays small,
where its own standard deviation would blow it up. Other inputs each have their own standard
deviation, and one that does not vary in the training part is only centred.
"""

import numpy as np


def stratified_order(classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a random order, shape ``(N,)``, of samples in which each class is spread evenly.

    The k-th of a class's m samples, shuffled, goes to a uniformly random place in the k-th of m
    equal stretches.

    Args:
        classes: of the samples, shape ``(N,)``.
        rng: draws the order.
    """
    place = np.empty(len(classes))
    for label in np.unique(classes):
        members = rng.permutation(np.flatnonzero(classes == label))
        place[members] = (np.arange(len(members)) + rng.random(len(members))) / len(members)
    return np.argsort(place, kind="stable")


def move_labels(
    y: np.ndarray, keep: int, n_labels: int, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, int]:
    """Return labels of which ``round(share * keep)`` of the first ``keep`` moved, and their number.

    Args:
        y: labels from 0 to ``n_labels`` - 1, shape ``(n,)``; they stay as they are.
        keep: how many of the first samples may be moved.
        n_labels: each of the others is equally likely.
        share: from 0 to 1.
        rng: draws which and where to, the same for every ``keep`` and ``share``.
    """
    turn = rng.random(len(y))[:keep]
    elsewhere = (y + rng.integers(1, n_labels, size=len(y))) % n_labels
    count = round(share * keep)
    moved = np.argsort(turn, kind="stable")[:count]
    y = y.copy()
    y[moved] = elsewhere[moved]
    return y, count


def standardiser(x: np.ndarray, *, pixels: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return each input's mean and divisor, both of shape ``(d,)``, from a training part.

    Args:
        x: inputs, shape ``(n, d)``.
        pixels: True divides every input by one number, the root of the mean variance; False
            divides each by its own standard deviation. A divisor that would be 0, or as good as
            0 beside the input's size, is 1.
    """
    x = np.asarray(x, dtype=np.float64)
    std = x.std(axis=0)
    if pixels:
        pooled = np.sqrt(np.mean(np.square(std)))
        return x.mean(axis=0), np.full_like(std, pooled if pooled > 0 else 1.0)
    return x.mean(axis=0), np.where(std > 1e-8 * np.abs(x).max(axis=0), std, 1.0)
