"""By how much larger networks exceed the small one, strength by strength, with a control at none.

A cause is one way to make a network larger. It is judged by the large network's loss less the small
one's, seed by seed, at strengths that the small one's validation error chose.
"""

from itertools import product

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result, once
from l2scale.catalogue.tables import table
from l2scale.exhibits.shared import bounded, yes
from l2scale.exhibits.underfit.networks import (
    ABOUT,
    LOSSES,
    compared_strengths,
    picks,
    small_and_large,
)
from l2scale.lab.estimates.intervals import mean_interval, paired_interval

LISTED = (3, 4, 5, 6, 8)  # depths with a row of their own
CHOICES = ("none", "tuned", "strong")  # no penalty; the small one's best; the largest that suits it
GUESSING = 0.9  # the error of ten classes


def large_less_small(large: pd.DataFrame, small: pd.DataFrame) -> pd.DataFrame:
    """The losses and errors of the large less those of the small networks, by lam and seed.

    `large_error` and `small_error` are their test errors themselves.
    """
    one, other = (rows.set_index(["lam", "seed"])[LOSSES].sort_index() for rows in (large, small))
    errors = {"large_error": one["test_error"], "small_error": other["test_error"]}
    return (one - other).assign(**errors).dropna().reset_index()


@once
def differences_by_choice(result: Result) -> pd.DataFrame:
    """The differences of every cause at each choice of strength; "own" is what each seed chose."""
    found = []
    for about, small, large in small_and_large(result):
        rows = large_less_small(large, small).assign(**about)
        for choice, lam in compared_strengths(small).items():
            found.append(rows[rows["lam"] == lam].assign(choice=choice))
        found.append(rows.merge(picks(small)).assign(choice="own"))
    return pd.concat(found, ignore_index=True)


@table(source=("wider", "deeper"), main="train_loss")
def causes(result: Result) -> pd.DataFrame:
    """The rows of `differences_by_choice` at CHOICES; two choices may be one strength."""
    return differences_by_choice(result).query("choice in @CHOICES").reset_index(drop=True)


def signed(rows: pd.DataFrame) -> pd.DataFrame:
    """With the `sign` of delta: its interval is "above" 0, "below", or leaves it "open"."""
    signs = np.select([rows["low"] > 0, rows["high"] < 0], ["above", "below"], "open")
    return rows.assign(sign=signs)


@table(source=("wider", "deeper"), main="delta")
def effects(result: Result) -> pd.DataFrame:
    """Per cause and choice: excess training loss, delta, excess test error, and what is added.

    `added` is delta less that without a penalty, paired by seed, and `underfits` whether both are
    above 0; `rank` orders a kind by the size of delta. Where each seed has a lambda of its own they
    go from `lam` to `lam_most`. Depths in LISTED that a scale does not train are noted.
    """
    rows, keys, found = differences_by_choice(result), [*ABOUT, "choice"], []
    control = rows[rows["choice"] == "none"].set_index(["cause", "seed"])["train_loss"]
    for key, some in rows.groupby(keys, sort=False):
        losses = some.set_index(["cause", "seed"])["train_loss"]
        found.append(
            dict(zip(keys, key, strict=True))
            | {"lam": some["lam"].min(), "lam_most": some["lam"].max()}
            | bounded(mean_interval(losses), main="delta")
            | bounded(mean_interval(some["test_error"]), "delta_error")
            | bounded(paired_interval(losses, control[losses.index]), "added")
            | dict(some[["large_error", "small_error"]].mean())
        )
    table = signed(pd.DataFrame(found))
    sizes = table["delta"].abs().groupby([table["kind"], table["choice"]])
    table = table.assign(
        underfits=yes((table["sign"] == "above") & (table["added_low"] > 0)),
        guesses=yes(table["large_error"] > GUESSING - 0.02),
        rank=sizes.rank(ascending=False),
    )
    absent = product(sorted({*LISTED} - {*table["depth"]}), CHOICES)
    noted = pd.DataFrame(absent, columns=["depth", "choice"]).assign(note="not trained")
    return pd.concat([table, noted], ignore_index=True)


@table(source=("wider", "deeper"), main="delta")
def by_lam(result: Result) -> pd.DataFrame:
    """Per cause and strength above 0: excess training loss."""
    found = [
        about | {"lam": lam} | bounded(mean_interval(losses), main="delta")
        for about, small, large in small_and_large(result)
        for lam, losses in large_less_small(large, small)
        .query("lam > 0")
        .groupby("lam")["train_loss"]
    ]
    return signed(pd.DataFrame(found))


@table(source="deeper", main="crossing")
def crossings(result: Result) -> pd.DataFrame:
    """Per depth, and those in LISTED: the strength at which its loss passes that of two layers.

    Interpolated in log lambda, where the mean excess is above 0 for the first time; nan where it is
    already at the least strength, or at none. `order` says whether all are "in" rising order.
    """
    rows = by_lam(result).query("kind == 'depth'").set_index("lam")
    found = rows.groupby("depth")["delta"].apply(crossing_strength)
    order = "in" if found.is_monotonic_increasing else "not in"
    table = found.reindex(sorted({*found.index, *LISTED})).rename("crossing").reset_index()
    crosses = yes(table["crossing"].notna()).where(table["depth"].isin(found.index), "not trained")
    return table.assign(order=order, crosses=crosses)


def crossing_strength(above: pd.Series) -> float:
    """Where an excess by strength comes to be above 0, see `crossings`."""
    higher = above.to_numpy() > 0
    if higher[0] or not higher.any():
        return np.nan
    place = int(higher.argmax())
    logs, ends = np.log(above.index[place - 1 : place + 1]), above.iloc[place - 1 : place + 1]
    return float(np.exp(np.interp(0.0, ends, logs)))
