"""One table of all diagnosed tensors, and what is read off it."""

from dataclasses import replace

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.your_model.measured import MINIMA
from l2scale.lab.estimates import Interval, mean_interval

COLUMNS = [
    "model", "seed", "step", "name", "kind", "n_weights", "sum_of_squares", "value_share",
    "value_over_expected", "layer_balance", "force_ratio", "balance", "scale_free", "verdict",
    "all_data_loss", "all_value", "all_cost", "all_expected_value", "all_value_share",
    "all_value_over_expected", "all_force_ratio", "all_unbalanced",
]  # fmt: skip

RESTING = tuple(MINIMA.values())


def fifty_rows(result: Result) -> pd.DataFrame:
    """The large network, one row per layer and look."""
    return result["fifty"].table[COLUMNS]


def small_rows(result: Result) -> pd.DataFrame:
    """All other networks, one row per tensor, seed and look."""
    parts = [result["trained"].table, result["at_minimum"].table]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def all_rows(result: Result) -> pd.DataFrame:
    """Every network."""
    return pd.concat([fifty_rows(result), small_rows(result)], ignore_index=True)


def looks(table: pd.DataFrame) -> pd.DataFrame:
    """The rows at the start and at the end, with a column `look` that says which."""
    last = table.groupby("model")["step"].transform("max")
    words = np.select([table["step"] == 0, table["step"] == last], ["start", "end"], "between")
    return table.assign(look=words)[words != "between"].reset_index(drop=True)


def at(table: pd.DataFrame, model: str, look: str) -> pd.DataFrame:
    """A model's rows at its start or end."""
    found = looks(table)
    return found[(found["model"] == model) & (found["look"] == look)]


def over_seeds(rows: pd.DataFrame, column: str) -> Interval:
    """Mean over seeds of a model's number, or of the mean over the rows of each seed."""
    return mean_interval(rows.groupby("seed")[column].mean())


def clipped(interval: Interval, low: float, high: float) -> Interval:
    """An interval within the values that a number can have."""
    return replace(interval, low=max(interval.low, low), high=min(interval.high, high))


def rank_correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Spearman's correlation of share of the value and ratio of forces, for networks of 3 tensors.

    One row per network and look. Of two tensors it is 1 or -1 whatever they are.
    """
    networks = looks(table).groupby(["model", "seed", "look"], sort=False)
    return pd.DataFrame(
        [
            {"model": model, "seed": seed, "look": look}
            | {"rank": rows["value_share"].corr(rows["force_ratio"], method="spearman")}
            | {"tensors": len(rows)}
            | {"same": rows["value_share"].idxmax() == rows["force_ratio"].idxmax()}
            for (model, seed, look), rows in networks
            if len(rows) >= 3
        ]
    )
