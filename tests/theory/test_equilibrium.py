"""Scale-free weights, simulated and trained, against what is said of them."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from l2scale.theory import equilibrium as theory

RATE, LAM = 0.05, 0.02


def noise(rng: np.random.Generator, w: np.ndarray, gradient: float) -> np.ndarray:
    """A gradient of a loss that does not see the size of w: at right angles, G / ||w|| long."""
    g = rng.standard_normal(w.size)
    g -= w * (g @ w) / (w @ w)
    return gradient * g / np.linalg.norm(g) / np.linalg.norm(w)


def walk(steps: int, momentum: float = 0.0, *, lam: float = LAM) -> list[np.ndarray]:
    """Weights under SGD with momentum and noise alone."""
    rng = np.random.default_rng(0)
    w = 2 * rng.standard_normal(2000) / math.sqrt(2000)
    v, path = np.zeros_like(w), []
    for _ in range(steps):
        v = momentum * v + noise(rng, w, 3.0) + 2 * lam * w
        w = w - RATE * v
        path.append(w)
    return path


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def loss_of(w: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    hidden = torch.nn.functional.layer_norm(x @ w.T, (len(w),), eps=0.0)
    return torch.nn.functional.cross_entropy(hidden, y)


def gradient_of(w: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    at = w.clone().requires_grad_()
    return torch.autograd.grad(loss_of(at, x, y), at)[0]


@pytest.fixture(scope="module")
def problem() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(40, 6, generator=rng, dtype=torch.float64)
    y = torch.randint(5, (40,), generator=rng)
    return torch.randn(5, 6, generator=rng, dtype=torch.float64), x, y


def test_a_gradient_is_at_right_angles_and_falls_with_the_size(problem) -> None:
    w, x, y = problem
    g = gradient_of(w, x, y)
    assert abs((g * w).sum().item()) < 1e-14 * (g.norm() * w.norm()).item() + 1e-15
    for a in (0.1, 7.0):
        assert loss_of(a * w, x, y).item() == pytest.approx(loss_of(w, x, y).item(), rel=1e-12)
        assert torch.allclose(gradient_of(a * w, x, y), g / a, rtol=1e-10, atol=1e-14)


def test_decay_is_a_rising_rate_and_no_penalty(problem) -> None:
    w, x, y = problem
    decayed, free = w.clone(), w.clone()
    for step in range(200):
        decayed = (1 - 2 * RATE * LAM) * decayed - RATE * gradient_of(decayed, x, y)
        free = free - theory.rising_rate(RATE, LAM, step) * gradient_of(free, x, y)
    assert loss_of(decayed, x, y).item() == pytest.approx(loss_of(free, x, y).item(), rel=1e-9)
    shrunk = free * (1 - 2 * RATE * LAM) ** 200
    assert torch.allclose(decayed, shrunk, rtol=1e-9, atol=1e-12)
    assert theory.rising_rate(RATE, 0.0, 200) == RATE


@pytest.mark.parametrize("a", [0.3, 2.0])
def test_a_rate_and_a_strength_trade_at_a_constant_product(problem, a: float) -> None:
    start, x, y = problem
    one, other = start.clone(), a * start
    for _ in range(100):
        one = (1 - 2 * RATE * LAM) * one - RATE * gradient_of(one, x, y)
        g = gradient_of(other, x, y)
        other = (1 - 2 * (RATE * a**2) * (LAM / a**2)) * other - RATE * a**2 * g
    assert torch.allclose(other, a * one, rtol=1e-9)


def test_the_size_settles_where_it_is_said_from_below_and_above() -> None:
    settled = theory.sgd_norm(RATE, LAM, 3.0)
    taken = 2 * RATE * LAM
    for start in (0.2, 5.0):
        s = (start * settled) ** 2
        for _ in range(20_000):
            s = (1 - taken) ** 2 * s + (RATE * 3.0) ** 2 / s
        assert math.sqrt(s) == pytest.approx(settled, rel=1e-12)
    assert settled**4 == pytest.approx(RATE * 9.0 / (4 * LAM * (1 - RATE * LAM)))
    assert np.linalg.norm(walk(3000)[-1]) == pytest.approx(settled, rel=1e-6)


def test_the_angle_of_a_settled_step_has_the_cosine_said_exactly() -> None:
    before, after = walk(3000)[-2:]
    assert cosine(before, after) == pytest.approx(theory.sgd_cosine(RATE, LAM), rel=1e-9)
    found = theory.angle(theory.sgd_cosine(RATE, LAM))
    assert found == pytest.approx(2 * math.sqrt(RATE * LAM), rel=1e-3)


def test_where_gradients_vary_the_cosine_is_a_geometric_mean() -> None:
    rng = np.random.default_rng(1)
    w = rng.standard_normal(50)
    cosines = []
    for step in range(60_000):
        after = (1 - 2 * RATE * LAM) * w - RATE * noise(rng, w, 3.0 * rng.exponential())
        if step > 10_000:
            cosines.append(cosine(w, after))
        w = after
    said = math.log(theory.sgd_cosine(RATE, LAM))
    assert float(np.mean(np.log(cosines))) == pytest.approx(said, rel=0.01)
    square = float(np.mean(np.square(np.arccos(cosines))))
    assert math.sqrt(square) == pytest.approx(math.sqrt(-2 * said), rel=0.01)


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_with_momentum_and_independent_gradients(momentum: float) -> None:
    path = walk(4000, momentum)[2000:]
    found = np.mean([1 - cosine(a, b) for a, b in pairwise(path)])
    assert found == pytest.approx(1 - theory.sgd_cosine(RATE, LAM, momentum), rel=0.02)


@pytest.mark.parametrize("beta", [0.0, 0.9])
def test_adamw_on_independent_gradients(beta: float) -> None:
    rng, lr, lam = np.random.default_rng(2), 0.01, 0.5
    w, m = rng.standard_normal(20_000), np.zeros(20_000)
    cosines, sizes = [], []
    for step in range(2000):
        m = beta * m + (1 - beta) * rng.standard_normal(w.size)  # over a root mean square of 1
        after = (1 - 2 * lr * lam) * w - lr * m
        if step > 1000:
            cosines.append(cosine(w, after))
            sizes.append(float(np.square(w).mean()))
        w = after
    assert 1 - np.mean(cosines) == pytest.approx(1 - theory.adamw_cosine(lr, lam, beta), rel=0.02)
    assert math.sqrt(np.mean(sizes)) == pytest.approx(theory.adamw_rms(lr, lam, beta), rel=0.02)
    assert theory.adamw_rms(lr, lam, beta) == pytest.approx(math.sqrt(lr / (4 * lam)), rel=0.06)
    first_order = 2 * math.sqrt(lr * lam * (1 - beta) / (1 + beta))
    assert theory.angle(theory.adamw_cosine(lr, lam, beta)) == pytest.approx(first_order, rel=0.03)


def test_over_many_steps_adamw_turns_as_without_its_memory() -> None:
    rng, lr, lam, beta = np.random.default_rng(3), 0.001, 0.5, 0.9
    w, m, path = 0.0, 0.0, []
    w, m = np.sqrt(lr / (4 * lam)) * rng.standard_normal(4000), np.zeros(4000)
    for _ in range(900):
        m = beta * m + (1 - beta) * rng.standard_normal(w.size)
        w = (1 - 2 * lr * lam) * w - lr * m
        path.append(w)
    turned = np.mean([math.acos(cosine(path[i], path[i + 100])) for i in range(300, 800, 50)])
    assert turned == pytest.approx(2 * math.sqrt(lr * lam * 100), rel=0.1)


@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
def test_the_distance_falls_to_1_over_e_in_the_steps_said(optimiser: str) -> None:
    lr, lam = 0.01, 0.005
    taken, s, steps = 2 * lr * lam, 4.0, round(theory.settling_steps(lr, lam, optimiser))
    sgd = optimiser == "sgd"
    rest = taken * (2 - taken)  # so that s settles at 1
    for _ in range(steps):
        s = (1 - taken) ** 2 * s + (rest / s if sgd else rest)
    power = 2 if sgd else 1
    assert s**power - 1 == pytest.approx((4.0**power - 1) / math.e, rel=0.01)


def test_without_decay_the_size_grows_and_the_angle_forgets_the_rate() -> None:
    path = walk(5000, lam=0.0)
    start = 2 * np.linalg.norm(np.random.default_rng(0).standard_normal(2000)) / math.sqrt(2000)
    said = theory.free_norm(float(start), RATE, 3.0, 5000)
    assert np.linalg.norm(path[-1]) == pytest.approx(said, rel=1e-3)
    for lr in (0.05, 5.0):
        s, steps = 1.0, 100_000
        for _ in range(steps):
            s += lr**2 / s
        assert lr / s == pytest.approx(1 / math.sqrt(2 * steps), rel=0.01)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: theory.sgd_norm(0.1, 0.0, 1.0), "more than 0"),
        (lambda: theory.sgd_cosine(1.0, 0.6), "less than 1"),
        (lambda: theory.sgd_cosine(0.1, 0.1, 1.0), "momentum is 1.0"),
        (lambda: theory.adamw_cosine(0.1, 0.1, -0.1), "beta is -0.1"),
        (lambda: theory.adamw_rms(0.0, 0.1), "lr"),
        (lambda: theory.settling_steps(0.1, 0.1, "lion"), "unknown optimiser 'lion'"),
    ],
)
def test_a_bad_number_is_named(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
