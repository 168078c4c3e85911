"""The digits' networks again, judged by right held-out labels, while one in five trains wrong.

The chapter judges by labels as often wrong as those in training. This says what else one would see.
"""

import math

from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result
from l2scale.exhibits.outcomes import outcome
from l2scale.exhibits.samples.tasks import TASKS
from l2scale.lab.estimates import Interval
from l2scale.lab.transfer import exponents

ENDS = ("", "first", "last")


def power(result: Result, task: str, end: str = "") -> Interval:
    """The exponent of lambda* over all n or the `first` or `last` two, nan if one is at an edge."""
    rows = result[task].table
    sizes = sorted(rows["n_train"].unique())
    kept = {"": sizes, "first": sizes[:2], "last": sizes[-2:]}[end]
    chosen = rows[rows["n_train"].isin(kept)].assign(task=task)
    found = exponents(chosen, ["task"], "n_train").iloc[0]
    return Interval(found["exponent"], found["low"], found["high"], rows["seed"].nunique())


def right_numbers(result: Result) -> dict[str, str]:
    """The exponents of the tasks that have labels, and what became of those predicted."""
    found = {
        "_".join(filter(None, ("power_right", task.name, end))): power(result, task.name, end)
        for task in TASKS
        if task.labels
        for end in ENDS
    }
    words = {
        key: span(value) if math.isfinite(value.estimate) else "at the grid’s edge"
        for key, value in found.items()
    }
    return words | {
        f"outcome_right_{task.name}": outcome(power(result, task.name), task.predicted)
        for task in TASKS
        if task.labels
    }
