"""What an interval says of a predicted exponent: held, failed or undecided, by one rule for all.

An interval that leaves a value out excludes it, however wide it is. Width counts only where the
value is inside: a narrow interval confirms it, a wide one leaves it open.
"""

import math
from collections import Counter

import pandas as pd

from l2scale.catalogue.numerals import listing
from l2scale.lab.estimates import Interval

OUTCOMES = ("held", "failed", "undecided")
MARGIN = 0.2  # half-width below which an interval around a value confirms it


def interval(row: pd.Series, estimate: str = "exponent") -> Interval:
    """The interval in a row's columns `estimate`, `low` and `high`."""
    return Interval(row[estimate], row["low"], row["high"], int(row.get("seeds", 0)))


def narrow(found: Interval) -> bool:
    """Whether an interval has finite bounds that are near enough to each other."""
    width = float(found.high - found.low)
    return math.isfinite(width) and width / 2 < MARGIN


def excludes(found: Interval, value: float = 0.0) -> bool:
    """Whether the value is outside the interval, however wide. An unknown bound excludes none."""
    return value not in found


def outcome(found: Interval, value: float = 0.0) -> str:
    """What became of a value that was predicted: "held", "failed" or "undecided"."""
    if excludes(found, value):
        return "failed"
    return "held" if narrow(found) else "undecided"


def outcome_of_range(found: Interval, low: float, high: float) -> str:
    """The same of a range: it failed if no number of the interval is in it, held if all are."""
    if found.high < low or found.low > high:
        return "failed"
    return "held" if low <= found.low and found.high <= high else "undecided"


def moves(found: Interval) -> str:
    """What an exponent says of its lambda."""
    if found.high < 0:
        return "falls"
    if found.low > 0:
        return "rises"
    return "stays within its interval" if narrow(found) else "is left open"


def tallied(found: Counter[str]) -> str:
    """How often something held, failed and stayed undecided: "held in 1 of 9 and failed in 8"."""
    words = [f"{name} in {found[name]}" for name in OUTCOMES if found[name]]
    first, *rest = words or ["was never had"]
    return listing([f"{first} of {found.total()}" if rest else f"{first}", *rest])
