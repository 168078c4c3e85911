"""Numbers are rounded before their form is chosen."""

import doctest

import pytest

from l2scale.catalogue import numerals
from l2scale.lab.estimates import Interval, mean_interval

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (999.4, "999"),
        (999.6, "1,000"),
        (-1234.5, "-1,230"),
        (1e6, "1,000,000"),
        (float("inf"), "inf"),
        (NAN, "unknown"),
    ],
)
def test_plain(value, written):
    assert numerals.plain(value) == written


def test_what_is_not_known_is_left_out_and_never_printed_as_nan():
    assert numerals.span(mean_interval([0.12])) == "0.12"  # of one seed
    assert numerals.span(Interval(0.12, NAN, 0.2, n=6)) == "0.12 [?, 0.20]"  # at an edge
    assert numerals.span(Interval(NAN, NAN, NAN, n=6)) == "unknown"
    assert numerals.span(Interval(NAN, 0.1, 0.2, n=6)) == "unknown"


def test_a_share_that_is_not_known_is_no_number():
    assert numerals.percent(NAN) == "unknown"


def test_no_minus_stands_before_a_zero():
    around = Interval(-0.0004, -0.0004, 0.0004, n=6)
    assert numerals.span(around) == "0.00 [0.00, 0.00]"


@pytest.mark.parametrize(
    ("words", "written"), [([], ""), (["one"], "one"), (["one", "two", "six"], "one, two and six")]
)
def test_listing(words, written):
    assert numerals.listing(words) == written


@pytest.mark.parametrize(
    ("some", "whole", "written"),
    [
        (0, 0, "none"),
        (0, 8, "none of 8"),
        (1, 8, "1 of 8"),
        (8, 8, "all 8"),
        (2, 2, "both"),
        (1, 1, "the only one"),
    ],
)
def test_portion(some, whole, written):
    assert numerals.portion(some, whole) == written


def test_the_examples_are_right():
    assert doctest.testmod(numerals) == (0, 2)
