"""Where the widths of the sum have met, and the exponents before and after."""

import numpy as np
import pandas as pd

from l2scale.catalogue.predictions import directions, outcomes
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.shared import CRITERIA, bounded, yes
from l2scale.exhibits.which_penalty.exponents import MINIMUM
from l2scale.exhibits.which_penalty.regret import MET, settings
from l2scale.lab.estimates import transfer
from l2scale.lab.estimates.exponents import bend
from l2scale.lab.estimates.intervals import mean_interval
from l2scale.lab.estimates.optimal_lambda import optima

BOTH = ("penalties", "minima")


def by_horizon(result: Result) -> dict[str, pd.DataFrame]:
    """The sum's rows on digits with two layers: by number of steps, and at minima."""
    rows = result["penalties"].table
    plain = rows[rows["penalty"] == "sum"]
    by_step = {f"{step:,} steps": found for step, found in plain.groupby("step")}
    return by_step | {MINIMUM: result["minima"].table}


@table(source=BOTH)
def losses(result: Result) -> pd.DataFrame:
    """Per horizon, width and lambda: validation loss and error, cost, and where the optima are.

    `imbalance` is the largest over seeds of the units' imbalance, which is 0 at a minimum;
    `over_widest` is the mean cost over that of the widest network at the same lambda, less 1, and
    `loss_over_widest` the same of the validation loss; `best_loss` and `best_error` are the lambda*
    of the width by the two criteria, and `near_loss` and `near_error` mark the strength of the grid
    that is nearest to the widest network's.
    """
    parts = []
    for when, rows in by_horizon(result).items():
        cells = rows.groupby(["width", "lam"])
        intervals = cells["val_loss"].apply(mean_interval)
        found = cells[["cost", "test_loss", "test_error"]].mean()
        found["imbalance"] = cells["unit_imbalance_1"].max()
        for column in ("estimate", "low", "high"):
            found[column] = [getattr(interval, column) for interval in intervals]
        found = found.reset_index()
        for column, name in (("cost", "over_widest"), ("estimate", "loss_over_widest")):
            widest = found[found["width"] == found["width"].max()].set_index("lam")[column]
            found[name] = found[column] / found["lam"].map(widest) - 1
        for criterion, (select, _) in CRITERIA.items():
            best = optima(rows, ["width"], select=select).set_index("width")
            found[f"best_{criterion}"] = found["width"].map(best["lam"])
            found[f"edge_{criterion}"] = found["width"].map(best["edge"].fillna("none"))
            distance = np.log(found["lam"] / best["lam"].loc[found["width"].max()]).abs()
            found[f"near_{criterion}"] = yes(distance == distance.min())
        parts.append(found.assign(when=when))
    return with_horizon(pd.concat(parts, ignore_index=True))


def with_horizon(rows: pd.DataFrame) -> pd.DataFrame:
    """Besides `when`, which names steps: "longest" for the most of them, "shorter", or "minima"."""
    names = rows["when"].unique()
    horizon = dict.fromkeys(names, "shorter") | {names[-2]: "longest", names[-1]: "minima"}
    return rows.assign(horizon=rows["when"].map(horizon))


def met(by_width: pd.Series, share: float) -> int:
    """The narrowest width from which on the least cost is within a share of the widest's.

    Args:
        by_width: cost over the widest's, less 1, by width.
        share: above 0.
    """
    below = (by_width.sort_index(ascending=False).abs() <= share).cummin()
    return int(below[below].index.min())


@table(source="minima", main="width")
def meetings(result: Result) -> pd.DataFrame:
    """Per strength at minima: the width from which on costs have met, and the next strength's.

    `strict` and `loose` are where half and twice the share is asked for; `all` says whether widths
    have met from the narrowest on, here and at all stronger lambdas; `step` says how the width goes
    on: "falls", "stays", "rises", or "ends" at the strongest.
    """
    minima = losses(result).query("when == @MINIMUM")
    found = minima[minima["width"] == minima["width"].max()][["lam", "near_loss", "near_error"]]
    for name, share in (("width", MET), ("strict", MET / 2), ("loose", 2 * MET)):
        by_lam = minima.pivot(index="width", columns="lam", values="over_widest")
        found[name] = [met(by_lam[lam], share) for lam in found["lam"]]
    found["next_lam"], found["next"] = found["lam"].shift(-1), found["width"].shift(-1)
    found["all"] = yes(found["width"].iloc[::-1].cummax() == minima["width"].min())
    change = np.sign(found["next"] - found["width"])
    step = change.map({-1: "falls", 0: "stays", 1: "rises"}).fillna("ends")
    return found.assign(step=step).reset_index(drop=True)


@table(source="minima", main="rise")
def convergence(result: Result) -> pd.DataFrame:
    """One row: how far minima are from their least cost.

    `rise`: by what share the mean cost rises at most from a width to the next, where none should.
    """
    minima = losses(result).query("when == @MINIMUM")
    cost = minima.pivot(index="lam", columns="width", values="cost")
    rise = max(float((cost / cost.shift(axis=1) - 1).max(axis=None)), 0.0)
    return pd.DataFrame([{"rise": rise, "imbalance": minima["imbalance"].max()}])


@table(source=BOTH, main="paid")
def carrying(result: Result) -> pd.DataFrame:
    """Per horizon: what the widest network pays in validation loss for the narrowest's lambda.

    `own` and `kept` are by how much the loss falls from the narrowest to the widest network at the
    widest's and at the narrowest's grid optimum; `paid` is at most `bound`, which is own - kept.
    """
    parts = []
    for when, rows in losses(result).groupby("when", sort=False):
        loss = rows.pivot(index="lam", columns="width", values="estimate")
        narrow, wide = loss[loss.columns.min()], loss[loss.columns.max()]
        kept, own, fall = narrow.idxmin(), wide.idxmin(), narrow - wide
        parts.append(
            {"when": when, "own": fall[own], "kept": fall[kept]}
            | {"paid": wide[kept] - wide[own], "bound": fall[own] - fall[kept]}
        )
    return with_horizon(pd.DataFrame(parts))


@table(source="penalties", main="best_loss")
def early(result: Result) -> pd.DataFrame:
    """Per width, after the fewest steps: lambda* by both criteria, and where that by loss lies.

    `place` is "edge", or for an optimum in the grid "below" or "above" the clock's 1/(2 eta T).
    """
    rows = losses(result)
    first = rows[rows["when"] == rows["when"].iloc[0]].drop_duplicates("width")
    first = first[["width", "best_loss", "edge_loss", "best_error"]].reset_index(drop=True)
    clock = settings(result)["clock_short"].iloc[0]
    errors = {"least_error": first["best_error"].min(), "most_error": first["best_error"].max()}
    below = (first["best_loss"] < clock).map({True: "below", False: "above"})
    return first.assign(**errors, place=below.where(first["edge_loss"] == "none", "edge"))


@table(source=BOTH, main="exponent")
def local(result: Result) -> pd.DataFrame:
    """Per horizon, criterion and pair of neighbouring widths: the local exponent of lambda*.

    Besides, as rows of the `part` "before" and "after", the exponent over all widths up to the one
    at which costs have met at lambda* (`met`), and from it on; and "change", the second less the
    first. The first horizon, at which the penalty has hardly acted, is left out. `edges` is "none"
    where every optimum is in its grid, and `zero` whether an interval excludes 0; a pair is on the
    `side` "after" if its narrower network has met.
    """
    where, parts = meetings(result), []
    for when, rows in list(by_horizon(result).items())[1:]:
        for criterion, (select, _) in CRITERIA.items():
            at = int(where.loc[where[f"near_{criterion}"] == "yes", "width"].iloc[0])
            found = transfer.local_exponents(rows, select=select).assign(part="local")
            both = pd.concat([found, *sides(rows, at, select)], ignore_index=True)
            parts.append(both.assign(when=when, criterion=criterion, met=at))
    found = pd.concat(parts, ignore_index=True)
    return with_horizon(found).assign(
        edges=found["edges"].replace("", "none"),
        side=(found["x_low"] >= found["met"]).map({True: "after", False: "before"}),
        zero=outcomes(found, "exponent").map({"failed": "excluded"}).fillna("inside"),
    )


def sides(rows: pd.DataFrame, at: int, select: str) -> list[pd.DataFrame]:
    """The exponents up to a width and from it on, and their difference, as far as they exist."""
    found = []
    for part, side in (("before", rows["width"] <= at), ("after", rows["width"] >= at)):
        widths = rows.loc[side, "width"]
        if widths.nunique() > 1:
            one = transfer.exponents(rows[side].assign(part=part), ["part"], select=select)
            found.append(one.assign(x_low=widths.min(), x_high=widths.max()))
    if len(found) == 2 and not any(one["exponent"].isna().any() for one in found):
        change = bend(rows, at, select=select)
        row = {"part": "change", "edges": ""} | bounded(change, main="exponent")
        found.append(pd.DataFrame([row | {"x_low": rows["width"].min()}]))
    return found


@table(source=BOTH, main="exponent")
def parts(result: Result) -> pd.DataFrame:
    """Per horizon, criterion and part, before, after or change: the exponent, nan where none is."""
    found = local(result).query("part != 'local'")
    names = ["when", "criterion", "part"]
    values = [found["when"].unique(), CRITERIA, ("before", "after", "change")]
    keys = pd.MultiIndex.from_product(values, names=names)
    rows = found.set_index(names)[["exponent", "low", "high"]].reindex(keys).reset_index()
    zero = outcomes(rows, "exponent").map({"failed": "excluded"}).fillna("inside")
    none = rows["exponent"].isna().map({True: "fewer than two widths, or an edge", False: ""})
    rows = rows.assign(moves=directions(rows, "exponent"), zero=zero, note=none)
    return with_horizon(rows)
