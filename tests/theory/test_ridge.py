"""Ridge: the best strength and the risk, against simulation and direct minimisation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from l2scale.theory.ridge import best_lambda, risk


def inputs(seed: int, n: int, p: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, p))


@pytest.mark.parametrize(("n", "p", "lam"), [(30, 10, 0.2), (10, 30, 0.2), (10, 30, 0.0)])
def test_the_risk_is_that_of_fits_to_drawn_noise(n: int, p: int, lam: float) -> None:
    rng = np.random.default_rng(1)
    x, slope, covariance = inputs(0, n, p), rng.standard_normal(p), np.diag(rng.random(p))
    targets = x @ slope + 0.5 * rng.standard_normal((40_000, n))
    if lam:
        fitted = np.linalg.solve(x.T @ x / n + lam * np.eye(p), x.T @ targets.T / n).T
    else:
        fitted = np.linalg.lstsq(x, targets.T, rcond=None)[0].T
    expected = (np.square(fitted - slope) @ np.diag(covariance)).mean()
    assert risk(lam, x, slope, 0.5, covariance) == pytest.approx(expected, rel=0.02)


@given(
    seed=st.integers(0, 20), n=st.integers(2, 40), p=st.integers(2, 20), noise=st.floats(0.1, 3.0)
)
@settings(deadline=None, max_examples=30)
def test_one_strength_is_best_for_any_inputs_under_a_prior(
    seed: int, n: int, p: int, noise: float
) -> None:
    # The mean over a prior with E beta beta' = I/p is the mean over p orthogonal slopes.
    x = inputs(seed, n, p)

    def mean_risk(log_lam: float) -> float:
        return sum(float(risk(np.exp(log_lam), x, e * p**-0.5, noise)) for e in p**0.5 * np.eye(p))

    best = best_lambda(noise, 1.0, n, p)
    found = minimize_scalar(mean_risk, bounds=(np.log(best) - 3, np.log(best) + 3))
    assert mean_risk(np.log(best)) <= found.fun * (1 + 1e-9)


def test_the_best_strength_has_no_factor_2_and_goes_as_1_over_n() -> None:
    assert best_lambda(2.0, 0.5, 50, 10) == pytest.approx(4.0 * 10 / (50 * 0.25))
    assert best_lambda(1.0, 1.0, 400, 7) == pytest.approx(best_lambda(1.0, 1.0, 100, 7) / 4)


def test_without_noise_none_is_best_and_one_input_has_a_best() -> None:
    assert best_lambda(0.0, 1.0, 10, 3) == 0
    assert best_lambda(2.0, 1.0, 1, 1) == 4


@pytest.mark.parametrize("p", [1, 3])
def test_inputs_of_rank_one_leave_what_lies_across_them(p: int) -> None:
    """The least-norm solution is a regression on one input, and 0 in every other direction."""
    z, along = np.array([1.0, -2.0, 4.0]), np.full(p, p**-0.5)
    slope = np.array([2.0, -1.0, 0.5])[:p]
    across = slope - (slope @ along) * along
    found = risk(0.0, np.outer(z, along), slope, 3.0)
    assert found == pytest.approx(across @ across + 9.0 / (z @ z))


def test_tuned_risk_falls_with_every_sample_and_untuned_peaks() -> None:
    p, slope = 8, np.full(8, 8**-0.5)
    sizes = (4, 6, 8, 12, 20, 60)
    tuned, without = (
        [
            np.mean([risk(lam(n), inputs(seed, n, p), slope, 1.0) for seed in range(200)])
            for n in sizes
        ]
        for lam in (lambda n: best_lambda(1.0, 1.0, n, p), lambda n: 0.0)
    )
    assert (np.diff(tuned) < 0).all()
    assert sizes[int(np.argmax(without))] == p


def test_strong_inputs_with_the_signal_want_a_strength_below_0() -> None:
    n, p = 20, 160
    covariance = np.diag([100.0] + [1.0] * (p - 1))
    x = inputs(3, n, p) @ np.sqrt(covariance)
    least = np.linalg.eigvalsh(x @ x.T / n)[0]
    lams = np.linspace(-0.95 * least, 2.0, 60)
    risks = risk(lams, x, np.eye(p)[0], 0.3, covariance)
    assert lams[np.argmin(risks)] < 0
    with pytest.raises(ValueError, match="at or below minus the least eigenvalue"):
        risk(-1.01 * least, x, np.eye(p)[0], 0.3, covariance)


def test_minus_the_least_eigenvalue_itself_is_refused() -> None:
    x = 2 * np.eye(4)  # X'X/n is the identity
    assert np.isfinite(risk(-0.999, x, np.ones(4), 1.0))
    with pytest.raises(ValueError, match="at or below minus the least eigenvalue 1"):
        risk(-1.0, x, np.ones(4), 1.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((-1.0, 1.0, 10, 3), "noise is a standard deviation"),
        ((1.0, 0.0, 10, 3), "slope is a norm above 0"),
        ((1.0, 1.0, 0, 3), "n = 0"),
        ((1.0, 1.0, 3, 0), "p = 0"),
    ],
)
def test_bad_numbers_are_named(arguments: tuple, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        best_lambda(*arguments)


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match=r"not \(5, 3\) and \(4,\)"):
        risk(0.1, inputs(0, 5, 3), np.ones(4), 1.0)
