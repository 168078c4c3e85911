"""What it costs to tune lambda on the narrowest network and to carry it to the widest."""

import pandas as pd

from l2scale.catalogue.numerals import listing, percent_span, plain
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.other_optimisers.cells import (
    CLEAN,
    CONSTANT,
    METRICS,
    WORDS,
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
    found = [
        carry(arm.of(table), metric, power).assign(**vars(arm), metric=metric, reading=reading)
        for arm in CARRIED
        for metric in METRICS
        for reading, power in readings(arm).items()
    ]
    return pd.concat(found, ignore_index=True)


def carry(rows: pd.DataFrame, metric: str, power: float) -> pd.DataFrame:
    """What the least width's lambda, times a power of the width, costs at the largest: one row."""
    low, high = rows["width"].min(), rows["width"].max()
    ends = rows[rows["width"].isin((low, high))]
    last = carried(ends, select=f"val_{metric}", report=f"test_{metric}", power=power).iloc[1:]
    shares = last[["excess", "low", "high"]].div(last["level"], axis=0)
    return (
        last[["kept", "own", "edge"]]
        .join(shares)
        .assign(factor=high / low, seeds=rows["seed"].nunique())
    )


def charged(row: pd.Series) -> str:
    """An excess with its interval, or why there is none."""
    if pd.isna(row["excess"]):
        return f"not on the grid (λ = {plain(row['kept'])})"
    if row["kept"] == row["own"]:
        return "0% (the same λ)"
    least = "" if pd.isna(row["edge"]) else "at least "
    found = Interval(row["excess"], row["low"], row["high"], int(row["seeds"]), 0.95)
    return least + percent_span(found)


def carried_numbers(result: Result) -> dict[str, str]:
    """What the prose quotes: hold or root, arm and metric; and AdamW's lambda times the width."""
    table, networks = carried_table(result), end(labelled(result))
    found = {
        f"{reading}_{arm.key}_{metric}": charged(one(table, arm, metric=metric, reading=reading))
        for arm in CARRIED
        for reading in readings(arm)
        for metric in METRICS
    }
    for metric in METRICS:
        for key, arms in (("costly", CONSTANT), ("costly_clean", CLEAN)):
            rows = {
                arm: one(table, arm, metric=metric, reading=list(readings(arm))[-1]) for arm in arms
            }
            costly = [WORDS[arm.cell] for arm, row in rows.items() if row["low"] > 0]
            found[f"{key}_{metric}"] = listing(list(dict.fromkeys(costly))) or "none of them"
    return found | {
        f"times_{arm.key}_{metric}": charged(carry(arm.of(networks), metric, 1.0).iloc[0])
        for arm in CONSTANT
        if arm.cell == "adamw"
        for metric in METRICS
    }
