"""Least costs by width: under the sum, on the line beside its limit, and under other penalties."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.shared import bounded, effective, yes
from l2scale.exhibits.width_limit.chains import KEYS, KICK
from l2scale.exhibits.width_limit.lines import GRID
from l2scale.exhibits.width_limit.sweeps import BASE
from l2scale.lab.data.datasets import load
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.estimates.intervals import mean_interval, paired_interval

FLOOR = 1e-4  # where an excess below it is drawn: at 0 a logarithm ends
CRUSHED = 0.5  # share of unlearned training labels above which a network is crushed
LEVEL = 0.05  # a last change of the sum of squares that counts as none
CHANGES = ["over_widest", "split_change", "gain"]
LINE = ["seed", "kind", "width", "lam", "limit", "bound", "cost", "excess", "median_excess"]
SQUARES = ["squares", "integral", "spline_squares", "gentle_squares"]
OTHERS = ["penalty", *KEYS, "n_train", "lam", "weights", "cost", "train_error", "test_error"]


@table(source="chains", main="least")
def least(result: Result) -> pd.DataFrame:
    """Per depth, width and seed: the least cost found, its sum of squares, what the solver leaves.

    `over_widest` is the least cost over that of the seed's widest network, less 1; `own_rise` by
    how much the cost from an own start exceeds that of the next narrower width; `gain` what the
    second half of the iterations still took off, relative to the cost; `split_change` what
    splitting units changed.
    """
    rows = result["chains"].table.sort_values([*KEYS, "cost"])
    own = rows[rows["start"] == "own"]
    rise = own["cost"] / own.groupby(["depth", "seed"])["cost"].shift() - 1
    best = rows.drop_duplicates([*KEYS])
    widest = best.groupby(["depth", "seed"])["least"].transform("min")
    best = best.assign(
        over_widest=best["least"] / widest - 1,
        split_change=best["split_cost"] / best["narrower"] - 1,
        gain=best["half_cost"] / best["cost"] - 1,
    )[[*KEYS, "n_train", "lam", "weights", "start", "least", "squares", *CHANGES]]
    return best.merge(own[[*KEYS]].assign(own_cost=own["cost"], own_rise=rise), on=[*KEYS])


@table(source="chains", main="wide")
def limit(result: Result) -> pd.DataFrame:
    """Per depth: means at the narrowest, the last but one and the widest network, and changes.

    `last_x` is the relative change of x over the last doubling of width, `x_ratio` x at the widest
    over x at the narrowest; `gain` is the larger at the last two widths. `fall` is what the last
    doubling takes off the least cost; it `falls` where that is more than the solver still gained.
    """
    rows = []
    for depth, cells in least(result).groupby("depth"):
        narrow, *_, before, wide = (at.set_index("seed") for _, at in cells.groupby("width"))
        row = {"depth": depth, "gain": max(before["gain"].mean(), wide["gain"].mean())}
        for name, at in {"narrow": narrow, "before": before, "wide": wide}.items():
            row[name] = at["width"].iloc[0]
            row |= {f"{name}_{x}": at[x].mean() for x in ("least", "squares", "over_widest")}
            row[f"{name}_weights"] = at["weights"].iloc[0]
        for x in ("least", "squares", "weights"):
            row |= bounded(mean_interval(wide[x] / before[x] - 1), f"last_{x}")
            row |= bounded(paired_interval(wide[x], narrow[x], ratio=True), f"{x}_ratio")
        fall = -row["last_least"]
        rows.append(row | {"fall": fall, "times": row["wide_weights"] / row["before_weights"]})
    found = pd.DataFrame(rows)
    return found.assign(falls=yes(found["fall"] > found["gain"]))


@table(source="chains", main="split")
def descents(result: Result) -> pd.DataFrame:
    """One row: settings; in how many `steps` to the next width an own start's cost rises.

    `split` is the largest relative change of the cost as units are split.
    """
    rows = least(result)
    steps = rows["own_rise"].dropna()
    row = rows[["n_train", "lam"]].iloc[0].to_dict() | {"seeds": rows["seed"].nunique()}
    row |= {"kick": KICK, "floor": FLOOR, "level": LEVEL, "noise": BASE.label_noise}
    row |= {"steps": len(steps), "rises": (steps > 0).sum(), "rise": steps.max()}
    return pd.DataFrame([row | {"split": rows["split_change"].abs().max()}])


@table(source="line", main="excess")
def line(result: Result) -> pd.DataFrame:
    """Both panels of the figure, told apart by `panel`.

    "excess": per width and seed the columns of `width_limit.lines.observe_lines`. "curve": x and y
    of seed 0's data, limit and three trained networks.
    """
    rows = result["line"].table
    first = rows[(rows["seed"] == 0) & (rows["kind"] != "built")]
    widths = sorted(first.loc[first["kind"] == "trained", "width"])
    shown = first["width"].isin([0, widths[0], widths[len(widths) // 2], widths[-1]])
    data = load("zigzag", seed=0)
    values = [f"curve_{i}" for i in range(len(GRID))]
    curves = [
        pd.DataFrame({"x": GRID, "y": [*row[values]], "kind": row["kind"], "width": row["width"]})
        for _, row in first[shown].iterrows()
    ]
    points = {"x": data.x_train[:, 0], "y": data.y_train[:, 0], "kind": "data", "width": 0}
    curves.append(pd.DataFrame(points))
    curve = pd.concat(curves).assign(seed=0, panel="curve")
    return pd.concat([rows[LINE + SQUARES].assign(panel="excess"), curve], ignore_index=True)


def of_kind(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows of `line` of one kind, "limit", "built" or "trained", by width and seed."""
    found = rows[(rows["panel"] == "excess") & (rows["kind"] == kind)]
    return found.sort_values(["width", "seed"])


@table(source="line", main="gap")
def certificate(result: Result) -> pd.DataFrame:
    """One row: how far the limit is certain, and how near networks are to it, each at worst.

    `gap` is between the limit's cost and its bound from below; `below`, how far any network got
    below that bound; `built`, the excess of the limit written as a network, which has `fewest` to
    `most` units; `apart`, between trained networks' half sums of squares and the R of their bends;
    `gentle`, between the sums of squares of the limit at a vanishing strength and of the polygon
    through the data (`spline`, of seed 0). All are shares.
    """
    limits, built, trained = (of_kind(line(result), k) for k in ("limit", "built", "trained"))
    networks = pd.concat([built, trained])
    apart = (trained["squares"] / 2 / trained["integral"] - 1).abs()
    gentle = limits["gentle_squares"] / limits["spline_squares"] - 1
    row = {"lam": limits["lam"].iloc[0], "spline": limits["spline_squares"].iloc[0]}
    row |= {"gap": (limits["cost"] / limits["bound"] - 1).abs().max()}
    row |= {"below": (1 - networks["cost"] / networks["bound"]).clip(lower=0).max()}
    row |= {"built": built["excess"].abs().max(), "gentle": gentle.abs().max()}
    row |= {"fewest": built["width"].min(), "most": built["width"].max()}
    return pd.DataFrame([row | {"apart": apart.max(), "apart_median": apart.median()}])


@table(source="line", main="median")
def starts(result: Result) -> pd.DataFrame:
    """Per width: the excess over the limit of the median and the best start, means over seeds.

    x_nearer is in how many of the `seeds` it is below that at the next narrower width; `wider` is
    the next wider one.
    """
    trained = of_kind(line(result), "trained")
    found = pd.DataFrame({"seeds": trained.groupby("width").size()})
    for name, column in (("median", "median_excess"), ("best", "excess")):
        cells = trained.pivot(index="seed", columns="width", values=column)
        found[name], found[f"{name}_nearer"] = cells.mean(), (cells.diff(axis=1) < 0).sum()
    found = found.reset_index()
    return found.assign(wider=found["width"].shift(-1))


@table(source=("others", "twins"), main="cost")
def others(result: Result) -> pd.DataFrame:
    """Cost and errors by penalty, depth, width and seed; `twin_cost` is the sum's at `worth`."""
    rows, keys = result["others"].table, [*KEYS, "worth"]
    worth = [row.lam * effective(row.penalty, row.width, row.depth) for row in rows.itertuples()]
    names = {"lam": "worth", "cost": "twin_cost", "train_error": "twin_error"}
    twins = result["twins"].table[[*KEYS, *names]].rename(columns=names).round({"worth": 12})
    rows = rows[OTHERS].assign(worth=np.round(worth, 12))
    return rows.merge(twins.drop_duplicates(keys), on=keys, how="left", validate="many_to_one")


@table(source=("others", "twins"), main="gap")
def ends(result: Result) -> pd.DataFrame:
    """Per penalty and depth: errors at the widest network, and the cost's ratio to the narrowest's.

    `exponent` is that of the effective strength in width; `gap` the largest relative difference, of
    means over seeds, between a penalty's cost and its twin's.
    """
    rows = []
    for (penalty, depth), cells in others(result).groupby(["penalty", "depth"], sort=False):
        narrow, *_, wide = (at for _, at in cells.groupby("width"))
        row = {"penalty": penalty, "depth": depth, "lam": cells["lam"].iloc[0]}
        row |= {"narrow": cells["width"].min(), "wide": cells["width"].max()}
        row |= bounded(paired_interval(wide["cost"], narrow["cost"], ratio=True), "ratio")
        row |= bounded(mean_interval(wide["train_error"]), "train_error")
        row |= bounded(mean_interval(wide["test_error"]), "test_error")
        means = cells.groupby("width")[["cost", "twin_cost"]].mean()
        row["gap"] = (means["cost"] / means["twin_cost"] - 1).abs().max()
        rows.append(row | {"exponent": loglog_slope(cells, "width", "worth").estimate})
    found = pd.DataFrame(rows)
    return found.assign(crushed=yes(found["train_error_low"] > CRUSHED))
