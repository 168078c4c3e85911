"""What it costs to tune lambda on few samples and to carry it to many, by three rules."""

import pandas as pd

from l2scale.catalogue.numerals import points_span, portion, span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.outcomes import interval
from l2scale.exhibits.samples.ridge import RULES
from l2scale.exhibits.samples.tasks import TASKS, rows_of
from l2scale.lab.estimates import Interval, paired_interval
from l2scale.lab.transfer import carried

KEYS = {"kept": "keep", "over sqrt n": "root", "over n": "inverse"}
LOOKS = {"kept": ("penalty", "s"), "over sqrt n": ("data", "o"), "over n": ("ink", "D")}
PLACES = {"ridge": "ridge, exact"} | {task.name: task.words for task in TASKS}
LINEAR = ("ridge", "logistic")
NETWORKS = tuple(name for name in PLACES if name not in LINEAR)


@once
def carried_table(result: Result) -> pd.DataFrame:
    """Per task, metric and rule: what the strength tuned at the least n costs at the largest.

    `ratio` is that of test losses, of excess risks for ridge; `excess` is of test losses or errors.
    Both are over the strength tuned anew, nan where the one carried is not on the grid. `wins` says
    whether a rule's excess is below each other rule's, by 95% intervals paired by seed.
    """
    rows = ridge_rows(result["ridge_risk"].table, factor(result, "digits"))
    for task in TASKS:
        for metric in task.metrics:
            rows += trained_rows(rows_of(result, task.name), task.name, metric)
    return pd.DataFrame(rows)


def trained_rows(table: pd.DataFrame, task: str, metric: str) -> list[dict[str, object]]:
    """The rows of trained networks."""
    low, high = table["n_train"].min(), table["n_train"].max()
    ends = table[table["n_train"].isin((low, high))]
    found = {
        rule: carried(
            ends, "n_train", select=f"val_{metric}", report=f"test_{metric}", power=power
        ).iloc[-1]
        for rule, power in RULES.items()
    }
    by_lam = ends[ends["n_train"] == high].pivot(
        index="seed", columns="lam", values=f"test_{metric}"
    )
    costs = {
        rule: by_lam[row["kept"]] for rule, row in found.items() if row["kept"] in by_lam.columns
    }
    names = ["excess", "low", "high", "ratio", "ratio_low", "ratio_high", "edge"]
    return [
        row[names].to_dict()
        | {"task": task, "metric": metric, "rule": rule, "wins": wins(costs, rule)}
        | {"same": row["kept"] == row["own"], "seeds": table["seed"].nunique()}
        | {"n_low": low, "n_high": high}
        for rule, row in found.items()
    ]


def wins(costs: dict[str, pd.Series], rule: str) -> bool:
    """Whether a rule costs less than each other one beyond doubt, seed by seed; if not, a tie."""
    if set(costs) != set(RULES):
        return False
    others = [cost for other, cost in costs.items() if other != rule]
    return all(paired_interval(cost, costs[rule]).low > 0 for cost in others)


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
            | {"wins": wins({name: at[name] for name in RULES}, rule)}
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
        return least + points_span(interval(row, "excess"))
    found = Interval(row["ratio"], row["ratio_low"], row["ratio_high"], int(row["seeds"]))
    return least + span(found)


def won(table: pd.DataFrame, tasks: tuple[str, ...], rule: str, metric: str = "loss") -> str:
    """In how many of the tasks a rule wins: 3 of 4, or all 4."""
    found = [bool(one(table, task, rule, metric)["wins"]) for task in tasks]
    return portion(sum(found), len(tasks))


def keeping_costs(table: pd.DataFrame) -> str:
    """Whether the strength kept costs more than the one tuned anew in each task, by loss."""
    found = [one(table, task, "kept") for task in PLACES]
    if any(pd.isna(row["ratio"]) for row in found):
        return "open"
    return "yes" if all(row["ratio_low"] > 1 for row in found) else "no"


def carried_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Every cost, by rule, task and metric."""
    return {
        f"{KEYS[row['rule']]}_{row['task']}_{row['metric']}": charged(row)
        for _, row in table.iterrows()
    }
