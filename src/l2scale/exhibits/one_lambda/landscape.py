"""Costs at random points, and where L-BFGS ends at one effective strength and at one typed."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.one_lambda.observations import HOMOGENEOUS
from l2scale.exhibits.one_lambda.sweeps import COMPARED, FELT, SHAPES
from l2scale.exhibits.shared import at_end, yes

KERNEL_SHAPE = (3, 3, 256, 256)
ALIKE = 0.01  # costs nearer to each other than this count as one
EXACT = 1e-12  # a relative difference below it is one of rounding
BREACH = 1e-4  # and above it of another function
BOTH = ("minima", "unmatched")
NAMES = {"-".join(map(str, hidden)): name for name, hidden in SHAPES.items()}
COSTS = ["arm", "shape", "penalty", "seed", "lam", "cost", "train_loss", "test_loss"]


@table(source="points", main="gap")
def points(result: Result) -> pd.DataFrame:
    """The relative gap between the two costs, by network and draw."""
    rows = result["points"].table
    gap = (rows["other"] - rows["sum"]).abs() / rows["sum"]
    return rows.assign(gap=gap, homogeneous=rows["network"].isin(HOMOGENEOUS))


@table(source="points", main="median")
def gaps(result: Result) -> pd.DataFrame:
    """Per kind of network, `homogeneous` or not: its least, median and largest gap."""
    groups = points(result).groupby(["network", "homogeneous"], sort=False)["gap"]
    found = groups.agg(least="min", median="median", largest="max").reset_index()
    return found.assign(homogeneous=yes(found["homogeneous"]))


@table(source="points", main="draws")
def settings(result: Result) -> pd.DataFrame:
    """One row: what was chosen, and how far apart coefficients were drawn.

    `matches`: whether two costs differ by rounding exactly where theory says so.
    """
    rows, found = points(result), gaps(result)
    same = found["homogeneous"] == "yes"
    matches = (found["median"] > BREACH)[~same].all() and (found["largest"] < EXACT)[same].all()
    row = {"draws": rows["seed"].nunique(), "felt": FELT, "alike": ALIKE}
    row |= {"matches": "yes" if matches else "no"}
    row |= {"least_c": rows["least_c"].min(), "largest_c": rows["largest_c"].max()}
    return pd.DataFrame([row | {"kernel_size": int(np.prod(KERNEL_SHAPE))}])


def still_to_gain(rows: pd.DataFrame) -> pd.Series:
    """Share of E that the second half of the iterations still gained, by run."""
    half, end = (rows[rows["step"] == step].set_index("run")["cost"] for step in halves(rows))
    return 1 - end / half


def halves(rows: pd.DataFrame) -> tuple[int, int]:
    """Half of the steps, and all."""
    return rows["step"].max() // 2, rows["step"].max()


@table(source=BOTH, main="relative")
def minima(result: Result) -> pd.DataFrame:
    """Cost and test loss at the end, and the cost relative to the sum's at the same strength.

    `arm` is "effective" or "typed" by the strength that is one, or "restarted" from starts of other
    scales. `gain` is what the second half of the iterations gained.
    """
    rows, keys = result["minima"].table, ["hidden", "seed"]
    half, last = halves(rows)
    ours = rows[(rows["penalty"] == "sum") & (rows["init"] == "he")].set_index(["step", *keys])
    ours = ours.sort_index()

    def sums(of: pd.DataFrame, column: str, step: int) -> np.ndarray:
        return ours.loc[step, column].reindex(pd.MultiIndex.from_frame(of[keys])).to_numpy()

    ends, typed = rows[rows["step"] == last], at_end(result["unmatched"].table)
    ends = ends.assign(
        arm=np.where(ends["init"] == "he", "effective", "restarted"),
        gain=ends["run"].map(still_to_gain(rows)),
        relative=ends["cost"] / sums(ends, "cost", last),
    )
    # Typed runs take half the iterations, and are compared with the sum after as many.
    typed = typed.assign(arm="typed", relative=typed["cost"] / sums(typed, "cost", half))
    found = pd.concat([ends, typed], ignore_index=True)
    found["shape"] = found["hidden"].map(NAMES)
    found["apart"] = (found["test_loss"] - sums(found, "test_loss", last)).abs()
    return found[[*COSTS, "gain", "relative", "apart"]]


@table(source="minima", main="spread")
def agreement(result: Result) -> pd.DataFrame:
    """Per group of penalties, "named", "orders" (and the sum) or "all": ends at one felt strength.

    `spread` is the largest cost over the least, less 1, on any shape and seed; `least` and `most`
    are costs over the sum's; `apart` is the test loss's largest distance from the sum's, and `gain`
    what the second half of the iterations gained at most, both of penalties other than the sum.
    """
    rows = minima(result).query("arm == 'effective'")
    named, ours = rows["penalty"].isin(COMPARED), rows["penalty"] == "sum"
    found = []
    for among, which in {"named": named, "orders": ~named | ours, "all": named | ~named}.items():
        cells = rows[which].groupby(["shape", "seed"])["cost"]
        row = {"among": among, "spread": (cells.max() / cells.min() - 1).max()}
        row |= {"least": rows[which]["relative"].min(), "most": rows[which]["relative"].max()}
        found.append(row | rows[which & ~ours][["gain", "apart"]].max().to_dict())
    return pd.DataFrame(found).assign(sum_test_loss=rows[ours]["test_loss"].mean())


@table(source="minima", main="spread")
def restarts(result: Result) -> pd.DataFrame:
    """Per seed on the square: the `spread` of the sum's costs from starts of three scales.

    `lower` is how far the least cost of other coefficients lies below the sum's best, and `beyond`
    whether that is more than the spread.
    """
    return restarts_in(minima(result))


def restarts_in(rows: pd.DataFrame) -> pd.DataFrame:
    """The same, from the rows of `minima`."""
    square = rows[(rows["arm"] != "typed") & (rows["shape"] == "square")]
    ours = square[square["penalty"] == "sum"].groupby("seed")["cost"]
    others = square[square["penalty"] != "sum"].groupby("seed")["cost"].min()
    spread, lower = ours.max() / ours.min() - 1, 1 - others / ours.min()
    found = pd.DataFrame({"spread": spread, "lower": lower, "beyond": yes(lower > spread)})
    return found.reset_index()


@table(source=BOTH, main="ratio")
def typed(result: Result) -> pd.DataFrame:
    """Per penalty and shape: the cost over the sum's at one typed strength; `factor` is above 1."""
    rows = minima(result).query("arm == 'typed'").groupby(["penalty", "shape"], sort=False)
    ratio = rows["relative"].mean().rename("ratio").reset_index()
    return ratio.assign(factor=np.maximum(ratio["ratio"], 1 / ratio["ratio"]))
