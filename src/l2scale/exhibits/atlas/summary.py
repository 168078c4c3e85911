"""What text quotes of the atlas as a whole: how large it is, where lambda lies, and how far off."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.atlas.flat import MARGINS
from l2scale.exhibits.atlas.ladder import DRAWS, MEASURED, draws, paid, quantile
from l2scale.exhibits.atlas.predictors import TOLD
from l2scale.exhibits.atlas.problems import HELD_OUT
from l2scale.exhibits.atlas.sweeps import NOISE, RATES, STEPS
from l2scale.exhibits.atlas.valleys import OPTIMISERS, TRAINED, atlas, valleys_of


@table(source=TRAINED)
def settings(result: Result) -> pd.DataFrame:
    """What was chosen, and what there is: one row."""
    rows = atlas(result)
    sgd = rows[rows["optimiser"] == "sgd"]
    grids = {name: valleys_of(result, name)[0].logs for name in OPTIMISERS}
    row = {"sets": rows["data"].nunique(), "families": rows["family"].nunique()}
    row |= {"problems": len(rows), "sgd_problems": len(sgd), "adamw_problems": len(rows) - len(sgd)}
    row |= {"seeds": rows["seeds"].max(), "least_n": rows["n"].min(), "most_n": rows["n"].max()}
    row |= {"narrow": rows["width"].min(), "wide": rows["width"].max(), "steps": STEPS}
    row |= {"held_out": len(HELD_OUT), "diverged": rows["diverged"].sum(), "draws": DRAWS}
    row |= {"edges": (rows["edge"] != "none").sum(), "features": len(TOLD)}
    row |= {"wrong": NOISE[False], "noise_sd": NOISE[True]}
    row |= {"lr": RATES[False], "lr_regression": RATES[True], **MARGINS}
    for name, logs in grids.items():
        row |= {f"{name}_least": 2.0 ** logs[0], f"{name}_most": 2.0 ** logs[-1]}
        row |= {f"{name}_step": 2.0 ** (logs[1] - logs[0]), f"{name}_strengths": len(logs)}
    return pd.DataFrame([row])


@table(source=TRAINED, main="lam")
def spread(result: Result) -> pd.DataFrame:
    """Per optimiser and labels, where best lambdas lie: the middle and 80 % of the problems.

    Every data set weighs the same. `edges` of the `problems` are at an end of the grid; `span` is
    the factor between the bounds of the 80 %.
    """
    rows = atlas(result)
    found = []
    for optimiser, of in rows.groupby("optimiser", sort=False):
        for labels in ("all", "right", "wrong"):
            some = of if labels == "all" else of[of["labels"] == labels]
            weight = 1 / some["data"].map(some["data"].value_counts()).to_numpy()[None]
            low, lam, high = (
                quantile(some["lam"].to_numpy(), weight, q)[0] for q in (0.1, 0.5, 0.9)
            )
            cell = {"optimiser": optimiser, "labels": labels, "lam": lam}
            cell |= {"middle_low": low, "middle_high": high}
            cell |= {"span": high / low, "edges": (some["edge"] != "none").sum()}
            found.append(cell | {"problems": len(some)})
    return pd.DataFrame(found)


@table(source=MEASURED, main="ratio")
def ratios(result: Result) -> pd.DataFrame:
    """Per optimiser and rung, the median of the lambda said over the best one.

    With a bootstrap over data sets; every data set weighs the same. `middle_low` and `middle_high`
    bound 80 % of the problems.
    """
    rows = paid(result).dropna(subset=["said"])
    found = []
    for (optimiser, rung), cell in rows.groupby(["optimiser", "rung"], sort=False):
        away = (cell["said"] - cell["best"]).to_numpy()
        names = pd.Categorical(cell["data"])
        drawn = draws(len(names.categories))
        times = np.array([np.bincount(one, minlength=drawn.shape[1]) for one in drawn])
        weight = cell["weight"].to_numpy()
        ways = quantile(away, times[:, names.codes] * weight, 0.5)
        low, middle, high = (quantile(away, weight[None], q)[0] for q in (0.1, 0.5, 0.9))
        bounds = np.quantile(ways, (0.025, 0.975))
        found.append(
            {"optimiser": optimiser, "rung": rung, "ratio": 2.0**middle}
            | {"low": 2.0 ** bounds[0], "high": 2.0 ** bounds[1]}
            | {"middle_low": 2.0**low, "middle_high": 2.0**high, "sets": drawn.shape[1]}
        )
    return pd.DataFrame(found)


@table(source=MEASURED, main="regret")
def by_family(result: Result) -> pd.DataFrame:
    """Per optimiser and family, what the suggested rule costs there, fitted on the others.

    Geometric mean over data sets, without an interval: a family has few. `flat` is the share of
    its valleys in which the best lambda saves less than the margin of error against none.
    """
    rows = paid(result)
    best = rows[rows["rung"] == rows["suggests"]]
    none = rows[rows["rung"] == "none"].set_index("problem")["error"]
    best = best.assign(flat=best["problem"].map(none) < MARGINS["error"])
    by_set = best.groupby(["optimiser", "family", "data"], sort=False)[["cost", "error", "flat"]]
    means = by_set.mean().groupby(["optimiser", "family"], sort=False)
    found = means.mean().reset_index()
    found["regret"] = np.expm1(found.pop("cost"))
    found["sets"] = means.size().to_numpy()
    return found[["optimiser", "family", "sets", "regret", "error", "flat"]]


@table(source=MEASURED, main="lam")
def calibration(result: Result) -> pd.DataFrame:
    """One row a problem: `lam` as the suggested rule said it, fitted on the other families.

    `best` is the best one, with its place at an edge of the grid.
    """
    rows = paid(result)
    rows = rows[rows["rung"] == rows["suggests"]]
    edges = atlas(result).set_index("problem")["edge"]
    keep = ["problem", "optimiser", "family", "data", "n", "width", "labels", "suggests"]
    found = rows[keep].rename(columns={"suggests": "rule"})
    return found.assign(
        lam=2 ** rows["said"], best=2 ** rows["best"], edge=rows["problem"].map(edges)
    )
