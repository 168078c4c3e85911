"""What needs no rule: a random search, one early-stopped training, and the noise of the seeds."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.atlas.valleys import KEY, METRICS, Valley
from l2scale.exhibits.shared import balancing_lambda
from l2scale.lab.estimates.optimal_lambda import optimum
from l2scale.lab.estimates.search import chances


def early_stopping(result: Result, optimiser: str) -> pd.DataFrame:
    """Roegnvaldsson's lambda of each problem, from its first seed's training without a penalty.

    Columns: data set, samples, label noise, width; `early_stopping`, the norm of the gradient of
    the training loss over twice that of the weights, where validation loss was least.
    """
    rows = result[f"{optimiser}_without"].table
    rows = rows[(rows["seed"] == rows["seed"].min()) & ~rows["diverged"]]
    first = rows.loc[rows.groupby(KEY, sort=False)[METRICS["val_loss"]].idxmin()]
    return first[KEY].assign(early_stopping=balancing_lambda(first))


def random_search(valley: Valley, trainings: int) -> np.ndarray:
    """How likely a random search ends at each of the grid's strengths, ``(L,)``.

    It trains once at as many of them as it may, all different, and takes the one with the least
    validation loss. The mean over seeds, each of which is such a search's.
    """
    return np.asarray(chances(valley.reached["val_loss"], trainings).mean(axis=0))


def near(valley: Valley, log2_lam: float, factor: float) -> np.ndarray:
    """As `random_search`, of trainings at a strength and at `factor` doublings to either side.

    They are taken from the grid, which has none so near at the smoke scale: the nearest strength,
    and those at that distance from it.
    """
    losses = valley.reached["val_loss"]
    steps = np.arange(len(valley.logs))
    middle = int(np.abs(valley.logs - log2_lam).argmin())
    apart = np.abs(valley.logs - valley.logs[middle])
    tried = np.isclose(apart, 0) | np.isclose(apart, factor)
    chosen = steps[tried][losses[:, tried].argmin(axis=1)]
    return np.bincount(chosen, minlength=len(steps)) / len(losses)


def halves(valley: Valley, cell: pd.DataFrame) -> dict[str, float]:
    """What tuning on one half of the seeds costs on the other, and how far apart they put lambda.

    Args:
        valley: the problem.
        cell: its networks with a penalty.

    Returns:
        `cost`: logarithm of the test loss at the other half's choice over that at its own, mean of
        both ways; `error`: the same of test errors, as a difference; `off`: doublings between
        their best lambdas.
    """
    seeds = len(valley.reached["val_loss"])
    parts = [np.arange(seeds) % 2 == side for side in (0, 1)]
    cost: list[float] = []
    error: list[float] = []
    for tuned, judged in (parts, parts[::-1]):
        for of, paid in (("loss", cost), ("error", error)):
            val, test = (valley.reached[f"{part}_{of}"] for part in ("val", "test"))
            here, there = (val[half].mean(axis=0).argmin() for half in (judged, tuned))
            own, other = (test[judged].mean(axis=0)[place] for place in (here, there))
            paid.append(np.log(other / own) if of == "loss" else other - own)
    order = np.sort(cell["seed"].unique())
    logs = [
        np.log2(optimum(cell[cell["seed"].isin(order[half])], METRICS["val_loss"]).lam.estimate)
        for half in parts
    ]
    means = {"cost": float(np.mean(cost)), "error": float(np.mean(error))}
    return means | {"off": float(abs(logs[0] - logs[1]))}
