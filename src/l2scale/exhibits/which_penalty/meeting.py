"""Where the widths of the sum have met, and what that bounds: estimates of two figures."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result, once
from l2scale.exhibits.which_penalty.typed import CRITERIA
from l2scale.lab.estimates import mean_interval, optima

MINIMUM = "minimum"
MET = 0.01  # widths whose least costs differ by no more than this share have met


def sums(result: Result) -> dict[str, pd.DataFrame]:
    """The sum's rows on digits with two layers: by number of steps, and at minima."""
    table = result["penalties"].table
    plain_sum = table[table["penalty"] == "sum"]
    by_step = {f"{step:,} steps": rows for step, rows in plain_sum.groupby("step")}
    return by_step | {MINIMUM: result["minima"].table}


@once
def meeting_table(result: Result) -> pd.DataFrame:
    """Per horizon, width and lambda: validation loss and error, cost, and where the optima are.

    `imbalance` is the largest over seeds of the units' imbalance, which is 0 at a minimum;
    `over_widest` is the mean cost over that of the widest network at the same lambda, less 1;
    `best_loss` and `best_error` are the lambda* of the width by the two criteria.
    """
    parts = []
    for when, rows in sums(result).items():
        cells = rows.groupby(["width", "lam"])["val_loss"]
        table = cells.apply(mean_interval).reset_index(name="interval")
        cost = rows.groupby(["width", "lam"])["cost"].mean()
        table["cost"] = cost.to_numpy()
        for reported in ("test_loss", "test_error"):
            table[reported] = rows.groupby(["width", "lam"])[reported].mean().to_numpy()
        table["imbalance"] = rows.groupby(["width", "lam"])["unit_imbalance_1"].max().to_numpy()
        widest = cost.loc[table["width"].max()]
        table["over_widest"] = table["cost"] / table["lam"].map(widest) - 1
        for column in ("estimate", "low", "high"):
            table[column] = [getattr(found, column) for found in table["interval"]]
        for criterion, (select, _) in CRITERIA.items():
            best = optima(rows, ["width"], select=select).set_index("width")
            table[f"best_{criterion}"] = table["width"].map(best["lam"])
            table[f"edge_{criterion}"] = table["width"].map(best["edge"].fillna("none"))
        parts.append(table.drop(columns="interval").assign(when=when))
    return pd.concat(parts, ignore_index=True)


def at(table: pd.DataFrame, when: str) -> pd.DataFrame:
    """The rows of one horizon."""
    return table[table["when"] == when]


def best(table: pd.DataFrame, when: str, criterion: str, width: int | None = None) -> float:
    """lambda* of a width, by default the widest."""
    rows = at(table, when)
    width = width or rows["width"].max()
    return float(rows.loc[rows["width"] == width, f"best_{criterion}"].iloc[0])


def near(table: pd.DataFrame, when: str, lam: float) -> pd.DataFrame:
    """The rows of one horizon, by width, at the strength of its grid that is nearest to `lam`."""
    rows = at(table, when)
    nearest = min(rows["lam"].unique(), key=lambda other: abs(np.log(other / lam)))
    return rows[rows["lam"] == nearest].sort_values("width")


def met(table: pd.DataFrame, lam: float, share: float = MET) -> int:
    """The narrowest width from which on the least cost is within a share of the widest's."""
    found = near(table, MINIMUM, lam).iloc[::-1]
    below = (found["over_widest"].abs() <= share).cummin()
    return int(found.loc[below, "width"].min())


def met_at_best(table: pd.DataFrame, criterion: str) -> int:
    """The width at which costs have met at the widest network's lambda* at minima."""
    return met(table, best(table, MINIMUM, criterion))


def meetings(table: pd.DataFrame) -> pd.Series:
    """The width at which costs have met at minima, by strength."""
    lams = sorted(at(table, MINIMUM)["lam"].unique())
    return pd.Series({lam: met(table, lam) for lam in lams})


def all_met(table: pd.DataFrame) -> float | None:
    """The least strength from which on the costs of all widths have met, if there is one."""
    later = meetings(table).iloc[::-1].cummax()
    found = later[later == at(table, MINIMUM)["width"].min()]
    return float(found.index.min()) if len(found) else None


def gap(table: pd.DataFrame, when: str, lam: float) -> float:
    """Validation loss of the narrowest over that of the widest, less 1, near one strength."""
    by_width = near(table, when, lam)["estimate"]
    return float(by_width.iloc[0] / by_width.iloc[-1] - 1)


def largest_rise(table: pd.DataFrame) -> float:
    """By what share the cost at minima rises at most from a width to the next, where none should.

    Mean over seeds, at one strength; 0 where it never rises.
    """
    cost = at(table, MINIMUM).pivot(index="lam", columns="width", values="cost")
    return max(float((cost / cost.shift(axis=1) - 1).max(axis=None)), 0.0)


def carrying(table: pd.DataFrame, when: str) -> dict[str, float]:
    """What the widest network pays in validation loss for the narrowest's lambda, and the bound.

    `own` and `kept` are by how much the loss falls from the narrowest to the widest network at the
    widest's and at the narrowest's grid optimum; `excess` is at most `own` - `kept`.
    """
    loss = at(table, when).pivot(index="lam", columns="width", values="estimate")
    narrow, wide = loss[loss.columns.min()], loss[loss.columns.max()]
    kept, own, fall = narrow.idxmin(), wide.idxmin(), narrow - wide
    excess = wide[kept] - wide[own]
    return {"own": fall[own], "kept": fall[kept], "excess": excess, "bound": fall[own] - fall[kept]}
