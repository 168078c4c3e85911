"""The width limit for one input: the best function at a strength, found without any network.

The limit of the penalty lam * sum of squares, over all widths, is 2 lam R(f), with R as in
`l2scale.theory.lines`. Minimised together with a mean squared error it is a small convex problem,
with a bound from its dual.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, lsq_linear

from l2scale.theory.lines import Line, through
from l2scale.theory.penalties import check_lambda


@dataclass(frozen=True)
class Fit:
    """The limit of wide networks: the best function, its cost and a bound from below.

    Attributes:
        line: the minimiser.
        cost: mean squared error + 2 lam R.
        bound: no function costs less, by weak duality.
    """

    line: Line
    cost: float
    bound: float


def limit(x: np.ndarray, targets: np.ndarray, lam: float) -> Fit:
    """Minimise mean squared error + 2 lam R(f) over all functions on the line.

    By `through`, only the values y at the data points matter. Their cost is the largest of linear
    functions of y, ``v . D y + u (d_1 + d_(n-1)) / 2`` with ``|v_i| <= 1 - |u| / 2, |u| <= 1``, D
    the changes of slope. So the dual is a least-squares problem in a box for every u, and y follows
    from it: ``y = targets - n lam q`` with q the linear function's gradient.

    Args:
        x: inputs, rising, shape ``(n,)`` with n >= 3.
        targets: shape ``(n,)``.
        lam: strength, above 0.

    Raises:
        ValueError: for arrays with more than one axis, lam not above 0, fewer than three points, or
            points that do not rise.
    """
    if np.ndim(x) != 1 or np.shape(x) != np.shape(targets):
        raise ValueError(
            f"the limit needs inputs and targets of one shape (n,), not {np.shape(x)} and "
            f"{np.shape(targets)}: take one column of each"
        )
    n, steps = len(x), np.diff(x)
    if not check_lambda(lam) > 0 or n < 3 or not (steps > 0).all():
        raise ValueError(
            f"the limit needs lam above 0 and 3 points or more that rise, and has {lam} and {x}"
        )
    to_slopes = np.diff(np.eye(n), axis=0) / steps[:, np.newaxis]
    kinks = np.diff(to_slopes, axis=0)
    lean = (to_slopes[0] + to_slopes[-1]) / 2

    def solve(u: float) -> np.ndarray:
        box = 1 - abs(u) / 2
        goal = targets / (n * lam) - u * lean
        v = lsq_linear(kinks.T, goal, (-box, box), method="bvls", tol=1e-15, max_iter=1000).x
        found: np.ndarray = kinks.T @ np.clip(v, -box, box) + u * lean
        return found

    def leans(u: float) -> float:
        """The dual's slope in |u|, up to a factor: how far the line leans, less how it bends."""
        y = targets - n * lam * solve(u)
        return float(side * lean @ y - np.abs(kinks @ y).sum() / 2)

    side = float(np.sign(lean @ (targets - n * lam * solve(0.0))))
    u = 0.0
    if leans(0.0) > 0:
        u = side * (
            1.0
            if leans(side) >= 0
            else abs(brentq(lambda s: leans(side * s), 0.0, 1.0, xtol=1e-15))
        )
    q = solve(u)
    line = through(x, targets - n * lam * q)
    cost = float(np.mean((line.y - targets) ** 2) + 2 * lam * line.half_squares)
    return Fit(line, cost, float(2 * lam * q @ targets - n * lam**2 * q @ q))
