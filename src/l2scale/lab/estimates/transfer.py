"""What happens to a tuned lambda at another size: its exponent, step by step, and what it costs.

All tables have one row per size, lambda and seed, see `l2scale.lab.estimates.optimal_lambda`. A
size is any column of numbers above 0, such as `width` or `depth`.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pandas as pd

from l2scale.lab.estimates.exponents import exponent
from l2scale.lab.estimates.intervals import Interval, paired_interval
from l2scale.lab.estimates.optimal_lambda import optima


def exponents(
    table: pd.DataFrame, by: Sequence[str], x: str = "width", select: str = "val_loss"
) -> pd.DataFrame:
    """Return the exponent of lambda* in `x` of every cell of a table.

    Returns:
        One row per cell: the columns `by`; exponent, low, high (nan where some optimum is at its
        grid's edge); `edges`, which says at which sizes, as in "low at 256", or "".

    Raises:
        ValueError: as `l2scale.lab.estimates.exponents.exponent` for all but edges.
    """
    rows = []
    for key, group in table.groupby(list(by), sort=False, observed=True):
        rows.append(dict(zip(by, key, strict=True)) | _exponent(group, x, select))
    return pd.DataFrame(rows)


def local_exponents(
    table: pd.DataFrame, x: str = "width", select: str = "val_loss"
) -> pd.DataFrame:
    """Return the exponent of lambda* between each size and the next.

    Returns:
        One row per pair of neighbours: x_low, x_high, `x` (their geometric mean), and the columns
        of `exponents`.

    Raises:
        ValueError: for fewer than 2 sizes, and as `exponents`.
    """
    sizes = sorted(table[x].unique())
    if len(sizes) < 2:
        raise ValueError(f"a local exponent needs 2 or more {x}, not {sizes}")
    rows = []
    for low, high in pairwise(sizes):
        found = _exponent(table[table[x].isin((low, high))], x, select)
        rows.append({"x_low": low, "x_high": high, x: math.sqrt(low * high)} | found)
    return pd.DataFrame(rows)


def transfer_regret(
    table: pd.DataFrame,
    x: str = "width",
    select: str = "val_loss",
    report: str = "test_loss",
    exponent: float = 0.0,
) -> pd.DataFrame:
    """Return what it costs to carry the lambda that was best at the smallest size x0.

    The lambda carried is (x / x0)^exponent times that: by default it is kept. It and the one found
    anew at each size are the grid's with the least mean of `select`. The excess is their difference
    in `report`, seed by seed; its interval takes the two lambdas as given.

    Returns:
        One row per size: `x`; kept, own (lambdas); excess, low, high (nan where the lambda carried
        is not in the size's grid); `level`, the mean of `report` at the own lambda; ratio,
        ratio_low, ratio_high (geometric mean of the quotients, nan there too, and where some
        network's `report` is not above 0); `edge` of the own optimum.

    Raises:
        ValueError: as `optima`.
    """
    best = optima(table, [x], select=select, report=report)
    rows = []
    for found in best.itertuples():
        size = getattr(found, x)
        by_lam = table[table[x] == size].pivot(index="seed", columns="lam", values=report)
        wanted = float(best["at"].iloc[0]) * (size / best[x].iloc[0]) ** exponent
        kept, own = on_grid(by_lam.columns, wanted), by_lam[found.at]
        excess = ratio = Interval(math.nan, math.nan, math.nan, n=len(own))
        if kept is not None:
            excess, ratio = paired_interval(by_lam[kept], own), _quotient(by_lam[kept], own)
        rows.append(
            {x: size, "kept": kept or wanted, "own": found.at, "edge": found.edge}
            | {"excess": excess.estimate, "low": excess.low, "high": excess.high}
            | {"level": float(own.mean())}
            | {"ratio": ratio.estimate, "ratio_low": ratio.low, "ratio_high": ratio.high}
        )
    return pd.DataFrame(rows)


def _quotient(kept: pd.Series, own: pd.Series) -> Interval:
    """The geometric mean of the quotients; nan where one does not exist or is 0, as of errors."""
    if min(kept.min(), own.min()) > 0:
        return paired_interval(kept, own, ratio=True)
    return Interval(math.nan, math.nan, math.nan, n=len(own))


def on_grid(lams: Iterable[float], wanted: float) -> float | None:
    """The lambda among `lams` that is the one wanted, up to how six digits round; None without."""
    return next((float(lam) for lam in lams if math.isclose(lam, wanted, rel_tol=2e-5)), None)


def _exponent(table: pd.DataFrame, x: str, select: str) -> dict[str, float | str]:
    best = optima(table, [x], select=select)
    edges = best.dropna(subset="edge")
    if len(edges):
        listed = ", ".join(f"{row['edge']} at {row[x]:g}" for _, row in edges.iterrows())
        return {"exponent": math.nan, "low": math.nan, "high": math.nan, "edges": listed}
    found = exponent(table, x, select=select)
    return {"exponent": found.estimate, "low": found.low, "high": found.high, "edges": ""}
