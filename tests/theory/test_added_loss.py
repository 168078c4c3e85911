"""What dropout adds, against the expectation over all masks of a small network written out."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.theory.dropout import (
    CURVATURES,
    added_loss,
    bound,
    kept_at_width,
    least_added_loss,
    odds,
    rate_of,
)
from l2scale.theory.penalties import value
from l2scale.theory.width import split_units

RATES = st.floats(0.0, 0.95)
SEEDS = st.integers(0, 10**6)


def squared(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Squared error of outputs (..., k), summed over them, without 1/2."""
    return np.square(z - y).sum(axis=-1)


def cross_entropy(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of a softmax in nats; y holds each class's share."""
    top = z.max(axis=-1, keepdims=True)
    return top[..., 0] + np.log(np.exp(z - top).sum(axis=-1)) - (z * y).sum(axis=-1)


def binary(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of one logit in nats."""
    return (np.logaddexp(0, z) - z * y).sum(axis=-1)


LOSSES = {"regression": squared, "multiclass": cross_entropy, "binary": binary}


def drawn(
    seed: int, task: str = "regression", units: int = 5, slope: float = 0.0, bias: bool = True
):
    """Weights and biases of a network 3-H-k, its inputs (6, 3), and targets."""
    rng = np.random.default_rng(seed)
    k = 1 if task == "binary" else 3
    weights = [rng.standard_normal((units, 3)), rng.standard_normal((k, units))]
    biases = [bias * rng.standard_normal(units), rng.standard_normal(k)]
    y = (
        rng.standard_normal((6, k))
        if task == "regression"
        else rng.dirichlet(np.ones(max(k, 2)), 6)
    )
    return weights, biases, rng.standard_normal((6, 3)), y[:, :k], slope


def hidden(weights, biases, x, slope):
    """Activations (n, H) of a leaky ReLU layer."""
    z = x @ weights[0].T + biases[0]
    return np.where(z > 0, z, slope * z)


def expected(weights, biases, x, y, slope, rate, loss) -> tuple[float, float]:
    """The mean loss without dropout, and its expectation over all 2^H masks of each sample."""
    h, total = hidden(weights, biases, x, slope), 0.0
    for mask in product((0.0, 1.0), repeat=h.shape[1]):
        chance = math.prod(1 - rate if unit else rate for unit in mask)
        outputs = (h * np.array(mask) / (1 - rate)) @ weights[1].T + biases[1]
        total += chance * float(loss(outputs, y).mean())
    return float(loss(h @ weights[1].T + biases[1], y).mean()), total


@given(seed=SEEDS, rate=RATES, slope=st.sampled_from([0.0, 0.01, 1.0]))
def test_the_squared_loss_rises_by_exactly_what_is_said(seed, rate, slope):
    weights, biases, x, y, slope = drawn(seed, slope=slope)
    plain, dropped = expected(weights, biases, x, y, slope, rate, squared)
    added = added_loss(hidden(weights, biases, x, slope), weights[1], rate)
    assert dropped - plain == pytest.approx(added, rel=1e-10, abs=1e-10 * (1 + plain))


@given(seed=SEEDS, rate=RATES)
@pytest.mark.parametrize("task", CURVATURES)
def test_a_convex_loss_rises_by_no_more_than_its_curvature_allows(task, seed, rate):
    weights, biases, x, y, slope = drawn(seed, task)
    plain, dropped = expected(weights, biases, x, y, slope, rate, LOSSES[task])
    most = bound(hidden(weights, biases, x, slope), weights[1], rate, task)
    assert -1e-12 <= dropped - plain <= most * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize("task", CURVATURES)
def test_no_smaller_curvature_would_do(task):
    """One unit whose outputs go apart, so small that the loss is a parabola."""
    size = 1e-2
    out = np.array([[size]]) if task == "binary" else np.array([[size], [-size]])
    y = np.full((1, len(out)), 0.5)
    weights, biases = [np.ones((1, 1)), out], [np.zeros(1), np.zeros(len(out))]
    plain, dropped = expected(weights, biases, np.ones((1, 1)), y, 0.0, 0.3, LOSSES[task])
    assert dropped - plain == pytest.approx(bound(np.ones((1, 1)), out, 0.3, task), rel=1e-3)


@given(seed=SEEDS, rate=RATES, copies=st.integers(1, 9), slope=st.sampled_from([0.0, 0.01, 1.0]))
def test_split_units_divide_what_is_added_and_nothing_else(seed, rate, copies, slope):
    weights, biases, x, _, slope = drawn(seed, slope=slope)
    split, shifted = split_units(weights, biases, 1, [1 / copies] * copies)
    before, after = (hidden(w, b, x, slope) for w, b in ((weights, biases), (split, shifted)))
    np.testing.assert_allclose(before @ weights[1].T, after @ split[1].T, rtol=1e-9, atol=1e-9)
    assert value(split, 1.0) == pytest.approx(value(weights, 1.0), rel=1e-12)
    added = added_loss(before, weights[1], rate)
    assert added_loss(after, split[1], rate) == pytest.approx(added / copies, rel=1e-9)
    kept = kept_at_width(rate, copies)
    assert added_loss(after, split[1], kept) == pytest.approx(added, rel=1e-9)
    least = least_added_loss(before, weights[1], rate)
    assert least_added_loss(after, split[1], rate) == pytest.approx(least / copies, rel=1e-9)


@given(seed=SEEDS, copies=st.integers(2, 3))
def test_split_units_fade_from_the_expected_loss_itself(seed, copies):
    """Over all masks, each copy dropped by itself: 2 units become 4 or 6."""
    weights, biases, x, y, slope = drawn(seed, units=2)
    split, shifted = split_units(weights, biases, 1, [1 / copies] * copies)
    plain, dropped = expected(weights, biases, x, y, slope, 0.4, squared)
    same, rarer = expected(split, shifted, x, y, slope, 0.4, squared)
    assert same == pytest.approx(plain, rel=1e-9)
    assert rarer - same == pytest.approx((dropped - plain) / copies, rel=1e-8, abs=1e-10)


@given(seed=SEEDS, rate=RATES)
def test_uneven_units_add_more_than_even_ones(seed, rate):
    weights, biases, x, _, slope = drawn(seed)
    h, out = hidden(weights, biases, x, slope), weights[1]
    added = added_loss(h, out, rate)
    assert least_added_loss(h, out, rate) <= added * (1 + 1e-12)
    sizes = np.linalg.norm(out, axis=0) * np.sqrt(np.square(h).mean(axis=0))
    if sizes.min() > 0:
        even = added_loss(h / sizes, out, rate)
        assert least_added_loss(h / sizes, out, rate) == pytest.approx(even, rel=1e-9)


@given(rate=RATES, factor=st.floats(0.01, 100))
def test_odds_and_rates_are_inverse_and_grow_with_the_width(rate, factor):
    assert rate_of(odds(rate)) == pytest.approx(rate, abs=1e-12)
    assert odds(kept_at_width(rate, factor)) == pytest.approx(factor * odds(rate), rel=1e-9)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda: odds(1.0), r"in \[0, 1\), not 1.0"),
        (lambda: odds(-0.1), r"not -0.1"),
        (lambda: odds(math.nan), "not nan"),
        (lambda: rate_of(-1.0), "0 or above, not -1.0"),
        (lambda: rate_of(math.inf), "finite number"),
        (lambda: kept_at_width(0.5, 0.0), "a factor above 0, not 0.0"),
        (lambda: added_loss(np.ones((2, 3)), np.ones((3, 2)), 0.5), r"\(2, 3\) and \(3, 2\)"),
        (lambda: added_loss(np.ones(3), np.ones((1, 3)), 0.5), "have one H"),
        (lambda: added_loss(np.ones((2, 3)), np.ones((1, 3)), 1.0), "not 1.0"),
        (lambda: bound(np.ones((2, 3)), np.ones((1, 3)), 0.5, "ranks"), "unknown task 'ranks'"),
    ],
)
def test_refuses_what_it_cannot_mean(bad, message):
    with pytest.raises(ValueError, match=message):
        bad()
