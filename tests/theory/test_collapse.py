"""Crushing: rates, basins, sufficient strengths and the closed form of one path."""

from collections.abc import Callable

import numpy as np
import pytest

from l2scale.theory.collapse import (
    Path,
    basin,
    branch_end,
    contraction,
    path,
    softmax_falls,
    stepped,
    surely_zero,
)
from l2scale.theory.response import ceiling, slopes
from l2scale.theory.threshold import maxima

Slope = Callable[[np.ndarray], np.ndarray]


def squared(y: np.ndarray) -> Slope:
    """The derivative of each sample's squared error by its output."""
    return lambda outputs: 2 * (outputs - y)


def gradient(
    weights: list[np.ndarray], x: np.ndarray, slope: Slope, lam: float
) -> list[np.ndarray]:
    """Of a mean loss plus lam times the sum of squares, ReLU and one output."""
    inputs, pre = [x], []
    for w in weights[:-1]:
        pre.append(inputs[-1] @ w.T)
        inputs.append(np.maximum(pre[-1], 0))
    delta = slope(inputs[-1] @ weights[-1].T) / len(x)
    found = []
    for layer in reversed(range(len(weights))):
        found.append(delta.T @ inputs[layer] + 2 * lam * weights[layer])
        if layer:
            delta = (delta @ weights[layer]) * (pre[layer - 1] > 0)
    return found[::-1]


def flow(
    depth: int, x: np.ndarray, y: np.ndarray, lam: float, squares: float, time: float, seed: int
) -> list[float]:
    """Sums of squares along gradient flow, from a random start with the given one."""
    dt = 0.005
    weights = draw(depth, x.shape[1], seed)
    size = sum(np.square(w).sum() for w in weights)
    weights = [w * np.sqrt(squares / size) for w in weights]
    sums = []
    for _ in range(int(time / dt)):
        sums.append(sum(float(np.square(w).sum()) for w in weights))
        weights = step(weights, x, squared(y), lam, dt)
    return sums


def draw(depth: int, inputs: int, seed: int) -> list[np.ndarray]:
    """Gaussian weights, six units a hidden layer."""
    rng = np.random.default_rng(seed)
    shapes = [(6, inputs), *[(6, 6)] * (depth - 2), (1, 6)]
    return [rng.standard_normal(shape) for shape in shapes]


def step(
    weights: list[np.ndarray], x: np.ndarray, slope: Slope, lam: float, dt: float
) -> list[np.ndarray]:
    """One step of gradient descent."""
    return [w - dt * g for w, g in zip(weights, gradient(weights, x, slope, lam), strict=True)]


def data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((30, 3)), rng.standard_normal((30, 1))


@pytest.mark.parametrize("seed", range(3))
def test_two_layers_shrink_at_the_guaranteed_rate_and_in_the_end_no_faster(seed: int) -> None:
    x, y = data(seed)
    pull = maxima(x, slopes(y, "regression"))[1].max()
    rate = contraction(0.75 * pull, pull)
    sums = flow(2, x, y, 0.75 * pull, 0.1, 20.0, seed)
    times = 0.005 * np.arange(len(sums))
    assert (np.log(sums) <= np.log(sums[0]) - 0.98 * rate * times + 1e-9).all()
    late = np.log(sums[-400] / sums[-1]) / (times[-1] - times[-400])
    assert 0.99 * rate < late < 1.5 * rate


def test_descent_shrinks_one_balanced_unit_at_the_stepped_rate() -> None:
    # At 2 lam - M = 0.5 a step of 0.1 leaves 0.95 of the weights, and of S its square.
    assert stepped(np.array(1.0), 0.1) == pytest.approx(-np.log(0.95**2) / 0.1)
    x, y, weights = np.array([[1.0]]), np.array([[0.75]]), [np.array([[1e-6]])] * 2
    lam, lr = 1.0, 0.1
    after = step(weights, x, squared(y), lam, lr)
    fall = -np.log(np.square(after).sum() / np.square(weights).sum()) / lr
    assert fall == pytest.approx(stepped(np.array(contraction(lam, 1.5)), lr), rel=1e-9)


@pytest.mark.parametrize("depth", [3, 4])
def test_the_basin_ends_where_one_path_turns_to_growth(depth: int) -> None:
    # One sample with x = 1 and y = 100: M_L = 200, and outputs in the ball are far below y.
    x, y, falls = np.ones((1, 1)), np.full((1, 1), 100.0), []
    for factor in (0.98, 1.02):
        squares = factor * basin(1.0, depth, 200.0)
        weights = [np.full((1, 1), np.sqrt(squares / depth))] * depth
        after = step(weights, x, squared(y), 1.0, 1e-5)
        falls.append(np.square(after).sum() < squares)
    assert falls == [True, False]


@pytest.mark.parametrize("depth", [3, 4, 5])
def test_the_flow_near_zero_is_stretched_by_a_power_of_the_strength(depth: int) -> None:
    x, y = data(2)
    stretch = 4 ** (1 / (depth - 2))
    slow = [0.5 * w for w in draw(depth, 3, 5)]
    fast = [stretch * w for w in slow]
    begin = slow
    for _ in range(200):
        slow = step(slow, x, lambda _: -2 * y, 0.3, 0.004)
        fast = step(fast, x, lambda _: -2 * y, 1.2, 0.001)
    assert not np.allclose(slow[0], begin[0], rtol=0.05)
    for w, v in zip(slow, fast, strict=True):
        assert v == pytest.approx(stretch * w, rel=1e-8)


@pytest.mark.parametrize("depth", [3, 4])
def test_starts_in_the_basin_end_at_zero(depth: int) -> None:
    x, y = data(0)
    bound = ceiling(x, slopes(y, "regression"))
    lam = 0.2
    sums = flow(depth, x, y, lam, 0.99 * basin(lam, depth, bound), 10.0, 1)
    assert (np.diff(sums) < 0).all()
    assert sums[-1] < 1e-3 * sums[0]


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_above_the_sufficient_strength_every_start_ends_at_zero(depth: int) -> None:
    x, y = data(1)
    _, only = surely_zero(depth, float(np.mean(y**2)), ceiling(x, slopes(y, "regression")))
    for seed in range(4):
        sums = flow(depth, x, y, 1.01 * only, 8.0, 15.0, seed)
        assert sums[-1] < 1e-3


def test_sufficient_strengths_are_half_the_pull_with_two_layers() -> None:
    assert surely_zero(2, 3.7, 0.9) == pytest.approx((0.45, 0.45))
    # The worst sum of squares: lam S against min(D, M (S/L)^(L/2)), searched.
    s = np.linspace(1e-4, 20, 200_001)
    for layers in (3, 4):
        need = np.minimum(2.0, 0.9 * (s / layers) ** (layers / 2)) / s
        assert surely_zero(layers, 2.0, 0.9)[0] == pytest.approx(need.max(), rel=1e-3)
        # Along a ray the loss falls at most by layers times that, and the penalty grows by 2 lam S.
        assert surely_zero(layers, 2.0, 0.9)[1] == pytest.approx(layers / 2 * need.max(), rel=1e-3)


@pytest.mark.parametrize("layers", [2, 3, 4, 6])
def test_the_jump_is_where_the_path_says(layers: int) -> None:
    one = Path(pull=1.3, stiffness=0.6)
    lowest, end = one.jump(layers)
    p = np.linspace(1e-6, 1.5, 400_001)

    def cost(lam: float) -> np.ndarray:
        return -one.pull * p + one.stiffness * p**2 + lam * layers * p ** (2 / layers)

    assert cost(0.99 * lowest).min() < 0 < cost(1.01 * lowest).min()
    falls = [(np.diff(cost(factor * end)) < 0).any() for factor in (0.99, 1.01)]
    assert falls == [True, False]
    if layers > 2:
        assert lowest < end


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_one_unit_a_layer_costs_what_the_path_says(depth: int) -> None:
    x, y = data(4)
    g, lam, product = slopes(y, "regression"), 0.1, 0.37
    units, found = maxima(x, g)
    unit = units[found.argmax()]
    one, side = path(x, g, unit, "regression"), product ** (1 / depth)
    weights = [np.zeros_like(w) for w in draw(depth, 3, 0)]
    for w in weights[1:]:
        w[0, 0] = side
    weights[0][0] = side * unit
    weights[-1] *= np.sign(np.mean(g[:, 0] * np.maximum(x @ unit, 0)))
    cost = np.mean((outputs(weights, x) - y) ** 2) + lam * sum(np.square(w).sum() for w in weights)
    said = (
        -one.pull * product + one.stiffness * product**2 + lam * float(one.squares(product, depth))
    )
    assert cost - np.mean(y**2) == pytest.approx(said, rel=1e-9)


def outputs(
    weights: list[np.ndarray], x: np.ndarray, biases: list[np.ndarray] | None = None
) -> np.ndarray:
    """Of a ReLU network; biases are of the hidden layers."""
    h = x
    for layer, w in enumerate(weights[:-1]):
        h = np.maximum(h @ w.T + (biases[layer] if biases else 0.0), 0)
    return h @ weights[-1].T


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_whatever_the_biases_outputs_differ_by_the_product_of_the_norms_at_most(depth: int) -> None:
    rng = np.random.default_rng(6)
    for seed in range(50):
        weights = draw(depth, 3, seed)
        biases = [rng.standard_normal(6) * 3 for _ in weights[:-1]]
        x = rng.standard_normal((2, 3))
        apart = np.ptp(outputs(weights, x, biases))
        assert apart <= np.prod([np.linalg.norm(w) for w in weights]) * np.linalg.norm(x[0] - x[1])
    # It is attained: one unit a layer, in its linear part, along the difference of the inputs.
    along = (x[0] - x[1]) / np.linalg.norm(x[0] - x[1])
    one = [along[np.newaxis], *[np.array([[0.5]])] * (depth - 1)]
    apart = np.ptp(outputs(one, x, [np.array([9.0])] * (depth - 1)))
    assert apart == pytest.approx(0.5 ** (depth - 1) * np.linalg.norm(x[0] - x[1]))


@pytest.mark.parametrize("depth", [3, 4])
def test_with_free_biases_zero_is_a_local_minimum_at_the_best_constant_only(depth: int) -> None:
    x, y = data(7)
    y, lam, squares = y + 5, 0.05, 1e-4
    rng, fitted, bare = np.random.default_rng(8), [], []
    for seed in range(200):
        weights = draw(depth, 3, seed)
        size = sum(np.square(w).sum() for w in weights)
        biases = [rng.standard_normal(6) for _ in weights[:-1]]
        out = outputs([w * np.sqrt(squares / size) for w in weights], x, biases)
        # The best output bias leaves the spread of the outputs only.
        fitted.append(np.mean((out - out.mean() - (y - y.mean())) ** 2) - np.var(y))
        bare.append(np.mean((out - y) ** 2) - np.mean(y**2))
    assert min(fitted) > -0.5 * lam * squares
    assert min(bare) < -2 * lam * squares


def test_stationary_points_of_the_path_are_stationary() -> None:
    one, p, h = Path(1.3, 0.6), 0.7, 1e-6
    lam = float(one.strength(p, 3))

    def cost(q: float) -> float:
        return -one.pull * q + one.stiffness * q**2 + lam * float(one.squares(q, 3))

    assert (cost(p + h) - cost(p - h)) / (2 * h) == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("task", ["regression", "multiclass", "binary"])
def test_a_path_is_the_loss_along_it_to_second_order(task: str) -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((60, 4))
    y = rng.standard_normal(60) if task == "regression" else np.arange(60) % 3
    y = y % 2 if task == "binary" else y
    g = slopes(y, task)
    unit = rng.standard_normal(4)
    z = np.maximum(x @ unit / np.linalg.norm(unit), 0)
    direction = z @ g / np.linalg.norm(z @ g)

    def loss(p: float) -> float:
        f = p * z[:, None] * direction
        if task == "regression":
            return float(np.mean((f[:, 0] - y) ** 2))
        if task == "binary":
            return float(np.mean(np.log1p(np.exp(f[:, 0])) - y * f[:, 0]))
        return float(np.mean(np.log(np.exp(f).sum(axis=1)) - f[np.arange(60), y]))

    found, h = path(x, g, unit, task), 1e-4
    assert -(loss(h) - loss(-h)) / (2 * h) == pytest.approx(found.pull, rel=1e-5)
    second = (loss(h) - 2 * loss(0) + loss(-h)) / h**2
    assert second / 2 == pytest.approx(found.stiffness, rel=1e-4)


def drawn_classes(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((60, 4)), np.arange(60) % 3, rng.standard_normal(4)


def test_the_real_softmax_loss_along_a_path_falls_as_said() -> None:
    x, y, unit = drawn_classes(3)
    g = slopes(y, "multiclass")
    z = np.maximum(x @ unit / np.linalg.norm(unit), 0)
    direction = z @ g / np.linalg.norm(z @ g)

    def loss(p: float) -> float:
        f = p * z[:, None] * direction
        return float(np.mean(np.log(np.exp(f).sum(axis=1)) - f[np.arange(60), y]))

    p, h = np.array([0.0, 0.1, 0.7, 2.5]), 1e-5
    found = softmax_falls(x, y, unit, p)
    assert found == pytest.approx([-(loss(a + h) - loss(a - h)) / (2 * h) for a in p], rel=1e-5)


def test_a_path_is_the_expansion_of_the_real_fall_at_small_products() -> None:
    x, y, unit = drawn_classes(3)
    one = path(x, slopes(y, "multiclass"), unit, "multiclass")
    small, large = np.array([0.0, 1e-3]), np.array([1.0])
    expanded = one.pull - 2 * one.stiffness * small
    assert softmax_falls(x, y, unit, small) == pytest.approx(expanded, abs=1e-5 * one.pull)
    assert softmax_falls(x, y, unit, large) != pytest.approx(
        one.pull - 2 * one.stiffness * large, rel=1e-2
    )


@pytest.mark.parametrize("layers", [2, 3, 5, 8])
def test_the_end_of_a_branch_on_a_grid_is_the_closed_one_where_the_loss_is_a_parabola(
    layers: int,
) -> None:
    one, p = Path(pull=1.3, stiffness=0.6), np.linspace(0, 1.2, 4001)
    end = branch_end(one.pull - 2 * one.stiffness * p, p, layers)
    assert end == pytest.approx(one.jump(layers)[1], rel=1e-6)


def test_the_least_cost_on_a_path_with_softmax_has_a_minimum_up_to_its_end_only() -> None:
    x, y, unit = drawn_classes(3)
    p, layers = np.linspace(0, 6, 4001), 4
    falls = softmax_falls(x, y, unit, p)
    end = branch_end(falls, p, layers)
    for factor, stays in ((0.98, True), (1.02, False)):
        rises = -falls[1:] + 2 * factor * end * p[1:] ** (2 / layers - 1)
        assert (rises < 0).any() == stays


def test_bad_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="extend the grid"):
        branch_end(np.ones(5), np.linspace(0, 1, 5), 3)
    with pytest.raises(ValueError, match="below it weights can grow"):
        contraction(0.4, 1.0)
    with pytest.raises(ValueError, match="with 2 layers 0 has no basin"):
        basin(0.1, 2, 1.0)
    with pytest.raises(ValueError, match="layers is 1"):
        surely_zero(1, 1.0, 1.0)
