"""The bottom of a curve of loss against log lambda, and how surely it is one."""

import math

import numpy as np

from l2scale.lab.estimates.intervals import paired_interval

SPAN = math.log(2)  # how far from the lowest point the parabola reaches, at least two points


def lowest(losses: np.ndarray) -> int:
    """Return the place of the mean curve's lowest point, shape ``(S, K)``; the first of equals.

    Means that agree to seven decimals are equal: the order in which they were summed, and the
    digits that a file keeps, are not to choose a lambda.
    """
    return int(np.argmin(losses.mean(axis=0).round(7)))


def vertex(logs: np.ndarray, losses: np.ndarray) -> float:
    """Return log lambda at the vertex of the parabola about the mean curve's lowest point.

    Where the curve is lowest at an end, that end.

    Args:
        logs: log lambda, increasing, shape ``(K,)``, K at least 3.
        losses: finite losses, one row per seed, shape ``(S, K)``.
    """
    curve = losses.mean(axis=0)
    best = lowest(losses)
    if best in (0, len(logs) - 1):
        return float(logs[best])
    spacing = (logs[best + 1] - logs[best - 1]) / 2
    # Strengths are rounded, and must not lose the outermost points by it.
    for half in range(max(2, int(SPAN / spacing + 0.05)), 0, -1):
        points = min(2 * half + 1, len(logs))
        start = max(0, min(best - half, len(logs) - points))
        window = slice(start, start + points)
        found = _parabola(logs[window] - logs[best], curve[window] - curve[best])
        # A vertex far from the lowest point belongs to a valley that is no parabola.
        if abs(found) <= max(half / 2, 1) * spacing * (1 + 1e-9):
            return float(logs[best] + found)
    return float(logs[best])  # flat to rounding


def _parabola(u: np.ndarray, rise: np.ndarray) -> float:
    """Return the vertex of the least-squares parabola, or nan for points that are on none.

    Args:
        u: log lambda from the lowest point, which is not at an end.
        rise: loss above the lowest point's.
    """
    steepness = rise[u != 0] / np.square(u[u != 0])
    inner = np.abs(u[u != 0]) <= max(np.sort(np.abs(u))[2], 2 / 3 * np.abs(u).max()) + 1e-12
    # On a parabola no point rises faster with its squared distance than the inner ones do.
    if (steepness > 2 * steepness[inner].max()).any():
        return math.nan
    curvature, slope, _ = np.linalg.lstsq(np.vander(u, 3), rise, rcond=None)[0]
    return float(-slope / (2 * curvature)) if curvature > 0 else math.nan


def vertices(logs: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Return the vertex without each seed in turn, shape ``(S,)``; with a single seed, its own.

    Args:
        logs: log lambda, increasing, shape ``(K,)``, K at least 3.
        losses: finite losses, one row per seed, shape ``(S, K)``.
    """
    if len(losses) == 1:
        return np.array([vertex(logs, losses)])
    return np.array([vertex(logs, np.delete(losses, s, axis=0)) for s in range(len(losses))])


def worse_beyond_doubt(lams: np.ndarray, losses: np.ndarray, edge: int, level: float) -> float:
    """Return the lambda nearest a grid's edge that is surely worse than the edge, or nan.

    Its loss exceeds the edge's, with a paired t-interval over seeds above 0.

    Args:
        lams: increasing, shape ``(K,)``.
        losses: one row per seed, shape ``(S, K)``.
        edge: 0 or K - 1.
        level: of the interval.
    """
    inwards = range(1, len(lams)) if edge == 0 else range(len(lams) - 2, -1, -1)
    for other in inwards:
        if paired_interval(losses[:, other], losses[:, edge], level=level).low > 0:
            return float(lams[other])
    return math.nan
