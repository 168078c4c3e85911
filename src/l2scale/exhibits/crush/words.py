"""What the prose says of the chapter's tables, beside the figures."""

import pandas as pd

from l2scale.catalogue.numerals import plain, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.crush.by_width import bracket, thresholds
from l2scale.exhibits.crush.certified import last_bounds
from l2scale.exhibits.crush.ends import (
    end_by_seed,
    lost_early,
    lowest_by_seed,
    over_predicted,
    predicted,
)
from l2scale.exhibits.crush.limits import limit
from l2scale.lab.estimates import mean_interval

NAMES = {
    "breast_cancer": "breast cancer",
    "digits_parity": "the digits (odd or even)",
    "digits": "the digits (which one)",
    "mnist_test_parity": "MNIST's test set (odd or even)",
}
ASKED = 0.01  # the strength in the thread


def asked_share(table: pd.DataFrame) -> str:
    """How many times the thread's strength the threshold of the digits is."""
    return f"{thresholds(table, 'digits').estimate / ASKED:.0f}"


def largest_cells(table: pd.DataFrame) -> str:
    """Cells that the costliest certificate needed."""
    return f"{last_bounds(table)['cells'].max():,.0f}"


def between(result: Result, data: str) -> str:
    """The certain bounds on the threshold, over the training sets of the widths."""
    table = result["widths"].table
    rows = table[table["data"] == data].drop_duplicates("seed")
    found = [limit(data, row.n_train, row.seed) for row in rows.itertuples()]
    low, high = min(f.floor for f in found) / 2, max(f.ceiling for f in found) / 2
    return f"{plain(low)} and {plain(high)}"


def others(result: Result) -> str:
    """The thresholds of whole data sets, without and with free biases."""
    table = result["datasets"].table
    parts = []
    for data, rows in table.groupby("data", sort=False):
        mean = rows[["threshold", "biased"]].mean()
        parts.append(f"{mean['threshold']:.2f} ({mean['biased']:.2f}) on {NAMES.get(data, data)}")
    return ", ".join(parts)


def binary_jumps(result: Result) -> str:
    """Strengths below which zero is surely not the optimum of three and four layers."""
    table = result["datasets"].table
    parts = []
    for data, rows in table[table["binary"]].groupby("data", sort=False):
        three, four = rows["jump_3"].min(), rows["jump_4"].min()
        parts.append(f"{three:.2f} or {four:.2f} on {NAMES.get(data, data)}")
    return ", ".join(parts)


def biased_bracket(table: pd.DataFrame) -> str:
    """Between which strengths over prediction the networks with free biases leave zero."""
    low, high = bracket(table[table["arm"] == "biased"])
    return f"{low:g} and {high:g}"


def steps_in_words(steps: pd.DataFrame) -> str:
    """Grid steps of the training sets: one for all, or from the lowest to the highest end."""
    if steps.isna().any(axis=None):
        return "not inside the grid on every training set"
    low, high = steps["last"].min(), steps["after"].max()
    same = (steps.nunique() == 1).all()
    whose = f"in all {len(steps)} training sets" if same else "by training set"
    return f"between {low:g} and {high:g} ({whose})"


def branch_lost(table: pd.DataFrame) -> str:
    """Whether the standard starts keep the branch up to its end, as a sentence."""
    lost, sets = {depth: lost_early(table, depth) for depth in (3, 4)}, table["seed"].nunique()
    if not any(lost.values()):
        return "As predicted, no training set loses the branch before it ends."
    return (
        "That prediction fails: every start had lost the branch before its end on "
        f"{lost[3]} of {sets} training sets with three layers and on {lost[4]} of {sets} with four."
    )


def jump_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Where three and four layers jump, predicted and found, over the two-layer threshold."""
    found = {"branch_lost": branch_lost(table)}
    for depth in (3, 4):
        ways = predicted(table, depth)
        found |= {
            f"jump_{depth}": steps_in_words(lowest_by_seed(table, depth)),
            f"jump_{depth}_predicted": span(mean_interval(ways["lowest"]), ".3f"),
            f"jump_{depth}_over": span(over_predicted(table, depth)),
            f"end_{depth}": steps_in_words(end_by_seed(table, depth)),
            f"end_{depth}_predicted": span(mean_interval(ways["end"]), ".3f"),
        }
    return found
