"""The limit on the line against networks written out, random competitors and another solver."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from l2scale.lab.data.datasets import load
from l2scale.theory.lines import Line, bends, cheapest_network, half_squares, through
from l2scale.theory.variation import limit

X = np.linspace(-1, 1, 7)


def zigzag(seed, n=7):
    return np.random.default_rng(seed).standard_normal(n)


def outputs(layers, at):
    hidden, out = layers
    return np.maximum(np.outer(at, hidden[:, 0]) + hidden[:, 1], 0) @ out[0, :-1] + out[0, -1]


def squares(layers):
    hidden, out = layers
    return float(np.sum(hidden[:, 0] ** 2) + np.sum(out[0, :-1] ** 2))


def test_one_unit_costs_half_of_its_two_squares():
    hinge = Line(np.array([-1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0]), 0.0, 1.0)
    assert hinge.half_squares == pytest.approx(1)
    assert squares(cheapest_network(hinge)) == pytest.approx(2)


def test_a_straight_line_costs_twice_its_slope():
    straight = Line(np.array([0.0, 1.0]), np.array([0.0, 3.0]), 3.0, 3.0)
    assert straight.half_squares == pytest.approx(6)
    layers = cheapest_network(straight)
    assert squares(layers) == pytest.approx(12)
    np.testing.assert_allclose(outputs(layers, X), 3 * X, atol=1e-12)


@given(seed=st.integers(0, 200), left=st.floats(-9, 9), right=st.floats(-9, 9))
def test_a_network_for_a_line_computes_it_at_half_squares(seed, left, right):
    line = Line(X, zigzag(seed), left, right)
    layers = cheapest_network(line)
    at = np.linspace(-3, 3, 61)
    np.testing.assert_allclose(outputs(layers, at), line(at), atol=1e-6)
    assert squares(layers) / 2 == pytest.approx(line.half_squares, rel=1e-6)
    assert half_squares(layers) == pytest.approx(line.half_squares, rel=1e-6)


@given(seed=st.integers(0, 200))
def test_no_network_with_the_same_function_costs_less(seed):
    rng = np.random.default_rng(seed)
    layers = rng.standard_normal((9, 2)), rng.standard_normal((1, 10))
    assert squares(layers) / 2 >= half_squares(layers) * (1 - 1e-12)
    # Straight pieces between points never cost more than what they replace.
    cheapest = through(X, outputs(layers, X))
    assert cheapest.half_squares <= half_squares(layers) + 1e-9


@given(seed=st.integers(0, 200), left=st.floats(-30, 30), right=st.floats(-30, 30))
def test_no_outer_slopes_beat_those_of_through(seed, left, right):
    y = zigzag(seed) + 4 * X * (seed % 3)
    best = through(X, y)
    assert best.half_squares <= Line(X, y, left, right).half_squares + 1e-9
    slopes = np.diff(y) / np.diff(X)
    bend, lean = np.abs(np.diff(slopes)).sum(), abs(slopes[0] + slopes[-1])
    assert best.half_squares == pytest.approx(max(bend, (bend + lean) / 2), rel=1e-9)
    assert len(cheapest_network(best)[0]) <= len(X) - 1


@given(seed=st.integers(0, 100), lam=st.sampled_from([1e-4, 1e-3, 1e-2, 0.1, 1.0]))
@pytest.mark.parametrize("tilt", [0.0, 3.0])
def test_the_limit_meets_its_bound(seed, lam, tilt):
    fit = limit(X, zigzag(seed) + tilt * X, lam)
    assert fit.bound <= fit.cost * (1 + 1e-12)
    assert fit.cost - fit.bound <= 1e-9 * fit.cost


def test_three_points_are_enough_for_a_limit():
    fit = limit(X[:3], zigzag(3, 3), 1e-3)
    assert fit.cost == pytest.approx(fit.bound, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_a_large_strength_leaves_the_constant_without_a_unit(seed):
    fit = limit(X, zigzag(seed), 10.0)
    assert len(cheapest_network(fit.line)[0]) == 0
    np.testing.assert_allclose(fit.line.y, zigzag(seed).mean(), atol=1e-9)


@given(seed=st.integers(0, 100), lam=st.sampled_from([1e-4, 1e-3, 1e-2, 0.1]))
def test_the_sum_of_squares_is_the_slope_of_the_least_cost(seed, lam):
    low, here, high = (limit(X, zigzag(seed), lam * (1 + h)) for h in (-1e-4, 0, 1e-4))
    squares, slack = 2 * here.line.half_squares, 1e-7
    assert squares <= here.cost / lam
    assert (high.cost - here.cost) / (1e-4 * lam) <= squares + slack
    assert squares <= (here.cost - low.cost) / (1e-4 * lam) + slack
    assert (high.cost - low.cost) / (2e-4 * lam) == pytest.approx(squares, rel=1e-2, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("tilt", [0.0, 3.0])
def test_another_solver_finds_the_same_limit(seed, tilt):
    lam, n = 0.02, len(X)
    targets = zigzag(seed) + tilt * X

    # y, both outer slopes, a bound on each jump and r >= max(sum of jumps, |lean|).
    def cost(z):
        return np.mean((z[:n] - targets) ** 2) + 2 * lam * z[-1]

    def room(z):
        line = Line(X, z[:n], z[n], z[n + 1])
        sizes, lean = z[n + 2 : -1], z[n] + z[n + 1]
        return np.concatenate(
            [
                sizes - line.jumps,
                sizes + line.jumps,
                [z[-1] - sizes.sum(), z[-1] - lean, z[-1] + lean],
            ]
        )

    start = np.concatenate([np.zeros(n + 2), np.ones(n), [n]])
    found = minimize(
        cost, start, method="SLSQP", constraints={"type": "ineq", "fun": room},
        options={"maxiter": 2000, "ftol": 1e-15},
    )  # fmt: skip
    assert found.fun == pytest.approx(limit(X, targets, lam).cost, rel=1e-7)


def test_a_vanishing_strength_interpolates_by_straight_lines():
    targets = zigzag(1)
    fit = limit(X, targets, 1e-9)
    np.testing.assert_allclose(fit.line.y, targets, atol=1e-6)
    assert fit.line.half_squares == pytest.approx(through(X, targets).half_squares, rel=1e-6)


def test_bends_closer_than_near_count_as_one():
    layers = np.array([[1.0, 0.0], [1.0, -1e-8]]), np.array([[1.0, -1.0, 0.0]])
    knots, jumps, left, right = bends(layers)
    assert (left, right) == (0.0, 0.0)
    np.testing.assert_allclose(knots, [0, 1e-8])
    np.testing.assert_allclose(jumps, [1, -1])
    assert half_squares(layers) == 0.0
    assert half_squares(layers, near=1e-9) == pytest.approx(2)
    assert half_squares((np.array([[0.0, 3.0]]), np.array([[2.0, 1.0]]))) == 0.0  # a constant


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Line(np.array([0.0]), np.array([1.0]), 0, 0), "2 points or more"),
        (lambda: Line(np.array([1.0, 0.0]), np.zeros(2), 0, 0), "points must rise"),
        (lambda: Line(np.zeros(2), np.zeros(2), 0, 0), "points must rise"),
        (lambda: Line(np.arange(2.0), np.zeros(2), np.inf, 0), "finite"),
        (lambda: limit(X, zigzag(0), 0.0), "lam above 0"),
        (lambda: limit(X[:2], zigzag(0, 2), 0.1), "3 points or more"),
        (lambda: limit(X[[0, 2, 2, 3]], zigzag(0, 4), 0.1), "that rise"),
        (lambda: limit(X[:, None], zigzag(0)[:, None], 0.1), r"one shape \(n,\), not \(7, 1\)"),
        (lambda: limit(X, zigzag(0)[:, None], 0.1), r"not \(7,\) and \(7, 1\)"),
        (lambda: bends((np.zeros((3, 2)), np.zeros((2, 4)))), r"not \(3, 2\) and \(2, 4\)"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_units_of_the_limit_need_not_rise_as_the_strength_falls() -> None:
    """The exercise on zigzag's points with seed 2."""
    split = load("zigzag", seed=2)
    x, targets = split.x_train[:, 0], split.y_train[:, 0]
    counts = [
        len(cheapest_network(limit(x, targets, lam).line)[0])
        for lam in (0.0316, 0.0282, 0.02, 0.0126)
    ]
    assert counts == [4, 3, 4, 3] and max(counts) <= len(x) - 1


@pytest.mark.parametrize("far", [10.0, 1e4])
def test_constants_have_no_variation(far: float) -> None:
    """Two units that are active on all points add a constant, at a cost that far biases remove."""
    hidden = np.array([[1.0, 2 * far], [1.0, far]])
    out = np.array([[1 / far, -1 / far, 0.0]])
    np.testing.assert_allclose(outputs((hidden, out), X), 1.0, atol=1e-10)
    cost = float(np.abs(hidden[:, 0] * out[0, :-1]).sum())
    assert cost == pytest.approx(2 / far)
