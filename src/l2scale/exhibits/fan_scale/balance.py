"""How equal the layers' terms of a penalty are, and what keeps them from being equal."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.fan_scale.sweeps import shapes_of
from l2scale.exhibits.fan_scale.trained import (
    FUNNEL,
    ONE,
    geometric,
    largest_over_least,
    layers_of,
)
from l2scale.exhibits.shared import batch_square, bounded, means, yes
from l2scale.lab.estimates.intervals import paired_interval
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.runs import Run
from l2scale.theory.penalties import coefficients
from l2scale.theory.rescaling import noise_gap

SHOWN = ("fan", "sum", "tensor_mean")
LAYERS = (1, 2, 3, 4)
SQUARES = [f"sq_norm_{layer}" for layer in LAYERS]
NOISE = [f"noise_{layer}" for layer in LAYERS]


@table(source="scales", main="value")
def terms(result: Result) -> pd.DataFrame:
    """c_l ||W_l||^2 by layer and step, in the funnel from Glorot's start.

    `share` is that of the layer in the sum over layers, times their number: 1 where all are equal.
    """
    rows = result["scales"].table
    chosen = (rows["hidden"] == FUNNEL) & (rows["init_scale"] == 1) & (rows["lam"] > 0)
    long = layers_of(rows[chosen])
    c = {name: coefficients(name, shapes_of(FUNNEL)) for name in long["penalised"].unique()}
    factor = [c[name][i - 1] for name, i in zip(long["penalised"], long["layer"], strict=True)]
    long = long.assign(value=long["sum_of_squares"] * factor)
    mean = long.groupby(["penalised", "seed", "step"])["value"].transform("mean")
    columns = ["penalised", "seed", "step", "layer", "fan_in", "fan_out", "value"]
    return long[columns].assign(share=long["value"] / mean).reset_index(drop=True)


@table(source="scales", main="spread")
def term_spreads(result: Result) -> pd.DataFrame:
    """Per penalty shown and step: largest over least term of the layers, and whether it is one."""
    rows = terms(result)
    networks = pd.concat(
        largest_over_least(rows[rows["penalised"] == name], ["penalised", "step"], "value")
        for name in SHOWN
    )
    found = geometric(networks, ["penalised", "step"], "spread")
    return found.assign(
        equal=yes(found["high"] < ONE), factor=np.where(found["penalised"] == "fan", "own", "other")
    )


@table(source="scales", main="value")
def start_terms(result: Result) -> pd.DataFrame:
    """The fan penalty's term before training, `per` layer, and the network's mean over "all"."""
    rows = terms(result).query("penalised == 'fan' and step == 0").assign(per="layer")
    every = rows.groupby("seed", as_index=False)["value"].mean().assign(layer="all", per="network")
    return means(pd.concat([rows, every]), ["per", "layer"], "value")


@table(source="rest", main="gap")
def rest(result: Result) -> pd.DataFrame:
    """First layer's sum of squares over the last's, - 1, mean over the last third of training.

    `gap` is measured. `predicted` is what gradient noise keeps up in a network without biases, from
    `noise_l`, the mean squared norm of a batch's gradient. `growing` is what the growth of the
    biases' squares in that time asks for without noise; 0 without biases.
    """
    rows = result["rest"].table.copy()
    samples = len(split_of(Run()).x_train)
    for layer in LAYERS:
        full, one = (rows[f"{kind}_force_{layer}"] ** 2 for kind in ("data", "sample"))
        rows[f"noise_{layer}"] = batch_square(full, one, rows["batch_size"], samples)
    keys = ["bias", "batch_size", "lr", "lam", "seed"]
    late = rows.groupby(keys, as_index=False)[[*SQUARES, *NOISE]].mean()
    expected = [
        noise_gap(row["lr"], row["lam"], row[NOISE].tolist(), row[SQUARES].tolist())[0]
        for _, row in late.iterrows()
    ]
    # Growth in the time lr x steps, of the biases below the last layer.
    rows["squares"] = rows[[f"bias_sq_norm_{layer}" for layer in LAYERS[:-1]]].sum(axis=1)
    ends = rows.sort_values("step").groupby(keys, as_index=False)[["step", "squares"]]
    ends = ends.agg(["first", "last"])
    grown = (ends["squares"]["last"] - ends["squares"]["first"]) / late["lr"]
    rate = grown / (ends["step"]["last"] - ends["step"]["first"])
    return late.assign(
        gap=late["sq_norm_1"] / late["sq_norm_4"] - 1,
        predicted=expected,
        growing=-rate / (4 * late["lam"] * late["sq_norm_4"]),
    )


@table(source="rest", main="gap")
def gaps(result: Result) -> pd.DataFrame:
    """Per batch size, with biases and without: the gap, and what the two causes say of it.

    `change` is that from the next smaller batch; `explained`, without biases alone, is measured
    over predicted by noise, on the `side` "inside", "above" or "below" of 1.
    """
    rows, keys = rest(result).sort_values("batch_size"), ["bias", "batch_size"]
    rows["change"] = rows.groupby(["bias", "seed"])["gap"].diff()
    noise = rows[~rows["bias"]]
    explained = [
        dict(zip(keys, key, strict=True))
        | bounded(paired_interval(cell["gap"], cell["predicted"], ratio=True), "explained")
        for key, cell in noise.groupby(keys)
    ]
    found = means(rows, keys, "gap", "growing", "change")
    found = found.merge(pd.DataFrame(explained), on=keys, how="left")
    above, below = found["explained_low"] > 1, found["explained_high"] < 1
    return found.assign(side=np.select([above, below], ["above", "below"], "inside"))
