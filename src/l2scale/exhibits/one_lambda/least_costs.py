"""Costs at which L-BFGS ends at one effective strength and at one typed: table and estimates."""

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.one_lambda.balance_by_layer import still_to_gain
from l2scale.exhibits.one_lambda.sweeps import COMPARED, SHAPES

KERNEL_SHAPE = (3, 3, 256, 256)
ALIKE = 0.01  # costs nearer to each other than this count as one


def minima_table(result: Result) -> pd.DataFrame:
    """Cost and test loss at the end, and the cost relative to the sum's at the same strength."""
    names = {"-".join(map(str, hidden)): name for name, hidden in SHAPES.items()}
    tables = []
    for arm, sweep in (("effective", "minima"), ("typed", "unmatched")):
        table = result[sweep].table
        tables.append(table[table["step"] == table["step"].max()].assign(arm=arm))
    at_half = half_way(result["minima"].table)
    both = pd.concat(tables, ignore_index=True)
    both = both.assign(shape=both["hidden"].map(names))
    both["arm"] = both["arm"].where(both["init"] == "he", "restarted")
    columns = ["arm", "shape", "penalty", "seed", "lam", "cost", "train_loss", "test_loss"]
    gain = still_to_gain(result["minima"].table).reindex(both["run"]).to_numpy()
    table = both[columns].assign(gain=np.where(both["arm"] == "typed", np.nan, gain))
    plain_sum = table[(table["penalty"] == "sum") & (table["arm"] == "effective")]
    plain_sum = plain_sum.set_index(["shape", "seed"])
    at = pd.MultiIndex.from_frame(table[["shape", "seed"]])
    # Typed runs take half the iterations, and are compared with the sum after as many.
    base = np.where(
        table["arm"] == "typed",
        at_half["cost"].reindex(pd.MultiIndex.from_frame(both[["hidden", "seed"]])).to_numpy(),
        plain_sum["cost"].reindex(at).to_numpy(),
    )
    return table.assign(
        relative=table["cost"] / base,
        apart=(table["test_loss"] - plain_sum["test_loss"].reindex(at).to_numpy()).abs(),
    )


def half_way(table: pd.DataFrame) -> pd.DataFrame:
    """The plain sum's rows after half the iterations, by shape and seed."""
    half = table["step"] == table["step"].max() // 2
    rows = table[half & (table["penalty"] == "sum") & (table["init"] == "he")]
    return rows.set_index(["hidden", "seed"])


def spread(table: pd.DataFrame, explicit: bool | None = None) -> float:
    """The largest cost over the least, less 1, on any shape and seed at one effective strength."""
    rows = table[table["arm"] == "effective"]
    if explicit is not None:
        named = rows["penalty"].isin(COMPARED)
        rows = rows[~named | (rows["penalty"] == "sum")] if explicit else rows[named]
    found = rows.groupby(["shape", "seed"])["cost"]
    return float((found.max() / found.min() - 1).max())


def orders_gain(table: pd.DataFrame) -> float:
    """The largest share of E that the second half still gained under the unequal coefficients."""
    rows = table[(table["arm"] == "effective") & ~table["penalty"].isin(COMPARED)]
    return float(rows["gain"].max())


def on_square(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Costs at one effective strength on the square, by seed: the sum's, and the others'."""
    rows = table[table["arm"].isin(("effective", "restarted")) & (table["shape"] == "square")]
    rows = rows.set_index("seed").sort_index()
    ours = rows["penalty"] == "sum"
    return rows.loc[ours, "cost"], rows.loc[~ours, "cost"]


def restarts(table: pd.DataFrame) -> pd.Series:
    """By seed, as `spread`: of the plain sum alone from starts of three scales."""
    found = on_square(table)[0].groupby("seed")
    return found.max() / found.min() - 1


def restarted(table: pd.DataFrame) -> float:
    """The largest of them."""
    return float(restarts(table).max())


def lower(table: pd.DataFrame) -> pd.Series:
    """By seed, how far the least cost of other coefficients lies below the sum's best restart."""
    ours, others = (costs.groupby("seed").min() for costs in on_square(table))
    return 1 - others / ours


def typed_ratios(table: pd.DataFrame, penalty: str) -> pd.Series:
    """Cost relative to the sum's after as many iterations at one typed strength, by shape."""
    rows = table[(table["arm"] == "typed") & (table["penalty"] == penalty)]
    return rows.groupby("shape")["relative"].mean()


def typed_span(table: pd.DataFrame, penalty: str) -> str:
    """From the least to the largest shape's, in words."""
    found = typed_ratios(table, penalty)
    return f"{plain(found.min())} to {plain(found.max())}"


def farthest(table: pd.DataFrame) -> float:
    """The largest difference of a test loss from the sum's at one effective strength."""
    return float(table[table["arm"] == "effective"]["apart"].max())


def kernel_size() -> int:
    """Weights of the kernel by whose number its penalty is divided."""
    return int(np.prod(KERNEL_SHAPE))


def same(table: pd.DataFrame) -> bool:
    """Whether all costs at one effective strength agree to `ALIKE`."""
    return spread(table) < ALIKE
