"""What it costs to tune lambda on the narrowest network and to carry it to the widest."""

import pandas as pd

from l2scale.catalogue.numerals import percent_span, plain
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.other_optimisers.cells import (
    CLEAN,
    CONSTANT,
    METRICS,
    Arm,
    end,
    labelled,
    one,
)
from l2scale.lab.estimates import Interval
from l2scale.lab.transfer import carried

CARRIED = (*CONSTANT, *CLEAN)


def readings(arm: Arm) -> dict[str, float]:
    """How lambda may be carried, and by which power of the width: held, or with the ceiling."""
    return {"hold": 0.0} | ({"root": arm.ceiling} if arm.cell == "adamw" else {})


@once
def carried_table(result: Result) -> pd.DataFrame:
    """Per arm, metric and reading: what carrying from the least to the largest width costs.

    Excess, low and high are shares of the test loss or error of the strength tuned at the largest
    width; nan where the strength carried is not on the grid.
    """
    table = end(labelled(result))
    found = []
    for arm in CARRIED:
        rows = arm.of(table)
        widths = rows["width"].min(), rows["width"].max()
        for metric in METRICS:
            for reading, power in readings(arm).items():
                last = carried(
                    rows[rows["width"].isin(widths)],
                    select=f"val_{metric}", report=f"test_{metric}", power=power,
                ).iloc[1:]  # fmt: skip
                columns = ["excess", "low", "high"]
                found.append(
                    last[["kept", "own", "edge"]]
                    .join(last[columns].div(last["level"], axis=0))
                    .assign(**vars(arm), metric=metric, reading=reading)
                    .assign(factor=widths[1] / widths[0], seeds=rows["seed"].nunique())
                )
    return pd.concat(found, ignore_index=True)


def charged(row: pd.Series) -> str:
    """An excess with its interval, or why there is none."""
    if pd.isna(row["excess"]):
        return f"not on the grid (λ = {plain(row['kept'])})"
    if row["kept"] == row["own"]:
        return "0% (the same λ)"
    least = "" if pd.isna(row["edge"]) else "at least "
    found = Interval(row["excess"], row["low"], row["high"], int(row["seeds"]), 0.95)
    return least + percent_span(found)


def carried_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes: hold or root, arm and metric."""
    return {
        f"{reading}_{arm.key}_{metric}": charged(one(table, arm, metric=metric, reading=reading))
        for arm in CARRIED
        for reading in readings(arm)
        for metric in METRICS
    }
