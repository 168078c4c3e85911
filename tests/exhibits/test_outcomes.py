"""What an interval says of a predicted exponent: one rule, and no width hides a failure."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.exhibits.outcomes import (
    MARGIN,
    OUTCOMES,
    excludes,
    moves,
    outcome,
    outcome_of_range,
)
from l2scale.lab.estimates import Interval

NUMBERS = st.floats(-5, 5)
HALVES = st.floats(0, 5)


def about(middle: float, half: float) -> Interval:
    """An interval with an estimate in its middle."""
    return Interval(middle, middle - half, middle + half, 8)


@given(NUMBERS, HALVES, NUMBERS)
def test_a_value_outside_has_failed_however_wide_the_interval(
    middle: float, half: float, value: float
) -> None:
    found = about(middle, half)
    outside = value < found.low or value > found.high
    assert (outcome(found, value) == "failed") == outside == excludes(found, value)


@given(NUMBERS, HALVES, st.floats(-1, 1))
def test_width_decides_only_about_a_value_inside(middle: float, half: float, place: float) -> None:
    found = about(middle, half)
    value = min(max(middle + place * half, found.low), found.high)
    narrow = (found.high - found.low) / 2 < MARGIN
    assert outcome(found, value) == ("held" if narrow else "undecided")


@pytest.mark.parametrize("bound", [math.nan, math.inf])
def test_an_unknown_bound_confirms_nothing(bound: float) -> None:
    assert outcome(Interval(0.1, -bound, 0.2, 1)) == "undecided"
    assert outcome(Interval(0.1, 0.05, bound, 8)) == "failed"  # the known bound excludes 0
    assert moves(Interval(math.nan, math.nan, math.nan, 1)) == "is left open"


@given(NUMBERS, HALVES)
def test_a_range_that_is_one_number_is_judged_like_it(middle: float, half: float) -> None:
    found = about(middle, half)
    assert outcome_of_range(found, 0, 0) in OUTCOMES
    assert (outcome_of_range(found, 0, 0) == "failed") == excludes(found)
    assert outcome_of_range(found, -20, 20) == "held"
    assert outcome_of_range(found, found.low, math.inf) == "held"


def test_steps_that_were_once_hidden_are_said() -> None:
    """Intervals of this book that a rule on their width had left out."""
    step, layers = Interval(-0.241, -0.448, -0.034, 8), Interval(-0.27, -0.47, -0.06, 6)
    rise, fall = Interval(0.71, 0.43, 0.99, 6), Interval(-0.96, -1.43, -0.49, 6)
    assert [outcome(each) for each in (step, layers, rise, fall)] == ["failed"] * 4
    assert [moves(each) for each in (step, layers, rise, fall)] == ["falls"] * 2 + [
        "rises",
        "falls",
    ]
