"""SGD under four penalties, each with its own best strength, and L-BFGS at one of them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.one_lambda.sweeps import COMPARED, NOISY, geometric_mean
from l2scale.exhibits.shared import AT_EDGE, bounded, yes
from l2scale.lab.estimates.intervals import mean_interval, paired_interval
from l2scale.lab.estimates.optimal_lambda import optimum

OTHERS = COMPARED[1:]
SGD, MINIMUM = "SGD", "minimum"
BOTH = ("tuned", "settled")
METRICS = ("loss", "error")
TOGETHER = 1 - 0.05 / (len(OTHERS) * len(METRICS))  # Bonferroni: 95 % for all of them at once
COLUMNS = ["penalty", "lam", "seed", "cost", "val_loss", "test_loss", "test_error", "diverged"]


@table(source=BOTH, main="test_loss")
def tuned(result: Result) -> pd.DataFrame:
    """Per arm, penalty, strength and seed: SGD over the grid, and L-BFGS at one strength of it.

    `felt` is lambda times the geometric mean of the coefficients; losses and cost are in nats.
    """
    means = {p: geometric_mean(replace(NOISY, penalty=p)) for p in COMPARED}
    arms = zip(BOTH, (SGD, MINIMUM), strict=True)
    parts = [result[sweep].table[COLUMNS].assign(arm=arm) for sweep, arm in arms]
    rows = pd.concat(parts, ignore_index=True)
    # To 9 digits: the strengths of all penalties then meet again as equal numbers.
    felt = [float(f"{x:.9g}") for x in rows["lam"] * rows["penalty"].map(means)]
    return rows.assign(felt=felt)


def chosen_in(rows: pd.DataFrame) -> pd.DataFrame:
    """Per penalty: where SGD's validation loss is least, as felt, and test metrics there.

    Where that is not `inside` the grid, it is a bound.
    """
    found = []
    for penalty, cells in rows[rows["arm"] == SGD].groupby("penalty", sort=False):
        best = optimum(cells, lam="felt")
        at = cells[cells["felt"] == best.at]
        row = {"penalty": penalty, "at": best.at, "inside": "no" if best.edge else "yes"}
        row |= {"note": AT_EDGE.get(best.edge, "")}
        for metric in METRICS:
            row |= bounded(mean_interval(at[f"test_{metric}"]), f"test_{metric}")
        found.append(row | {"seeds": len(at)})
    return pd.DataFrame(found)


def differences_in(rows: pd.DataFrame) -> pd.DataFrame:
    """Per case, penalty and metric: the test metric less the sum's, paired over seeds.

    The cases: "tuned", SGD at each penalty's own best strength; "together", the same with 95 % for
    all six at once; "minimum", where L-BFGS ends at one effective strength. `reach` is the largest
    difference that the interval allows, as a share of the sum's; `side` is "higher" or "lower"
    where it excludes 0; `layerwise` penalties change the layers' shares.
    """
    at = rows["penalty"].map(chosen_in(rows).set_index("penalty")["at"])
    best, ends = rows[(rows["arm"] == SGD) & (rows["felt"] == at)], rows[rows["arm"] == MINIMUM]
    cases = {"tuned": (best, 0.95), "together": (best, TOGETHER), "minimum": (ends, 0.95)}
    found = []
    for case, (cells, level) in cases.items():
        for penalty in OTHERS:
            for metric in METRICS:
                wide = cells.pivot(index="seed", columns="penalty", values=f"test_{metric}")
                less = paired_interval(wide[penalty], wide["sum"], level=level)
                row = {"case": case, "penalty": penalty, "metric": metric} | bounded(less)
                row["reach"] = max(abs(less.low), abs(less.high)) / wide["sum"].mean()
                found.append(row | {"layerwise": "no" if penalty == "prior" else "yes"})
    table = pd.DataFrame(found)
    side = np.select([table["high"] < 0, table["low"] > 0], ["lower", "higher"], "none")
    return table.assign(side=side, apart=yes(pd.Series(side) != "none"))


def costs_in(rows: pd.DataFrame) -> pd.DataFrame:
    """Per arm and penalty: cost less the sum's at one felt strength, as a share; its `size`."""
    found = []
    for arm, wide in at_one(rows).items():
        for penalty in OTHERS:
            share = mean_interval(wide[penalty] / wide["sum"] - 1)
            row = {"arm": arm, "penalty": penalty} | bounded(share)
            found.append(row | {"size": abs(share.estimate)})
    return pd.DataFrame(found)


def at_one(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Costs at the strength at which L-BFGS ran, by arm: a row a seed, a column a penalty."""
    one = rows[np.isclose(rows["felt"], settled_at(rows), rtol=1e-6)].set_index(["seed", "penalty"])
    return {arm: one.loc[one["arm"] == arm, "cost"].unstack() for arm in (SGD, MINIMUM)}


def settled_at(rows: pd.DataFrame) -> float:
    """The effective strength at which L-BFGS ran."""
    return float(rows.loc[rows["arm"] == MINIMUM, "felt"].iloc[0])


@table(source=BOTH, main="at")
def settled(result: Result) -> pd.DataFrame:
    """One row: the strength at which L-BFGS ran, its seeds, and how far above it SGD ends.

    `above` is a share of the sum's cost.
    """
    rows = tuned(result)
    ends, minima = (wide["sum"] for wide in at_one(rows).values())
    above = mean_interval((ends / minima - 1).dropna())
    row = {"at": settled_at(rows), "seeds": len(minima)}
    return pd.DataFrame([row | bounded(above, "above")])


@table(source="tuned", main="at")
def chosen(result: Result) -> pd.DataFrame:
    """See `chosen_in`."""
    return chosen_in(tuned(result))


@table(source=BOTH)
def differences(result: Result) -> pd.DataFrame:
    """See `differences_in`."""
    return differences_in(tuned(result))


@table(source=BOTH)
def costs(result: Result) -> pd.DataFrame:
    """See `costs_in`."""
    return costs_in(tuned(result))
