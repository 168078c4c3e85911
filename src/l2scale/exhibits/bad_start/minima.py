"""Size of the weights at the minimum, by their number: estimates."""

from itertools import pairwise

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.bad_start.tables import LAYERS
from l2scale.lab.datasets import load
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.lab.slopes import loglog_slope


def constants_loss(data: str, seed: int, n: int) -> float:
    """Loss of the best constant outputs: the entropy of each class, a yes or no, in nats."""
    split = load(data, seed=seed, n_train=n)
    p = np.bincount(split.y_train.astype(int), minlength=split.n_classes) / n
    p = p[(p > 0) & (p < 1)]
    return float(-(p * np.log(p) + (1 - p) * np.log(1 - p)).sum())


def ends_table(result: Result) -> pd.DataFrame:
    """Minima by strength, width, start and seed: root mean square, norm and its bound."""
    table = result["ends"].table
    squares = table[[f"sq_norm_{layer}" for layer in LAYERS]].sum(axis=1)
    cells = table[["data", "seed", "n_train"]].drop_duplicates()
    losses = {
        cell.seed: constants_loss(cell.data, cell.seed, cell.n_train) for cell in cells.itertuples()
    }
    constants = table["seed"].map(losses)
    columns = ["lam", "init", "width", "weights", "seed", "train_loss"]
    forces = [f"force_ratio_{layer}" for layer in LAYERS]
    return table[[*columns, *forces]].assign(
        ratio=2 * table["lam"],
        norm=squares**0.5,
        rms=(squares / table["weights"]) ** 0.5,
        constants=constants,
        bound=((constants - table["train_loss"]) / table["lam"]) ** 0.5,
    )


def listed(table: pd.DataFrame) -> list[float]:
    """Twice each lambda, which is his lambda over n, ascending."""
    return sorted(float(ratio) for ratio in table["ratio"].unique())


def of(table: pd.DataFrame, ratio: float) -> pd.DataFrame:
    """The rows of one strength, the mean over both starts of a seed."""
    rows = table[np.isclose(table["ratio"], ratio)].drop(columns="init")
    return rows.groupby(["weights", "seed"], as_index=False).mean()


def exponent(table: pd.DataFrame, ratio: float) -> Interval:
    """Exponent of the size in the number of weights, over all widths."""
    return loglog_slope(of(table, ratio), "weights", "rms")


def local(table: pd.DataFrame, ratio: float) -> list[Interval]:
    """The exponent of each doubling of the width."""
    rows = of(table, ratio)
    sizes = sorted(rows["weights"].unique())
    return [
        loglog_slope(rows[rows["weights"].isin(pair)], "weights", "rms") for pair in pairwise(sizes)
    ]


def nearing(table: pd.DataFrame) -> int:
    """At how many strengths the local exponent is nearer to -1/2 at each further doubling."""
    away = [[abs(each.estimate + 0.5) for each in local(table, r)] for r in listed(table)]
    return sum(each == sorted(each, reverse=True) for each in away)


def settling(table: pd.DataFrame) -> float:
    """The largest relative change of the norm of all weights in the last doubling."""
    means = table.groupby(["ratio", "width"])["norm"].mean().unstack("width")
    return float((means.iloc[:, -1] / means.iloc[:, -2] - 1).abs().max())


def widest(table: pd.DataFrame, ratio: float, column: str) -> Interval:
    """A column's mean at the largest width."""
    rows = of(table, ratio)
    return mean_interval(rows.loc[rows["weights"] == rows["weights"].max(), column])


def times(table: pd.DataFrame, ratio: float, power: float) -> float:
    """The size at the largest width over the number of weights to the power -`power`."""
    return widest(table, ratio, "rms").estimate * float(table["weights"].max()) ** power


def imbalance(table: pd.DataFrame) -> float:
    """The furthest that a ratio of forces is from 1, over all runs and layers."""
    return float((table[[f"force_ratio_{layer}" for layer in LAYERS]] - 1).abs().max().max())


def apart(table: pd.DataFrame) -> float:
    """The largest relative difference of sizes between the two starts, over all cells."""
    means = table.groupby(["ratio", "width", "init"])["rms"].mean().unstack("init")
    return float((means["normal"] / means["lecun"] - 1).abs().max())
