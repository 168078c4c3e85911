"""What inverted dropout on the last hidden layer adds to the expected loss, and how width thins it.

A network puts out A h + b, with h the H units of its last hidden layer. Dropout at rate p puts 0 in
place of each unit with probability p and divides the others by 1 - p, independently. The outputs
then have the mean A h + b, and their variances add up to p/(1-p) sum_j ||a_j||^2 h_j^2, with a_j
column j of A. Srivastava et al. (2014) and Wager et al. (2013) have this for linear models, Cavazza
et al. (2018) for the factors of a matrix, Mianjy & Arora (2019) for deep linear networks.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

CURVATURES = {"regression": 2.0, "multiclass": 0.5, "binary": 0.25}
"""Largest second derivative of a sample's loss in its outputs, in any direction: of the squared
error without 1/2, of softmax cross-entropy, and of that of one logit, both in nats."""


def check_rate(rate: float) -> float:
    """Return a rate of dropout.

    Raises:
        ValueError: for a number that is not in [0, 1).
    """
    if not 0 <= rate < 1:
        raise ValueError(f"a rate of dropout is a number in [0, 1), not {rate!r}")
    return rate


def odds(rate: float) -> float:
    """Return ``p/(1-p)``, to which what dropout adds to the squared loss is proportional.

    Raises:
        ValueError: as `check_rate`.
    """
    return check_rate(rate) / (1.0 - rate)


def rate_of(odds: float) -> float:
    """Return the rate p with these odds ``p/(1-p)``.

    Raises:
        ValueError: for odds that are not a finite number, 0 or above.
    """
    if not 0 <= odds < math.inf:
        raise ValueError(f"odds are a finite number, 0 or above, not {odds!r}")
    return odds / (1.0 + odds)


def kept_at_width(rate: float, factor: float) -> float:
    """Return the rate whose odds are ``factor`` times those of ``rate``.

    With it, what dropout adds is the same after each unit was split into ``factor`` copies.

    Raises:
        ValueError: as `check_rate`, and for a factor not above 0.
    """
    if not factor > 0:
        raise ValueError(f"a width grows by a factor above 0, not {factor!r}")
    return rate_of(odds(rate) * factor)


def added_loss(units: ArrayLike, outgoing: ArrayLike, rate: float) -> float:
    """Return what dropout adds to the expected squared loss: exact, whatever made the units.

    It is ``p/(1-p) sum_j ||a_j||^2 mean(h_j^2)``, in the units of the mean over the samples of the
    squared error summed over outputs, without 1/2.

    Args:
        units: activations h of the last hidden layer, ``(n, H)``, without dropout.
        outgoing: the output layer's weights A, ``(k, H)``.
        rate: p.

    Raises:
        ValueError: for numbers of units that differ, and as `check_rate`.
    """
    h, a = _checked(units, outgoing)
    return odds(rate) * float(np.square(a).sum(axis=0) @ np.square(h).mean(axis=0))


def least_added_loss(units: ArrayLike, outgoing: ArrayLike, rate: float) -> float:
    """Return ``p/(1-p) (sum_j ||a_j|| rms(h_j))^2 / H``, which is never above `added_loss`.

    The two are equal where all units have the same ``||a_j|| rms(h_j)``. The sum does not change
    when a unit is split into copies, so that this falls as 1/H.

    Args:
        units: as `added_loss`.
        outgoing: as `added_loss`.
        rate: p.

    Raises:
        ValueError: as `added_loss`.
    """
    h, a = _checked(units, outgoing)
    parts = np.linalg.norm(a, axis=0) * np.sqrt(np.square(h).mean(axis=0))
    return odds(rate) * float(parts.sum()) ** 2 / len(parts)


def bound(units: ArrayLike, outgoing: ArrayLike, rate: float, task: str) -> float:
    """Return the most that dropout can add to the expected loss: half the curvature of it.

    A convex loss whose second derivatives are at most c in any direction of the outputs rises by
    between 0 and c/2 times their variance. For the squared loss the bound is what is added.

    Args:
        units: as `added_loss`.
        outgoing: as `added_loss`.
        rate: p.
        task: one of CURVATURES.

    Raises:
        ValueError: for an unknown task, and as `added_loss`.
    """
    if task not in CURVATURES:
        raise ValueError(f"unknown task {task!r}: choose one of {', '.join(CURVATURES)}")
    return CURVATURES[task] / 2.0 * added_loss(units, outgoing, rate)


def _checked(units: ArrayLike, outgoing: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    h, a = np.asarray(units, dtype=np.float64), np.asarray(outgoing, dtype=np.float64)
    if h.ndim != 2 or a.ndim != 2 or h.shape[1] != a.shape[1] or not h.size:
        raise ValueError(
            f"units (n, H) and outgoing weights (k, H) have one H, and are {h.shape} and {a.shape}"
        )
    return h, a
