"""Stopped gradient flow on least squares, against descent by automatic differentiation."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from l2scale.theory import ridge
from l2scale.theory.stopping import acts_like, kept, matched, ridge_kept, risk, worst_ratio

eigenvalues = st.floats(1e-4, 1e3)
strengths = st.just(0.0) | st.floats(1e-5, 1e2)
times = st.floats(1e-3, 1e3)


def drawn(seed: int, n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, p)) * np.geomspace(1, 0.1, p)
    return x, x @ rng.standard_normal(p) + rng.standard_normal(n)


@pytest.mark.parametrize("lam", [0.0, 0.05])
@pytest.mark.parametrize("steps", [200, 4000])
def test_descent_in_small_steps_keeps_the_share_of_each_direction(lam: float, steps: int) -> None:
    """The book's objective, mean loss + lam times the sum of squares, without a half in either."""
    x, y = drawn(0, 40, 6)
    rate, w = 1e-3, torch.zeros(6, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        loss = (torch.tensor(y) - torch.tensor(x) @ w).square().mean() + lam * w.square().sum()
        (grad,) = torch.autograd.grad(loss, w)
        with torch.no_grad():
            w -= rate * grad
    e, vectors = np.linalg.eigh(x.T @ x / 40)
    least_squares = vectors.T @ np.linalg.lstsq(x, y, rcond=None)[0]
    expected = kept(e, lam, rate * steps) * least_squares
    assert vectors.T @ w.detach().numpy() == pytest.approx(expected, rel=2e-3, abs=1e-4)


def test_at_the_end_it_is_ridge_and_without_data_nothing() -> None:
    e = np.array([0.0, 0.3, 2.0])
    assert kept(e, 0.1, np.inf) == pytest.approx(e / (e + 0.1))
    assert kept(e, 0.0, np.inf) == pytest.approx([0, 1, 1])
    assert kept(e, 0.0, 0.0) == pytest.approx([0, 0, 0])


@given(e=eigenvalues, lam=strengths, tau=times)
def test_a_stopped_flow_keeps_what_the_matched_ridge_keeps_or_up_to_1_30_times(
    e: float, lam: float, tau: float
) -> None:
    flow, matching = kept(e, lam, tau), ridge_kept(e, matched(lam, tau))
    assert matching * (1 - 1e-9) <= flow <= worst_ratio() * matching * (1 + 1e-9)


@given(
    e=eigenvalues, lam=strengths, tau=times, b=st.floats(0, 100), noise=st.floats(0, 100),
    n=st.integers(1, 1000),
)  # fmt: skip
def test_the_risk_is_at_most_1_69_times_that_of_the_matched_ridge(
    e: float, lam: float, tau: float, b: float, noise: float, n: int
) -> None:
    flow, matching = kept(e, lam, tau), ridge_kept(e, matched(lam, tau))
    one, other = (float(risk(np.asarray(share), e, b, noise, n)) for share in (flow, matching))
    assert one <= worst_ratio() ** 2 * other * (1 + 1e-9) + 1e-12


def test_the_factor_is_that_of_the_paper_to_its_digits_and_is_reached() -> None:
    assert worst_ratio() ** 2 == pytest.approx(1.6859, abs=1e-4)
    assert worst_ratio() ** 2 <= 1.69
    # All noise, one direction, at the worst time: no smaller factor would do.
    x = np.linspace(0.1, 10, 10_001)
    ratios = -np.expm1(-x) * (1 + x) / x
    worst = float(x[ratios.argmax()])
    flow, matching = kept(1.0, 0.0, worst / 2), ridge_kept(1.0, matched(0.0, worst / 2))
    one, other = (float(risk(np.asarray(s), np.asarray(1.0), np.asarray(0.0), 1.0, 1))
                  for s in (flow, matching))  # fmt: skip
    assert one / other == pytest.approx(worst_ratio() ** 2, rel=1e-6)


@given(e=eigenvalues, tau=times)
def test_stopping_acts_like_a_strength_below_1_over_2_tau(e: float, tau: float) -> None:
    strength = float(acts_like(e, tau))
    assert strength <= matched(0.0, tau) * (1 + 1e-9)
    assert ridge_kept(e, strength) == pytest.approx(kept(e, 0.0, tau), rel=1e-6)


@given(seed=st.integers(0, 50), tau=st.floats(0.01, 100))
def test_roegnvaldssons_estimate_is_a_mean_of_it_and_below_1_over_2_tau(
    seed: int, tau: float
) -> None:
    x, y = drawn(seed, 30, 5)
    e, vectors = np.linalg.eigh(x.T @ x / 30)
    w = vectors @ (kept(e, 0.0, tau) * (vectors.T @ np.linalg.lstsq(x, y, rcond=None)[0]))
    gradient = 2 * x.T @ (x @ w - y) / 30
    estimate = np.linalg.norm(gradient) / np.linalg.norm(2 * w)
    strengths = acts_like(e, tau)
    assert strengths.min() * (1 - 1e-6) - 1e-12 <= estimate <= strengths.max() * (1 + 1e-6) + 1e-12
    assert estimate <= matched(0.0, tau) * (1 + 1e-6)


def test_the_risk_of_ridge_is_that_of_the_module_on_ridge() -> None:
    x, _ = drawn(3, 30, 5)
    e, vectors = np.linalg.eigh(x.T @ x / 30)
    b = vectors.T @ np.arange(1.0, 6.0)
    mine = risk(ridge_kept(e, 0.2), e, b, 0.7, 30).sum()
    assert mine == pytest.approx(float(ridge.risk(0.2, x, np.arange(1.0, 6.0), 0.7)))


@pytest.mark.parametrize(
    ("e", "lam", "tau", "words"),
    [(-1.0, 0.0, 1.0, "-1.0"), (1.0, -0.1, 1.0, "-0.1"), (1.0, 0.0, -2.0, "-2.0"),
     (1.0, 0.0, float("nan"), "nan")],
)  # fmt: skip
def test_a_number_out_of_range_is_named(e: float, lam: float, tau: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        kept(e, lam, tau)


def test_no_strength_matches_a_flow_that_has_not_begun() -> None:
    with pytest.raises(ValueError, match=r"above 0.*0\.0"):
        matched(0.1, 0.0)
