"""The best strength, the strength of collapse and the room between them, depth by depth."""

from functools import lru_cache

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.other_optimisers.sweeps import BASE
from l2scale.exhibits.underfit.tables import deeper_table
from l2scale.lab.datasets import load
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import exponents
from l2scale.theory.collapse import Path, path
from l2scale.theory.response import slopes
from l2scale.theory.threshold import maxima

GUESSES = 0.95 * np.log(10)  # nats of training loss from which a network counts as guessing
RESTARTS = 8
RULES = {"loss": "val_loss", "error": "val_error"}  # what chooses the best strength


@lru_cache(maxsize=256)
def one_path(n_train: int, seed: int) -> Path:
    """One unit a layer, through the unit that the training set of a seed pulls at the most."""
    split = load(BASE.data, seed=seed, n_train=n_train, label_noise=BASE.label_noise)
    g = slopes(split.y_train, split.task)
    units, found = maxima(split.x_train, g, restarts=RESTARTS)
    return path(split.x_train, g, units[int(found.argmax())], split.task)


def room_table(result: Result) -> pd.DataFrame:
    """The penalised networks by depth; `path_end` is where one path's non-zero minimum ceases."""
    table = deeper_table(result)
    table = table[table["lam"] > 0].reset_index(drop=True)
    keys = zip(table["n_train"], table["seed"], table["depth"], strict=True)
    return table.assign(
        path_end=[one_path(int(n), int(seed)).jump(int(depth))[1] for n, seed, depth in keys]
    )


def best(table: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The best strength at every depth by validation "loss" or "error"."""
    return optima(table, ["depth"], select=RULES[rule])


def depth_exponent(table: pd.DataFrame, rule: str) -> Interval:
    """The slope of log lambda* in log depth; nan where an optimum is at an edge of the grid."""
    row = exponents(table.assign(all=0), ["all"], x="depth", select=RULES[rule]).iloc[0]
    return Interval(row["exponent"], row["low"], row["high"], table["seed"].nunique())


def collapse(table: pd.DataFrame) -> pd.DataFrame:
    """Per depth the strengths between which the networks of all seeds come to guess.

    Returns:
        Columns none (the last strength below which no network guesses), any (the next), all (the
        first from which all do; nan where there is none on the grid) and path_end (mean over
        seeds), indexed by depth.
    """
    guesses = (table["train_loss"] > GUESSES).groupby([table["depth"], table["lam"]])
    some, every = guesses.any().unstack(), guesses.all().unstack()
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
    ends = table.groupby("depth")["path_end"].mean()
    return pd.DataFrame.from_dict(rows, orient="index", dtype=float).assign(path_end=ends)


def room(table: pd.DataFrame, depth: int) -> float:
    """The first strength at which a network guesses, over the best by error.

    Not a number if no network guesses, or the best is at an edge of the grid.
    """
    found = best(table, "error").set_index("depth").loc[depth]
    known = found["lam"] if pd.isna(found["edge"]) else np.nan
    return float(collapse(table).loc[depth, "any"] / known)
