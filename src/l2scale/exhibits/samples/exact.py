"""What was computed of ridge: how near its best lambda is, its risks, and a negative optimum."""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.shared import bounded, estimates, means
from l2scale.lab.estimates.intervals import Interval, mean_interval, paired_interval


def missed(draws: pd.DataFrame) -> pd.DataFrame:
    """Per n and p: measured over `predicted` lambda less 1, over blocks; few `per_input` first."""
    rows = draws.assign(
        estimate=draws["lam"] / draws["predicted"] - 1, per_input=draws["n"] / draws["p"]
    )
    found = means(rows, ["n", "p", "predicted", "per_input"], "estimate")
    found = found.sort_values(["per_input", "p"], ignore_index=True)
    return found.assign(distance=found["estimate"].abs())


@table(source="ridge_pairs")
def pairs(result: Result) -> pd.DataFrame:
    """`missed` of all draws; `distance` is without its sign."""
    return missed(result["ridge_pairs"].table)


def mean_risks(draws: pd.DataFrame) -> pd.DataFrame:
    """Per rule and n: mean risk over draws, its median, and the `floor` of the lambda kept.

    Without a penalty the mean is infinite around n = p, or nearly so. The floor is what the lambda
    kept costs without any noise, lam^2 / (1 + lam)^2 at ||beta|| = 1.
    """
    rows = []
    for (rule, n), block in draws.groupby(["rule", "n"], sort=False):
        lam, risk = block["lam"].iloc[0], block["risk"]
        row = {"rule": rule, "n": n, "lam": lam, "floor": (lam / (1 + lam)) ** 2}
        rows.append(row | {"median": risk.median()} | bounded(mean_interval(risk)))
    return pd.DataFrame(rows)


@table(source="ridge_risk")
def risks(result: Result) -> pd.DataFrame:
    """`mean_risks` of all draws."""
    return mean_risks(result["ridge_risk"].table)


@table(source="ridge_risk")
def falls(result: Result) -> pd.DataFrame:
    """Per rule: by how much the risk is lower at the `last` n than `before`, paired by draw."""
    draws = result["ridge_risk"].table
    before, last = sorted(draws["n"].unique())[-2:]

    def fall(block: pd.DataFrame) -> Interval:
        at = block.pivot(index="seed", columns="n", values="risk")
        return paired_interval(at[before], at[last])

    return estimates(draws, ["rule"], fall, "estimate").assign(before=before, last=last)


def best_lambda_of(draws: pd.DataFrame) -> float:
    """The lambda of the grid with the least mean risk."""
    return float(draws.groupby("lam")["risk"].mean().idxmin())


@table(source="ridge_spike")
def spike(result: Result) -> pd.DataFrame:
    """`gained` of all draws."""
    return gained(result["ridge_spike"].table)


def gained(draws: pd.DataFrame) -> pd.DataFrame:
    """One row: the best lambda of the grid, and what it gains over the best from 0 up.

    `share` is the gain over the risk there; `from` and `to` are the ends of the grid.
    """
    at = draws.pivot(index="seed", columns="lam", values="risk")
    best, positive = best_lambda_of(draws), best_lambda_of(draws[draws["lam"] >= 0])
    gain = paired_interval(at[positive], at[best])
    row = {"best": best, "from": draws["lam"].min(), "to": draws["lam"].max()} | bounded(gain)
    row |= {"sign": "negative" if best < 0 else "positive"}
    return pd.DataFrame([row | {"share": gain.estimate / at[positive].mean()}])
