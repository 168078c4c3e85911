"""Strengths of the size that a problem calls for, told without tuning.

A *yardstick* is a number in units of lambda that data and network fix: the best lambda is then a
share of it, and whether one share fits many problems is for measurements to say. Inputs are
standardised, the network has ReLU units and biases without penalty.

==========  ======================================================================================
constant    1: the same lambda everywhere
root_n      n^(-1/2), of the rate that thresholds cut off noise with
crush       where weights of zero become the optimum (`l2scale.theory.threshold`)
null        where they do if the targets are shuffled: what a network survives that has
            nothing to learn (Sardy et al. 2020 set a penalty so, for L1)
noise       the same for the noise alone, that is what a linear model leaves unexplained, shuffled
==========  ======================================================================================

The last two go as n^(-1/2) and grow with the number of inputs. `of_early_stopping` takes a trained
network instead (Roegnvaldsson 1998, doi 10.1007/3-540-49430-8_4).
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np

from l2scale.theory.response import check_samples, slopes, with_biases
from l2scale.theory.threshold import ascend

DRAWS = 3  # shufflings that are averaged
_DIRECTIONS, _RANDOM = 2, 2  # starts of an ascent
_UNCUT = 3.0  # bias of a start, in standard deviations of what the unit sees
_SHORT, _LONG, _CLOSE = 6, 60, 1e-6  # iterations from each of them, then from the best; its end
_RIDGES = np.logspace(-4, 2, 13)  # per sample, beside standardised inputs


def root_n(x: np.ndarray, y: np.ndarray, task: str, seed: int = 0) -> float:
    """Return ``n^(-1/2)``; arguments as `crush`, of which only the number of rows matters."""
    return float(len(x) ** -0.5)


def crush(x: np.ndarray, y: np.ndarray, task: str, seed: int = 0) -> float:
    """Return the strength from which zero weights are the optimum, at outputs free to shift.

    As `l2scale.theory.threshold.threshold` with biases, from few and good starts: never above
    it, and rarely far below.

    Args:
        x: training inputs, standardised, ``(n, d)``.
        y: training targets, see `l2scale.theory.response.slopes`; regression: standardised.
        task: one of `l2scale.theory.response.TASKS`.
        seed: of the directions.

    Raises:
        ValueError: as `l2scale.theory.response.slopes` and `check_samples`.
    """
    return pull(x, slopes(y, task), seed) / 2


def null(x: np.ndarray, y: np.ndarray, task: str, seed: int = 0) -> float:
    """Return the mean of `crush` over targets shuffled among the samples; arguments as there."""
    return _shuffled(x, slopes(y, task), seed)


def noise(x: np.ndarray, y: np.ndarray, task: str, seed: int = 0) -> float:
    """Return `null` for what ridge regression leaves unexplained; arguments as `crush`.

    The residuals are those of samples left out, at the ridge with the smallest ones. Classes are
    regressed on by their indicators, whose slopes are the residuals themselves.
    """
    return _shuffled(x, unexplained(x, slopes(y, task)), seed)


def pull(x: np.ndarray, g: np.ndarray, seed: int = 0) -> float:
    """Return M, the largest response to a unit with a free bias, from few and good starts.

    They are both signs of the leading directions of linear units, with a bias that cuts nearly no
    sample off and without one, and random ones. Uncut, the first has what a linear unit has at
    most, ``||(1/n) sum_i g_i x_i'||`` for centred slopes, so no less is returned.

    Args:
        x: inputs, ``(n, d)``.
        g: slopes, ``(n, k)``.
        seed: of the random directions.

    Raises:
        ValueError: as `l2scale.theory.response.check_samples`.
    """
    x, g = with_biases(x, g)
    inputs = x[:, :-1]
    _, sizes, right = np.linalg.svd(g.T @ inputs / len(x), full_matrices=False)
    drawn = np.random.default_rng(seed).standard_normal((_RANDOM, inputs.shape[1]))
    leading = right[:_DIRECTIONS]
    units = np.concatenate([leading, -leading])
    spread = np.linalg.norm(inputs @ units.T, axis=0) / np.sqrt(len(x))
    starts = [(units, _UNCUT * spread), (units, 0 * spread), (drawn, np.zeros(_RANDOM))]
    tried = np.concatenate([np.column_stack(start) for start in starts])
    found, values = ascend(x, g, tried, free=1, iterations=_SHORT, tolerance=_CLOSE)
    best = found[[int(values.argmax())]]
    top = ascend(x, g, best, free=1, iterations=_LONG, tolerance=_CLOSE)[1][0]
    return float(max(top, sizes[0]))


def unexplained(x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return residuals ``(n, k)`` of ridge regression of g on x, each of a sample left out.

    In closed form: a residual over 1 less the sample's leverage. Of 13 ridges the one with the
    smallest residuals is taken.

    Raises:
        ValueError: as `l2scale.theory.response.check_samples`.
    """
    x, g = check_samples(x, g)
    g = g - g.mean(axis=0)
    u, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    along, ways = u.T @ g, np.square(u)

    def left_out(ridge: float) -> np.ndarray:
        kept = np.square(s) / (np.square(s) + ridge * len(x))
        leverage = np.minimum(1 / len(x) + ways @ kept, 1 - 1e-9)
        found: np.ndarray = (g - u @ (kept[:, np.newaxis] * along)) / (1 - leverage)[:, np.newaxis]
        return found

    return min(map(left_out, _RIDGES), key=lambda residuals: float(np.square(residuals).sum()))


def of_early_stopping(weights: Iterable[np.ndarray], gradients: Iterable[np.ndarray]) -> float:
    """Return ``||gradient of the data loss|| / (2 ||weights||)`` (Roegnvaldsson 1998).

    It is the lambda at which the penalty's force is as large as the data's, where training without
    a penalty was best on held-out data.

    Args:
        weights: penalised tensors, biases left out, at the best point.
        gradients: of the mean training loss there, of the same shapes.

    Raises:
        ValueError: for shapes that differ, no weights or weights of zero, or what is not finite.
    """
    pairs = [(np.asarray(w), np.asarray(g)) for w, g in zip(weights, gradients, strict=True)]
    for w, g in pairs:
        if w.shape != g.shape:
            raise ValueError(f"weights {w.shape} have a gradient of shape {g.shape}: give its own")
    size, force = (
        np.sqrt(sum(float(np.square(pair[i], dtype=np.float64).sum()) for pair in pairs))
        for i in (0, 1)
    )
    if not (np.isfinite([size, force]).all() and size > 0):
        raise ValueError(f"weights of norm {size} with a gradient of norm {force} have no ratio")
    return float(force / (2 * size))


def _shuffled(x: np.ndarray, g: np.ndarray, seed: int) -> float:
    rng = np.random.default_rng(seed)
    pulls = [pull(x, g[rng.permutation(len(g))], seed) for _ in range(DRAWS)]
    return float(np.mean(pulls)) / 2


Yardstick = Callable[[np.ndarray, np.ndarray, str], float]

YARDSTICKS: Mapping[str, Yardstick] = MappingProxyType(
    {
        "constant": lambda x, y, task: 1.0,
        "root_n": root_n,
        "crush": crush,
        "null": null,
        "noise": noise,
    }
)
"""Every yardstick that the data alone tell, by name."""
