"""SGD under four penalties, each with its own best strength: table and estimates."""

from dataclasses import replace

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import listing, plain, portion
from l2scale.catalogue.results import Result
from l2scale.exhibits.one_lambda.sweeps import COMPARED, NOISY, geometric_mean
from l2scale.lab.estimates import Interval, Optimum, mean_interval, optimum, paired_interval

OTHERS = COMPARED[1:]
SGD, MINIMUM = "SGD", "minimum"
METRICS = {"test_loss": "loss", "test_error": "error"}
TOGETHER = 1 - 0.05 / (len(OTHERS) * len(METRICS))  # Bonferroni: 95 % for all of them at once


def tuned_table(result: Result) -> pd.DataFrame:
    """Losses and errors of SGD over the grid, and of L-BFGS at one strength of it."""
    means = {p: geometric_mean(replace(NOISY, penalty=p)) for p in COMPARED}
    columns = ["penalty", "lam", "seed", "cost", "val_loss", "test_loss", "test_error", "diverged"]
    arms = ((SGD, "tuned"), (MINIMUM, "settled"))
    table = pd.concat(
        [result[sweep].table[columns].assign(arm=arm) for arm, sweep in arms], ignore_index=True
    )
    # To 9 digits: the strengths of all penalties then meet again as equal numbers.
    felt = [float(f"{x:.9g}") for x in table["lam"] * table["penalty"].map(means)]
    return table.assign(felt=felt)


def sgd(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of SGD."""
    return table[table["arm"] == SGD]


def best(table: pd.DataFrame, penalty: str) -> Optimum:
    """Where the validation loss of SGD is least on average over seeds, by strength as felt."""
    rows = sgd(table)
    return optimum(rows[rows["penalty"] == penalty], lam="felt")


def chosen(table: pd.DataFrame, penalty: str) -> str:
    """The strength, as felt, with the least validation loss; a bound at the edge of its grid."""
    found = best(table, penalty)
    bound = {"low": "at most ", "high": "at least "}.get(found.edge, "")
    return f"{bound}{plain(found.at)}"


def at_edge(table: pd.DataFrame) -> str:
    """Which penalties are not tuned to the end, as a sentence; nothing if all are."""
    found = [f"{p} ({chosen(table, p)})" for p in COMPARED if best(table, p).edge]
    return f" At the edge of the grid lies the best λ·c̄ of {listed(found)}." if found else ""


def at_best(table: pd.DataFrame, penalty: str, metric: str) -> np.ndarray:
    """A test metric by seed, at the strength chosen."""
    rows = sgd(table)
    rows = rows[(rows["penalty"] == penalty) & (rows["felt"] == best(table, penalty).at)]
    return rows.sort_values("seed")[metric].to_numpy()


def difference(
    table: pd.DataFrame, penalty: str, metric: str = "test_loss", level: float = 0.95
) -> Interval:
    """Test metric less the sum's, both at their own best strength, paired over seeds."""
    best = (at_best(table, name, metric) for name in (penalty, "sum"))
    return paired_interval(*best, level=level)


def settled_difference(table: pd.DataFrame, penalty: str, metric: str = "test_error") -> Interval:
    """Test metric less the sum's where L-BFGS ends at one effective strength, paired over seeds."""
    rows = table[table["arm"] == MINIMUM].sort_values("seed")
    return paired_interval(
        *(rows.loc[rows["penalty"] == name, metric].to_numpy() for name in (penalty, "sum"))
    )


def settled_at(table: pd.DataFrame) -> float:
    """The effective strength at which L-BFGS ran."""
    return float(table.loc[table["arm"] == MINIMUM, "felt"].iloc[0])


def at_one(table: pd.DataFrame, arm: str, penalty: str, metric: str = "cost") -> Interval:
    """A metric less the sum's at one effective strength: by how much, as a share of the sum's."""
    same = np.isclose(table["felt"], settled_at(table), rtol=1e-6)
    rows = table[(table["arm"] == arm) & same]
    mine, plain_sum = (
        rows[rows["penalty"] == name].sort_values("seed")[metric].to_numpy()
        for name in (penalty, "sum")
    )
    return mean_interval(mine / plain_sum - 1)


def above(table: pd.DataFrame) -> Interval:
    """How far above the minimum SGD ends under the sum, as a share of E."""
    same = np.isclose(table["felt"], settled_at(table), rtol=1e-6)
    rows = table[(table["penalty"] == "sum") & same]
    wide = rows.pivot(index="seed", columns="arm", values="cost").dropna()
    return mean_interval(wide[SGD] / wide[MINIMUM] - 1)


def level(table: pd.DataFrame, metric: str) -> Interval:
    """The sum's own mean."""
    return mean_interval(at_best(table, "sum", metric))


def apart(found: dict[str, Interval]) -> list[str]:
    """Penalties whose interval excludes 0, in words."""
    return [
        f"{'lower' if interval.high < 0 else 'higher'} under {penalty}"
        for penalty, interval in found.items()
        if interval.low > 0 or interval.high < 0
    ]


def listed(found: list[str]) -> str:
    """The same as prose."""
    return listing(found) if found else "nowhere"


def detected(table: pd.DataFrame, metric: str = "test_loss", level: float = 0.95) -> list[str]:
    """Penalties whose tuned difference excludes 0, in words."""
    return apart({penalty: difference(table, penalty, metric, level) for penalty in OTHERS})


def failed(table: pd.DataFrame, metric: str) -> str:
    """For how many penalties the tuned difference excludes 0."""
    return portion(len(detected(table, metric)), len(OTHERS))


def settled_apart(table: pd.DataFrame) -> list[str]:
    """Penalties whose error differs from the sum's where L-BFGS ends, in words."""
    return apart({penalty: settled_difference(table, penalty) for penalty in OTHERS})


def settled_words(table: pd.DataFrame) -> str:
    """Whether an interval of these excludes 0."""
    found = settled_apart(table)
    return f"by its interval the error is {listed(found)}" if found else "no interval excludes 0"


def relative(table: pd.DataFrame) -> float:
    """The largest difference in loss that any interval allows, relative to the sum's loss."""
    bounds = [abs(b) for p in OTHERS for b in (difference(table, p).low, difference(table, p).high)]
    return max(bounds) / level(table, "test_loss").estimate


def in_words(table: pd.DataFrame, level: float = 0.95) -> str:
    """Where an interval excludes 0, in loss and in error."""
    return "; ".join(
        f"in {word}, {listed(detected(table, metric, level))}" for metric, word in METRICS.items()
    )


def costs_apart(table: pd.DataFrame, arm: str) -> float:
    """The largest mean difference of a cost from the sum's at one strength, as a share."""
    return max(abs(at_one(table, arm, penalty).estimate) for penalty in OTHERS)
