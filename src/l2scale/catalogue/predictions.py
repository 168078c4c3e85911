"""The registry of predictions: what was said of an estimate, when, and what became of it.

One rule decides for all. An interval that leaves the predicted value out has failed it, however
wide it is. One that has it inside holds it if it reaches less than the margin to either side, and
leaves it undecided if it reaches further. A predicted range failed if no number of the interval is
in it, and held if all are.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from l2scale.catalogue import cells
from l2scale.catalogue.results import Result, slug_of
from l2scale.catalogue.tables import Table, Tables, table
from l2scale.catalogue.text import fill, template_at
from l2scale.looks.numerals import listing, portion

OUTCOMES = ("held", "failed", "undecided")
STATED = {
    "before": "before any measurement",
    "pilot": "after a pilot",
    "together": "with the first results",
    "after": "after the data",
}
CHANCE = 0.05
"""Share of 95 % intervals that leave out what is true."""
MARGIN = 0.2
"""Half-width of an interval below which it confirms an exponent that it has inside."""

PREDICTIONS: dict[str, dict[str, "Prediction"]] = {}
"""Every prediction by exhibit and id, filled as the exhibits are imported."""

Rule = Callable[[Mapping[str, Table]], str]


@dataclass(frozen=True)
class Prediction:
    """What was predicted of the estimates at an address, or of what a rule looks at.

    Attributes:
        of: address of rows, each of whose estimates is judged; "" with a rule.
        value: the value predicted, or the column that holds it; the lower end of a range.
        high: the upper end of a range; None for a single value.
        margin: see the module; of a ratio or a share it is its own.
        stated: one of STATED, "" as the others of its chapter; None where it is others who ask for
            it, which is judged and not listed.
        derivation: label of what derives it, None where nothing does.
        rule: returns the outcome where it is no matter of a value and its interval.
    """

    of: str = ""
    value: float | str = 0.0
    high: float | None = None
    margin: float = MARGIN
    stated: str | None = ""
    derivation: str | None = None
    rule: Rule | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check(self.stated or "after")
        if bool(self.of) == bool(self.rule):
            raise ValueError("a prediction is of an address or has a rule, and not both")


def declare(module: str, stated: str, /, **predictions: Prediction) -> None:
    """Register an exhibit's predictions by id, and their outcomes as its table `predictions`.

    Args:
        module: the `__name__` of who declares them.
        stated: when those were stated that do not say it themselves, one of STATED. "together" are
            those that came into the history in one commit with their first results.
        predictions: by id.
    """
    _check(stated)
    slug = slug_of(module)
    PREDICTIONS.setdefault(slug, {}).update(
        (id, replace(one, stated=stated) if one.stated == "" else one)
        for id, one in predictions.items()
    )

    def make(result: Result) -> pd.DataFrame:
        return summary(slug, Tables(result))

    make.__module__, make.__name__ = module, "predictions"
    table(source=(), main="outcome")(make)


def excludes(row: pd.Series, value: float, column: str = "estimate") -> bool:
    """Whether a row's interval leaves a value out. An unknown bound excludes none."""
    low, high = _ends(row, column)
    return bool(low > value or high < value)


def outcome(
    row: pd.Series,
    value: float,
    high: float | None = None,
    margin: float = MARGIN,
    column: str = "estimate",
) -> str:
    """What became of a value, or of a range, that was predicted of a row's estimate."""
    bottom, top = _ends(row, column)
    if excludes(row, value, column) if high is None else (top < value or bottom > high):
        return "failed"
    if high is not None:
        return "held" if value <= bottom and top <= high else "undecided"
    return "held" if math.isfinite(top - bottom) and (top - bottom) / 2 < margin else "undecided"


def moves(row: pd.Series, column: str = "estimate") -> str:
    """What an exponent says of its lambda."""
    low, high = _ends(row, column)
    if high < 0:
        return "falls"
    if low > 0:
        return "rises"
    return (
        "stays within its interval" if outcome(row, 0, column=column) == "held" else "is left open"
    )


def outcomes(frame: pd.DataFrame, column: str, value: float | pd.Series = 0.0) -> pd.Series:
    """What became of a value predicted of each row's estimate; "none" where there is none."""
    values = pd.Series(value, frame.index)
    found = [outcome(row, values[at], column=column) for at, row in frame.iterrows()]
    return pd.Series(found, frame.index, dtype=object).mask(frame[column].isna(), "none")


def directions(frame: pd.DataFrame, column: str) -> pd.Series:
    """What each row's exponent says of its lambda, see `moves`."""
    return pd.Series([moves(row, column) for _, row in frame.iterrows()], frame.index)


def outcomes_of(prediction: Prediction, tables: Mapping[str, Table]) -> list[str]:
    """The outcome for each estimate; one that does not exist, as at an edge, has none.

    Raises:
        LookupError: the prediction's address names no row, or no column.
    """
    if prediction.rule is not None:
        return [prediction.rule(tables)]
    asked = cells.parse_address(prediction.of)
    source = tables[asked.table]
    column = asked.column or source.main
    frame = source.frame
    if column != source.main:  # whose bounds low and high are
        frame = frame.drop(columns=["low", "high"], errors="ignore")
    try:
        chosen = cells.rows_with_number(frame, asked.keys, column)
    except LookupError as error:
        raise LookupError(f"the prediction of {prediction.of}: {error.args[0]}") from error
    found = []
    for _, row in chosen.iterrows():
        value = row[prediction.value] if isinstance(prediction.value, str) else prediction.value
        found.append(outcome(row, value, prediction.high, prediction.margin, column))
    return found


def _check(stated: str) -> None:
    if stated not in STATED:
        raise ValueError(f"stated {stated!r}: choose one of {', '.join(STATED)}")


def _ends(row: pd.Series, column: str) -> tuple[float, float]:
    own = (f"{column}_low", f"{column}_high")
    # A number without bounds, as a count, is known exactly.
    for low, high in (own, ("low", "high"), (column, column)):
        if low in row.index:
            return float(row[low]), float(row[high])
    raise LookupError(f"no column {column!r}, but {', '.join(map(str, row.index))}")


def tallied(outcomes: list[str]) -> str:
    """Outcomes in words: "held", "failed in all 6", "held in 3 of 12 and failed in 9"."""
    counts = {each: outcomes.count(each) for each in OUTCOMES if each in outcomes}
    if not counts:
        return "cannot be judged"
    (first, some), *others = counts.items()
    if len(outcomes) == 1:
        return first
    rest = [f"{each} in {count}" for each, count in others]
    return listing([f"{first} in {portion(some, len(outcomes))}", *rest])


def overall_outcome(outcomes: list[str]) -> str:
    """What became of a prediction as a whole: an outcome if all cells share it, else "in part".

    One that held nowhere has failed where it failed anywhere.
    """
    found = set(outcomes) or {"undecided"}
    if "held" not in found and "failed" in found:
        return "failed"
    return found.pop() if len(found) == 1 else "in part"


def listed(slug: str, tables: Mapping[str, Table]) -> list[dict[str, Any]]:
    """Every prediction that an exhibit states, with its words, its outcome and what derives it."""
    rows = []
    for id, prediction in PREDICTIONS.get(slug, {}).items():
        if prediction.stated is None:
            continue
        found = outcomes_of(prediction, tables)
        rows.append(
            {"id": id, "words": fill(template_at(slug, "predictions", id), tables, slug)}
            | {"stated": prediction.stated, "derivation": prediction.derivation}
            | {"became": overall_outcome(found), "outcome": tallied(found)}
        )
    return rows


def summary(slug: str, tables: Mapping[str, Table]) -> pd.DataFrame:
    """One row a prediction: id, stated; held, failed, undecided of cells; outcome in words."""
    rows = []
    for id, prediction in PREDICTIONS.get(slug, {}).items():
        found = outcomes_of(prediction, tables)
        counts = {each: found.count(each) for each in OUTCOMES}
        rows.append(
            {"id": id, "stated": prediction.stated, **counts, "cells": len(found)}
            | {f"{each}_of": portion(counts[each], len(found)) for each in OUTCOMES}
            | {"open": len(found) - counts["failed"]}
            | {"by_chance": CHANCE * len(found), "outcome": tallied(found)}
        )
    return pd.DataFrame(rows)
