"""The long runs, and what a step does to each layer, as tables that others are made from."""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.shared import batch_square, bounded, yes
from l2scale.lab.estimates.intervals import paired_interval

LAYERS = (1, 2)
NAMES = {"normal": "N(0, 1)", "lecun": "N(0, 1/nᵢₙ)"}
NOTHING = 0.8  # errors from which on a network of ten classes has learned next to nothing
COLUMNS = [
    "init", "lam", "lr", "seed", "step", "steps", "train_loss", "val_error", "test_error",
    "unused_1",
    *(f"{x}_{n}" for n in LAYERS for x in ("penalty_force", "data_force", "force_ratio")),
]  # fmt: skip


def batch_force(table: pd.DataFrame, layer: int) -> pd.Series:
    """Root mean square gradient of a batch, by layer, from that of one sample and of all."""
    g2, s2 = table[f"data_force_{layer}"] ** 2, table[f"sample_force_{layer}"] ** 2
    return batch_square(g2, s2, table["batch_size"], table["n_train"]) ** 0.5


def long_runs(result: Result, *names: str) -> pd.DataFrame:
    """Sweeps of long runs, by start, strength, seed and checkpoint, with each layer's decay.

    `ratio`: twice lambda; `share_l`: decay in the length of a step; `learns`: whether a network
    from N(0, 1) learns something at this strength, by validation error, "free" where there is no
    penalty; `limit`: whether it is the strongest such one.
    """
    table = pd.concat([result[name].table for name in names], ignore_index=True)
    batches = table["n_train"] // table["batch_size"]
    found = table[COLUMNS].assign(
        batches=batches, epoch=table["step"] / batches, ratio=2 * table["lam"],
        rms_1=table["mean_square_1"] ** 0.5,
    )  # fmt: skip
    for layer in LAYERS:
        penalty = table[f"penalty_force_{layer}"]
        found[f"share_{layer}"] = penalty / (penalty + batch_force(table, layer))
    ends = at(found[(found["init"] == "normal") & (found["lam"] > 0)], 8)
    errors = ends.groupby("ratio")["val_error"].mean()
    learn = errors.index[errors < NOTHING]
    limit = learn.max() if len(learn) else errors.index.min()
    learns = yes(found["ratio"].isin(learn)).where(found["lam"] > 0, "free")
    return found.assign(learns=learns, limit=yes(found["ratio"] == limit))


def at(rows: pd.DataFrame, eighths: int) -> pd.DataFrame:
    """The rows after some eighths of all steps. Four are the last at the full rate."""
    return rows[rows["step"] == eighths * rows["steps"] // 8]


def edges(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows after the first epoch and after the last."""
    epochs = {"first": 1.0, "last": rows["epoch"].max()}
    return {when: rows[rows["epoch"] == epoch] for when, epoch in epochs.items()}


def by_init(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """A column by seed, ``(seeds, starts)``."""
    return rows.pivot(index="seed", columns="init", values=column)


def by_layer(table: pd.DataFrame, keys: list[str], names: list[str]) -> pd.DataFrame:
    """The columns x_1 and x_2 of each name as rows of their own, with the layer in `layer`."""
    parts = []
    for layer in LAYERS:
        part = table[keys + [f"{name}_{layer}" for name in names]]
        parts.append(part.set_axis(keys + names, axis=1).assign(layer=layer))
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def gap(rows: pd.DataFrame) -> dict[str, float]:
    """Validation error from N(0, 1) less that from N(0, 1/n_in), by seed, after one epoch."""
    errors = by_init(rows, "val_error")
    found = paired_interval(errors["normal"], errors["lecun"])
    return {"epoch": rows["epoch"].iloc[0]} | bounded(found, main="gap")
