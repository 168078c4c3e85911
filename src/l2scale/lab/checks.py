"""What a value has to be, said once for all fields of its kind. A bool is no number here."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

PLAIN = (str, float, int, bool, type(None))
"""Types that `as_python` leaves as they are: those of most fields of a run."""


def as_python(value: Any) -> Any:
    """A NumPy number, or those in a tuple, as Python's, which compare, print and save the same."""
    if isinstance(value, tuple):
        return tuple(as_python(each) for each in value)
    return value.item() if isinstance(value, np.generic) else value


def is_whole(value: Any, least: int = 0) -> bool:
    """Whether this is an int from `least` up."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_number(value: Any) -> bool:
    """Whether this is a finite number, 0 or above."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and 0 <= value <= sys.float_info.max


def is_positive(value: Any) -> bool:
    """Whether this is a finite number above 0."""
    return is_number(value) and value > 0


def is_bool(value: Any) -> bool:
    """Whether this is True or False."""
    return isinstance(value, bool)


def are(kind: Callable[[Any], bool], value: Any) -> bool:
    """Whether this is a tuple whose elements are all of a kind."""
    return isinstance(value, tuple) and all(kind(each) for each in value)
