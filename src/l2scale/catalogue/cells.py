"""How text names a number: a table, the keys of one row, a column and a format.

    regret[penalty=sum, criterion=error]                     the row's estimate with its interval
    regret[penalty=sum, criterion=error, width=max].kept     another column of it
    exponents[data=digits, criterion=loss]:alone .1f         the estimate alone, to a tenth

A key is a column and its value; `min` and `max` stand for the least and the largest number among
the rows that the other keys leave, `first` and `last` for a place among them. Exactly one row must
fit. A table of one row needs no keys. Values that hold a comma stand in quotation marks.
"""

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from l2scale.looks import numerals

_ADDRESS = re.compile(
    r"(?P<table>\w+)(?:\[(?P<keys>[^\]]*)\])?(?:\.(?P<column>\w+))?(?::(?P<format>.+))?"
)
_KEY = re.compile(
    r'\s*(?P<name>\w+)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^,"]*[^,"\s]))\s*(?:,|$)'
)
_PLACES = ("first", "last", "min", "max")


@dataclass(frozen=True)
class Address:
    """A number's name, in parts; `column` and `format` may be ""."""

    table: str
    keys: Mapping[str, str]
    column: str
    format: str


def parse_address(text: str) -> Address:
    """The parts of an address.

    Raises:
        ValueError: it is none.
    """
    found = _ADDRESS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no address: write table[key=value, ...].column:format")
    keys, rest = {}, found["keys"] or ""
    while rest.strip():
        key = _KEY.match(rest)
        if key is None:
            raise ValueError(f"in {text!r} {rest.strip()!r} is no key: write name=value")
        keys[key["name"]] = key["bare"] if key["quoted"] is None else key["quoted"]
        rest = rest[key.end() :]
    return Address(found["table"], keys, found["column"] or "", found["format"] or "")


def rows(table: pd.DataFrame, keys: Mapping[str, str]) -> pd.DataFrame:
    """The rows that fit all keys, in their order; there may be none.

    Raises:
        LookupError: a key names no column of the table.
    """
    ordered = sorted(keys.items(), key=lambda key: key[1] in _PLACES)
    for name, value in ordered:
        if name not in table.columns:
            raise LookupError(f"no column {name!r}, but {', '.join(map(str, table.columns))}")
        table = table[_fits(table[name], value)]
    return table


def row(table: pd.DataFrame, keys: Mapping[str, str], column: str = "") -> pd.Series:
    """The one row that fits all keys. The least or largest of the `column` asked may stand in many.

    Raises:
        LookupError: none does, and it names what comes nearest; or several do, and it names the
            columns that tell them apart; or a key names no column.
    """
    found = rows(table, keys)
    if len(found) == 1 or (len(found) > 1 and keys.get(column) in ("min", "max")):
        return found.iloc[0]
    if found.empty:
        raise LookupError(_none(table, keys))
    differ = [name for name in found.columns if name not in keys and _labels(found[name])]
    raise LookupError(f"{len(found)} rows fit: add {' or '.join(differ) or 'a key'}")


def rows_with_number(table: pd.DataFrame, keys: Mapping[str, str], column: str) -> pd.DataFrame:
    """The rows that fit all keys and have a number in a column; it may be missing in all of them.

    Raises:
        LookupError: no row fits, and it names what comes nearest; or there is no such column.
    """
    if column not in table.columns:
        raise LookupError(f"no column {column!r}, but {', '.join(map(str, table.columns))}")
    found = rows(table, keys)
    if found.empty:
        raise LookupError(_none(table, keys))
    return found.dropna(subset=column)


def _none(table: pd.DataFrame, keys: Mapping[str, str]) -> str:
    return f"no row has {_named(keys)}; {_nearest(table, keys)}"


def _fits(column: pd.Series, value: str) -> pd.Series:
    """Which values of a column a key's value stands for."""
    if value in _PLACES and not (column == value).any():
        if column.empty:
            return column == value
        at = {"first": 0, "last": -1}.get(value)
        return column == (getattr(column, value)() if at is None else column.iloc[at])
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        try:
            number = float(value.replace(",", ""))
        except ValueError:
            return column != column
        return pd.Series(np.isclose(column.to_numpy(float), number, rtol=1e-6), column.index)
    return column.astype(str) == value


def _nearest(table: pd.DataFrame, keys: Mapping[str, str]) -> str:
    """What the first key to leave no row could have meant."""
    for name, value in keys.items():
        kept = rows(table, {name: value})
        if kept.empty:
            break
        table = kept
    there = [f"{item:g}" if isinstance(item, float) else str(item) for item in table[name].unique()]
    near = difflib.get_close_matches(value, there, n=5, cutoff=0.3) or there[:5]
    return f"nearest to {name}={value}: {', '.join(near) or 'none'}"


def _named(keys: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in keys.items())


def _labels(column: pd.Series) -> bool:
    """Whether a column tells its rows apart by words or by whole numbers."""
    return not pd.api.types.is_float_dtype(column) and column.nunique() > 1


def bounds(row: pd.Series, column: str, main: str) -> tuple[float, float] | None:
    """The bounds of an estimate: x_low and x_high of x, or low and high of the main one.

    None where it has none, or is surely itself, as a difference of one thing and the same.
    """
    names = ("low", "high") if column == main else (f"{column}_low", f"{column}_high")
    if not set(names) <= set(row.index):
        return None
    low, high = (float(row[name]) for name in names)
    return None if low == high or (math.isnan(low) and math.isnan(high)) else (low, high)


def text(row: pd.Series, column: str, format: str, main: str) -> str:
    """A cell as it is printed: a number, its interval, and what is noted of it.

    The note stands in the column `note` for the main estimate and in x_note for another one, x.
    It says why there is no number, or what the number must be read with.

    Raises:
        LookupError: there is no such column.
        ValueError: the format is none.
    """
    column = column or main
    if column not in row.index:
        raise LookupError(f"no column {column!r}, but {', '.join(map(str, row.index))}")
    value, note = row[column], row.get("note" if column == main else f"{column}_note", "")
    if isinstance(value, str | bool | np.bool_):
        return str(value)
    noted = f" ({note})" if isinstance(note, str) and note else ""
    if pd.isna(value):
        return f"none{noted}"
    alone, spec = format.startswith("alone"), format.removeprefix("alone").strip()
    write = numerals.writer(spec)
    ends = None if alone else bounds(row, column, main)
    unit = " points" if spec == "points" else ""
    if alone or ends is None:
        return write(value) + unit + ("" if alone else noted)
    low, high = ("?" if math.isnan(end) else write(end) for end in ends)
    return f"{write(value)}{unit} [{low}, {high}]{noted}"
