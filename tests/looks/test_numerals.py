"""Numbers are rounded before their form is chosen."""

import doctest

import pytest

from l2scale.looks import numerals

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


def test_a_share_that_is_not_known_is_no_number():
    assert numerals.percent(NAN) == "unknown"


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
