"""What one layer of its own has to do with the best decay: decayed more, or left to AdamW."""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import AT_EDGE, NOTHING, at_end, bounded
from l2scale.exhibits.wider_muon.sweeps import LAST, RATES
from l2scale.lab.estimates.exponents import exponent_difference
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents as exponents_of

LAYERS = {"last": "the last layer", "down": "second matrix of the block"}
"""Matrices that a sweep decays as the root of the width, by its name."""
AT_ENDS = {
    "original": "Muon on all matrices",
    "beside": "AdamW at both ends",
    "scaled": "the same, last layer: lr / d, λ × d",
}
"""Who steps the first and the last matrix, by the name of the sweep."""


@table(source=("original", "last", "down"), main="exponent")
def last_layer(result: Result) -> pd.DataFrame:
    """Per layer and rate: the power of the width of the best lambda, that layer decayed as root d.

    `plain` is that with one lambda for all matrices, and `less` the first less the second, over the
    same seeds. `matrix` says which layer it is, in words.
    """
    return pd.concat([_beside_plain(result, layer) for layer in LAYERS], ignore_index=True)


def _beside_plain(result: Result, layer: str) -> pd.DataFrame:
    rows, plain = (at_end(result[name].table) for name in (layer, "original"))
    found = exponents_of(rows, ["lr"]).merge(
        exponents_of(plain, ["lr"]).add_prefix("plain_").rename(
            columns={"plain_lr": "lr", "plain_exponent": "plain"}
        )
    )  # fmt: skip
    found["less_edges"] = found["edges"].where(found["edges"] != "", found["plain_edges"])
    gaps = [
        NOTHING
        if row.less_edges
        else exponent_difference(rows[rows["lr"] == row.lr], plain[plain["lr"] == row.lr])
        for row in found.itertuples()
    ]
    notes = {f"{name}note": edge_note(found[f"{name}edges"]) for name in ("", "plain_", "less_")}
    less = pd.DataFrame([bounded(gap, "less") for gap in gaps])
    keys = {"layer": layer, "matrix": LAYERS[layer]}
    return found.join(less).assign(seeds=rows["seed"].nunique(), **notes, **keys)


def at_one_rate(result: Result) -> pd.DataFrame:
    """The networks of `AT_ENDS` at their one rate, in the end; `way` tells them apart."""
    found = [at_end(result[way].table).assign(way=way) for way in AT_ENDS]
    rows = pd.concat(found, ignore_index=True)
    return rows[rows["lr"] == RATES[1]]


@table(source=("original", "beside", "scaled"), main="exponent")
def beside(result: Result) -> pd.DataFrame:
    """Per way: the power of the width of the lambda of least validation loss, at one rate.

    `less` is that less the power with Muon on all matrices, over the same seeds.
    """
    rows = at_one_rate(result)
    found = exponents_of(rows, ["way"])
    plain = rows[rows["way"] == "original"]
    without = found.loc[found["way"] == "original", "edges"].iloc[0]
    edges = found["edges"].where(found["edges"] != "", without)
    gaps = [
        NOTHING if edge else exponent_difference(rows[rows["way"] == way], plain)
        for way, edge in zip(found["way"], edges, strict=True)
    ]
    less = pd.DataFrame([bounded(gap, "less") for gap in gaps])
    notes = {"note": edge_note(found["edges"]), "less_note": edge_note(edges)}
    return found.join(less).assign(
        words=found["way"].map(AT_ENDS), seeds=rows["seed"].nunique(), **notes
    )


@table(source=("original", "beside", "scaled"))
def best_beside(result: Result) -> pd.DataFrame:
    """Per way and width: the lambda of least validation loss, and the test loss there.

    `time` is the last matrix's 2 lambda times the sum of its learning rates, at that lambda of the
    grid: by exp(-time) decay alone would have shrunk it.
    """
    rows = at_one_rate(result)
    keys = ["way", "width"]
    times = rows.groupby([*keys, "lam"])[f"decay_time_{LAST + 1}"].mean().rename("time")
    at = optima(rows, keys).merge(
        times.reset_index(), left_on=[*keys, "at"], right_on=[*keys, "lam"], suffixes=("", "_grid")
    )
    at = at.rename(columns={"lam": "estimate", "lam_low": "low", "lam_high": "high"})
    columns = [*keys, "estimate", "low", "high", "edge", "test_loss", "time", "seeds"]
    return at[columns].assign(words=at["way"].map(AT_ENDS), note=at["edge"].map(AT_EDGE))
