"""What a lambda costs that is tuned at one width and kept at a wider one."""

import numpy as np
import pandas as pd

from l2scale.catalogue.predictions import MARGIN
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits import shared
from l2scale.exhibits.regrets import by_criteria, grid_step
from l2scale.exhibits.shared import CRITERIA, DIGITS, at_end, widest
from l2scale.theory.width import effective_growth

MET = 0.01  # widths whose least costs differ by no more than this share have met
STARTS = (32, 16, 8, 4, 2)
COLUMNS = ["criterion", "penalty", "width", "kept", "own", "edge", "excess", "low", "high"]
COLUMNS += ["reached", "level", "note"]


def as_mean(rows: pd.DataFrame) -> pd.DataFrame:
    """The sum's rows under the name that the mean gives them: lambda P for lambda."""
    return rows.assign(penalty="mean", lam=rows["lam"] * rows["weights"])


def five(result: Result) -> pd.DataFrame:
    """Rows of all five penalties at the last step, `lam` as one types it."""
    rows = at_end(result["penalties"].table)
    plain = rows[rows["penalty"] == "sum"]
    return pd.concat([plain, as_mean(plain), rows[rows["penalty"] != "sum"]], ignore_index=True)


@table(source="penalties", main="val_error")
def valleys(result: Result) -> pd.DataFrame:
    """Of sum and mean, per width and lambda as one types it: mean validation error and loss."""
    rows = five(result).query("penalty in ('sum', 'mean')")
    return shared.valleys(rows, ["penalty", "width"], "val_error", "val_loss")


def regret_of_keeping(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """What keeping lambda costs, in the columns of this chapter."""
    return by_criteria(rows).assign(penalty=name)[COLUMNS]


@table(source=("penalties", "tasks", "depths"))
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    digits = result["penalties"].table
    strengths = digits.groupby("penalty")["lam"]
    deep = result["depths"].table["width"]
    common, least = result["tasks"].table["width"].max(), digits["width"].min()
    steps = sorted(digits["step"].unique())
    row = {"least": least, "widest": digits["width"].max(), "common": common}
    row |= {"factor": common / least, "factor_deep": deep.max() / deep.min()}
    row |= {"doubled_tensor_mean": 2 ** -effective_growth("tensor_mean", 3)}
    row |= {"noise": DIGITS.label_noise, "met": MET, "margin": MARGIN, "lr": DIGITS.lr}
    row |= {f"grid_step_{p}": grid_step(strengths.get_group(p)) for p in ("sum", "fan")}
    row |= {f"steps_{name}": n for name, n in zip(("short", "middle", "long"), steps, strict=True)}
    row |= {
        f"clock_{name}": 1 / (2 * DIGITS.lr * n)
        for name, n in zip(("short", "middle", "long"), steps, strict=True)
    }
    return pd.DataFrame([row])


@table(source="penalties", main="excess")
def regret(result: Result) -> pd.DataFrame:
    """Per criterion, penalty and width: the lambda kept, the one found anew, and what they reach.

    `reached` is the mean test loss or error at the one kept, `level` that at the one found anew,
    and `excess` their difference as a share of `level`.
    """
    groups = five(result).groupby("penalty", sort=False)
    return pd.concat(
        [regret_of_keeping(rows, penalty) for penalty, rows in groups], ignore_index=True
    )


@table(source="penalties", main="reached")
def errors(result: Result) -> pd.DataFrame:
    """Sum and mean alone, by error: test error at the lambda kept, and at the one found anew.

    `low` and `high` bound `reached`: by its difference from `level`, both lambdas as given.
    """
    rows = regret(result).query("criterion == 'error' and penalty in ('sum', 'mean')")
    bounds = {side: rows["level"] * (1 + rows[side]) for side in ("low", "high")}
    return rows[["penalty", "width", "kept", "own", "reached", "level"]].assign(**bounds)


@table(source=("tasks", "depths"), main="excess")
def other_regret(result: Result) -> pd.DataFrame:
    """The same for the sum on the other tasks and depths; the column `penalty` holds which."""
    tasks, depths = (at_end(result[name].table) for name in ("tasks", "depths"))
    cells = [(data.replace("_", " "), rows) for data, rows in tasks.groupby("data")]
    cells += [(f"{depth} layers", rows) for depth, rows in depths.groupby("depth")]
    return pd.concat([regret_of_keeping(rows, cell) for cell, rows in cells], ignore_index=True)


@table(source="penalties", main="excess")
def regret_by_start(result: Result) -> pd.DataFrame:
    """The same for the sum at its widest network alone, by the width at which it was tuned.

    `times` is by how much that was narrower; a scale leaves out those that it does not train.
    """
    rows = at_end(result["penalties"].table).query("penalty == 'sum'")
    widths, widest = set(rows["width"]), rows["width"].max()
    parts = []
    for times in STARTS:
        start = widest // times
        found = pd.DataFrame({"criterion": [*CRITERIA], "excess": np.nan, "note": "not trained"})
        if start in widths:
            found = regret_of_keeping(rows[rows["width"] >= start], "sum").query("width == @widest")
        parts.append(found.assign(start=start, times=times))
    return pd.concat(parts, ignore_index=True)


@table(source=("penalties", "tasks", "depths"), main="excess")
def transfer(result: Result) -> pd.DataFrame:
    """The costs that text quotes, by `cell`, a penalty on the digits or the sum elsewhere.

    `reach`: "widest" is the widest network, "common" the widest of the other tasks or of a depth.
    """
    five, common = regret(result), settings(result)["common"].iloc[0]
    parts = [
        widest(five, "penalty").assign(reach="widest"),
        five[five["width"] == common].assign(reach="common"),
        widest(other_regret(result), "penalty").assign(reach="common"),
    ]
    return pd.concat(parts, ignore_index=True).rename(columns={"penalty": "cell"})
