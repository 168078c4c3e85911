"""Size of the weights at the minimum, by their number."""

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import entr

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.bad_start.training import LAYERS
from l2scale.exhibits.shared import bounded
from l2scale.lab.data.datasets import load
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.estimates.intervals import mean_interval

FORCES = [f"force_ratio_{layer}" for layer in LAYERS]


def constants_loss(data: str, seed: int, n: int) -> float:
    """Loss of the best constant outputs: the entropy of each class, a yes or no, in nats."""
    split = load(data, seed=seed, n_train=n)
    p = np.bincount(split.y_train.astype(int), minlength=split.n_classes) / n
    return float((entr(p) + entr(1 - p)).sum())


@table(source="ends")
def minima(result: Result) -> pd.DataFrame:
    """Minima by strength, width, start and seed: root mean square, norm and its bound."""
    rows = result["ends"].table
    squares = rows[[f"sq_norm_{layer}" for layer in LAYERS]].sum(axis=1)
    cells = rows[["data", "seed", "n_train"]].drop_duplicates().itertuples(index=False)
    constants = rows["seed"].map({cell.seed: constants_loss(*cell) for cell in cells})
    columns = ["lam", "init", "width", "weights", "seed", "train_loss", *FORCES]
    return rows[columns].assign(
        ratio=2 * rows["lam"],
        norm=squares**0.5,
        rms=(squares / rows["weights"]) ** 0.5,
        constants=constants,
        bound=((constants - rows["train_loss"]) / rows["lam"]) ** 0.5,
    )


def of_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """The mean over both starts of a seed."""
    rows = table.drop(columns="init")
    return rows.groupby(["ratio", "weights", "seed"], as_index=False).mean()


@table(source="ends", main="exponent")
def doublings(result: Result) -> pd.DataFrame:
    """Per ratio and doubling of the width: the local exponent of the size in the number of weights.

    `faster`: whether it is surely below that of the root, -1/2. `nearer`: whether it is no further
    from that than at the doubling before, where there is one.
    """
    found = []
    for ratio, rows in of_seeds(minima(result)).groupby("ratio"):
        away = np.inf
        for x_low, x_high in pairwise(sorted(rows["weights"].unique())):
            pair = rows[rows["weights"].isin((x_low, x_high))]
            here = loglog_slope(pair, "weights", "rms")
            nearer = abs(here.estimate + 0.5) <= away
            away = abs(here.estimate + 0.5)
            found.append(
                {"ratio": ratio, "x_low": x_low, "x_high": x_high, "nearer": nearer}
                | {"faster": "yes" if here.high < -0.5 else "no"}
                | bounded(here, main="exponent")
            )
    return pd.DataFrame(found)


@table(source="ends", main="exponent")
def ends(result: Result) -> pd.DataFrame:
    """Per ratio: the exponent of the size in the number of weights P, and the widest's means.

    `over_inverse` and `over_root`: the size over 1/P and 1/sqrt(P); `narrow`: the narrowest's size;
    `local`: all exponents of `doublings`; `nearer`: the share of them that are.
    """
    found, steps = [], doublings(result).groupby("ratio")
    for ratio, rows in of_seeds(minima(result)).groupby("ratio"):
        local, weights = steps.get_group(ratio), rows["weights"].max()
        wide, narrow = (rows[rows["weights"] == at] for at in (weights, rows["weights"].min()))
        size, nearer = wide["rms"].mean(), local["nearer"].mean()
        found.append(
            {"ratio": ratio, "rms": size, "narrow": narrow["rms"].mean()}
            | {"over_inverse": size * weights, "over_root": size * weights**0.5}
            | {"local": ", ".join(f"{each:z.3f}" for each in local["exponent"])}
            | {"nearer": nearer, "nearer_low": nearer, "nearer_high": nearer}
            | bounded(loglog_slope(rows, "weights", "rms"), main="exponent")
            | bounded(mean_interval(wide["norm"]), "norm")
            | bounded(mean_interval(wide["bound"]), "bound")
        )
    return pd.DataFrame(found)


@table(source="ends", main="imbalance")
def rest(result: Result) -> pd.DataFrame:
    """One row over all minima.

    `imbalance`: how far a ratio of forces is from 1 at most, in any run and layer; `apart`: the
    largest relative difference of sizes between the starts; `settling`: the largest relative
    change of the norm in the last doubling; and the loss of the best constants.
    """
    rows = minima(result)
    norms = rows.groupby(["ratio", "width"])["norm"].mean().unstack("width")
    by_start = rows.groupby(["ratio", "width", "init"])["rms"].mean().unstack("init")
    weights = rows["weights"].max()
    row = {"imbalance": (rows[FORCES] - 1).abs().max().max(), "constants": rows["constants"].mean()}
    row |= {"apart": (by_start["normal"] / by_start["lecun"] - 1).abs().max()}
    row |= {"settling": (norms.iloc[:, -1] / norms.iloc[:, -2] - 1).abs().max()}
    row |= {"weights": weights, "root": weights**-0.5, "inverse": 1 / weights}
    return pd.DataFrame([row])
