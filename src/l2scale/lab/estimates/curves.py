"""Tables of networks as arrays: one row per seed, one column per lambda or size.

All raise ValueError for a missing column, an empty table, or a row that is missing or repeated.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd


def curves(table: pd.DataFrame, select: str, lam: str, seed: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the lambdas that no seed diverged at, ``(K,)``, and the losses there, ``(S, K)``."""
    require(table, [select])
    bad = ~np.isfinite(table[select].to_numpy(dtype=np.float64))
    if "diverged" in table.columns:
        bad |= table["diverged"].to_numpy(dtype=bool)
    scores = table[select].astype(np.float64).mask(bad, np.inf)
    lams, losses = pivot(table.assign(**{select: scores}), select, lam, seed)
    if not (lams > 0).all():
        raise ValueError(f"an optimum in log {lam} needs {lam} above 0, not {lams.min():g}")
    finite = np.isfinite(losses).all(axis=0)
    if finite.sum() < 3:
        raise ValueError(
            f"an optimum needs 3 values of {lam}, and {finite.sum()} of {len(lams)} have a finite "
            f"{select} for every {seed}"
        )
    return lams[finite], losses[:, finite]


def pivot(table: pd.DataFrame, y: str, x: str, seed: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted values of ``x``, shape ``(K,)``, and ``y`` by seed, shape ``(S, K)``."""
    require(table, [y, x, seed])
    if table.empty:
        raise ValueError(f"an empty table has no {y} by {x}")
    xs, column = np.unique(table[x].to_numpy(dtype=np.float64), return_inverse=True)
    seeds, row = np.unique(table[seed].to_numpy(), return_inverse=True)
    rows = np.zeros((len(seeds), len(xs)), dtype=np.int64)
    np.add.at(rows, (row, column), 1)
    for i, j in np.argwhere(rows != 1):
        fault = "more than one row" if rows[i, j] else "no row"
        raise ValueError(
            f"{fault} for {seed}={seeds[i]}, {x}={xs[j]:g}: give one cell, one step, and every "
            f"{x} for every {seed}"
        )
    values = np.empty(rows.shape)
    values[row, column] = table[y].to_numpy(dtype=np.float64)
    return xs, values


def cells(table: pd.DataFrame, by: list[str]) -> Iterator[tuple[dict[str, object], pd.DataFrame]]:
    """Yield each cell's values of the columns `by`, and its rows, in their order."""
    require(table, by)
    if not by or table.empty:
        raise ValueError(f"no cells: the table has {len(table)} rows, and cells are told by {by}")
    for key, group in table.groupby(by, dropna=False, observed=True):
        yield dict(zip(by, key, strict=True)), group


def named(cell: dict[str, object]) -> str:
    """A cell as errors name it: "width=64, depth=2"."""
    return ", ".join(f"{name}={value}" for name, value in cell.items())


def require(table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise ValueError for a column that the table lacks."""
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise ValueError(f"no column {missing[0]!r}: the table has {', '.join(table.columns)}")
