"""Weights that no data pull at, how many clocks a training lasts, and how large weights are."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.other_optimisers.arms import CONSTANT, Arm, labelled
from l2scale.exhibits.other_optimisers.exponents import METRICS
from l2scale.exhibits.shared import AT_EDGE, at_end, bounded
from l2scale.lab.estimates.intervals import mean_interval, paired_interval
from l2scale.lab.estimates.optimal_lambda import optima


@table(source="rules")
def unused(result: Result) -> pd.DataFrame:
    """Per optimiser whose unopposed weights decay exponentially: what is left, over the predicted.

    Between the two looks, at the least lambda and width. Predicted is exp of -2 eta lambda steps,
    over 1 - mu. `off` is the distance from 1.
    """
    found = []
    for cell in ("sgd", "momentum", "adamw"):
        rows = Arm(cell).of(labelled(result))
        rows = rows[(rows["width"] == rows["width"].min()) & (rows["lam"] == rows["lam"].min())]
        by_step = rows.pivot(index="seed", columns="step", values="unused_1")
        first, last = sorted(by_step.columns)
        rate = (2 * rows["lr"] * rows["lam"] / (1 - rows["momentum"])).iloc[0]
        expected = by_step[first] * np.exp(-rate * (last - first))
        ratio = paired_interval(by_step[last], expected, ratio=True)
        row: dict[str, Any] = {"cell": cell, "off": abs(ratio.estimate - 1), "seeds": ratio.n}
        found.append(row | bounded(ratio))
    return pd.DataFrame(found)


@table(source="rules", main="left")
def left(result: Result) -> pd.DataFrame:
    """Share of their start that unopposed weights keep at the first look: a mean over seeds.

    At the least width, and the least ("weak") or the largest ("strong") lambda of the grid.
    """
    found = []
    for cell in ("sgd", "adam"):
        rows = Arm(cell).of(labelled(result))
        rows = rows[(rows["step"] == rows["step"].min()) & (rows["width"] == rows["width"].min())]
        inputs = rows["sq_norm_1"] / (rows["mean_square_1"] * rows["width"])
        kept = rows["unused_1"] / np.sqrt(2 / inputs)  # He's start: variance 2/n_in
        by_lam = kept.groupby(rows["lam"]).mean()
        ends = {"weak": by_lam.iloc[0], "strong": by_lam.iloc[-1]}
        found += [{"cell": cell, "strength": name, "left": share} for name, share in ends.items()]
    return pd.DataFrame(found)


@table(source="rules", main="clocks")
def clocks(result: Result) -> pd.DataFrame:
    """Per optimiser whose rate is divided by the width: 2 eta lambda t at the end of training.

    At the largest width, and the lambda of least validation error there.
    """
    found = []
    for cell in ("sgd", "adam", "adamw"):
        rows = Arm(cell, "inverse_width").of(at_end(labelled(result)))
        at = optima(rows, ["width"], select="val_error", report="test_error")
        last, first = at.iloc[-1], rows.iloc[0]
        rate = first["lr"] * at["width"].iloc[0] / last["width"]
        run = 2 * rate * last["lam"] * first["step"]
        found.append({"cell": cell, "clocks": run, "note": AT_EDGE.get(last["edge"], "")})
    return pd.DataFrame(found)


@table(source=("rules", "hidden"))
def sizes(result: Result) -> pd.DataFrame:
    """AdamW's weights at a constant rate at the narrowest and the widest network.

    One row per layers, metric, place, layer and size. `place` is "narrow" or "wide", at the best
    lambda there, or "held", the widest network at the narrowest one's lambda, which is not `tuned`
    "here". The size is the RMS of the layer's weights over their "ceiling", 1/(2 lambda), or over
    what "random" updates of size eta would leave, sqrt(eta/(4 lambda)); intervals, whose half is
    `reach`, are over seeds, lambda given.
    """
    found = []
    for arm, metric in product([arm for arm in CONSTANT if arm.cell == "adamw"], METRICS):
        rows = arm.of(at_end(labelled(result)))
        at = optima(rows, ["width"], select=f"val_{metric}", report=f"test_{metric}")
        narrow, wide = at.iloc[0], at.iloc[-1]
        places = {"narrow": (narrow, narrow), "held": (wide, narrow), "wide": (wide, wide)}
        for place, (network, tuned) in places.items():
            lam, where = tuned["at"], "elsewhere" if place == "held" else "here"
            some = rows[(rows["width"] == network["width"]) & (rows["lam"] == lam)]
            for layer in range(1, arm.layers + 1):
                rms, walk = np.sqrt(some[f"mean_square_{layer}"]), np.sqrt(some["lr"] / (4 * lam))
                for size, values in (("ceiling", 2 * lam * rms), ("random", rms / walk)):
                    row = {"layers": arm.layers, "metric": metric, "place": place, "lam": lam}
                    row |= {"tuned": where, "layer": layer, "size": size}
                    found.append(row | {"seeds": len(values)} | bounded(mean_interval(values)))
    table = pd.DataFrame(found)
    return table.assign(reach=(table["high"] - table["low"]) / 2)


@table(source=("rules", "hidden"), main="least")
def changes(result: Result) -> pd.DataFrame:
    """Per metric, size and place: the least and the largest factor, over layers, to the narrowest.

    `share` says whether the share of the ceiling at the best lambda by error comes "closer" to a
    factor of 1, in the layer that changes most, or "no closer".
    """
    keys = ["metric", "size", "layers", "layer"]
    by_place = sizes(result).pivot(index=keys, columns="place", values="estimate")
    factors = by_place.div(by_place["narrow"], axis=0)[["held", "wide"]].stack()
    found = factors.groupby(["metric", "size", "place"]).agg(least="min", most="max")
    far = np.log(found).abs().max(axis=1)
    closer = far["error", "ceiling", "wide"] < far
    return found.assign(share=closer.map({True: "closer", False: "no closer"})).reset_index()
