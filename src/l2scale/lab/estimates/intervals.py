"""An estimate between two bounds, and the ways to get one from a number per seed."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


@dataclass(frozen=True)
class Interval:
    """An estimate between two bounds; nan stands for a bound that the data do not give.

    Printed as "1.23 [1.10, 1.36]", an unknown bound as "?", each number by the format given.

    Attributes:
        estimate: the point estimate.
        low: lower bound.
        high: upper bound.
        n: seeds behind it.
        level: how often such intervals hold the truth, 0.95 by default.
    """

    estimate: float
    low: float
    high: float
    n: int
    level: float = 0.95

    def __contains__(self, number: float) -> bool:
        """Tell whether no bound excludes the number. An unknown bound excludes none."""
        return not (number < self.low or number > self.high)

    def __format__(self, spec: str) -> str:
        """Format all three numbers by ``spec``, ".3g" when it is empty."""
        low, high = (
            "?" if math.isnan(bound) else format(bound, spec or ".3g")
            for bound in (self.low, self.high)
        )
        return f"{format(self.estimate, spec or '.3g')} [{low}, {high}]"

    def __str__(self) -> str:
        return format(self, "")


def mean_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean with Student's t interval. One value has a mean and nan for bounds.

    Args:
        values: one number per seed, shape ``(S,)``.
        level: between 0 and 1.

    Raises:
        ValueError: for no value, a value that is not finite, or a level out of range.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or len(array) == 0:
        raise ValueError(f"an interval needs one number per seed, not shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"an interval needs finite numbers, not {array.tolist()}: drop diverged")
    error = array.std(ddof=1) / math.sqrt(len(array)) if len(array) > 1 else math.nan
    return _student(float(array.mean()), float(error), len(array), level)


def paired_interval(
    a: ArrayLike, b: ArrayLike, *, ratio: bool = False, level: float = 0.95
) -> Interval:
    """Return the mean of ``a - b`` over seeds, or with ``ratio`` the geometric mean of ``a / b``.

    Args:
        a: one number per seed, shape ``(S,)``; above 0 for a ratio.
        b: the same seeds in the same order.
        ratio: compare by ratio.
        level: between 0 and 1.

    Raises:
        ValueError: for different lengths, a ratio of numbers not above 0, and as `mean_interval`.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"pairs need as many numbers in a as in b, not {a.shape} and {b.shape}")
    if not ratio:
        return mean_interval(a - b, level)
    if not ((a > 0) & (b > 0)).all():
        raise ValueError("a ratio needs numbers above 0: compare by difference instead")
    return exponential(mean_interval(np.log(a) - np.log(b), level))


def jackknife(estimate: float, left_out: np.ndarray, level: float = 0.95) -> Interval:
    """Return an estimate with its delete-one jackknife interval (Student's t, S - 1 degrees).

    Args:
        estimate: from all S seeds.
        left_out: the estimate without each seed in turn, shape ``(S,)``; with a single seed
            there is none without it, so any one value, and the bounds are nan.
        level: between 0 and 1.

    Raises:
        ValueError: for a level out of range.
    """
    n = len(left_out)
    spread = np.square(left_out - np.mean(left_out)).sum() if n > 1 else math.nan
    return _student(estimate, math.sqrt((n - 1) / n * spread), n, level)


def exponential(interval: Interval) -> Interval:
    """Return an interval of a logarithm as one of the number itself."""
    return replace(
        interval,
        estimate=math.exp(interval.estimate),
        low=math.exp(interval.low),
        high=math.exp(interval.high),
    )


def _student(estimate: float, error: float, n: int, level: float) -> Interval:
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, and is {level!r}")
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * error if n > 1 else math.nan
    return Interval(estimate, estimate - half, estimate + half, n, level)
