"""Three ways to change the batch size, and the best lambda of each."""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.batches.sweeps import REFERENCE, SETTINGS, steps_of
from l2scale.exhibits.judged import holds, settled
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import carried, exponents

# what stays as B changes -> words
ARMS = {
    "steps": "same steps, same η",
    "scaled": "same epochs, η ∝ B",
    "epochs": "same epochs, same η",
}
METRICS = ("error", "loss")


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
    """Per arm, metric and batch size: the best lambda, the steps, the power of B and its cost.

    `exponent` with low and high is the arm's and metric's power of B; `excess` with its own bounds
    is what the lambda of the least batch costs in the test metric.
    """
    rows, found = labelled(result), []
    for arm in ARMS:
        of = rows[rows["arm"] == arm]
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
    row = of_arm(table, arm, metric).iloc[0]
    return Interval(row["exponent"], row["low"], row["high"], int(row["seeds"]))


def excess(table: pd.DataFrame, arm: str, metric: str) -> Interval:
    """What the least batch's lambda costs in the largest, in the test metric."""
    row = of_arm(table, arm, metric).iloc[-1]
    return Interval(row["excess"], row["excess_low"], row["excess_high"], int(row["seeds"]))


def judged(table: pd.DataFrame, arm: str, metric: str) -> str:
    """Whether the prediction held: a rise with B for "epochs", no move for the other two."""
    found = power(table, arm, metric)
    if not settled(found):
        return "not settled"
    held = found.low > 0 if arm == "epochs" else holds(found)
    return "held" if held else "failed"
