"""What a lambda costs that is tuned at one size and carried to another, as chapters print it."""

from typing import Any

import numpy as np
import pandas as pd

from l2scale.exhibits.shared import CRITERIA
from l2scale.lab.estimates.transfer import transfer_regret

SHARES = ["excess", "low", "high"]


def relative_regret(
    rows: pd.DataFrame, select: str, report: str, x: str = "width", exponent: float = 0.0
) -> pd.DataFrame:
    """`transfer_regret` as a share of what the best choice reaches.

    Args:
        rows: one row per size, lambda and seed.
        select: the column by which lambda is chosen, on validation data.
        report: the column in which the cost is told, on test data.
        x: the column of the size.
        exponent: that in `x` with which lambda is carried; 0 keeps it.

    Returns:
        Its columns, with excess, low and high as shares; `reached`, the mean of `report` at the
        lambda that is carried, beside `level`, that at the one found anew; and `note`, which says
        where the two lambdas are one, where the cost is a lower bound because the best lambda lies
        at the edge of its grid, and where the lambda carried is not on the grid.
    """
    found = transfer_regret(rows, x=x, select=select, report=report, exponent=exponent)
    found[SHARES] = found[SHARES].div(found["level"], axis=0)
    found["reached"] = found["level"] * (1 + found["excess"])
    return found.assign(note=[regret_note(row) for _, row in found.iterrows()])


def by_criteria(rows: pd.DataFrame, **how: Any) -> pd.DataFrame:
    """`relative_regret` with lambda chosen by loss and by error, in the column `criterion`."""
    found = [
        relative_regret(rows, select, report, **how).assign(criterion=criterion)
        for criterion, (select, report) in CRITERIA.items()
    ]
    return pd.concat(found, ignore_index=True)


def regret_note(row: pd.Series) -> str:
    """What a cost must be read with."""
    if pd.isna(row["excess"]):
        return "not on the grid"
    if row["kept"] == row["own"]:
        return "the same λ"
    return "" if pd.isna(row["edge"]) else "at least"


def edge_note(edges: pd.Series) -> pd.Series:
    """Why there is no exponent, by the `edges` of `l2scale.lab.estimates.transfer.exponents`."""
    return edges.map(lambda where: f"the best λ lies at the edge: {where}" if where else "")


def grid_step(strengths: pd.Series) -> float:
    """The largest factor from one strength of a grid to the next: what a tie on it leaves open."""
    return float(np.exp(np.diff(np.log(np.sort(strengths.unique()))).max()))
