"""The least sum of squares of a product of layers, against direct minimisation."""

import functools
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from l2scale.theory.depth import balanced, least_squares_sum, pull


def drawn(seed: int, outputs: int = 2, inputs: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((outputs, inputs))


def product(layers: list[np.ndarray]) -> np.ndarray:
    return functools.reduce(lambda after, layer: layer @ after, layers)


def squares(layers: list[np.ndarray]) -> float:
    return float(sum(np.square(layer).sum() for layer in layers))


def values(matrix: np.ndarray) -> np.ndarray:
    return np.linalg.svd(matrix, compute_uv=False)


@given(seed=st.integers(0, 99), layers=st.integers(2, 8))
def test_balanced_layers_have_the_product_and_the_least_sum(seed: int, layers: int) -> None:
    matrix = drawn(seed)
    found = balanced(matrix, layers)
    assert len(found) == layers
    np.testing.assert_allclose(product(found), matrix, atol=1e-10)
    assert squares(found) == pytest.approx(least_squares_sum(values(matrix), layers), rel=1e-10)


@given(seed=st.integers(0, 99), layers=st.integers(2, 6))
def test_to_move_along_the_product_from_balanced_layers_costs_more(seed: int, layers: int) -> None:
    """W_2 A and A^-1 W_1 have the product of W_2 and W_1, and the sum rises to second order."""
    rng, found = np.random.default_rng(seed), balanced(drawn(seed), layers)
    least = squares(found)
    change = rng.standard_normal((2, 2))
    for size in (0.03, -0.03):
        turn = np.eye(2) + size * (change + change.T)
        moved = [np.linalg.inv(turn) @ found[0], found[1] @ turn, *found[2:]]
        np.testing.assert_allclose(product(moved), product(found), atol=1e-10)
        assert squares(moved) > least * (1 + 1e-7)


@given(seed=st.integers(0, 99), layers=st.integers(2, 6), inner=st.integers(1, 5))
def test_no_layers_cost_less(seed: int, layers: int, inner: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = [3, *[inner] * (layers - 1), 2]
    found = [rng.standard_normal((after, before)) for before, after in itertools.pairwise(sizes)]
    assert squares(found) >= least_squares_sum(values(product(found)), layers) - 1e-9


@pytest.mark.parametrize("layers", [2, 3, 4])
def test_descent_on_the_layers_finds_no_less_and_gets_there(layers: int) -> None:
    """Minimise the sum of squares with the product held by a penalty that is raised."""
    matrix = drawn(1)
    sizes = [3, *[4] * (layers - 1), 2]
    shapes = [(after, before) for before, after in itertools.pairwise(sizes)]
    ends = np.cumsum([a * b for a, b in shapes])[:-1]

    def parts(flat: np.ndarray) -> list[np.ndarray]:
        return [p.reshape(s) for p, s in zip(np.split(flat, ends), shapes, strict=True)]

    def cost(flat: np.ndarray, hold: float) -> tuple[float, np.ndarray]:
        w = parts(flat)
        miss = product(w) - matrix
        slopes = []
        for layer in range(layers):
            before = product(w[:layer]) if layer else np.eye(3)
            after = product(w[layer + 1 :]) if layer + 1 < layers else np.eye(2)
            slopes.append(2 * w[layer] + 2 * hold * after.T @ miss @ before.T)
        total = squares(w) + hold * float(np.square(miss).sum())
        return total, np.concatenate([slope.ravel() for slope in slopes])

    flat = np.random.default_rng(0).standard_normal(sum(a * b for a, b in shapes))
    for hold in (10.0, 100.0, 1e3, 1e4, 1e5):
        flat = minimize(
            cost, flat, args=(hold,), jac=True, method="L-BFGS-B",
            options={"maxiter": 5000, "maxfun": 10000, "ftol": 1e-14, "gtol": 1e-9},
        ).x  # fmt: skip
    found = parts(flat)
    np.testing.assert_allclose(product(found), matrix, atol=1e-3)
    assert squares(found) == pytest.approx(least_squares_sum(values(matrix), layers), rel=1e-3)


@given(value=st.floats(0.05, 20), layers=st.integers(2, 9))
def test_the_pull_is_the_slope_of_the_least_penalty(value: float, layers: int) -> None:
    step = 1e-5 * value
    up, down = (least_squares_sum(np.array([value + s]), layers) for s in (step, -step))
    assert pull(np.array(value), layers, 0.3) == pytest.approx(0.3 * (up - down) / (2 * step), 1e-5)


def test_depth_weakens_the_pull_above_one_and_strengthens_it_below() -> None:
    depths = range(2, 9)
    above, one, below = (
        [float(pull(np.array(s), layers, 0.1)) for layers in depths] for s in (3.0, 1.0, 0.3)
    )
    assert (np.diff(above) < 0).all() and (np.diff(below) > 0).all()
    np.testing.assert_allclose(one, 0.2)
    small = np.array([1e-2, 1e-4, 1e-8])
    np.testing.assert_allclose(pull(small, 2, 0.1), 0.2)
    assert pull(small, 3, 0.1)[-1] > 50


def test_bad_input_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="finite and 0 or above"):
        least_squares_sum(np.array([-1.0]), 3)
    with pytest.raises(ValueError, match="no derivative"):
        pull(np.array([0.0]), 3, 0.1)
    with pytest.raises(ValueError, match="layers is 1"):
        balanced(np.eye(2), 1)
