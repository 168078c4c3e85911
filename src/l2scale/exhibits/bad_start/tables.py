"""The long runs as a table: each layer's forces and size, and which strengths let it learn."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.lab.estimates import Interval, mean_interval

LAYERS = (1, 2)
EARLY = 5  # epochs that count as the first ones
NOTHING = 0.8  # errors from which on a network of ten classes has learned next to nothing
COLUMNS = [
    "init", "lam", "lr", "seed", "step", "epoch", "steps", "batches",
    "train_loss", "val_error", "test_error", "unused_1",
    *(f"{name}_{layer}" for layer in LAYERS for name in (
        "penalty_force", "data_force", "force_ratio",
    )),
]  # fmt: skip


def batch_force(table: pd.DataFrame, layer: int) -> pd.Series:
    """Root mean square gradient of a batch, by layer, from that of one sample and of all.

    Batches are drawn without replacement: E g_B^2 = g^2 + (S^2 - g^2) / B * (n - B) / (n - 1).
    """
    g2, s2 = table[f"data_force_{layer}"] ** 2, table[f"sample_force_{layer}"] ** 2
    n, size = table["n_train"], table["batch_size"]
    return (g2 + (s2 - g2) / size * (n - size) / (n - 1)) ** 0.5


def decay_table(result: Result, sweep: str = "decay") -> pd.DataFrame:
    """Both starts at every strength and checkpoint, with the share of decay in each layer."""
    table = result[sweep].table.assign(
        batches=lambda t: t["n_train"] // t["batch_size"], epoch=lambda t: t["step"] / t["batches"]
    )
    shares = {}
    for layer in LAYERS:
        penalty = table[f"penalty_force_{layer}"]
        shares[f"share_{layer}"] = penalty / (penalty + batch_force(table, layer))
    found = table[COLUMNS].assign(ratio=2 * table["lam"], rms_1=table["mean_square_1"] ** 0.5)
    return found.assign(**shares)


def ratios(table: pd.DataFrame) -> list[float]:
    """Twice each lambda above 0, which is his lambda over n, ascending."""
    return sorted(float(ratio) for ratio in table["ratio"].unique() if ratio > 0)


def part(table: pd.DataFrame, ratio: float, init: str = "normal") -> pd.DataFrame:
    """The rows of one strength and start."""
    return table[np.isclose(table["ratio"], ratio) & (table["init"] == init)]


def at_epoch(table: pd.DataFrame, epoch: float) -> pd.DataFrame:
    """The rows of one epoch, by seed."""
    return table[table["epoch"] == epoch].set_index("seed").sort_index()


def at_end(table: pd.DataFrame) -> pd.DataFrame:
    """The rows after the last step, by seed."""
    return table[table["step"] == table["steps"]].set_index("seed").sort_index()


def end_error(table: pd.DataFrame, ratio: float, metric: str = "test_error") -> Interval:
    """Error from N(0, 1) after the last step."""
    return mean(at_end(part(table, ratio)), metric)


def learned(table: pd.DataFrame) -> list[float]:
    """The strengths at which a network from N(0, 1) learns something, by validation error."""
    return [r for r in ratios(table) if end_error(table, r, "val_error").estimate < NOTHING]


def mean(rows: pd.DataFrame, column: str) -> Interval:
    """A column's mean over seeds."""
    return mean_interval(rows[column])


def strength(ratio: float) -> str:
    """A strength as a label: 0.001."""
    return f"{ratio:g}"
