"""The two sweeps as tables, each row labelled, and the strengths that a small network is tuned to.

A cause is one way to make a network larger. It is judged by the large network's loss less the small
one's, seed by seed, at a strength that the small one's validation error chose.
"""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result, once
from l2scale.exhibits.underfit.sweeps import SETTINGS, arms
from l2scale.lab.estimates import Interval, mean_interval, paired_interval

ARMS = {
    "sgd": "SGD",
    "normalised": "layer norm",
    "adam": "Adam",
    "adamw": "AdamW",
    "slower": "SGD, η/{factor}",
    "slower, longer": "SGD, η/{factor}, {factor}T",
}  # {factor}: how many times as wide
SLACK = 0.01  # of validation error: strengths this near to the best are as good to one who tunes
LOSSES = ["train_loss", "val_loss", "test_loss", "train_error", "val_error", "test_error"]
COLUMNS = ["width", "depth", "n_train", "lam", "lr", "seed", "step", "steps", *LOSSES]


@once
def wider_table(result: Result) -> pd.DataFrame:
    """Each arm's small and large networks at every strength, early and at the end.

    The two slower arms trained no small network: theirs are copies of the rows of the arm "sgd".
    """
    table, at = result["wider"].table, SETTINGS[result.scale]
    stage = (table["step"] == table["steps"]).map({True: "end", False: "early"})
    found = []
    for arm, runs in arms(at).items():
        settings = pd.DataFrame([run.columns for run in runs]).drop_duplicates()
        rows = settings.merge(
            table.assign(stage=stage), on=list(settings.columns), validate="one_to_many"
        )
        found.append(rows.assign(arm=arm))
    trained = pd.concat(found)
    alone = [arm for arm in ARMS if trained.loc[trained["arm"] == arm, "width"].nunique() == 1]
    small = trained[(trained["arm"] == "sgd") & (trained["width"] == at["small"])]
    together = pd.concat([trained, *(small.assign(arm=arm) for arm in alone)], ignore_index=True)
    size = (together["width"] > at["small"]).map({True: "large", False: "small"})
    return together[["arm", "stage", *COLUMNS]].assign(size=size)


@once
def deeper_table(result: Result) -> pd.DataFrame:
    """The networks of every depth, strength and seed at the end of training."""
    table = result["deeper"].table
    chosen = table.loc[table["step"] == table["steps"], [*COLUMNS, "diverged"]]
    return chosen.reset_index(drop=True)


def labelled(arm: str, table: pd.DataFrame) -> str:
    """An arm in words; the table has its widths."""
    return ARMS[arm].format(factor=factor(table))


def factor(table: pd.DataFrame) -> int:
    """How many times as wide the large network is."""
    return int(table["width"].max() // table["width"].min())


def near_best(small: pd.DataFrame) -> tuple[float, float, float]:
    """The least and the best strength, and the largest, that validation error hardly tells apart.

    All strengths between them are within SLACK of the least mean validation error, the control at
    strength 0 left out. Where that reaches an end of the grid, the end.
    """
    tried = small[small["lam"] > 0].fillna({"val_error": np.inf})  # diverged: as bad as can be
    curve = tried.groupby("lam")["val_error"].mean().round(7)
    place = int(curve.argmin())
    far = curve.to_numpy() > curve.min() + SLACK
    low = max((i + 1 for i in range(place) if far[i]), default=0)
    high = min((i - 1 for i in range(place, len(far)) if far[i]), default=len(far) - 1)
    return float(curve.index[low]), float(curve.index[place]), float(curve.index[high])


def differences(large: pd.DataFrame, small: pd.DataFrame) -> pd.DataFrame:
    """The losses and errors of the large less those of the small networks, by lam and seed."""
    one, other = (rows.set_index(["lam", "seed"])[LOSSES].sort_index() for rows in (large, small))
    return (one - other).dropna().reset_index()


def excess(table: pd.DataFrame, lam: float, metric: str = "train_loss") -> Interval:
    """The mean of a difference at one strength; the table is of `differences`."""
    return mean_interval(table.loc[table["lam"] == lam, metric])


def penalty_excess(table: pd.DataFrame, lam: float) -> Interval:
    """Excess training loss at a strength less that without a penalty, paired by seed."""
    by_lam = table.pivot(index="seed", columns="lam", values="train_loss")
    return paired_interval(by_lam[lam], by_lam[0.0])
