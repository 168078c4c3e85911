"""The best lambda at each look beside the clock's, and the estimate of one stopped training."""

import math

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.early_stopping.sweeps import BASE
from l2scale.exhibits.early_stopping.tables import by_cell, told
from l2scale.exhibits.shared import AT_EDGE, yes
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.theory.stopping import matched

CHOOSERS = {"alike": "val_loss_noisy", "right": "val_loss", "error": "val_error"}
"""What chooses the best lambda: loss by either kind of labels, or error."""


@table(source="trained", main="lam")
def clock(result: Result) -> pd.DataFrame:
    """Per cell, chooser and look: the best lambda above 0, and the one that is `predicted`.

    Predicted is max(0, lambda_inf - 1/(2 eta t)), with lambda_inf such that it is right at the last
    look, and its bounds from the bounds there. `meets` says whether the two intervals do; a best
    lambda at an edge of the grid is taken to reach beyond it.
    """
    rows = result["trained"].table.query("lam > 0")
    parts = []
    for labels, select in CHOOSERS.items():
        found = optima(rows, ["n_train", "label_noise", "step"], select=select)
        for _, cell in found.groupby(["n_train", "label_noise"], sort=False):
            parts.append(beside_the_clock(cell.sort_values("step")).assign(labels=labels))
    table = pd.concat(parts, ignore_index=True)
    notes = table["edge"].map(AT_EDGE).fillna("")
    return told(table.to_dict("records")).assign(note=notes)


def beside_the_clock(cell: pd.DataFrame) -> pd.DataFrame:
    """The looks of one cell, the last of which sets what is predicted of all."""
    stops = np.array([matched(0.0, BASE.lr * step) for step in cell["step"]])
    low, high = reach(cell)
    bounds = {
        "predicted": cell["lam"].iloc[-1],
        "predicted_low": low.iloc[-1],
        "predicted_high": high.iloc[-1],
    }
    shifted = {name: np.maximum(0, at + stops[-1] - stops) for name, at in bounds.items()}
    meet = (low <= shifted["predicted_high"]) & (shifted["predicted_low"] <= high)
    return cell.assign(
        **shifted, low=cell["lam_low"], high=cell["lam_high"], stop=stops, meets=yes(meet),
        place=["before"] * (len(cell) - 1) + ["last"],
    )  # fmt: skip


def reach(cell: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """How far down and up each best lambda may lie; at an edge, from 0 or to infinity."""
    low, high = cell["lam_low"].fillna(0.0), cell["lam_high"].fillna(math.inf)
    return low.mask(cell["edge"] == "low", 0.0), high.mask(cell["edge"] == "high", math.inf)


@table(source="trained", main="share")
def looks(result: Result) -> pd.DataFrame:
    """Per chooser: in how many looks before the last, of all cells, the two intervals meet."""
    before = clock(result).query("place == 'before'")
    rows = []
    for labels, part in before.groupby("labels", sort=False):
        meeting = int((part["meets"] == "yes").sum())
        rows.append({"labels": labels, "meeting": meeting, "missing": len(part) - meeting,
                     "all": len(part), "share": meeting / len(part)})  # fmt: skip
    return pd.DataFrame(rows)


@table(source="trained", main="times")
def moved(result: Result) -> pd.DataFrame:
    """Per cell, by loss on labels as wrong: the best lambda at the first look and at the last.

    `times` is the last over the first, and `stop` what the first look adds by the clock; a first
    one at the grid's edge is noted.
    """
    rows = []
    for n, wrong in (clock(result)[["n_train", "wrong"]].drop_duplicates()).to_numpy():
        cell = clock(result).query("labels == 'alike' and n_train == @n and wrong == @wrong")
        first, last = cell.iloc[0], cell.iloc[-1]
        row = {"n_train": n, "wrong": wrong, "first": first["lam"], "last": last["lam"]}
        row |= {"times": last["lam"] / first["lam"], "stop": first["stop"], "step": first["step"]}
        rows.append(row | {"note": "at least" if first["edge"] == "low" else ""})
    return pd.DataFrame(rows)


@table(source="trained", main="median")
def trick(result: Result) -> pd.DataFrame:
    """Per cell: the estimate of one stopped training, over splits.

    `median`; `largest` and `typical`, the largest and the median of it times 2 eta t at its stop;
    `full`, the median of the strengths that a search at full length chooses.
    """
    rows = []
    for cell, choice in by_cell(result):
        found = choice.estimates()
        times = 2 * BASE.lr * choice.cell.steps[choice.stops()] * found
        row = {"median": float(np.median(found)), "largest": times.max()}
        row |= {"typical": float(np.median(times)), "seeds": len(found)}
        row["full"] = float(np.median(choice.strengths("lambda")))
        row["stop"] = float(np.median(choice.cell.steps[choice.stops()]))
        rows.append(cell | row)
    return told(rows)
