"""The digits' networks again, judged by held-out labels that are as often wrong as training ones.

The sweeps judge by right labels. That shifts the best strength, and this says by how much.
"""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.lab.estimates import Interval
from l2scale.lab.transfer import exponents

TASKS = ("logistic", "digits")


def rows_of(result: Result, task: str) -> pd.DataFrame:
    """The networks of one task, with the losses that such labels would leave."""
    table = result[task].table
    return table.assign(val_loss=table["val_loss_noisy"], test_loss=table["test_loss_noisy"])


def power(result: Result, task: str, end: str = "") -> Interval:
    """The exponent of lambda* over all n or the `first` or `last` two, nan if one is at an edge."""
    rows = rows_of(result, task)
    sizes = sorted(rows["n_train"].unique())
    kept = {"": sizes, "first": sizes[:2], "last": sizes[-2:]}[end]
    chosen = rows[rows["n_train"].isin(kept)].assign(task=task)
    found = exponents(chosen, ["task"], "n_train").iloc[0]
    return Interval(found["exponent"], found["low"], found["high"], rows["seed"].nunique())
