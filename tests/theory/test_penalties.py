"""Penalties against the calculus they claim: numerical derivatives, autograd, one explicit step."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l2scale.theory.penalties import (
    PENALTIES,
    check_lambda,
    coefficients,
    decay_factor,
    effective_lambda,
    force,
    n_weights,
    value,
)

SHAPES = [(5, 3), (4, 5), (2, 4)]
NOT_STRENGTHS = [-1e-9, math.nan, math.inf]

sizes = st.integers(1, 6)
lams = st.floats(1e-6, 10)
penalties = st.sampled_from(PENALTIES)
positives = st.floats(1e-3, 1e3)


@st.composite
def networks(draw):
    """Weight matrices that follow each other, with entries between 0.1 and 2 in size."""
    units = draw(st.lists(sizes, min_size=2, max_size=4))
    entries = st.floats(0.1, 2) | st.floats(-2, -0.1)
    return [
        draw(arrays(np.float64, (fan_out, fan_in), elements=entries))
        for fan_in, fan_out in itertools.pairwise(units)
    ]


def shapes_of(weights):
    return [w.shape for w in weights]


def test_coefficients_in_numbers():
    shapes = [(5, 3), (2, 5)]
    expected = {
        "sum": [1, 1],
        "mean": [1 / 25, 1 / 25],
        "tensor_mean": [1 / 15, 1 / 10],
        "fan": [8 / 15, 7 / 10],
        "prior": [2, 7 / 4],
    }
    assert set(expected) == set(PENALTIES)
    for name, per_layer in expected.items():
        found = coefficients(name, shapes)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, per_layer, rtol=1e-14)


def test_prior_is_minus_the_log_density_of_a_glorot_gaussian():
    fan_out, fan_in = 7, 3
    weight = np.random.default_rng(0).standard_normal((fan_out, fan_in))
    normal = torch.distributions.Normal(0.0, math.sqrt(2 / (fan_in + fan_out)))
    at_zero = normal.log_prob(torch.zeros(())).item() * weight.size
    log_density = normal.log_prob(torch.tensor(weight)).sum().item()
    assert value([weight], 1.0, "prior") == pytest.approx(at_zero - log_density)


@given(networks(), lams, penalties, st.data())
def test_force_is_the_numerical_derivative_of_the_value(weights, lam, penalty, data):
    layer = data.draw(st.integers(0, len(weights) - 1))
    i = data.draw(st.integers(0, weights[layer].size - 1))
    c = coefficients(penalty, shapes_of(weights))[layer]
    step = 1e-3
    ends = []
    for sign in (1, -1):
        moved = [w.copy() for w in weights]
        moved[layer].flat[i] += sign * step
        ends.append(value(moved, lam, penalty))
    # Central differences of a quadratic are exact but for rounding in the two sums.
    slope = (ends[0] - ends[1]) / (2 * step)
    rounding = 1e-12 * ends[0] / step
    assert force(weights[layer], lam, c).flat[i] == pytest.approx(slope, rel=1e-6, abs=rounding)


@given(networks(), lams, penalties)
def test_force_is_what_autograd_finds(weights, lam, penalty):
    tensors = [torch.tensor(w, requires_grad=True) for w in weights]
    per_layer = coefficients(penalty, shapes_of(weights))
    cost = lam * sum(c * t.square().sum() for c, t in zip(per_layer, tensors, strict=True))
    assert value(weights, lam, penalty) == pytest.approx(cost.item(), rel=1e-12)
    cost.backward()
    for w, c, t in zip(weights, per_layer, tensors, strict=True):
        np.testing.assert_allclose(force(w, lam, c), t.grad.numpy(), rtol=1e-12)


@given(networks(), lams, penalties, st.floats(0.1, 10))
def test_scaling_weights_scales_the_value_by_the_square(weights, lam, penalty, k):
    scaled = [k * w for w in weights]
    expected = k**2 * value(weights, lam, penalty)
    assert value(scaled, lam, penalty) == pytest.approx(expected, rel=1e-12)


@given(networks(), lams, penalties)
def test_euler_identity_binds_force_to_value(weights, lam, penalty):
    """A function of degree 2 is half the product of its gradient with its argument."""
    per_layer = coefficients(penalty, shapes_of(weights))
    work = sum(np.vdot(w, force(w, lam, c)) for w, c in zip(weights, per_layer, strict=True))
    assert value(weights, lam, penalty) == pytest.approx(work / 2, rel=1e-12)


@given(arrays(np.float64, (3, 2), elements=st.floats(-5, 5)), st.floats(0, 1), lams, positives)
def test_decay_factor_is_one_explicit_step(weight, lr, lam, c):
    tensor = torch.tensor(weight, requires_grad=True)
    (lam * c * tensor.square().sum()).backward()
    with torch.no_grad():
        tensor -= lr * tensor.grad
    size = 1 + 2 * lr * lam * c
    np.testing.assert_allclose(
        decay_factor(lr, lam, c) * weight, tensor.detach().numpy(), rtol=1e-12, atol=1e-12 * size
    )


def test_decay_factor_is_what_torch_weight_decay_makes_of_twice_lambda():
    parameter = torch.nn.Parameter(torch.tensor([3.0, -2.0], dtype=torch.float64))
    lr, lam = 0.1, 0.03
    optimiser = torch.optim.SGD([parameter], lr=lr, weight_decay=2 * lam)
    parameter.grad = torch.zeros_like(parameter)
    before = parameter.detach().clone()
    optimiser.step()
    expected = decay_factor(lr, lam) * before
    np.testing.assert_allclose(parameter.detach().numpy(), expected.numpy(), rtol=1e-14)


@given(networks(), lams)
def test_mean_is_sum_with_lambda_over_the_number_of_weights(weights, lam):
    n = sum(w.size for w in weights)
    assert n_weights(shapes_of(weights)) == n
    assert value(weights, lam, "mean") == pytest.approx(value(weights, lam / n, "sum"), rel=1e-12)


@given(networks(), lams)
def test_tensor_mean_adds_up_each_layer_own_mean(weights, lam):
    expected = sum(lam * np.mean(w**2) for w in weights)
    assert value(weights, lam, "tensor_mean") == pytest.approx(expected, rel=1e-12)


@given(networks(), lams, st.data())
def test_explicit_coefficients_weigh_the_layers(weights, lam, data):
    given_c = data.draw(
        st.lists(st.floats(0, 10), min_size=len(weights), max_size=len(weights)).map(tuple)
    )
    expected = sum(value([w], lam * c, "sum") for w, c in zip(weights, given_c, strict=True))
    assert value(weights, lam, given_c) == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_explicit_coefficients_are_a_copy():
    given_c = np.array([1.0, 2.0, 3.0])
    coefficients(given_c, SHAPES)[0] = 9.0
    assert given_c[0] == 1.0


@given(lams, st.lists(positives, min_size=1, max_size=5), st.data())
def test_effective_lambda_ignores_the_order_of_layers(lam, c, data):
    assert effective_lambda(lam, data.draw(st.permutations(c))) == effective_lambda(lam, c)


@given(lams, positives, st.integers(1, 6))
def test_effective_lambda_of_equal_coefficients_is_their_product_with_lambda(lam, c, layers):
    assert effective_lambda(lam, [c] * layers) == pytest.approx(lam * c, rel=1e-12)


@given(lams, positives, positives)
def test_effective_lambda_takes_the_geometric_mean(lam, a, b):
    assert effective_lambda(lam, [a, b]) == pytest.approx(lam * math.sqrt(a * b), rel=1e-12)


def test_effective_lambda_vanishes_with_one_coefficient():
    assert effective_lambda(0.1, [0.0, 1e6]) == 0.0


@given(networks(), lams, st.data())
def test_rescaling_layers_turns_any_coefficients_into_the_effective_sum(weights, lam, data):
    """With a_l = sqrt(cbar / c_l), the c-penalty of a_l W_l is the sum penalty at lam * cbar."""
    c = data.draw(st.lists(positives, min_size=len(weights), max_size=len(weights)))
    cbar = effective_lambda(1.0, c)
    a = np.sqrt(cbar / np.array(c))
    assert np.prod(a) == pytest.approx(1.0, rel=1e-9)
    rescaled = [scale * w for scale, w in zip(a, weights, strict=True)]
    expected = value(weights, effective_lambda(lam, c), "sum")
    assert value(rescaled, lam, c) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("lam", NOT_STRENGTHS)
def test_strengths_below_0_or_not_finite_are_refused_everywhere(lam):
    for attempt in (
        lambda: check_lambda(lam),
        lambda: value([np.ones((2, 2))], lam),
        lambda: force(np.ones((2, 2)), lam),
        lambda: decay_factor(0.1, lam),
        lambda: effective_lambda(lam, [1.0]),
        lambda: effective_lambda(lam, [0.0]),
    ):
        with pytest.raises(ValueError, match=r"lam must be a finite number, 0 or above"):
            attempt()


@pytest.mark.parametrize("number", NOT_STRENGTHS)
def test_learning_rates_and_coefficients_out_of_range_are_refused(number):
    with pytest.raises(ValueError, match="lr must be"):
        decay_factor(number, 0.1)
    with pytest.raises(ValueError, match="coefficient must be"):
        decay_factor(0.1, 0.1, number)
    with pytest.raises(ValueError, match="coefficient must be"):
        force(np.ones(2), 0.1, number)
    with pytest.raises(ValueError, match="coefficients must be finite"):
        effective_lambda(0.1, [1.0, number])
    with pytest.raises(ValueError, match="coefficients must be finite"):
        coefficients((1.0, 1.0, number), SHAPES)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown penalty 'l2': choose one of sum, mean, tensor_"):
        coefficients("l2", SHAPES)


@pytest.mark.parametrize("given_c", [(), (1.0,), (1.0,) * 4, ((1.0, 1.0, 1.0),)])
def test_the_number_of_coefficients_is_the_number_of_layers(given_c):
    with pytest.raises(ValueError, match="3 layers need 3 coefficients"):
        coefficients(given_c, SHAPES)


def test_effective_lambda_needs_a_layer():
    with pytest.raises(ValueError, match="1 layers need 1 coefficients"):
        effective_lambda(0.1, [])


@pytest.mark.parametrize("name", PENALTIES)
def test_shapes_that_are_no_layers_are_refused(name):
    with pytest.raises(ValueError, match="shapes is empty"):
        coefficients(name, [])
    for shape in [(3,), (3, 0), (-1, 2), (1.5, 2), (3, 3, 3)]:
        with pytest.raises(ValueError, match=r"\(fan_out, fan_in\), both 1 or above"):
            coefficients(name, [(2, 2), shape])


def test_a_vector_is_no_weight_matrix():
    with pytest.raises(ValueError, match=r"\(fan_out, fan_in\)"):
        value([np.ones(4)], 0.1, "sum")
