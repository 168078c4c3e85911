"""The power of the width that the best lambda follows, arm by arm, and what it excludes."""

import re
from collections.abc import Iterable

import pandas as pd

from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.other_optimisers.cells import (
    ARMS,
    CONSTANT,
    KEYS,
    METRICS,
    WORDS,
    Arm,
    end,
    labelled,
    one,
)
from l2scale.exhibits.outcomes import OUTCOMES, interval, outcome, outcome_of_range
from l2scale.lab.transfer import exponents

FAMILIES = {
    "zero": tuple(arm for arm in ARMS if arm.cell != "adamw"),
    "ceiling": tuple(arm for arm in ARMS if arm.cell == "adamw"),
}
ADAMW, CLEAN_ADAMW = Arm("adamw"), Arm("adamw", labels="clean")
STOPPED = (Arm("sgd", "inverse_width"), Arm("sgd", "maximal_update"))


@once
def powers_table(result: Result) -> pd.DataFrame:
    """Per arm, step and metric: the exponent, its interval, how many seeds, or where edges are."""
    table = labelled(result)
    found = [
        exponents(table, [*KEYS, "step"], select=f"val_{metric}").assign(metric=metric)
        for metric in METRICS
    ]
    counts = table.groupby([*KEYS, "step"])["seed"].nunique().rename("seeds").reset_index()
    # The edges of an exponent that has none are "", which a CSV does not tell from missing.
    powers = pd.concat(found, ignore_index=True).replace({"edges": {"": None}})
    return powers.merge(counts, on=[*KEYS, "step"])


def edge_words(edges: str) -> str:
    """Where optima are bounds: "low at 64, low at 256" becomes "low end of the grid at 64, 256"."""
    found = re.findall(r"(low|high) at (\d+)", edges)
    return "; ".join(
        f"{end} end of the grid at {', '.join(width for side, width in found if side == end)}"
        for end in dict.fromkeys(side for side, _ in found)
    )


def said(row: pd.Series) -> str:
    """An exponent with its interval, or why there is none."""
    if pd.isna(row["exponent"]):
        return f"none (the best λ lies at the {edge_words(row['edges'])} units)"
    return span(interval(row))


def cells(table: pd.DataFrame, arms: Iterable[Arm], metric: str | None = None) -> pd.DataFrame:
    """The rows at the end which have an interval, with what became of the power of their arm."""
    last = end(table)
    found = [
        one(last, arm, metric=name)
        for arm in arms
        for name in METRICS
        if metric in (None, name)
    ]  # fmt: skip
    rows = pd.DataFrame(found).dropna(subset="exponent")
    arms_of = [Arm(**row) for row in rows[KEYS].to_dict("records")]
    became = [
        outcome(interval(row), arm.predicted)
        for (_, row), arm in zip(rows.iterrows(), arms_of, strict=True)
    ]
    return rows.assign(arm=arms_of, outcome=became)


def listed(rows: pd.DataFrame) -> str:
    """The exponents of some cells in words, or "none"."""
    words = [
        f"{row.arm.words}, {WORDS[row.arm.rule]}, by {row.metric} {said(rows.loc[row.Index])}"
        for row in rows.itertuples()
    ]
    return "; ".join(words) or "none"


def holds(row: pd.Series, power: float, words: str) -> str:
    """Whether the interval of a row excludes a power."""
    if pd.isna(row["exponent"]):
        return f"has no interval to hold against {words}"
    inside = row["low"] <= power <= row["high"]
    return f"does not exclude {words}" if inside else f"excludes {words}"


def power_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes."""
    last, first = end(table), table[table["step"] == table["step"].min()]
    numbers = {
        f"{arm.key}_{arm.rule}_{metric}": said(one(last, arm, metric=metric))
        for arm in ARMS
        for metric in METRICS
    }
    numbers |= {
        f"early_{arm.key}_{arm.rule}_error": said(one(first, arm, metric="error"))
        for arm in STOPPED
    }
    numbers["early_sgd_inverse_width_loss"] = said(one(first, STOPPED[0], metric="loss"))
    for family, arms in FAMILIES.items():
        rows = cells(table, arms)
        without = [one(last, arm, metric=metric) for arm in arms for metric in METRICS]
        numbers |= {
            f"{family}_cells": f"{len(rows)}",
            f"{family}_edges": f"{sum(pd.isna(row['exponent']) for row in without)}",
            f"{family}_excluded": listed(rows[rows["outcome"] == "failed"]),
        } | {f"{family}_{name}": f"{(rows['outcome'] == name).sum()}" for name in OUTCOMES}
    for metric in METRICS:
        falling = interval(one(last, Arm("adamw", "inverse_width"), metric=metric))
        numbers[f"first_adamw_{metric}"] = outcome_of_range(falling, 0, 1)
        constant = [interval(one(last, arm, metric=metric)) for arm in (ADAMW, CLEAN_ADAMW)]
        for labels, found in zip(("wrong", "clean"), constant, strict=True):
            numbers[f"range_{labels}_{metric}"] = outcome_of_range(found, 0, 2)
    three = one(last, CONSTANT[-1], metric="error")
    return numbers | {"three_half": holds(three, 0.5, "1/2")}
