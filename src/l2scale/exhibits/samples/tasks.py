"""The tasks of this chapter, and how the best strength goes with the number of samples on each.

Where targets are labels, of which some are wrong in training, held-out ones count as wrong as often
(`l2scale.lab.measures`): the task that the networks were given. Drawn targets are held out without
noise, which for squared error moves no optimum.
"""

from dataclasses import dataclass

import pandas as pd

from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result, once
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import exponents, local_exponents

METRICS = ("loss", "error")


@dataclass(frozen=True)
class Task:
    """A sweep of this chapter: what it is called, what is predicted of it, what its targets are."""

    name: str
    words: str
    predicted: float  # power of n
    labels: bool = False

    @property
    def metrics(self) -> tuple[str, ...]:
        """What is reported: only labels can be wrong."""
        return METRICS if self.labels else ("loss",)


TASKS = (
    Task("logistic", "digits, logistic regression", -1.0, labels=True),
    Task("digits", "digits, ReLU", -0.5, labels=True),
    Task("sgd", "digits, ReLU, SGD", -0.5, labels=True),
    Task("teacher", "teacher, ReLU", -0.5),
    Task("line", "line, ReLU", -0.5),
)
BY_NAME = {task.name: task for task in TASKS}


def rows_of(result: Result, task: str) -> pd.DataFrame:
    """The networks of a task, judged by labels as often wrong as in training where it has any."""
    table = result[task].table
    if not BY_NAME[task].labels:
        return table
    return table.assign(val_loss=table["val_loss_noisy"], test_loss=table["test_loss_noisy"])


@once
def best_table(result: Result) -> pd.DataFrame:
    """Best strength per task, metric and n, with the exponent over all n and between the last two.

    Columns: task, metric, n, lam, lam_low, lam_high, edge, and exponent, low, high, edges, each of
    the last four again with `_first` and `_last` for the first and the last two n.
    """
    found = []
    for task in TASKS:
        rows = rows_of(result, task.name)
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


def exponent_of(table: pd.DataFrame, task: str, metric: str = "loss", end: str = "") -> Interval:
    """The exponent of a task, over all n or between the `first` or the `last` two."""
    row = cell(table, task, metric).iloc[0]
    names = [f"{name}_{end}" if end else name for name in ("exponent", "low", "high")]
    estimate, low, high = (float(row[name]) for name in names)
    return Interval(estimate, low, high, int(row["seeds"]))


def said(table: pd.DataFrame, task: str, metric: str = "loss", end: str = "") -> str:
    """An exponent with its interval, or at which n the optimum is at an edge of the grid."""
    edges = cell(table, task, metric).iloc[0][f"edges_{end}" if end else "edges"]
    # An empty text is read back from CSV as nan.
    if isinstance(edges, str) and edges:
        return f"at the grid's edge ({edges})"
    return span(exponent_of(table, task, metric, end))


def gap(table: pd.DataFrame, task: str) -> float:
    """The best strength by error over that by loss, at the most samples."""
    by_error, by_loss = (
        rows.loc[rows["n"].idxmax(), "lam"]
        for rows in (cell(table, task, "error"), cell(table, task, "loss"))
    )
    return float(by_error / by_loss)


def cell(table: pd.DataFrame, task: str, metric: str = "loss") -> pd.DataFrame:
    """The rows of a task by one metric."""
    return table[(table["task"] == task) & (table["metric"] == metric)]
