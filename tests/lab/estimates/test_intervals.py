"""Intervals over seeds: what they hold, and how often."""

import math

import numpy as np
import pytest

from l2scale.lab.estimates.intervals import Interval, jackknife, mean_interval, paired_interval


def test_mean_interval_is_student():
    found = mean_interval([1.0, 2.0, 3.0, 4.0])
    # sd 1.29099, over sqrt(4), times t(0.975, 3) = 3.18245
    assert found.estimate == 2.5
    assert found.high - 2.5 == pytest.approx(3.182446 * 1.290994 / 2, rel=1e-6)
    assert found.low == pytest.approx(5 - found.high)
    assert (found.n, found.level) == (4, 0.95)
    assert mean_interval([1.0, 2.0, 3.0, 4.0], level=0.5).high < found.high


def test_one_value_has_no_bounds_and_excludes_nothing():
    found = mean_interval([3.0])
    assert (found.estimate, found.n) == (3.0, 1)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert 1e9 in found


def test_intervals_tell_what_they_exclude():
    interval = Interval(1.0, 0.5, 1.5, n=5)
    assert [number in interval for number in (0.49, 0.5, 1.5, 1.51)] == [False, True, True, False]
    at_most = Interval(1.0, math.nan, 1.5, n=5)
    assert [number in at_most for number in (-9, 1.4, 1.6)] == [True, True, False]


def test_intervals_print_their_numbers_and_unknown_bounds():
    interval = Interval(1.2345, 1.101, 1.3599, n=5)
    assert str(interval) == f"{interval}" == "1.23 [1.1, 1.36]"
    assert f"{interval:.2f}" == "1.23 [1.10, 1.36]"
    assert f"{Interval(1e-3, math.nan, 2e-3, n=2):.0e}" == "1e-03 [?, 2e-03]"


@pytest.mark.parametrize(
    ("values", "message"),
    [([], "one number per seed"), ([[1.0]], r"shape \(1, 1\)"), ([1.0, math.nan], "finite")],
)
def test_what_has_no_mean_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        mean_interval(values)


@pytest.mark.parametrize("level", [0, 1, 95, math.nan])
def test_levels_are_shares(level):
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        mean_interval([1.0, 2.0], level)


def test_paired_differences_drop_what_pairs_share():
    rng = np.random.default_rng(0)
    shared, a, b = 100 * rng.standard_normal(8), rng.standard_normal(8), rng.standard_normal(8)
    assert paired_interval(shared + a, shared + b).high == pytest.approx(mean_interval(a - b).high)


def test_paired_ratios_are_geometric_and_invert():
    a, b = np.array([2.0, 4.0, 9.0]), np.array([1.0, 1.0, 3.0])
    ratio, inverse = paired_interval(a, b, ratio=True), paired_interval(b, a, ratio=True)
    assert ratio.estimate == pytest.approx(24 ** (1 / 3))
    assert inverse.low == pytest.approx(1 / ratio.high)
    assert inverse.high == pytest.approx(1 / ratio.low)


def test_pairs_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match=r"as many numbers in a as in b, not \(2,\) and \(3,\)"):
        paired_interval([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="a ratio needs numbers above 0"):
        paired_interval([1, 2], [1, 0], ratio=True)
    with pytest.raises(ValueError, match="a ratio needs numbers above 0"):
        paired_interval([1, 0], [1, 2], ratio=True)


def test_the_jackknife_measures_the_spread_about_the_mean_of_what_is_left():
    left_out = np.array([1.0, 2.0, 6.0])
    biased, plain = jackknife(9.0, left_out), jackknife(3.0, left_out)
    assert biased.high - 9 == pytest.approx(plain.high - 3)


def test_the_jackknife_of_a_mean_is_its_interval():
    for values in ([1.0, 4.0], [0.3, 2.0, 2.5, 7.0]):
        left_out = [np.mean(np.delete(values, s)) for s in range(len(values))]
        found = jackknife(np.mean(values), np.array(left_out), level=0.9)
        expected = mean_interval(values, level=0.9)
        for name in ("estimate", "low", "high", "n", "level"):
            assert getattr(found, name) == pytest.approx(getattr(expected, name))


def test_mean_intervals_hold_the_mean_as_often_as_they_say():
    rng = np.random.default_rng(0)
    for seeds in (6, 12):
        held = [7.0 in mean_interval(7 + rng.standard_normal(seeds)) for _ in range(1500)]
        assert 0.935 < np.mean(held) < 0.965
