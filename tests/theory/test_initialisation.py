"""Initial variances against real draws and real frameworks; decay against explicit steps."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from l2scale.theory.initialisation import (
    INITS,
    decayed_value,
    expected_sum_of_squares,
    expected_value,
    variance,
)
from l2scale.theory.penalties import PENALTIES, coefficients, decay_factor, value

fans = st.integers(1, 500)
FAN_IN, FAN_OUT = 300, 200


def test_variances_in_numbers():
    expected = {"he": 2 / 3, "glorot": 2 / 8, "lecun": 1 / 3, "pytorch": 1 / 9, "normal": 1.0}
    assert set(expected) == set(INITS)
    for init, number in expected.items():
        assert variance(init, fan_in=3, fan_out=5) == pytest.approx(number, rel=1e-14)


@pytest.mark.parametrize(
    ("init", "draw"),
    [
        ("he", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu")),
        ("glorot", torch.nn.init.xavier_uniform_),
        ("lecun", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="linear")),
        ("normal", torch.nn.init.normal_),
    ],
)
def test_variances_are_those_of_the_framework(init, draw):
    torch.manual_seed(0)
    weights = draw(torch.empty(FAN_OUT, FAN_IN, dtype=torch.float64))
    found = weights.square().mean().item()
    # 60,000 draws: a standard error of at most 0.6 %, so a factor 2 or a swapped fan shows.
    assert found == pytest.approx(variance(init, FAN_IN, FAN_OUT), rel=0.025)


def test_pytorch_is_what_a_linear_layer_holds():
    torch.manual_seed(0)
    weights = torch.nn.Linear(FAN_IN, FAN_OUT).weight.detach().double()
    assert weights.square().mean().item() == pytest.approx(
        variance("pytorch", FAN_IN, FAN_OUT), rel=0.025
    )


@given(fans, fans)
def test_sums_of_squares_grow_with_units(fan_in, fan_out):
    per_init = {init: expected_sum_of_squares(init, [(fan_out, fan_in)])[0] for init in INITS}
    assert per_init["he"] == pytest.approx(2 * fan_out)
    assert per_init["lecun"] == pytest.approx(fan_out)
    assert per_init["pytorch"] == pytest.approx(fan_out / 3)
    assert per_init["glorot"] == pytest.approx(2 * fan_in * fan_out / (fan_in + fan_out))
    assert per_init["normal"] == pytest.approx(fan_in * fan_out)


@given(st.lists(st.tuples(fans, fans), min_size=1, max_size=4))
def test_the_fan_penalty_is_2_per_layer_and_the_prior_half_per_weight_at_glorot(shapes):
    lam = 0.7
    assert expected_value(lam, "fan", "glorot", shapes) == pytest.approx(2 * lam * len(shapes))
    weights = sum(a * b for a, b in shapes)
    assert expected_value(lam, "prior", "glorot", shapes) == pytest.approx(lam * weights / 2)


@given(st.sampled_from(INITS), fans, fans, st.just(0.0) | st.floats(1e-3, 10))
def test_scale_multiplies_weights_so_squares_by_its_square(init, fan_in, fan_out, scale):
    shape = [(fan_out, fan_in)]
    expected = scale**2 * expected_sum_of_squares(init, shape)
    np.testing.assert_allclose(expected_sum_of_squares(init, shape, scale), expected, rtol=1e-12)
    assert variance(init, fan_in, fan_out, scale) == pytest.approx(
        scale**2 * variance(init, fan_in, fan_out), rel=1e-12
    )


@pytest.mark.parametrize("penalty", [*PENALTIES, (0.5, 0.0)])
@pytest.mark.parametrize("init", INITS)
def test_expected_value_is_the_mean_of_drawn_values(penalty, init):
    rng = np.random.default_rng(0)
    shapes, lam, scale = [(20, 10), (5, 20)], 0.01, 1.5
    drawn = []
    for _ in range(400):
        weights = [
            rng.standard_normal(shape) * scale * math.sqrt(variance(init, shape[1], shape[0]))
            for shape in shapes
        ]
        drawn.append(value(weights, lam, penalty))
    error = np.std(drawn) / math.sqrt(len(drawn))
    expected = expected_value(lam, penalty, init, shapes, scale)
    assert abs(np.mean(drawn) - expected) < 4 * error
    assert error < 0.01 * expected


@given(
    st.floats(0.1, 100),
    st.floats(0.001, 0.5),
    st.floats(0.001, 0.5),
    st.integers(0, 30),
    st.sampled_from([0.1, 1.0, 3.0]),
)
def test_decayed_value_is_what_explicit_steps_leave(start, lr, lam, steps, c):
    w = torch.tensor([math.sqrt(start / (lam * c))], dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        w.grad = None
        (lam * c * w.square().sum()).backward()
        with torch.no_grad():
            w -= lr * w.grad
    left = (lam * c * w.square().sum()).item()
    # Rounding of 1 - 2 lr lam c costs the factor's relative precision where it is near 0.
    rounding = 1e-13 * start * (1 + steps / max(abs(decay_factor(lr, lam, c)), 1e-3))
    found = decayed_value(start, lr, lam, steps, c)
    assert found == pytest.approx(left, rel=1e-9, abs=rounding)


def test_decayed_value_is_near_its_exponential_for_small_steps():
    lr, lam, c, step = 1e-3, 1e-2, 2.0, 40_000
    exponential = 3.0 * math.exp(-4 * lr * lam * c * step)
    assert decayed_value(3.0, lr, lam, step, c) == pytest.approx(exponential, rel=1e-3)


def test_decayed_value_of_an_array_of_steps_has_its_shape():
    steps = np.array([[0, 1], [2, 3]])
    found = decayed_value(2.0, 0.1, 0.5, steps)
    np.testing.assert_allclose(found, 2.0 * 0.9 ** (2 * steps))
    assert isinstance(decayed_value(2.0, 0.1, 0.5, 3), float)


def test_overshooting_steps_decay_by_the_size_of_the_factor():
    assert decay_factor(1.0, 0.75) == -0.5
    assert decayed_value(8.0, 1.0, 0.75, 1) == pytest.approx(2.0)
    assert decayed_value(8.0, 1.0, 0.75, np.array([1.0]))[0] == pytest.approx(2.0)


def test_expected_value_adds_layers_by_their_coefficients():
    shapes = [(20, 10), (5, 20)]
    squares = expected_sum_of_squares("he", shapes)
    np.testing.assert_allclose(squares, [40.0, 10.0])
    expected = 0.1 * float(coefficients("tensor_mean", shapes) @ squares)
    assert expected_value(0.1, "tensor_mean", "he", shapes) == pytest.approx(expected)


def test_what_is_out_of_range_is_refused():
    with pytest.raises(ValueError, match="unknown initialisation 'xavier': choose one of he, glo"):
        variance("xavier", 2, 2)
    with pytest.raises(ValueError, match="both 1 or above"):
        variance("he", 0, 2)
    for scale in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="scale must be a finite number"):
            variance("he", 2, 2, scale)
    with pytest.raises(ValueError, match="shapes is empty"):
        expected_sum_of_squares("he", [])
    with pytest.raises(ValueError, match="lam must be"):
        expected_value(-1.0, "sum", "he", [(2, 2)])
    with pytest.raises(ValueError, match="step counts from 0"):
        decayed_value(1.0, 0.1, 0.1, -1)
