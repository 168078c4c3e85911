"""How fast a quantity, or the best lambda, goes with a size: slopes of logarithms, over seeds."""

import numpy as np
import pandas as pd

from l2scale.lab.estimates.curves import cells, curves, named, pivot
from l2scale.lab.estimates.intervals import Interval, jackknife, mean_interval
from l2scale.lab.estimates.valley import lowest, vertex, vertices


def loglog_slope(
    table: pd.DataFrame, x: str, y: str, *, seed: str = "seed", level: float = 0.95
) -> Interval:
    """Return d log y / d log x: the mean of each seed's least-squares slope, with a t-interval.

    Args:
        table: one row per x and seed.
        x: column with at least 2 different numbers above 0.
        y: column of numbers above 0.
        seed: column that tells the seeds apart.
        level: between 0 and 1.

    Raises:
        ValueError: for a missing or repeated row or column, fewer than 2 x, or numbers not above 0.
    """
    at, values = pivot(table, y, x, seed)
    if len(at) < 2 or not (at > 0).all() or not (values > 0).all():
        raise ValueError(f"a slope of log {y} in log {x} needs 2 {x} and numbers above 0 alone")
    return mean_interval(np.log(values) @ _slope_weights(at), level)


def exponent(
    table: pd.DataFrame,
    x: str = "width",
    select: str = "val_loss",
    lam: str = "lam",
    seed: str = "seed",
    level: float = 0.95,
) -> Interval:
    """Return d log lambda* / d log x, by least squares over the optima at each x.

    The jackknife leaves a seed out at every x at once, since a seed's networks have its data in
    common. The interval does not cover a lambda* that is no power of x.

    Args:
        table: one row per x, lambda and seed, the same seeds at each x.
        x: column with at least 2 different numbers above 0.
        select: metric to minimise.
        lam: column of strengths, above 0.
        seed: column that tells the seeds apart.
        level: between 0 and 1.

    Raises:
        ValueError: if an optimum is at its grid's edge, if seeds differ between cells, for fewer
            than 2 x or an x not above 0, and as `optimum`, naming the cell.
    """
    points, found, left_out = _vertices(table, x, select, lam, seed)
    weights = _slope_weights(points)
    return jackknife(float(weights @ found), weights @ left_out, level)


def bend(
    table: pd.DataFrame,
    at: float,
    x: str = "width",
    select: str = "val_loss",
    lam: str = "lam",
    seed: str = "seed",
    level: float = 0.95,
) -> Interval:
    """Return the exponent of lambda* from ``at`` on less that up to ``at``.

    Each is that of `exponent`, over all x on its side, ``at`` itself on both. The jackknife leaves
    a seed out on both sides at once, since they have it, and the optimum at ``at``, in common.

    Args:
        table: as `exponent`.
        at: where the line may bend.
        x: as `exponent`.
        select: as there.
        lam: as there.
        seed: as there.
        level: as there.

    Raises:
        ValueError: for fewer than 2 x on either side, and as `exponent`.
    """
    points, found, left_out = _vertices(table, x, select, lam, seed)
    weights = np.zeros(len(points))
    for side, sign in ((points >= at, 1), (points <= at, -1)):
        if side.sum() < 2:
            raise ValueError(f"a bend at {at:g} needs 2 {x} on either side, not {points.tolist()}")
        weights[side] += sign * _slope_weights(points[side])
    return jackknife(float(weights @ found), weights @ left_out, level)


def exponent_difference(
    table: pd.DataFrame,
    other: pd.DataFrame,
    x: str = "width",
    select: str = "val_loss",
    lam: str = "lam",
    seed: str = "seed",
    level: float = 0.95,
) -> Interval:
    """Return the exponent of lambda* in `table` less that in `other`: that of their quotient.

    Each is that of `exponent`. The jackknife leaves a seed out of both at once, since networks of
    one seed have its data in common.

    Args:
        table: as `exponent`.
        other: the same, with the same x and seeds.
        x: as `exponent`.
        select: as there.
        lam: as there.
        seed: as there.
        level: as there.

    Raises:
        ValueError: for other x or seeds in the second table, and as `exponent`.
    """
    for name in (x, seed):
        here, there = (sorted(rows[name].unique()) for rows in (table, other))
        if here != there:
            raise ValueError(f"a difference needs the same {name} in both, not {here} and {there}")
    (points, found, left_out), (_, others, others_out) = (
        _vertices(rows, x, select, lam, seed) for rows in (table, other)
    )
    weights = _slope_weights(points)
    gap = weights @ (left_out - others_out)
    return jackknife(float(weights @ (found - others)), gap, level)


def _vertices(
    table: pd.DataFrame, x: str, select: str, lam: str, seed: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each x, ``(X,)``, log lambda* there, and that without each seed in turn, ``(X, S)``."""
    points, found, left_out, seeds = [], [], [], {}
    for cell, group in cells(table, [x]):
        try:
            lams, losses = curves(group, select, lam, seed)
            best = lowest(losses)
            if best in (0, len(lams) - 1):
                raise ValueError(
                    f"the optimum is at the edge of its grid, {lam} = {lams[best]:.3g}: extend the "
                    "grid, or leave this cell out and report a bound"
                )
        except ValueError as error:
            raise ValueError(f"at {named(cell)}: {error}") from error
        seeds[named(cell)] = frozenset(group[seed])
        points.append(cell[x])
        found.append(vertex(np.log(lams), losses))
        left_out.append(vertices(np.log(lams), losses))
    if len(set(seeds.values())) > 1:
        listed = "; ".join(f"{sorted(group)} at {cell}" for cell, group in seeds.items())
        raise ValueError(f"an exponent needs the same seeds in every cell, not {listed}")
    if len(points) < 2 or not (np.array(points) > 0).all():
        raise ValueError(f"an exponent needs 2 or more {x} above 0, not {points}")
    return np.array(points, dtype=np.float64), np.array(found), np.array(left_out)


def _slope_weights(x: np.ndarray) -> np.ndarray:
    """Weights ``w`` for which ``w @ y`` is the least-squares slope of ``y`` in ``log x``."""
    centred = np.log(x) - np.log(x).mean()
    weights: np.ndarray = centred / np.square(centred).sum()
    return weights
