"""What it costs to tune lambda on few samples and to carry it to many, by three rules."""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import points_span, span
from l2scale.exhibits.samples import alike
from l2scale.exhibits.samples.ridge import RULES
from l2scale.exhibits.samples.tasks import TASKS
from l2scale.lab.estimates import Interval, paired_interval
from l2scale.lab.transfer import carried

KEYS = {"kept": "keep", "over sqrt n": "root", "over n": "inverse"}
LOOKS = {
    "kept": ("penalty", "s", "λ kept"),
    "over sqrt n": ("data", "o", "λ divided by √n"),
    "over n": ("ink", "D", "λ divided by n"),
}  # rule -> colour, marker, words
ALIKE = {f"alike_{task}": task for task in alike.TASKS}  # judged by wrong labels too
PLACES = {"ridge": "ridge, exact"}
for _task in TASKS:
    PLACES[_task.name] = _task.words
    if _task.name in alike.TASKS:
        PLACES[f"alike_{_task.name}"] = f"{_task.words},\njudged by wrong labels too"
LINEAR = ("ridge", "logistic", "alike_logistic")
TWO_LAYERS = tuple(name for name in PLACES if name not in LINEAR)


def carried_table(result: Result) -> pd.DataFrame:
    """Per task, metric and rule: what the strength tuned at the least n costs at the largest.

    `ratio` is that of test losses, of excess risks for ridge; `excess` is of test losses or errors.
    Both are over the strength tuned anew, nan where the one carried is not on the grid.
    """
    rows = ridge_rows(result["ridge_risk"].table, factor(result, "digits"))
    for task in TASKS:
        for metric in task.metrics:
            rows += trained_rows(result[task.name].table, task.name, metric)
    for name, task in ALIKE.items():
        rows += trained_rows(alike.rows_of(result, task), name, "loss")
    return pd.DataFrame(rows)


def trained_rows(table: pd.DataFrame, task: str, metric: str) -> list[dict[str, object]]:
    """The rows of trained networks."""
    ends = table["n_train"].min(), table["n_train"].max()
    names = ["excess", "low", "high", "ratio", "ratio_low", "ratio_high", "edge"]
    rows = []
    for rule, power in RULES.items():
        found = carried(
            table[table["n_train"].isin(ends)], "n_train",
            select=f"val_{metric}", report=f"test_{metric}", power=power,
        ).iloc[-1]  # fmt: skip
        rows.append(
            found[names].to_dict()
            | {"task": task, "metric": metric, "rule": rule}
            | {"same": found["kept"] == found["own"], "seeds": table["seed"].nunique()}
            | {"n_low": ends[0], "n_high": ends[1]}
        )
    return rows


def factor(result: Result, task: str) -> int:
    """By which factor the samples grow."""
    sizes = result[task].table["n_train"]
    return int(sizes.max() // sizes.min())


def ridge_rows(table: pd.DataFrame, factor: int) -> list[dict[str, object]]:
    """The same of ridge, where the strength tuned anew is known: it is the one divided by n."""
    n = factor * table["n"].min()
    at = table[table["n"] == n].pivot(index="seed", columns="rule", values="risk")
    rows = []
    for rule in RULES:
        more = paired_interval(at[rule], at["over n"])
        times = paired_interval(at[rule], at["over n"], ratio=True)
        rows.append(
            {"excess": more.estimate, "low": more.low, "high": more.high}
            | {"ratio": times.estimate, "ratio_low": times.low, "ratio_high": times.high}
            | {"edge": None, "task": "ridge", "metric": "loss", "rule": rule}
            | {"same": rule == "over n", "seeds": len(at), "n_low": n // factor, "n_high": n}
        )
    return rows


def one(table: pd.DataFrame, task: str, rule: str, metric: str = "loss") -> pd.Series:
    """The row of a task, rule and metric."""
    chosen = (table["task"] == task) & (table["rule"] == rule) & (table["metric"] == metric)
    return table[chosen].iloc[0]


def charged(row: pd.Series) -> str:
    """What a rule costs, with its interval: a ratio of losses, or points of error."""
    if row["same"]:
        return "the best λ itself" if row["task"] == "ridge" else "none: the same λ"
    if pd.isna(row["excess"]):
        return "not on the grid"
    least = "" if pd.isna(row["edge"]) else "at least "
    if row["metric"] == "error":
        return least + points_span(
            Interval(row["excess"], row["low"], row["high"], int(row["seeds"]))
        )
    found = Interval(row["ratio"], row["ratio_low"], row["ratio_high"], int(row["seeds"]))
    return least + span(found)


def cheapest(table: pd.DataFrame, task: str, metric: str = "loss") -> str:
    """The rule that costs a task least."""
    costs = {rule: one(table, task, rule, metric)["excess"] for rule in RULES}
    return min((rule for rule in costs if pd.notna(costs[rule])), key=costs.__getitem__)


def wins(table: pd.DataFrame, tasks: tuple[str, ...], rule: str, metric: str = "loss") -> str:
    """In how many of the tasks a rule costs least: 3 of 4."""
    return f"{sum(cheapest(table, task, metric) == rule for task in tasks)} of {len(tasks)}"


def carried_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Every cost, by rule, task and metric."""
    rows = table[table["rule"].isin(RULES)]
    return {
        f"{KEYS[row['rule']]}_{row['task']}_{row['metric']}": charged(row)
        for _, row in rows.iterrows()
    }
