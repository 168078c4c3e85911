"""What chapters share: the noisy digits, grids for the best lambda, choices of rows and rules."""

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd

from l2scale.catalogue.tables import Table
from l2scale.catalogue.text import cell_value
from l2scale.lab.estimates.intervals import Interval, mean_interval
from l2scale.lab.training.networks import layer_shapes
from l2scale.lab.training.runs import Run
from l2scale.theory.penalties import coefficients, effective_lambda

Numbers: TypeAlias = np.ndarray | pd.Series
INPUTS, OUTPUTS = 64, 10
DIGITS = Run(data="digits", n_train=300, label_noise=0.2, lr=0.1, batch_size=32)
CRITERIA = {"loss": ("val_loss", "test_loss"), "error": ("val_error", "test_error")}
"""What chooses lambda, on validation data, and what is then reported, on test data."""

AT_EDGE = {"low": "at most", "high": "at least"}
"""What an optimum at an end of its grid is, by its edge."""

NOTHING = Interval(math.nan, math.nan, math.nan, n=0)
"""What is known of what was not measured."""


def effective(penalty: str, width: int, depth: int) -> float:
    """The geometric mean of the coefficients of a network 64-H-...-H-10."""
    shapes = layer_shapes(INPUTS, (width,) * (depth - 1), OUTPUTS)
    return effective_lambda(1.0, coefficients(penalty, shapes))


def funnel_layers(k: int) -> tuple[int, int]:
    """Hidden layers of 11 k and 3 k units."""
    return 11 * k, 3 * k


def doublings(low: float, high: float, per: int) -> list[float]:
    """Powers of 2 from 2^low to 2^high, `per` to a doubling, rounded so that they match."""
    return [tidy(2 ** (low + i / per)) for i in range(round((high - low) * per) + 1)]


def tidy(lam: float) -> float:
    """Six significant digits: two ways to the same strength give the same number."""
    return float(f"{lam:.6g}")


def at_end(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last step."""
    return rows[rows["step"] == rows["step"].max()]


def widest(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The rows at the largest width of each value in the column `by`."""
    return rows[rows["width"] == rows.groupby(by)["width"].transform("max")]


def yes(truths: pd.Series) -> pd.Series:
    """Truths as the keys of an address have them: "yes" and "no"."""
    return truths.map({True: "yes", False: "no"})


def bounded(found: Interval, name: str = "", *, main: str = "estimate") -> dict[str, float]:
    """An estimate as cells of a row: x, x_low and x_high; without a name `main`, low and high."""
    low, high = (f"{name}_{end}".lstrip("_") for end in ("low", "high"))
    return {name or main: found.estimate, low: found.low, high: found.high}


def estimates(
    rows: pd.DataFrame, by: list[str], of: Callable[[pd.DataFrame], Interval], main: str
) -> pd.DataFrame:
    """One row per cell of the columns `by`, with what `of` makes of its rows.

    Returns:
        The columns `by`; `main`, low, high; seeds.
    """
    cells = [(key, of(cell)) for key, cell in rows.groupby(by, sort=False)]
    return pd.DataFrame(
        dict(zip(by, key, strict=True)) | bounded(found, main=main) | {"seeds": found.n}
        for key, found in cells
    )


def means(rows: pd.DataFrame, by: list[str], main: str, *others: str) -> pd.DataFrame:
    """One row per cell of the columns `by`, with means of columns over its networks.

    Returns:
        The columns `by`; `main`, low, high; seeds; each other x with x_low and x_high. Of a column
        of which a cell has no number all are nan.

    Raises:
        ValueError: a cell has some numbers of a column and lacks others.
    """
    found = estimates(rows, by, lambda cell: _mean(cell[main]), main)
    for x in others:
        of_x = [bounded(_mean(cell[x]), x) for _, cell in rows.groupby(by, sort=False)]
        found = found.join(pd.DataFrame(of_x))
    return found


def valleys(rows: pd.DataFrame, by: list[str], main: str, *others: str) -> pd.DataFrame:
    """Means of held-out metrics against lambda, as `means`, one row per cell of `by` and lambda.

    A cell in which a network diverged has no mean, and `note` says so.
    """
    cells, columns = [*by, "lam"], [main, *others]
    order = rows.sort_values(cells, kind="stable")
    whole = order[columns].notna().groupby([order[name] for name in cells]).transform("all")
    found = means(order.assign(**order[columns].where(whole)), cells, main, *others)
    return found.assign(note=np.where(found[main].isna(), "diverged", ""))


def _mean(values: pd.Series) -> Interval:
    return NOTHING if values.isna().all() else mean_interval(values)


def balancing_lambda(rows: pd.DataFrame) -> pd.Series:
    """The lambda whose force is as large as the data's on each network's weights.

    Roegnvaldsson's, where training without a penalty is best on held-out data; of the lab's columns
    `data_force_i` and `sq_norm_i` of the layers, as `l2scale.theory.yardsticks.of_early_stopping`.
    """
    force, square = (
        (rows.filter(regex=rf"^{stem}_\d+$") ** power).sum(axis=1, skipna=False)
        for stem, power in (("data_force", 2), ("sq_norm", 1))
    )
    found: pd.Series = np.sqrt(force / square) / 2
    return found


def dividing(rows: pd.DataFrame) -> float:
    """The exponent in width of a lambda that is divided by the number of weights."""
    sizes = rows.drop_duplicates("width")
    return -float(np.polyfit(np.log(sizes["width"]), np.log(sizes["weights"]), 1)[0])


def batch_square(
    full: Numbers, one: Numbers, size: Numbers | int, samples: Numbers | int
) -> Numbers:
    """The mean squared norm of the gradient of a batch, drawn without replacement.

    It is g^2 + (s^2 - g^2)/B (n - B)/(n - 1): the samples' variance over the batch size, times the
    correction for a finite population, which leaves a full batch no noise.

    Args:
        full: g^2, the squared norm of the mean gradient of all samples.
        one: s^2, the mean over samples of the squared norm of one sample's gradient.
        size: B, how many samples a batch has.
        samples: n, how many there are.
    """
    return full + (one - full) / size * (samples - size) / (samples - 1)


def outcome_of(truth: bool) -> str:
    """The outcome of a prediction that is no matter of a value and its interval."""
    return "held" if truth else "failed"


def rule_below(address: str, limit: float) -> Callable[[Mapping[str, Table]], str]:
    """The rule that the number at an address has to be below a limit."""
    return lambda tables: outcome_of(float(cell_value(tables, address)) < limit)
