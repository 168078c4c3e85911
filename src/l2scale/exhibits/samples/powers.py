"""How the best lambda goes with samples and with noise, and its share of the noise's yardstick."""

import math
from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.predictions import excludes, outcome, outcomes
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.samples import yardstick
from l2scale.exhibits.samples.tasks import CELLS, TASKS, rows_of_networks
from l2scale.exhibits.shared import bounded, yes
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.estimates.intervals import mean_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents

ENDS = {"all": slice(None), "first": slice(2), "last": slice(-2, None)}
"""Which numbers of samples an exponent is over."""
PREDICTED: dict[str, Any] = {
    "yardstick": (-0.5,),
    "share": (0.0,),
    "sigma": (1.0, 2.0),
    "one noise": (0.0,),
}
"""The value or the range of each exponent of `scalings`."""
NOISE = ("digits", "teacher", "line", "noise", "yardstick")


def fits(rows: pd.DataFrame, select: str) -> pd.DataFrame:
    """The exponent of lambda* in n over all n, the first two and the last two."""
    sizes = sorted(rows["n_train"].unique())
    parts = [rows[rows["n_train"].isin(sizes[of])].assign(end=end) for end, of in ENDS.items()]
    found = exponents(pd.concat(parts), ["end"], "n_train", select)
    return found.assign(note=edge_note(found["edges"]))


@table(source=tuple(TASKS), main="exponent")
def powers(result: Result) -> pd.DataFrame:
    """Per task, metric and `end` of ENDS: the exponent of lambda* in n, and that `predicted`.

    `edges` and `note` say where there is none, `words` what the task is called.
    """
    parts = [
        fits(rows_of_networks(result, name), f"val_{metric}").assign(task=name, metric=metric)
        for name, metric in CELLS
    ]
    rows = pd.concat(parts, ignore_index=True)
    tasks = rows["task"].map(TASKS)
    return rows.assign(
        words=[task.words for task in tasks], predicted=[task.predicted for task in tasks]
    )


@table(source=("logistic", "digits", "sgd"), main="exponent")
def right(result: Result) -> pd.DataFrame:
    """The same by loss on right labels, for tasks that have labels, and the outcome."""
    parts = [
        fits(result[name].table, "val_loss").assign(task=name, predicted=task.predicted)
        for name, task in TASKS.items()
        if task.labels
    ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(outcome=outcomes(rows, "exponent", rows["predicted"]))


@table(source=tuple(TASKS), main="exponent")
def laws(result: Result) -> pd.DataFrame:
    """Per task and metric: the exponent over all n, none if it bends, and the outcome."""
    rows = []
    for (name, metric), ends in powers(result).groupby(["task", "metric"], sort=False):
        about = {"task": name, "metric": metric, "labels": TASKS[name].labels}
        rows.append(
            about | {"hidden": TASKS[name].hidden} | law(*(row for _, row in ends.iterrows()))
        )
    found = pd.DataFrame(rows)
    return found.assign(labels=yes(found["labels"]), hidden=yes(found["hidden"]))


def law(whole: pd.Series, first: pd.Series, last: pd.Series) -> dict[str, float | str]:
    """An exponent over all n, and whether those at both ends allow one power.

    It bends if the ends have intervals that do not meet, or if both exclude what was predicted and
    the whole does not: then there is no exponent to judge.
    """
    value = whole["predicted"]
    row = whole[["exponent", "low", "high", "predicted"]].to_dict()
    judged = outcome(whole, value, column="exponent")
    apart = first["high"] < last["low"] or last["high"] < first["low"]
    missed = all(excludes(end, value, "exponent") for end in (first, last))
    if judged == "held" and (apart or missed):
        return row | {"exponent": math.nan, "outcome": "bends"}
    return row | {"outcome": f"{judged}, and bends" if judged == "failed" and apart else judged}


@table(source=tuple(TASKS), main="exponent")
def best(result: Result) -> pd.DataFrame:
    """Per task, metric and n: lambda*, and its `powers`, with `_first` and `_last` for the ends."""
    wide = powers(result).pivot(
        index=["task", "metric"], columns="end", values=["exponent", "low", "high", "edges"]
    )
    wide.columns = [name if end == "all" else f"{name}_{end}" for name, end in wide.columns]
    parts = [
        optima(rows_of_networks(result, name), ["n_train"], f"val_{metric}").assign(
            task=name, metric=metric
        )
        for name, metric in CELLS
    ]
    rows = pd.concat(parts, ignore_index=True).rename(columns={"n_train": "n"})
    rows = rows[["task", "metric", "n", "lam", "lam_low", "lam_high", "edge", "seeds"]]
    return rows.merge(wide.infer_objects().reset_index(), on=["task", "metric"])


@table(source=("logistic", "digits", "sgd"), main="gap")
def gaps(result: Result) -> pd.DataFrame:
    """Per task with labels: lambda* by error over that by loss, at the most samples."""
    rows = best(result)
    last = rows[rows["n"] == rows.groupby("task")["n"].transform("max")]
    lams = last.pivot(index="task", columns="metric", values="lam").dropna()
    return (lams["error"] / lams["loss"]).rename("gap").reset_index()


@table(source=NOISE, main="exponent")
def shares(result: Result) -> pd.DataFrame:
    """Two parts: lambda* over the yardstick by task and n, and lambda* by task and sigma.

    Columns: part ("samples" or "noise"), task, x (n or sigma), value, value_low, value_high, edge,
    and exponent, low, high, edges (of lambda* in sigma, by task). Bounds of a quotient of two that
    share no networks: their logarithms' half-widths add as squares.
    """
    rows = []
    for task in yardstick.TASKS:
        best = optima(rows_of_networks(result, task), ["n_train"]).set_index("n_train")
        sticks = result["yardstick"].table.query("task == @task").groupby("n_train")["crush"]
        for n, crush in sticks:
            lam, log = best.loc[n], mean_interval(np.log(crush))
            half = math.hypot(math.log(lam["lam_high"] / lam["lam_low"]), log.high - log.low) / 2
            value = lam["lam"] / math.exp(log.estimate)
            ends = {"value_low": value / math.exp(half), "value_high": value * math.exp(half)}
            about = {"part": "samples", "task": task, "x": float(n), "edge": lam["edge"]}
            rows.append(about | {"value": value} | ends)
    noise = result["noise"].table
    fitted = exponents(noise, ["data"], "label_noise")
    found = optima(noise, ["data", "label_noise"]).merge(fitted, on="data")
    names = {"data": "task", "label_noise": "x"}
    names |= {f"lam{end}": f"value{end}" for end in ("", "_low", "_high")}
    kept = [*names.values(), "edge", "seeds", "exponent", "low", "high", "edges"]
    found = found.rename(columns=names)[kept].assign(part="noise")
    return pd.concat([pd.DataFrame(rows), found], ignore_index=True)


@table(source=NOISE, main="exponent")
def scalings(result: Result) -> pd.DataFrame:
    """Per task, exponents `of`: the yardstick in n, lambda*'s share of it in n, lambda* in sigma.

    "one noise" is the exponent of lambda* in n plus half that in sigma: 0 if n and sigma act
    through sigma / sqrt(n) alone. The share's is approximate: the two have data seeds in common.
    """
    in_n = powers(result).query("metric == 'loss' and end == 'all'").set_index("task")
    noise = shares(result).query("part == 'noise'").drop_duplicates("task").set_index("task")
    rows = []
    for task, sticks in result["yardstick"].table.groupby("task", sort=False):
        slope = loglog_slope(sticks, "n_train", "crush")
        stick = bounded(slope, main="exponent")
        found = {"yardstick": stick, "share": total((1.0, in_n.loc[task]), (-1.0, stick))}
        if task in noise.index:
            sigma = noise.loc[task, ["exponent", "low", "high", "edges"]].to_dict()
            found |= {"sigma": sigma, "one noise": total((1.0, in_n.loc[task]), (0.5, sigma))}
        rows += [{"task": task, "of": of} | row for of, row in found.items()]
    found = pd.DataFrame(rows)
    judged = [
        outcome(row, *PREDICTED[row["of"]], column="exponent")  # type: ignore[misc]  # one or two
        for _, row in found.iterrows()
    ]
    return found.assign(note=edge_note(found.pop("edges").fillna("")), outcome=judged)


def total(*parts: tuple[float, dict[str, float]]) -> dict[str, float]:
    """A sum of exponents by their weights: half-widths add as squares."""
    middle = sum(weight * row["exponent"] for weight, row in parts)
    half = math.hypot(*(weight * (row["high"] - row["low"]) / 2 for weight, row in parts))
    return {"exponent": middle, "low": middle - half, "high": middle + half}
