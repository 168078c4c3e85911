"""Functions of straight pieces on the line, and the networks that compute them.

A ReLU network with one input, one hidden layer and free biases is a continuous function made of
straight pieces. Half the least sum of squares that represents f, over all widths, is::

    R(f) = max( integral |f''|, |f'(-inf) + f'(+inf)| )        (Savarese et al. 2019)
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Line:
    """A continuous function of straight pieces.

    Attributes:
        x: where pieces meet, rising, shape ``(m,)`` with m >= 2.
        y: values there, shape ``(m,)``.
        left: slope below ``x[0]``.
        right: slope above ``x[-1]``.

    Raises:
        ValueError: for fewer than two points, points that do not rise, or numbers not finite.
    """

    x: np.ndarray
    y: np.ndarray
    left: float
    right: float

    def __post_init__(self) -> None:
        if np.shape(self.x) != np.shape(self.y) or np.ndim(self.x) != 1 or np.size(self.x) < 2:
            raise ValueError(
                f"a line needs 2 points or more with a value each, and has {np.shape(self.x)} "
                f"points and {np.shape(self.y)} values"
            )
        if not (np.diff(self.x) > 0).all():
            raise ValueError(f"points must rise, each above the one before, and are {self.x}")
        if not np.isfinite([*self.x, *self.y, self.left, self.right]).all():
            raise ValueError("a line's points, values and slopes must be finite numbers")

    def __call__(self, at: np.ndarray) -> np.ndarray:
        """The values at ``at``, of its shape."""
        at = np.asarray(at, dtype=np.float64)
        below, above = np.minimum(at - self.x[0], 0), np.maximum(at - self.x[-1], 0)
        found: np.ndarray = np.interp(at, self.x, self.y) + self.left * below + self.right * above
        return found

    @property
    def jumps(self) -> np.ndarray:
        """Change of slope at every point, shape ``(m,)``."""
        slopes = np.diff(self.y) / np.diff(self.x)
        return np.diff([self.left, *slopes, self.right])

    @property
    def half_squares(self) -> float:
        """R: half the least sum of squares of a network that represents it."""
        return float(max(np.abs(self.jumps).sum(), abs(self.left + self.right)))


def through(x: np.ndarray, y: np.ndarray) -> Line:
    """Return the cheapest function with values ``y`` at the points ``x``, rising.

    It is straight between the points and, with slopes ``d_1 .. d_(m-1)`` there and
    ``V = sum |d_(i+1) - d_i|``, it costs ``R = max(V, (V + |d_1 + d_(m-1)|) / 2)``: where the outer
    slopes lean the same way by more than V, one more kink at the last point is worth its cost.
    """
    slopes = np.diff(y) / np.diff(x)
    bend, lean = np.abs(np.diff(slopes)).sum(), slopes[0] + slopes[-1]
    turn = np.sign(lean) * max(0.0, abs(lean) - bend) / 2
    return Line(np.asarray(x), np.asarray(y), float(slopes[0]), float(slopes[-1] - turn))


def cheapest_network(line: Line) -> tuple[np.ndarray, np.ndarray]:
    """Return a cheapest network for ``line``: half its sum of squares is ``line.half_squares``.

    Every kink is one unit that looks right or left. One kink may be shared by two units, so that
    the slopes far out come right; where the line leans by more than it bends, two units more add
    the straight rest. A line ``through`` m points so takes m - 1 units at most. Changes of slope
    below 1e-9 of the largest, or of the values' size over the points' range, are rounding: a
    constant takes no unit.

    Returns:
        Layers as matrices with the biases in the last column, ``(H, 2)`` and ``(1, H + 1)``.
    """
    floor = 1e-9 * max(np.abs(line.jumps).max(), np.abs(line.y).max() / np.ptp(line.x))
    kinked = np.abs(line.jumps) > floor
    jumps, knots = line.jumps[kinked], line.x[kinked]
    sizes = np.abs(jumps)
    lean, total = line.left + line.right, sizes.sum()
    # A unit of jump j adds j to the lean if it looks right, and -j if it looks left.
    before = np.cumsum(sizes) - sizes
    share = np.clip(np.clip(lean, -total, total) + total - 2 * before, 0, 2 * sizes) - sizes
    straight = lean - np.clip(lean, -total, total)
    sides = np.concatenate([np.ones_like(knots), -np.ones_like(knots), [1.0, -1.0]])
    at = np.concatenate([knots, knots, [0.0, 0.0]])
    bend = np.concatenate([(jumps + share) / 2, (jumps - share) / 2, [straight / 2, -straight / 2]])
    used = np.abs(bend) > floor
    sides, at, bend = sides[used], at[used], bend[used]
    root = np.sqrt(np.abs(bend))
    hidden = np.column_stack([sides * root, -sides * root * at])
    outgoing = np.sign(bend) * root
    rest = line.y[0] - outgoing @ np.maximum(hidden @ [line.x[0], 1.0], 0)
    return hidden, np.array([[*outgoing, rest]])


def bends(layers: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return where a network on the line bends, by how much, and its slopes far left and right.

    Args:
        layers: of one hidden ReLU layer, as `cheapest_network` returns them.

    Returns:
        Knots of the units whose incoming weight is not 0, rising, each with its change of slope.

    Raises:
        ValueError: for layers of other shapes.
    """
    hidden, out = layers
    if hidden.ndim != 2 or hidden.shape[1] != 2 or out.shape != (1, len(hidden) + 1):
        raise ValueError(
            f"one input, H units and one output have shapes (H, 2) and (1, H + 1), not "
            f"{hidden.shape} and {out.shape}"
        )
    w, b, a = hidden[:, 0], hidden[:, 1], out[0, :-1]
    live = w != 0
    w, b, a = w[live], b[live], a[live]
    order = np.argsort(-b / w, kind="stable")
    left, right = float(a @ np.minimum(w, 0)), float(a @ np.maximum(w, 0))
    return (-b / w)[order], (a * np.abs(w))[order], left, right


def half_squares(layers: tuple[np.ndarray, np.ndarray], near: float = 1e-6) -> float:
    """Return R of the function that a network on the line computes, whatever its weights are.

    Args:
        layers: as in `bends`.
        near: bends closer than this count as one: their changes of slope add up, signs and all.
    """
    knots, jumps, left, right = bends(layers)
    if len(knots) == 0:
        return 0.0
    place = np.concatenate([[0], np.cumsum(np.diff(knots) > near)])
    together = np.bincount(place, weights=jumps)
    return float(max(np.abs(together).sum(), abs(left + right)))
