"""Rescaling against networks written out in numpy and torch, at random points."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from l2scale.theory.penalties import PENALTIES, coefficients, effective_lambda, value
from l2scale.theory.rescaling import (
    balanced_mean_squares,
    gap_after_step,
    imbalance,
    imbalance_left,
    noise_gap,
    rates,
    rescale,
    rescaling_factors,
)

SHAPES = ((7, 5), (4, 7), (6, 4), (3, 6))
positive = st.floats(1e-3, 1e3)


def network(weights, biases, x, slope=0.0):
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        x = x @ w.T + b
        if layer < len(weights) - 1:
            x = np.where(x > 0, x, slope * x)
    return x


def drawn(seed, shapes=SHAPES):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(s) for s in shapes], [rng.standard_normal(s[0]) for s in shapes]


@given(c=st.lists(positive, min_size=4, max_size=4), seed=st.integers(0, 99))
@pytest.mark.parametrize("slope", [0.0, 0.01, 1.0])
def test_a_rescaled_network_is_the_same_function_with_the_other_penalty(c, seed, slope):
    weights, biases = drawn(seed)
    x = np.random.default_rng(seed).standard_normal((20, 5))
    scaled, shifted = rescale(weights, biases, rescaling_factors(c))
    np.testing.assert_allclose(
        network(scaled, shifted, x, slope), network(weights, biases, x, slope), rtol=1e-9, atol=1e-9
    )
    lam = 0.3
    as_sum = value(weights, effective_lambda(lam, c), "sum")
    assert value(scaled, lam, c) == pytest.approx(as_sum, rel=1e-12)


def test_penalised_biases_do_not_go_along():
    weights, biases = drawn(1)
    c = (4.0, 1.0, 1.0, 0.25)
    _, shifted = rescale(weights, biases, rescaling_factors(c))
    cost = [sum(k * np.sum(b**2) for k, b in zip(cs, bs, strict=True))
            for cs, bs in (((1,) * 4, biases), (c, shifted))]  # fmt: skip
    assert cost[0] != pytest.approx(cost[1], rel=0.05)


def test_convolutions_and_max_pooling_are_homogeneous():
    rng = torch.Generator().manual_seed(0)
    kernels = [torch.randn(s, generator=rng).double() for s in ((4, 1, 3, 3), (5, 4, 3, 3))]
    last = torch.randn((3, 5), generator=rng).double()
    image = torch.randn((2, 1, 8, 8), generator=rng).double()

    def outputs(one, two, three):
        hidden = functional.max_pool2d(functional.relu(functional.conv2d(image, one)), 2)
        return functional.relu(functional.conv2d(hidden, two)).flatten(1) @ three.T

    weights = [k.numpy() for k in kernels] + [last.numpy()]
    scaled, none = rescale(weights, None, rescaling_factors((9.0, 1.0, 2.0)))
    assert none is None
    expected = outputs(*(torch.from_numpy(w) for w in weights))
    found = outputs(*(torch.from_numpy(w) for w in scaled))
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-12)


@given(c=st.lists(positive, min_size=1, max_size=6))
def test_factors_multiply_to_1(c):
    assert math.prod(rescaling_factors(c)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        ("sum", lambda n, m: 1 / (n * m)),
        ("mean", lambda n, m: 1 / (n * m)),
        ("tensor_mean", lambda n, m: 1.0),
        ("fan", lambda n, m: 1 / (n + m)),
        ("prior", lambda n, m: 1 / (n * m * (n + m))),
    ],
)
def test_mean_squares_at_a_stationary_point(penalty, expected):
    found = balanced_mean_squares(penalty, SHAPES)
    predicted = [expected(n, m) for m, n in SHAPES]
    np.testing.assert_allclose(found / found[0], np.array(predicted) / predicted[0])
    assert set(PENALTIES) == {"sum", "mean", "tensor_mean", "fan", "prior"}


def test_balance_is_a_stationary_point_of_every_scale():
    """Scaling one layer up and another down changes no outputs and cannot lower the penalty."""
    c = coefficients("fan", SHAPES)
    squares = 1 / c
    assert imbalance(squares, c) == pytest.approx(0)
    assert imbalance(squares * (1, 1, 2, 1), c) == pytest.approx(1)
    for step in (1.01, 0.99):
        moved = squares * (step**2, step**-2, 1, 1)
        assert c @ moved > c @ squares


def test_the_imbalance_of_a_relu_network_dies_at_four_lambda():
    """Small steps of full-batch descent on a net and random data, against exp(-4 lam t)."""
    rng = torch.Generator().manual_seed(3)
    x = torch.randn((30, 5), generator=rng).double()
    y = torch.randn((30, 3), generator=rng).double()
    weights = [
        (0.4 * scale * torch.randn(s, generator=rng)).double().requires_grad_()
        for s, scale in zip(((7, 5), (6, 7), (3, 6)), (2, 1, 0.5), strict=True)
    ]
    lam, lr, steps = 0.02, 1e-3, 4000
    gap = [float(w.detach().square().sum()) for w in weights]
    for _ in range(steps):
        hidden = torch.relu(torch.relu(x @ weights[0].T) @ weights[1].T)
        cost = (hidden @ weights[2].T - y).square().sum(dim=1).mean()
        cost = cost + lam * sum(w.square().sum() for w in weights)
        gradients = torch.autograd.grad(cost, weights)
        with torch.no_grad():
            for w, g in zip(weights, gradients, strict=True):
                w -= lr * g
    end = [float(w.detach().square().sum()) for w in weights]
    for one, two in ((0, 1), (1, 2)):
        left = (end[one] - end[two]) / (gap[one] - gap[two])
        assert left == pytest.approx(math.exp(-4 * lam * lr * steps), rel=0.01)
        assert left == pytest.approx(imbalance_left(lr, lam, steps), rel=0.01)


COEFFICIENTS = (4.0, 0.5, 0.1, 1.0)


def trained(
    start, per_layer, lam, lr, steps, *, weight_rates, bias_rates, momentum=0.0, adam=False
):
    """Weights and biases after mini-batch descent in float64, with a rate for every tensor."""
    weights, biases = ([torch.from_numpy(a.copy()) for a in part] for part in start)
    rng = torch.Generator().manual_seed(5)
    x = torch.randn((40, 5), generator=rng).double()
    y = torch.randn((40, 3), generator=rng).double()
    tensors = [t.requires_grad_() for t in (*weights, *biases)]
    first = [torch.zeros_like(t) for t in tensors]
    second = [torch.zeros_like(t) for t in tensors]
    for step in range(steps):
        rows = torch.randperm(40, generator=rng)[:8]
        h = x[rows]
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            h = h @ w.T + b
            h = torch.relu(h) if layer < len(weights) - 1 else h
        cost = (h - y[rows]).square().sum(dim=1).mean()
        cost = cost + lam * sum(
            c * w.square().sum() for c, w in zip(per_layer, weights, strict=True)
        )
        gradients = torch.autograd.grad(cost, tensors)
        with torch.no_grad():
            every = zip(
                tensors, gradients, first, second, (*weight_rates, *bias_rates), strict=True
            )
            for t, g, m, v, rate in every:
                if adam:
                    m.mul_(0.9).add_(g, alpha=0.1)
                    v.mul_(0.999).addcmul_(g, g, value=0.001)
                    size = (v / (1 - 0.999 ** (step + 1))).sqrt() + 1e-300
                    t.sub_(lr * rate * m / (1 - 0.9 ** (step + 1)) / size)
                else:
                    m.mul_(momentum).add_(g)
                    t.sub_(lr * rate * m)
    return [t.detach().numpy() for t in weights], [t.detach().numpy() for t in biases]


def apart(found, expected):
    """Largest relative difference of a tensor."""
    pairs = zip((*found[0], *found[1]), (*expected[0], *expected[1]), strict=True)
    return max(np.abs(a - b).max() / np.abs(b).max() for a, b in pairs)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize(("power", "same"), [(1.0, True), (0.5, False), (-1.0, False)])
def test_coefficients_are_learning_rates(momentum, power, same):
    """The sum with one rate, against coefficients with the right rates, and with wrong ones."""
    lam, lr, steps, by = 0.02, 5e-3, 60, rescaling_factors(COEFFICIENTS)
    start = drawn(2)
    ones = np.ones(4)
    plain = trained(
        start, ones, effective_lambda(lam, COEFFICIENTS), lr, steps,
        weight_rates=ones, bias_rates=ones, momentum=momentum,
    )  # fmt: skip
    weight_rates, bias_rates = rates(COEFFICIENTS)
    other = trained(
        rescale(*start, by), COEFFICIENTS, lam, lr, steps,
        weight_rates=weight_rates**power, bias_rates=bias_rates**power, momentum=momentum,
    )  # fmt: skip
    gap = apart(other, rescale(*plain, by))
    assert gap < 1e-10 if same else gap > 1e-2


def test_one_rate_under_coefficients_is_rates_under_the_sum():
    lam, lr, steps, by = 0.02, 2e-3, 60, rescaling_factors(COEFFICIENTS)
    start, ones = drawn(2), np.ones(4)
    weight_rates, bias_rates = rates(COEFFICIENTS)
    other = trained(
        rescale(*start, by), COEFFICIENTS, lam, lr, steps, weight_rates=ones, bias_rates=ones
    )
    plain = trained(
        start, ones, effective_lambda(lam, COEFFICIENTS), lr, steps,
        weight_rates=1 / weight_rates, bias_rates=1 / bias_rates,
    )  # fmt: skip
    np.testing.assert_allclose(
        1 / weight_rates, np.array(COEFFICIENTS) / effective_lambda(1, COEFFICIENTS)
    )
    assert apart(other, rescale(*plain, by)) < 1e-10


def test_adam_takes_the_factors_and_not_their_squares():
    lam, lr, steps, by = 0.02, 1e-2, 40, rescaling_factors(COEFFICIENTS)
    start, ones = drawn(2), np.ones(4)
    plain = trained(
        start, ones, effective_lambda(lam, COEFFICIENTS), lr, steps,
        weight_rates=ones, bias_rates=ones, adam=True,
    )  # fmt: skip
    squares = rates(COEFFICIENTS)
    gaps = []
    for power in (0.5, 1.0):
        other = trained(
            rescale(*start, by), COEFFICIENTS, lam, lr, steps,
            weight_rates=squares[0] ** power, bias_rates=squares[1] ** power, adam=True,
        )  # fmt: skip
        gaps.append(apart(other, rescale(*plain, by)))
    assert gaps[0] < 1e-8 < 1e-2 < gaps[1]


def plain_network(seed):
    rng = torch.Generator().manual_seed(seed)
    shapes = ((7, 5), (6, 7), (3, 6))
    weights = [torch.randn(s, generator=rng).double() for s in shapes]
    x = torch.randn((12, 5), generator=rng).double()
    x[3] = 0  # a sample with every hidden unit on its kink
    return weights, x, torch.randint(3, (12,), generator=rng)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "identity"])
def test_one_step_changes_the_imbalance_by_the_law(activation):
    """Large steps on mini-batches, one of them with samples at kinks: equal to rounding."""
    act = {"relu": torch.relu, "leaky_relu": functional.leaky_relu, "identity": lambda z: z}
    weights, x, y = plain_network(0)
    lam, lr = 0.03, 0.4
    for rows in (slice(0, 4), slice(4, 12), slice(0, 12)):
        tensors = [w.requires_grad_() for w in weights]
        h = act[activation](act[activation](x[rows] @ tensors[0].T) @ tensors[1].T)
        loss = functional.cross_entropy(h @ tensors[2].T, y[rows])
        gradients = torch.autograd.grad(loss, tensors)
        # Euler's identity: one number for all layers.
        along = [float((w.detach() * g).sum()) for w, g in zip(weights, gradients, strict=True)]
        assert along == pytest.approx([along[0]] * 3, abs=1e-12)
        stepped = [
            (1 - 2 * lr * lam) * w.detach() - lr * g
            for w, g in zip(weights, gradients, strict=True)
        ]
        for one, two in ((0, 1), (0, 2), (1, 2)):
            before, after = (
                float((pair[one] ** 2).sum() - (pair[two] ** 2).sum())
                for pair in ([w.detach() for w in weights], stepped)
            )
            sizes = tuple(float((gradients[i] ** 2).sum()) for i in (one, two))
            assert after == pytest.approx(
                gap_after_step(before, lr, lam, sizes), rel=1e-12, abs=1e-12
            )
        weights = stepped


def test_with_free_biases_the_layers_wait_for_them():
    """Small steps: d/dt (|W1|^2 + |b1|^2 - |W2|^2) is -4 lam (|W1|^2 - |W2|^2)."""
    weights, x, y = plain_network(4)
    tensors = [w.clone().requires_grad_() for w in weights]
    tensors.append(torch.full((7,), 0.3, dtype=torch.float64).requires_grad_())
    lam, lr = 0.05, 1e-6
    hidden = torch.relu(torch.relu(x @ tensors[0].T + tensors[3]) @ tensors[1].T)
    cost = functional.cross_entropy(hidden @ tensors[2].T, y)
    cost = cost + lam * sum(w.square().sum() for w in tensors[:3])
    gradients = torch.autograd.grad(cost, tensors)
    squares = [float(t.detach().square().sum()) for t in tensors]
    stepped = [
        float((t.detach() - lr * g).square().sum()) for t, g in zip(tensors, gradients, strict=True)
    ]
    left = [(s[0] + s[3] - s[1]) for s in (squares, stepped)]
    assert (left[1] - left[0]) / lr == pytest.approx(-4 * lam * (squares[0] - squares[1]), rel=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rescaling_factors((1.0, 0.0)), "above 0 per layer"),
        (lambda: rescaling_factors(()), "above 0 per layer"),
        (lambda: rescale([np.ones(1)], None, (1.0, 1.0)), "1 layers need as many"),
        (lambda: rescale([np.ones(1)], [np.ones(1)] * 2, (1.0,)), "1 layers need as many"),
        (lambda: rescale([np.ones(1)], None, (-1.0,)), "above 0"),
        (lambda: imbalance((0.0, 1.0), (1.0, 1.0)), "above 0"),
        (lambda: imbalance_left(0.1, 0.1, -1), "counts from 0"),
        (lambda: imbalance_left(0.1, -0.1, 1), "lam must be"),
        (lambda: gap_after_step(1.0, -0.1, 0.1, (1.0, 1.0)), "lr must be"),
        (lambda: rates((1.0, 0.0)), "above 0 per layer"),
        (lambda: balanced_mean_squares((1.0, 0.0, 1.0, 1.0), SHAPES), "above 0"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_before_the_first_step_all_of_the_imbalance_is_left():
    assert imbalance_left(0.1, 0.1, 0) == 1


def step_of_sgd(weights, biases, lr, lam, seed):
    """One step under the sum on a random batch: (weights, biases, their gradients)."""
    rng = np.random.default_rng(seed)
    x, y = torch.tensor(rng.standard_normal((9, 5))), torch.tensor(rng.integers(0, 3, 9))
    leaves = [[torch.tensor(a, requires_grad=True) for a in arrays] for arrays in (weights, biases)]
    h = x
    for layer, (w, b) in enumerate(zip(*leaves, strict=True)):
        h = h @ w.T + b
        h = h.relu() if layer < len(weights) - 1 else h
    functional.cross_entropy(h, y).backward()
    g, gb = ([t.grad.numpy() for t in ts] for ts in leaves)
    after = [(1 - 2 * lr * lam) * w - lr * d for w, d in zip(weights, g, strict=True)]
    moved = [b - lr * d for b, d in zip(biases, gb, strict=True)]
    return after, moved, g


def squares(arrays):
    return np.array([np.sum(a**2) for a in arrays])


@pytest.mark.parametrize("seed", range(3))
def test_a_step_changes_the_gap_by_decay_and_gradient_noise_alone(seed):
    lr, lam = 0.3, 0.05
    weights, zeros = drawn(seed)[0], [np.zeros(s[0]) for s in SHAPES]
    after, _, g = step_of_sgd(weights, zeros, lr, lam, seed)
    gap, left = (squares(w) - squares(w)[-1] for w in (weights, after))
    noise = squares(g) - squares(g)[-1]
    assert left == pytest.approx((1 - 2 * lr * lam) ** 2 * gap + lr**2 * noise, rel=1e-9, abs=1e-9)


def test_the_noise_gap_is_where_a_step_changes_nothing():
    lr, lam = 0.2, 0.01
    noise, last = np.array([0.9, 0.5, 0.2]), 12.0
    gap = noise_gap(lr, lam, noise, [1.0, 2.0, last]) * last
    step = (1 - 2 * lr * lam) ** 2 * gap + lr**2 * (noise - noise[-1])
    assert step == pytest.approx(gap, rel=1e-12)
    assert gap[0] == pytest.approx(lr * 0.7 / (4 * lam * (1 - lr * lam)), rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_growing_biases_make_the_layer_above_larger(seed):
    weights, biases = drawn(seed)
    lr, lam = 1e-6, 0.05
    after, moved, _ = step_of_sgd(weights, biases, lr, lam, seed)
    gap, left = (np.diff(squares(w)) for w in (weights, after))
    growth = (squares(moved) - squares(biases))[:-1] / lr
    assert (left - gap) / lr == pytest.approx(-4 * lam * gap + growth, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("lr", "lam", "noise"), [(0.0, 1, (1, 1)), (2, 1, (1, 1)), (1, 1, (1, 1)), (0.1, 0.1, (1,))]
)
def test_noise_gaps_refuse_bad_input(lr, lam, noise):
    with pytest.raises(ValueError, match=r"above 0|one number per layer"):
        noise_gap(lr, lam, noise, (1.0, 1.0))
