"""The reader's own table, made into what the yardsticks take, or refused with the way out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from l2scale.looks.numerals import listing

FEWEST = 20
MOST_CLASSES = 20
RAREST = 0.02
TASKS = ("classes", "numbers")
SMALLEST = 1e-8  # beside an input's size a spread is none


@dataclass(frozen=True, eq=False)
class Problem:
    """A problem as a network is to see it.

    Attributes:
        x: standardised inputs, ``(n, d)``.
        y: classes from 0, or standardised numbers, ``(n,)``.
        task: key of `l2scale.theory.response.TASKS`.
        classes: that are told apart; 1 for numbers.
        notes: what was done to the table, in sentences.
    """

    x: np.ndarray
    y: np.ndarray
    task: str
    classes: int
    notes: tuple[str, ...]


def problem(X: Any, y: Any, task: str | None = None) -> Problem:
    """Inputs and targets, checked, encoded and standardised.

    Args:
        X: inputs, an array or a DataFrame ``(n, d)``.
        y: targets, ``(n,)``.
        task: "classes", "numbers", or None to tell by the targets.

    Raises:
        ValueError: for what cannot be used, with the way out.
    """
    if task is not None and task not in TASKS:
        raise ValueError(f"task is {task!r}: choose one of {', '.join(TASKS)}, or leave it out")
    table, targets = _table(X), _column(y)
    if len(table) != len(targets):
        raise ValueError(f"X has {len(table)} rows and y {len(targets)}: give as many of each")
    if len(table) < FEWEST:
        raise ValueError(f"there are {len(table)} rows, and {FEWEST} are needed: collect more")
    _complete(table, targets)
    inputs, notes = _standardised(_encoded(table))
    given = [name for name in table if not _numeric(table[name])]
    texts = [f"Text became inputs of 0 and 1: {_named(given)}. Do so too."] if given else []
    found, kind, classes, more = _targets(targets, task)
    return Problem(inputs, found, kind, classes, (*texts, *notes, *more))


def _table(given: Any) -> pd.DataFrame:
    try:
        table = given if isinstance(given, pd.DataFrame) else pd.DataFrame(_rows(given))
    except (TypeError, ValueError) as error:
        raise ValueError(f"X is {_shape(given)}: give one row a sample, (n, inputs)") from error
    if 0 in table.shape:
        raise ValueError(f"X is {_shape(table)}: give one row a sample, (n, inputs)")
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()]
        raise ValueError(f"X has two columns named {_named(twice)}: rename one")
    return table.set_axis([str(name) for name in table.columns], axis=1)


def _rows(given: Any) -> np.ndarray:
    rows = np.asarray(given)
    if rows.ndim != 2:
        raise ValueError
    return rows


def _column(given: Any) -> pd.Series:
    values = np.asarray(given) if not isinstance(given, pd.Series | pd.DataFrame) else given
    if values.ndim == 2 and values.shape[1] == 1:
        values = values.iloc[:, 0] if isinstance(values, pd.DataFrame) else values[:, 0]
    if values.ndim != 1:
        raise ValueError(f"y is {_shape(given)}: give one target a sample, (n,)")
    return pd.Series(values).reset_index(drop=True)


def _complete(table: pd.DataFrame, targets: pd.Series) -> None:
    gaps = [name for name in table if table[name].isna().any()]
    gaps += ["the target"] * bool(targets.isna().any())
    if gaps:
        raise ValueError(
            f"values are missing in {_named(gaps)}: drop such rows with dropna(), or fill them as "
            "your training will"
        )
    endless = [name for name in table if _numeric(table[name])
               and not np.isfinite(table[name].astype(float)).all()]  # fmt: skip
    if _numeric(targets) and not np.isfinite(targets.astype(float)).all():
        endless.append("the target")
    if endless:
        raise ValueError(f"values are infinite in {_named(endless)}: mend or drop such rows")


def _numeric(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column)) and not pd.api.types.is_complex_dtype(column)


def _encoded(table: pd.DataFrame) -> pd.DataFrame:
    """Text as inputs of 0 and 1, one for each value that a fiftieth of the rows have."""
    parts = []
    for name in table:
        column = table[name]
        if column.dtype == object:
            column = column.infer_objects()
        if _numeric(column):
            parts.append(column.astype(float).rename(name))
            continue
        values = column.astype(str)
        shares = values.value_counts(normalize=True)
        common = sorted(shares.index[shares >= RAREST])
        if not common:
            raise ValueError(
                f"column {name!r} has {len(shares)} different texts or dates, none in a fiftieth "
                "of the rows: drop it, or make numbers of it"
            )
        chosen = common[1:] if len(common) == len(shares) == 2 else common
        parts += [(values == one).astype(float).rename(f"{name}={one}") for one in chosen]
    return pd.concat(parts, axis=1).reset_index(drop=True)


def _standardised(table: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    x = table.to_numpy(dtype=np.float64)
    spread = x.std(axis=0)
    varies = spread > SMALLEST * np.abs(x).max(axis=0)
    if not varies.any():
        raise ValueError("no column of X varies: there is nothing to learn from")
    notes = ["Inputs were standardised: mean 0, standard deviation 1. Yours have to be."]
    if not varies.all():
        notes.append(f"Constant columns were left out: {_named(table.columns[~varies])}.")
    x, spread = x[:, varies], spread[varies]
    return (x - x.mean(axis=0)) / spread, notes


def _targets(y: pd.Series, task: str | None) -> tuple[np.ndarray, str, int, list[str]]:
    """Targets, their task, their classes and what was done."""
    numeric = _numeric(y) and not pd.api.types.is_bool_dtype(y)
    if task == "numbers" and not numeric:
        raise ValueError(f"task is 'numbers', and y holds {y.iloc[0]!r}: give numbers")
    labels, codes = np.unique(y.to_numpy() if numeric else y.astype(str), return_inverse=True)
    if len(labels) == 1:
        raise ValueError(f"the target is {labels[0]!s} in every row: there is nothing to tell")
    whole = not numeric or bool((y == np.round(y)).all())
    few = len(labels) <= min(MOST_CLASSES, len(y) // 2)
    if task == "classes" or (task is None and whole and (few or not numeric)):
        if not whole or len(labels) > len(y) // 2:
            raise ValueError(
                f"the target has {len(labels)} different values in {len(y)} rows: no classes; "
                "choose numbers for the task, or another column"
            )
        told = numeric and task is None and len(labels) > 2
        kind = "binary" if len(labels) == 2 else "multiclass"
        doubt = ["The target’s whole numbers were taken as classes (task)."] if told else []
        return codes.astype(np.int64), kind, len(labels), doubt
    values = y.to_numpy(dtype=np.float64)
    spread = values.std()
    scaled: np.ndarray = (values - values.mean()) / spread
    note = f"The target was standardised, by {spread:.3g}: yours has to be, or λ is another one."
    return scaled, "regression", 1, [note]


def _named(names: Any) -> str:
    known: list[str] = [str(name) for name in names]
    return (
        listing(known) if len(known) <= 5 else f"{', '.join(known[:5])} and {len(known) - 5} more"
    )


def _shape(given: Any) -> str:
    shape = getattr(given, "shape", None)
    return f"of shape {tuple(shape)}" if shape is not None else f"{type(given).__name__}"
