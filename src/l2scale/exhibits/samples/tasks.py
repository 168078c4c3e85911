"""The tasks of this chapter, and how the best strength goes with the number of samples on each."""

from dataclasses import dataclass

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits import judged
from l2scale.exhibits.drawing import span
from l2scale.lab.estimates import optima
from l2scale.lab.transfer import exponents, local_exponents

METRICS = ("loss", "error")


@dataclass(frozen=True)
class Task:
    """A sweep of this chapter: what it is called, what is predicted of it, what it reports."""

    name: str
    words: str
    predicted: float  # power of n
    metrics: tuple[str, ...] = ("loss",)


TASKS = (
    Task("logistic", "digits, logistic regression", -1.0, METRICS),
    Task("digits", "digits, ReLU", -0.5, METRICS),
    Task("sgd", "digits, ReLU, SGD", -0.5, METRICS),
    Task("teacher", "teacher, ReLU", -0.5),
    Task("line", "line, ReLU", -0.5),
)
BY_NAME = {task.name: task for task in TASKS}


def best_table(result: Result) -> pd.DataFrame:
    """Best strength per task, metric and n, with the exponent over all n and between the last two.

    Columns: task, metric, n, lam, lam_low, lam_high, edge, and exponent, low, high, edges, each of
    the last four again with `_first` and `_last` for the first and the last two n.
    """
    found = []
    for task in TASKS:
        rows = result[task.name].table
        for metric in task.metrics:
            select = f"val_{metric}"
            best = optima(rows, ["n_train"], select=select).rename(columns={"n_train": "n"})
            whole = exponents(rows.assign(task=task.name), ["task"], "n_train", select).iloc[0]
            steps = local_exponents(rows, "n_train", select)
            names = ["exponent", "low", "high", "edges"]
            fits = whole[names].to_dict()
            for end, step in (("first", steps.iloc[0]), ("last", steps.iloc[-1])):
                fits |= {f"{name}_{end}": step[name] for name in names}
            kept = best[["n", "lam", "lam_low", "lam_high", "edge", "seeds"]]
            found.append(kept.assign(task=task.name, metric=metric, **fits))
    return pd.concat(found, ignore_index=True)


def exponent_of(
    table: pd.DataFrame, task: str, metric: str = "loss", end: str = ""
) -> judged.Interval:
    """The exponent of a task, over all n or between the `first` or the `last` two."""
    row = cell(table, task, metric).iloc[0]
    names = [f"{name}_{end}" if end else name for name in ("exponent", "low", "high")]
    estimate, low, high = (float(row[name]) for name in names)
    return judged.Interval(estimate, low, high, int(row["seeds"]))


def said(table: pd.DataFrame, task: str, metric: str = "loss", end: str = "") -> str:
    """An exponent with its interval, or at which n the optimum is at an edge of the grid."""
    edges = cell(table, task, metric).iloc[0][f"edges_{end}" if end else "edges"]
    # An empty text is read back from CSV as nan.
    if isinstance(edges, str) and edges:
        return f"at the grid's edge ({edges})"
    return span(exponent_of(table, task, metric, end))


def cell(table: pd.DataFrame, task: str, metric: str = "loss") -> pd.DataFrame:
    """The rows of a task by one metric."""
    return table[(table["task"] == task) & (table["metric"] == metric)]
