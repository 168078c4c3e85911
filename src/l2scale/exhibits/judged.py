"""What an exponent's interval lets one say: wider than ±0.2 it settles nothing."""

import math

import pandas as pd

from l2scale.lab.estimates import Interval

WIDE = 0.2  # half-width from which on an interval of an exponent settles nothing


def interval(row: pd.Series, estimate: str = "exponent") -> Interval:
    """The interval in a row's columns `estimate`, `low` and `high`."""
    return Interval(row[estimate], row["low"], row["high"], int(row.get("seeds", 0)))


def settled(found: Interval) -> bool:
    """Whether an interval has finite bounds that are near enough to each other."""
    width = float(found.high - found.low)
    return math.isfinite(width) and width / 2 < WIDE


def holds(found: Interval, value: float = 0.0) -> bool:
    """Whether an interval is settled and has the value inside it."""
    return settled(found) and value in found


def excludes(found: Interval, value: float = 0.0) -> bool:
    """Whether an interval is settled and has the value outside it."""
    return settled(found) and value not in found


def moves(found: Interval) -> str:
    """What an exponent says of its lambda."""
    if not settled(found):
        return "is left open"
    if holds(found):
        return "stays within its interval"
    return "falls" if found.high < 0 else "rises"
