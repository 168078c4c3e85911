"""The exponents of the sum's best lambda by task, depth, horizon and criterion, and their count."""

from collections import Counter

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.outcomes import interval, outcome
from l2scale.exhibits.which_penalty.meeting import MINIMUM
from l2scale.exhibits.which_penalty.typed import CRITERIA
from l2scale.lab.transfer import exponents

NAMES = {"digits": "digits", "teacher": "teacher", "breast_cancer": "breast cancer"}


@once
def sums_table(result: Result) -> pd.DataFrame:
    """Per task, depth, horizon and criterion: the sum's exponent, and what dividing by P asks.

    `when` is a number of steps, or "minimum"; `edges` is "none" where the optima are in the grid.
    """
    digits = result["penalties"].table
    cells = pd.concat(
        [
            digits[digits["penalty"] == "sum"],
            result["minima"].table.assign(step=0),
            result["depths"].table,
            result["tasks"].table,
        ]
    )
    rows = []
    for key, cell in cells.groupby(["data", "depth", "step"], sort=False):
        data, depth, step = key
        sizes = cell.drop_duplicates("width")
        growth = np.polyfit(np.log(sizes["width"]), np.log(sizes["weights"]), 1)[0]
        for criterion, (select, _) in CRITERIA.items():
            (found,) = exponents(cell, ["data"], select=select).to_dict("records")
            rows.append(
                {"data": data, "depth": depth, "when": f"{step:,}" if step else MINIMUM}
                | {"criterion": criterion, "edges": found["edges"] or "none"}
                | {name: found[name] for name in ("exponent", "low", "high")}
                | {"dividing": -growth, "narrow": sizes["width"].min()}
                | {"wide": sizes["width"].max(), "seeds": cell["seed"].nunique()}
            )
    return pd.DataFrame(rows)


def some(table: pd.DataFrame, data: str, depth: int, when: str, criterion: str) -> pd.Series:
    """One row."""
    rows = table[
        (table["data"] == data)
        & (table["depth"] == depth)
        & (table["when"] == when)
        & (table["criterion"] == criterion)
    ]
    return rows.iloc[0]


def words(row: pd.Series) -> str:
    """The exponent of a row, or the edges that forbid one."""
    found = interval(row)
    return f"none (edge: {row['edges']})" if np.isnan(found.estimate) else span(found)


def last_sgd(table: pd.DataFrame) -> str:
    """The longest horizon under SGD."""
    steps = [int(when.replace(",", "")) for when in table["when"].unique() if when != MINIMUM]
    return f"{max(steps):,}"


def trained(table: pd.DataFrame) -> pd.DataFrame:
    """The rows at the longest horizon or at minima that have an exponent."""
    return table[table["when"].isin((last_sgd(table), MINIMUM))].dropna(subset="exponent")


def count(table: pd.DataFrame, criterion: str, asked: str) -> Counter[str]:
    """What became of 0 ("zero"), or of what dividing by P asks ("dividing"), in these rows."""
    rows = trained(table)
    rows = rows[rows["criterion"] == criterion].assign(zero=0.0)
    return Counter(outcome(interval(row), row[asked]) for _, row in rows.iterrows())


def named(row: pd.Series) -> str:
    """A row's label."""
    when = "minima" if row["when"] == MINIMUM else f"{row['when']} steps"
    return f"{NAMES[row['data']]}, {row['depth']} layers, {when}"


def seeds_in_words(table: pd.DataFrame) -> str:
    """How many seeds each task and depth has."""
    cells = table.drop_duplicates(["data", "depth", "seeds"])
    return ", ".join(
        f"{NAMES[row['data']]} with {row['depth']} layers {row['seeds']} seeds"
        for _, row in cells.iterrows()
    )
