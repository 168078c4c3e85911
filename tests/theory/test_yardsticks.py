"""Yardsticks: against exact searches, refits without a sample, and penalised minima."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from l2scale.theory.response import slopes
from l2scale.theory.threshold import threshold
from l2scale.theory.yardsticks import (
    YARDSTICKS,
    crush,
    noise,
    null,
    of_early_stopping,
    pull,
    root_n,
    unexplained,
)


def drawn(n: int, d: int = 6, classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Standardised inputs, and classes that two of them decide, but for some noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d))
    rule = np.random.default_rng(99).standard_normal((2, classes))
    scores = x[:, :2] @ rule + rng.gumbel(size=(n, classes)) / 3
    return (x - x.mean(axis=0)) / x.std(axis=0), scores.argmax(axis=1)


@pytest.mark.parametrize("task", ["multiclass", "binary", "regression"])
def test_few_starts_find_what_many_find(task: str) -> None:
    x, y = drawn(200, classes=3 if task == "multiclass" else 2)
    targets = x[:, 0] * x[:, 1] if task == "regression" else y
    exact = threshold(x, targets, task, biases=True, restarts=64)
    assert 0.97 * exact < crush(x, targets, task) <= exact * (1 + 1e-9)


def test_without_a_relation_all_three_agree_and_with_one_they_do_not() -> None:
    x, y = drawn(1000, d=24, classes=6)
    shuffled = np.random.default_rng(5).permutation(y)
    alone = [f(x, shuffled, "multiclass") for f in (crush, null, noise)]
    assert_allclose(alone, alone[0], rtol=0.35)
    pulled, shuffles, rest = (f(x, y, "multiclass") for f in (crush, null, noise))
    assert pulled > 4 * shuffles and rest < 0.85 * shuffles


@pytest.mark.parametrize("yardstick", [root_n, null, noise])
def test_noise_yardsticks_halve_with_four_times_the_samples(yardstick) -> None:
    small, large = (np.mean([yardstick(*drawn(n, seed=s), "multiclass") for s in range(4)])
                    for n in (500, 2000))  # fmt: skip
    assert 1.8 < small / large < 2.25


def test_the_crush_threshold_stays_with_more_samples() -> None:
    small, large = (crush(*drawn(n), "multiclass") for n in (1000, 4000))
    assert_allclose(small, large, rtol=0.15)


@pytest.mark.parametrize(("n", "d"), [(30, 4), (12, 20)])
def test_residuals_are_those_of_samples_left_out(n: int, d: int) -> None:
    x, y = drawn(n, d)
    g = slopes(y, "multiclass")
    g = g - g.mean(axis=0)

    def refitted(ridge: float) -> np.ndarray:
        rows = []
        for i in range(n):
            kept = np.arange(n) != i
            design = np.column_stack([np.ones(n), x])
            stiffness = n * ridge * np.diag([0.0, *np.ones(d)])
            a = design[kept]
            fit = np.linalg.solve(a.T @ a + stiffness, a.T @ g[kept])
            rows.append(g[i] - design[i] @ fit)
        return np.array(rows)

    every = [refitted(ridge) for ridge in np.logspace(-4, 2, 13)]
    best = min(every, key=lambda residuals: np.square(residuals).sum())
    assert_allclose(unexplained(x, g), best, rtol=1e-6, atol=1e-9)


def test_early_stopping_at_a_penalised_minimum_gives_its_lambda() -> None:
    rng = np.random.default_rng(2)
    x, y, lam = rng.standard_normal((50, 4)), rng.standard_normal(50), 0.37
    w = np.linalg.solve(x.T @ x / 50 + lam * np.eye(4), x.T @ y / 50)
    gradient = 2 * x.T @ (x @ w - y) / 50
    assert_allclose(of_early_stopping([w[:2], w[2:]], [gradient[:2], gradient[2:]]), lam)


@pytest.mark.parametrize(
    ("weights", "gradients", "said"),
    [
        ([np.ones(2)], [np.ones(3)], "give its own"),
        ([np.zeros(2)], [np.ones(2)], "no ratio"),
        ([], [], "no ratio"),
        ([np.ones(2)], [np.array([1, np.nan])], "no ratio"),
        ([np.ones(2)], [], "argument 2 is shorter"),
    ],
)
def test_what_has_no_ratio_is_refused(weights, gradients, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        of_early_stopping(weights, gradients)


def test_yardsticks_are_the_same_twice_and_do_not_mind_the_order_of_inputs() -> None:
    x, y = drawn(150)
    for name, yardstick in YARDSTICKS.items():
        assert yardstick(x, y, "multiclass") == yardstick(x, y, "multiclass") > 0, name
    assert YARDSTICKS["constant"](x, y, "multiclass") == 1.0
    assert_allclose(crush(x[:, ::-1], y, "multiclass"), crush(x, y, "multiclass"), rtol=0.03)


def test_a_pull_is_the_larger_the_larger_the_slopes() -> None:
    x, y = drawn(100)
    g = slopes(y, "multiclass")
    assert_allclose(pull(x, 3 * g), 3 * pull(x, g), rtol=1e-2)
