"""Two ways to shrink noisy numbers: in proportion, and by a threshold.

The model: coefficients ``b_j`` are seen as ``y_j = b_j + s z_j`` with standard normal ``z_j``, and
``s = sigma / sqrt(n)`` for n samples. It is what regression on orthonormal features comes to.

- ``sum (y - w)^2 + lam w^2`` shrinks in proportion. Its best strength is ``s^2 N / sum b^2``, so it
  goes as ``1/n``: the ridge of `l2scale.theory.ridge`.
- ``sum (y - w)^2 + 2 lam |w|`` cuts off: ``w = sign(y) max(|y| - lam, 0)``, the lasso (Tibshirani
  1996) and soft threshold (Donoho & Johnstone 1994). Where some coefficients are 0 and the others
  far above s, its best strength is a multiple of s that only their shares decide, so it goes as
  ``1/sqrt(n)``.

The L2 penalty of a network with two layers is the second: see `l2scale.theory.variation`.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import norm


def soft_risk(threshold: float, b: np.ndarray | float, s: float) -> np.ndarray | float:
    """Return ``E (w - b)^2`` of the soft threshold of ``b + s z``, per coefficient.

    Args:
        threshold: lam, 0 or above.
        b: true coefficients, any shape.
        s: standard deviation of what is seen, above 0.

    Raises:
        ValueError: for a number out of range.
    """
    if not threshold >= 0 or not s > 0:
        raise ValueError(f"a threshold is 0 or above and s above 0, not {threshold!r} and {s!r}")
    b = np.asarray(b, dtype=np.float64)
    above, below = (threshold - b) / s, (-threshold - b) / s
    # E (s z - t)^2 over z > above, E (s z + t)^2 over z < below, and b^2 in between.
    square = s**2 + threshold**2
    tail = square * norm.sf(above) + s * (s * above - 2 * threshold) * norm.pdf(above)
    head = square * norm.cdf(below) - s * (s * below + 2 * threshold) * norm.pdf(below)
    risk: np.ndarray = tail + head + b**2 * (norm.cdf(above) - norm.cdf(below))
    return risk


def best_threshold(b: np.ndarray, s: float) -> float:
    """Return the threshold with the least total `soft_risk`.

    Args:
        b: all true coefficients, ``(N,)``.
        s: as `soft_risk`.

    Raises:
        ValueError: for no coefficient, and as `soft_risk`.
    """
    values, counts = np.unique(np.asarray(b, dtype=np.float64), return_counts=True)
    if not len(values):
        raise ValueError("no coefficients: a best threshold needs one or more")

    def total(log_threshold: float) -> float:
        return float(counts @ soft_risk(np.exp(log_threshold), values, s))

    # The risk of several sizes of b can have several valleys: look everywhere, then refine.
    grid = np.linspace(np.log(1e-6 * s), np.log(10 * s + 2 * np.abs(values).max()), 400)
    lowest = int(np.argmin([total(point) for point in grid]))
    around = grid[max(lowest - 1, 0)], grid[min(lowest + 1, len(grid) - 1)]
    return float(np.exp(minimize_scalar(total, bounds=around, options={"xatol": 1e-10}).x))


def best_proportion(b: np.ndarray, s: float) -> float:
    """Return ``s^2 N / sum b^2``, the best strength of the penalty ``lam w^2``.

    Raises:
        ValueError: if all coefficients are 0: every finite strength is then too small.
    """
    b = np.asarray(b, dtype=np.float64)
    if not b.any():
        raise ValueError("all coefficients are 0: no finite strength is best")
    return s**2 * b.size / float(np.square(b).sum())
