"""Two layers: how sure their threshold is, where they leave zero, and how fast they get there."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.crush.limits import biased_threshold, limit_of
from l2scale.exhibits.crush.sweeps import TOLERANCE
from l2scale.exhibits.shared import NOTHING, at_end, bounded, means, yes
from l2scale.lab.estimates.intervals import mean_interval
from l2scale.theory.collapse import contraction, stepped

ASKED = 0.01  # the strength in the thread
ATTAINED = 1e-3  # an ascent within this share of the best has reached it
ZERO = 1e-3  # of the sum of squares at the lowest strength: less counts as zero
FLOOR, LATE = 1e-20, 1e-2  # sums of squares between which the rate is read off
BOTH = ("widths", "biased")
NAMES = {
    "breast_cancer": "breast cancer",
    "digits_parity": "the digits (odd or even)",
    "digits": "the digits (which one)",
    "mnist_test_parity": "MNIST's test set (odd or even)",
}


@table(source=("widths", "biased", "certificates", "basin"))
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row. `starts` is the most of a width, up to `starts_to` units."""
    rows = widths(result)
    starts = rows.groupby(["arm", "width"])["init"].nunique().reset_index()
    several = starts.loc[starts["init"] > 1, "width"]
    row = {"least": rows["width"].min(), "widest": rows["width"].max()}
    row |= {"sets": rows["seed"].nunique(), "lowest": rows["ratio"].min(), "zero": ZERO}
    row |= {"starts": starts["init"].max(), "starts_to": several.max()}
    row |= {"basin_sets": result["basin"].table["seed"].nunique()}
    return pd.DataFrame([row | {"samples": result["certificates"].configuration["n_train"]}])


@table(source=("certificates", "ascents"), main="gap")
def certified(result: Result) -> pd.DataFrame:
    """Both panels, told apart by `panel`: bounds by cells, and the ends of ascents by rank."""
    bounds, ends = result["certificates"].table, result["ascents"].table
    by_seed = ends.groupby("seed")
    of_best = ends["found"] / by_seed["found"].transform("max")
    share = ends["rank"] / by_seed["rank"].transform("max")
    parts = [
        bounds.assign(panel="certificate", gap=bounds["upper"] / bounds["found"] - 1),
        ends.assign(panel="ascents", of_best=of_best, share=share),
    ]
    return pd.concat(parts, ignore_index=True)


@table(source=("certificates", "ascents"), main="reached")
def certainty(result: Result) -> pd.DataFrame:
    """One row: the share of ascents that reached the best, and how far the certificates closed.

    `gap` is how far the tightest bound is above what an ascent attained, at worst.
    """
    rows = certified(result)
    ends = rows[rows["panel"] == "ascents"]
    reached = (ends["of_best"] > 1 - ATTAINED).groupby(ends["seed"]).mean()
    found = means(reached.reset_index(name="reached").assign(of="ascents"), ["of"], "reached")
    last = rows[rows["panel"] == "certificate"].sort_values("cells")
    last = last.groupby(["inputs", "seed"])[["gap", "cells", "lower", "found"]].last()
    return found.assign(
        gap=last["gap"].max(),
        cells=last["cells"].max(),
        inputs=rows["inputs"].max(),
        restarts=rows["rank"].max(),
        over_found=(last["lower"] / last["found"] - 1).max(),
        stop=TOLERANCE,
        attained=ATTAINED,
    )


@table(source=BOTH, main="squares")
def widths(result: Result) -> pd.DataFrame:
    """Sum of squares at the minimum, by strength over the one predicted for the training set.

    `floor` and `ceiling` are certain bounds on the threshold, and `slope` is that of one unit.
    """
    parts = []
    for name in BOTH:
        rows = result[name].table
        sets = list(rows[["data", "n_train", "seed"]].itertuples(index=False, name=None))
        found = [limit_of(*each) for each in sets]
        if name == "widths":
            theory = {
                "arm": rows["data"],
                "predicted": [f.threshold for f in found],
                # One unit: S = 2 p with p = (M - 2 lam) / (2 stiffness).
                "slope": [2 * f.threshold / f.path.stiffness for f in found],
                "floor": [f.floor / 2 for f in found],
                "ceiling": [f.ceiling / 2 for f in found],
            }
        else:
            theory = {"arm": "biased", "predicted": [biased_threshold(*each) for each in sets]}
        part = rows[["width", "seed", "init", "lam", "cost", "weights"]].assign(
            squares=rows["sq_norm_1"] + rows["sq_norm_2"], **theory
        )
        parts.append(part.assign(ratio=(part["lam"] / part["predicted"]).round(6)))
    whole = pd.concat(parts, ignore_index=True).sort_values("ratio")
    top = whole.groupby(["arm", "width", "seed", "init"])["squares"].transform("first")
    return whole.assign(zero=whole["squares"] < ZERO * top).sort_index()


def best_start(table: pd.DataFrame) -> pd.DataFrame:
    """The start with the lowest cost, for every training set, width and strength."""
    keys = ["arm", "width", "seed", "ratio"]
    return table.sort_values("cost").groupby(keys, as_index=False).first()


@table(source=BOTH, main="alive_to")
def leaves(result: Result) -> pd.DataFrame:
    """Per arm, and of all: the ratio up to which every width has left zero, and `zero_from`.

    From that on all starts end at zero. They are nan where a width has none on the grid.
    """
    rows = []
    for (arm, _), group in widths(result).groupby(["arm", "width"]):
        best, alive = best_start(group), group.loc[~group["zero"], "ratio"].max()
        zero = best.loc[best["zero"], "ratio"].min()
        row = {"alive_to": best.loc[~(best["ratio"] >= zero), "ratio"].max()}
        row |= {"zero_from": group.loc[~(group["ratio"] <= alive), "ratio"].min()}
        rows += [{"arm": each} | row for each in (arm, "all")]
    by_arm = pd.DataFrame(rows).groupby("arm")
    low = by_arm["alive_to"].agg(lambda x: x.min(skipna=False))
    return (
        low.to_frame()
        .assign(zero_from=by_arm["zero_from"].agg(lambda x: x.max(skipna=False)))
        .reset_index()
    )


@table(source=BOTH, main="threshold")
def thresholds(result: Result) -> pd.DataFrame:
    """Per arm: the threshold predicted, over training sets, and its certain bounds.

    `line` is the sum of squares nearest below the threshold over that of one unit, which is
    computed without biases alone; `times_asked` is the threshold over the thread's strength.
    """
    best = best_start(widths(result).query("ratio < 1"))
    near = best[best["ratio"] == best.groupby("arm")["ratio"].transform("max")]
    line = near["squares"] / (near["slope"] * (1 - near["ratio"]))
    near = near.assign(threshold=near["predicted"], line=line)
    by_set = near.groupby(["arm", "seed"])[["threshold", "line", "floor", "ceiling"]].mean()
    by_arm = by_set.groupby("arm")
    found = means(by_set.reset_index(), ["arm"], "threshold", "line")
    return found.assign(
        times_asked=found["threshold"] / ASKED,
        floor=found["arm"].map(by_arm["floor"].min()),
        ceiling=found["arm"].map(by_arm["ceiling"].max()),
    )


@table(source="clock", main="squares")
def clock(result: Result) -> pd.DataFrame:
    """Per strength, seed and step: sum of squares over `time`, the learning rate times the steps.

    `ratio` is lambda over the threshold; above it `rate` is the contraction per unit of time that
    the theorem guarantees, and `stepped` the same for steps of this size.
    """
    rows = result["clock"].table
    tops = np.array([limit_of(r.data, r.n_train, r.seed).threshold for r in rows.itertuples()])
    ratio = (rows["lam"] / tops).round(6)
    rates = [
        contraction(lam, 2 * top) if over > 1 else np.nan
        for lam, top, over in zip(rows["lam"], tops, ratio, strict=True)
    ]
    return rows[["seed", "step", "lam"]].assign(
        ratio=ratio,
        time=rows["step"] * rows["lr"],
        squares=rows["sq_norm_1"] + rows["sq_norm_2"],
        rate=rates,
        stepped=stepped(np.array(rates), rows["lr"].to_numpy()),
    )


@table(source="clock", main="over")
def seed_rates(result: Result) -> pd.DataFrame:
    """Per strength above the threshold and seed: the late rate over the bound.

    `finite` is what the finite step adds to the bound, as a share, and `rest` what it leaves.
    """
    found = []
    for (ratio, seed), line in clock(result).query("ratio > 1").groupby(["ratio", "seed"]):
        late = line[line["squares"].between(FLOOR, LATE)].tail(3)
        if len(late) > 1:
            rate = -np.polyfit(late["time"], np.log(late["squares"]), 1)[0]
            first = late.iloc[0]
            over, finite = rate / first["rate"], first["stepped"] / first["rate"] - 1
            found.append({"ratio": ratio, "seed": seed, "over": over, "finite": finite})
    rows = pd.DataFrame(found, columns=["ratio", "seed", "over", "finite"])
    return rows.assign(rest=rows["over"] - 1 - rows["finite"])


@table(source="clock", main="over")
def rates(result: Result) -> pd.DataFrame:
    """Per strength over the threshold: the late rate over the bound, over seeds.

    `side` is "below", "at" or "above"; `keeps` says whether all networks end with weights, and
    `close` whether the rates of all seeds are near the bound; `stepped` is the rate predicted.
    """
    by_seed, found = seed_rates(result), []
    for ratio, ends in at_end(clock(result)).groupby("ratio"):
        side = {-1: "below", 0: "at", 1: "above"}[np.sign(ratio - 1)]
        row = {"ratio": ratio, "side": side, "keeps": (ends["squares"] > LATE).all()}
        mine = by_seed[by_seed["ratio"] == ratio]
        row |= {"close": len(mine) > 0 and mine["over"].between(0.99, 1.05).all()}
        row |= bounded(mean_interval(mine["over"]) if len(mine) else NOTHING, main="over")
        found.append(row | {"stepped": 1 + mine["finite"].mean(), "seeds": len(mine)})
    rows = pd.DataFrame(found)
    return rows.assign(keeps=yes(rows["keeps"]), close=yes(rows["close"]))


@table(source="datasets", main="threshold")
def others(result: Result) -> pd.DataFrame:
    """Per data set: mean thresholds without and with free biases, and the least jumps.

    `beyond` is the most, over splits, of that with free biases over what linear units tell of it.
    """
    table = result["datasets"].table
    rows = table.assign(beyond=table["biased"] / table["linear"]).groupby("data", sort=False)
    found = rows[["threshold", "biased"]].mean().join(rows["beyond"].max())
    found = found.join(rows[["jump_3", "jump_4"]].min())
    found = found.assign(binary=yes(rows["binary"].first())).reset_index()
    return found.assign(name=found["data"].replace(NAMES))
