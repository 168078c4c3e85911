"""Thresholds and proportions, against draws and direct minimisation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from l2scale.theory.shrinkage import best_proportion, best_threshold, soft_risk

SPARSE = np.r_[np.ones(4), np.zeros(96)]


@pytest.mark.parametrize("b", [0.0, 0.1, -0.7])
@pytest.mark.parametrize("threshold", [0.0, 0.2, 1.0])
def test_the_risk_is_that_of_drawn_numbers(b: float, threshold: float) -> None:
    seen = b + 0.3 * np.random.default_rng(0).standard_normal(1_000_000)
    kept = np.sign(seen) * np.maximum(np.abs(seen) - threshold, 0)
    expected = np.square(kept - b).mean()
    assert soft_risk(threshold, b, 0.3) == pytest.approx(expected, rel=0.01)


def test_the_soft_threshold_solves_the_penalty_without_a_half() -> None:
    seen, lam = 0.9, 0.25
    found = minimize_scalar(lambda w: (seen - w) ** 2 + 2 * lam * abs(w), bounds=(-2, 2))
    assert found.x == pytest.approx(seen - lam, abs=1e-5)


@pytest.mark.parametrize("s", [1e-3, 1e-2, 3e-2])
def test_the_best_threshold_is_a_multiple_of_the_noise_that_the_share_of_zeros_sets(s: float):
    one = best_threshold(SPARSE, 1e-2) / 1e-2
    assert best_threshold(SPARSE, s) / s == pytest.approx(one, rel=1e-3)
    assert best_threshold(np.r_[SPARSE, np.zeros(900)], s) / s > 1.3 * one


def test_nearer_to_the_noise_the_threshold_rises_faster_than_the_noise() -> None:
    found = [best_threshold(SPARSE, s) for s in (0.125, 0.25, 0.5)]
    slopes = np.diff(np.log(found)) / np.log(2)
    assert 1 < slopes[0] < slopes[1] < 2


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_best_threshold_has_the_unit_of_the_coefficients(unit: float) -> None:
    b = np.r_[SPARSE, 0.2]
    expected = unit * best_threshold(b, 0.1)
    assert best_threshold(unit * b, unit * 0.1) == pytest.approx(expected, rel=1e-6)


@given(seed=st.integers(0, 50), s=st.floats(0.05, 2.0))
@settings(deadline=None, max_examples=25)
def test_no_threshold_beats_the_best(seed: int, s: float) -> None:
    rng = np.random.default_rng(seed)
    b = rng.standard_normal(20) * (rng.random(20) < 0.4)
    best = float(np.sum(soft_risk(best_threshold(b, s), b, s)))
    for threshold in np.geomspace(1e-3 * s, 20 * s, 60):
        assert best <= float(np.sum(soft_risk(threshold, b, s))) * (1 + 1e-9)


@given(seed=st.integers(0, 50), s=st.floats(0.05, 2.0))
def test_the_best_proportion_minimises_its_risk(seed: int, s: float) -> None:
    b = np.random.default_rng(seed).standard_normal(9)

    def total(lam: float) -> float:
        return float(np.sum(s**2 + lam**2 * b**2)) / (1 + lam) ** 2

    best = best_proportion(b, s)
    assert total(best) <= min(total(best * 0.99), total(best * 1.01))


def test_the_two_go_as_different_powers_of_the_noise() -> None:
    for power, best in ((1.0, best_threshold), (2.0, best_proportion)):
        low, high = best(SPARSE, 1e-3), best(SPARSE, 1e-2)
        assert np.log10(high / low) == pytest.approx(power, abs=1e-3)


def test_bad_numbers_are_refused() -> None:
    for arguments in ((-0.1, 1.0, 1.0), (0.1, 1.0, 0.0), (np.nan, 1.0, 1.0)):
        with pytest.raises(ValueError, match="a threshold is 0 or above and s above 0"):
            soft_risk(*arguments)
    with pytest.raises(ValueError, match="no coefficients"):
        best_threshold(np.array([]), 1.0)
    with pytest.raises(ValueError, match="all coefficients are 0"):
        best_proportion(np.zeros(3), 1.0)


@given(start=st.floats(-2, 2), lr=st.floats(0.01, 0.5), lam=st.floats(0.01, 1))
def test_steps_on_absolute_values_end_in_an_oscillation_about_zero(
    start: float, lr: float, lam: float
) -> None:
    """The exercise on the penalty of sizes: within lr lam of 0 there is no rest but 0 itself."""
    w, step = start, lr * lam
    for _ in range(int(abs(start) / step) + 3):
        w -= step * np.sign(w)
    assert abs(w) <= step * (1 + 1e-9)
    after = w - step * np.sign(w)
    assert abs(after) <= step * (1 + 1e-9) and (w == 0 or after != w)
