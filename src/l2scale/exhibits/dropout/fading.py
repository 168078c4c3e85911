"""What dropout would add to the loss of networks trained without it, against width."""

import pandas as pd

from l2scale.catalogue.predictions import outcomes
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.shared import bounded, means, yes
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.theory.dropout import CURVATURES

PREDICTED = {"squared": -1.0, "even": -1.0, "entropy": -1.0, "squares": 0.0}
"""Exponents in width of what is added to the squared loss, the least that it could be with the same
units' sizes, what is added to cross-entropy, and the sum of squares."""
STATED = ("squared", "squares")


def _labelled(result: Result) -> pd.DataFrame:
    rows = result["added"].table
    return rows.assign(labels=(rows["label_noise"] > 0).map({True: "wrong", False: "right"}))


@table(source="added", main="lam")
def added_settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    used = result["added"].configuration
    row = {name: used[name] for name in ("lam", "steps", "masks")}
    return pd.DataFrame([row | {"seeds": result["added"].table["seed"].nunique()}])


@table(source="added", main="squared")
def fading(result: Result) -> pd.DataFrame:
    """Per labels and width, at the rate 1/2: what is added, and the sum of squares.

    `share` is what cross-entropy rises by, of the bound a quarter of what the squared loss does.
    """
    rows = _labelled(result)
    rows["share"] = rows["entropy"] / (CURVATURES["multiclass"] / 2 * rows["squared"])
    return means(rows, ["labels", "width"], "squared", "even", "entropy", "squares", "share")


@table(source="added", main="exponent")
def fades(result: Result) -> pd.DataFrame:
    """Per labels and quantity: its exponent in width, and what was predicted for it."""
    found = []
    for labels, cell in _labelled(result).groupby("labels"):
        for quantity in PREDICTED:
            slope = loglog_slope(cell, "width", quantity)
            about = {"labels": labels, "quantity": quantity, "predicted": PREDICTED[quantity]}
            found.append(about | bounded(slope, main="exponent") | {"seeds": slope.n})
    rows = pd.DataFrame(found)
    return rows.assign(
        stated=yes(rows["quantity"].isin(STATED)),
        became=outcomes(rows, "exponent", rows["predicted"]),
    )
