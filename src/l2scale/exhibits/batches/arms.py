"""Three ways to change the batch size, and the best lambda of each."""

import pandas as pd

from l2scale.catalogue.results import Result, once
from l2scale.exhibits.batches.sweeps import REFERENCE, SETTINGS, steps_of
from l2scale.exhibits.outcomes import interval, narrow, outcome
from l2scale.lab.estimates import Interval, optima, paired_interval
from l2scale.lab.transfer import carried, exponents, local_exponents

# what stays as B changes -> words
ARMS = {
    "steps": "same steps, same η",
    "scaled": "same epochs, η ∝ B",
    "epochs": "same epochs, same η",
}
METRICS = ("error", "loss")
SHORT = 1.0  # a clock below which the training is too short for its decay


@once
def labelled(result: Result) -> pd.DataFrame:
    """The networks of each arm; those of batch REFERENCE are the same in all three."""
    kept, scaled = result["kept"].table, result["scaled"].table
    epochs = SETTINGS[result.scale]["epochs"]
    same_steps = kept[kept["step"] == steps_of(epochs, REFERENCE)]
    same_epochs = kept[kept["step"] == steps_of(epochs, kept["batch_size"])]
    reference = same_steps[same_steps["batch_size"] == REFERENCE]
    parts = {
        "steps": same_steps,
        "scaled": pd.concat([scaled, reference]),
        "epochs": same_epochs,
    }
    return pd.concat([rows.assign(arm=arm) for arm, rows in parts.items()], ignore_index=True)


def optimum_table(result: Result) -> pd.DataFrame:
    """The best lambdas of the three arms."""
    return best_of(labelled(result))


def halved_table(result: Result) -> pd.DataFrame:
    """Those at equal steps again, at half the rate for twice as many: the arm "halved"."""
    return best_of(result["halved"].table.assign(arm="halved"))


def best_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Per arm, metric and batch size: the best lambda, the steps, the power of B and its cost.

    `exponent` with low and high is the arm's and metric's power of B; `excess` with its own bounds
    is what the lambda of the least batch costs in the test metric.
    """
    found = []
    for arm, of in rows.groupby("arm", sort=False):
        settings = of[["batch_size", "step", "lr"]].drop_duplicates()
        for metric in METRICS:
            select, report = f"val_{metric}", f"test_{metric}"
            best = optima(of, ["batch_size"], select=select, report=report)
            best = best[["batch_size", "lam", "lam_low", "lam_high", "edge", "seeds"]]
            power = exponents(of, ["arm"], x="batch_size", select=select)
            costs = carried(of, x="batch_size", select=select, report=report)
            costs = costs[["batch_size", "excess", "low", "high"]]
            costs = costs.rename(columns={"low": "excess_low", "high": "excess_high"})
            table = best.assign(arm=arm, metric=metric).merge(power, on="arm")
            found.append(table.merge(costs, on="batch_size").merge(settings, on="batch_size"))
    return pd.concat(found, ignore_index=True)


def of_arm(table: pd.DataFrame, arm: str, metric: str) -> pd.DataFrame:
    """The batch sizes of one arm and metric, the least first."""
    return table[(table["arm"] == arm) & (table["metric"] == metric)].sort_values("batch_size")


def power(table: pd.DataFrame, arm: str, metric: str) -> Interval:
    """The power of B that the best lambda follows; nan where an optimum is at an edge."""
    return interval(of_arm(table, arm, metric).iloc[0])


def excess(table: pd.DataFrame, arm: str, metric: str) -> Interval:
    """What the least batch's lambda costs in the largest, in the test metric."""
    row = of_arm(table, arm, metric).iloc[-1]
    return Interval(row["excess"], row["excess_low"], row["excess_high"], int(row["seeds"]))


def clock(table: pd.DataFrame, arm: str, metric: str, place: int) -> float:
    """Decay over the whole training, 2 eta lambda* t, in the least (0) or largest (-1) batches."""
    row = of_arm(table, arm, metric).iloc[place]
    return 2 * row["lr"] * row["lam"] * row["step"]


def judged(table: pd.DataFrame, arm: str, metric: str) -> str:
    """What became of the prediction: no move with B, but a rise for "epochs" where time is short.

    The rise is asked for where the clock in the largest batches is below `SHORT`.
    """
    found = power(table, arm, metric)
    if arm != "epochs":
        return outcome(found)
    if clock(table, arm, metric, -1) >= SHORT:
        return "was not asked for"
    if found.low > 0:
        return "held"
    return "failed" if narrow(found) or found.high < 0 else "undecided"


def local_powers(result: Result) -> list[tuple[int, int, Interval]]:
    """By loss at equal epochs and rate: each batch size, the next, and the power between them."""
    rows = labelled(result)
    epochs = rows[rows["arm"] == "epochs"]
    found = local_exponents(epochs, x="batch_size", select="val_loss")
    return [(int(row["x_low"]), int(row["x_high"]), interval(row)) for _, row in found.iterrows()]


def gain_of_largest(result: Result) -> Interval:
    """At equal epochs and rate, in the largest batches: what the best lambda by loss gains.

    Test loss of the least lambda tried less that of the grid's best, in nats.
    """
    rows = labelled(result)
    rows = rows[(rows["arm"] == "epochs") & (rows["batch_size"] == rows["batch_size"].max())]
    best = optima(rows, ["batch_size"], select="val_loss", report="test_loss")["at"].iloc[0]
    by_lam = rows.pivot(index="seed", columns="lam", values="test_loss")
    return paired_interval(by_lam[by_lam.columns.min()], by_lam[best])
