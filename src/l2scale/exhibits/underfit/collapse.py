"""The best strength and the strength of collapse, depth by depth, and where one path ends."""

from functools import lru_cache

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result, once
from l2scale.exhibits.optimisers import BASE
from l2scale.exhibits.underfit.tables import deeper_table
from l2scale.lab.datasets import load
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import exponents
from l2scale.theory.collapse import Path, branch_end, path, softmax_falls
from l2scale.theory.response import slopes
from l2scale.theory.threshold import maxima

# Nats of training loss from which a network has collapsed: it keeps a twentieth of what it could
# learn. Chosen after the curves had been seen.
GONE = 0.95 * np.log(10)
PRODUCTS = np.linspace(0.0, 3.0, 3001)  # of the weights of one path
RESTARTS = 8
RULES = {"loss": "val_loss", "error": "val_error"}  # what chooses the best strength


@lru_cache(maxsize=256)
def one_path(n_train: int, seed: int) -> tuple[Path, np.ndarray]:
    """One unit a layer, through the unit that the training set of a seed pulls at the most.

    Returns:
        The path to second order, and minus the slope of its real loss at PRODUCTS.
    """
    split = load(BASE.data, seed=seed, n_train=n_train, label_noise=BASE.label_noise)
    g = slopes(split.y_train, split.task)
    units, found = maxima(split.x_train, g, restarts=RESTARTS)
    unit = units[int(found.argmax())]
    falls = softmax_falls(split.x_train, split.y_train, unit, PRODUCTS)
    return path(split.x_train, g, unit, split.task), falls


@once
def collapse_table(result: Result) -> pd.DataFrame:
    """The penalised networks by depth, and the strength up to which one path has a minimum.

    `path_end` is of the softmax loss, `expanded_end` of its expansion to second order.
    """
    table = deeper_table(result)
    table = table[table["lam"] > 0].reset_index(drop=True)
    sets = table[["n_train", "seed", "depth"]].drop_duplicates()
    rows = []
    for n, seed, depth in sets.astype(int).itertuples(index=False):
        one, falls = one_path(n, seed)
        ends = branch_end(falls, PRODUCTS, depth), one.jump(depth)[1]
        rows.append((n, seed, depth, *ends))
    names = ["n_train", "seed", "depth", "path_end", "expanded_end"]
    return table.merge(pd.DataFrame(rows, columns=names), validate="many_to_one")


def best(table: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The best strength at every depth by validation "loss" or "error"."""
    return optima(table, ["depth"], select=RULES[rule])


def depth_exponent(table: pd.DataFrame, rule: str) -> Interval:
    """The slope of log lambda* in log depth; nan where an optimum is at an edge of the grid."""
    row = exponents(table.assign(all=0), ["all"], x="depth", select=RULES[rule]).iloc[0]
    return Interval(row["exponent"], row["low"], row["high"], table["seed"].nunique())


def collapse(table: pd.DataFrame) -> pd.DataFrame:
    """Per depth the strengths between which the networks of all seeds come to collapse.

    Returns:
        Columns none (the last strength below which no network has collapsed), any (the next), all
        (the first from which all have; nan where there is none on the grid), path_end and
        expanded_end (means over seeds), indexed by depth.
    """
    gone = (table["train_loss"] > GONE).groupby([table["depth"], table["lam"]])
    some, every = gone.any().unstack(), gone.all().unstack()
    lasting = every.iloc[:, ::-1].cummin(axis=1)
    reached = some.cummax(axis=1)
    rows = {
        depth: {
            "none": reached.columns[~reached.loc[depth]].max(),
            "any": reached.columns[reached.loc[depth]].min(),
            "all": lasting.columns[lasting.loc[depth]].min(),
        }
        for depth in reached.index
    }
    ends = table.groupby("depth")[["path_end", "expanded_end"]].mean()
    return pd.DataFrame.from_dict(rows, orient="index", dtype=float).join(ends)


def inside(table: pd.DataFrame, end: str) -> tuple[int, int]:
    """At how many depths an end lies in the measured band, ends included, and of how many."""
    found = collapse(table).dropna()
    within = (found["none"] <= found[end]) & (found[end] <= found["all"])
    return int(within.sum()), len(found)


def fall(table: pd.DataFrame) -> tuple[float, float, float]:
    """By what factor the first strength of collapse falls with depth, and what the grid allows."""
    found = collapse(table)
    first, last = found.iloc[0], found.iloc[-1]
    return first["any"] / last["any"], first["none"] / last["any"], first["any"] / last["none"]
