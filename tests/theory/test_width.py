"""Splitting units against networks written out in numpy, and growth against shapes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.theory.penalties import PENALTIES, coefficients, effective_lambda, value
from l2scale.theory.width import effective_growth, split_units

SHAPES = ((7, 5), (4, 7), (3, 4))


def network(weights, biases, x, slope):
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        x = x @ w.T + b
        if layer < len(weights) - 1:
            x = np.where(x > 0, x, slope * x)
    return x


def drawn(seed):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(s) for s in SHAPES], [rng.standard_normal(s[0]) for s in SHAPES]


@given(seed=st.integers(0, 99), layer=st.integers(1, 2), share=st.floats(0, 1))
@pytest.mark.parametrize("slope", [0.0, 0.01, 1.0])
def test_split_units_keep_the_function_and_the_sum_of_squares(seed, layer, share, slope):
    weights, biases = drawn(seed)
    x = np.random.default_rng(seed).standard_normal((20, 5))
    split, shifted = split_units(weights, biases, layer, (share, 1 - share))
    np.testing.assert_allclose(
        network(split, shifted, x, slope), network(weights, biases, x, slope), rtol=1e-9, atol=1e-9
    )
    assert value(split, 0.3) == pytest.approx(value(weights, 0.3), rel=1e-12)
    assert split[layer - 1].shape[0] == 2 * weights[layer - 1].shape[0]


def test_halves_are_the_copies_scaled_by_one_over_root_two():
    weights, biases = drawn(0)
    split, shifted = split_units(weights, biases, 1)
    np.testing.assert_allclose(split[0][:7], weights[0] / math.sqrt(2))
    np.testing.assert_allclose(split[1][:, 7:], weights[1] / math.sqrt(2))
    np.testing.assert_allclose(shifted[0][7:], biases[0] / math.sqrt(2))
    assert split_units(weights, None, 1)[1] is None


def test_splitting_the_units_of_two_layers_halves_the_mean_exactly():
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((6, 5)), rng.standard_normal((3, 6))]
    split, _ = split_units(weights, None, 1)
    assert value(split, 1.0, "mean") == pytest.approx(value(weights, 1.0, "mean") / 2, rel=1e-12)


@pytest.mark.parametrize("depth", [2, 3, 5])
@pytest.mark.parametrize("penalty", PENALTIES)
def test_growth_is_that_of_the_geometric_mean_of_the_coefficients(penalty, depth):
    def felt(width):
        sizes = (64, *[width] * (depth - 1), 10)
        shapes = [(sizes[i + 1], sizes[i]) for i in range(depth)]
        return effective_lambda(1.0, coefficients(penalty, shapes))

    slope = math.log(felt(10**8) / felt(10**7)) / math.log(10)
    assert slope == pytest.approx(effective_growth(penalty, depth), abs=1e-4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: split_units(*drawn(0), 3), "layer is 3"),
        (lambda: split_units(*drawn(0), 0), "layer is 0"),
        (lambda: split_units(*drawn(0), 1, (0.5, 0.6)), "add up to 1"),
        (lambda: split_units(*drawn(0), 1, (1.5, -0.5)), "numbers of 0 or above"),
        (lambda: split_units(*drawn(0), 1, [[0.5, 0.5]]), "add up to 1"),
        (lambda: split_units(*drawn(0), 1, ()), "add up to 1"),
        (lambda: split_units(drawn(0)[0], [np.zeros(7)], 1), "3 layers need as many biases, not 1"),
        (lambda: effective_growth("sum", 1), "depth is 1"),
        (lambda: effective_growth("ridge", 2), "unknown penalty 'ridge'"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
