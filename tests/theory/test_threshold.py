"""The threshold: where two-layer networks leave zero, found by minimising them directly."""

import numpy as np
import pytest
from scipy.optimize import minimize

from l2scale.theory.response import linear, responses, slopes, with_biases
from l2scale.theory.threshold import ascend, maxima, threshold


def data(seed: int, n: int = 24, d: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal(n)


def lowest(x: np.ndarray, y: np.ndarray, lam: float, biases: bool, width: int = 4) -> float:
    """E at the lowest of some minima, less E of the best constant (of 0 without biases)."""
    n, d = x.shape
    rng = np.random.default_rng(0)
    shift = y.mean() if biases else 0.0

    def cost(w: np.ndarray) -> tuple[float, np.ndarray]:
        u, a = w[: width * d].reshape(width, d), w[width * d : width * (d + 1)]
        b, c = (w[width * (d + 1) : -1], w[-1]) if biases else (np.zeros(width), 0.0)
        z = x @ u.T + b
        h = np.maximum(z, 0)
        residual = h @ a + c - y
        back = 2 / n * residual[:, None] * a * (z > 0)
        parts = [(back.T @ x + 2 * lam * u).ravel(), 2 / n * h.T @ residual + 2 * lam * a]
        if biases:
            parts += [back.sum(axis=0), [2 / n * residual.sum()]]
        penalty = lam * (np.square(u).sum() + np.square(a).sum())
        return np.mean(residual**2) + penalty, np.concatenate(parts)

    size = width * (d + 2) + 1 if biases else width * (d + 1)
    starts = rng.standard_normal((12, size))
    best = min(
        minimize(cost, w, jac=True, method="L-BFGS-B", options={"maxiter": 500, "gtol": 1e-10}).fun
        for w in starts
    )
    return best - np.mean((y - shift) ** 2)


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_networks_leave_zero_at_the_threshold_and_not_at_twice_or_half(
    seed: int, biases: bool
) -> None:
    x, y = data(seed)
    found = threshold(x, y, "regression", biases=biases)
    assert lowest(x, y, 0.95 * found, biases) < -1e-6
    assert lowest(x, y, 1.05 * found, biases) > -1e-9


@pytest.mark.parametrize("leak", [0.0, 0.01, 1.0])
def test_ascent_rises_and_finds_the_largest_response(leak: float) -> None:
    x, y = data(3)
    g = slopes(y, "regression")
    starts = np.random.default_rng(1).standard_normal((16, 3))
    units, found = ascend(x, g, starts, leak)
    assert (found >= responses(starts, x, g, leak)).all()
    assert responses(units, x, g, leak) == pytest.approx(found)
    assert np.linalg.norm(units, axis=1) == pytest.approx(1)
    everywhere = responses(np.random.default_rng(2).standard_normal((40_000, 3)), x, g, leak)
    assert everywhere.max() <= found.max() * (1 + 1e-9)


@pytest.mark.parametrize("free", [0, 1])
def test_linear_units_climb_to_the_largest_singular_value_from_every_start(free: int) -> None:
    x, y = data(6)
    g = slopes(np.column_stack([y, y[::-1] ** 2]), "regression")
    g -= g.mean(axis=0)  # so that a bias changes nothing
    top = np.linalg.svd(g.T @ x / len(x))[1][0]
    inputs = np.column_stack([x, np.ones(len(x))])[:, : 3 + free]
    starts = 5 * np.random.default_rng(0).standard_normal((8, 3 + free))
    np.testing.assert_allclose(ascend(inputs, g, starts, 1.0, free)[1], top, rtol=1e-7)


def test_linear_units_have_the_correlation_as_threshold() -> None:
    # lam >= |mean x y| for one linear unit and squared error.
    x, y = data(4, d=1)
    found = maxima(x, slopes(y, "regression"), leak=1.0)[1].max() / 2
    assert found == pytest.approx(abs(np.mean(x[:, 0] * y)))


def test_biases_are_not_in_the_norm() -> None:
    x, y = data(5)
    wide, g = with_biases(x, slopes(y, "regression"))
    unit = np.array([[0.6, 0.8, 0.0, 5.0]])
    z = np.maximum(wide @ unit[0], 0)
    assert responses(unit, wide, g, free=1) == pytest.approx(abs(np.mean(g[:, 0] * z)))


def test_with_biases_no_linear_unit_is_missed() -> None:
    """Heavy tails, and the one draw of the first thirty whose ascents all end 3% below."""
    rng = np.random.default_rng(16)
    x, y = rng.standard_t(2, (30, 5)), rng.standard_normal(30)
    wide, g = with_biases(x, slopes(y, "regression"))
    assert maxima(wide, g, free=1)[1].max() < 0.98 * linear(x, g)
    assert threshold(x, y, "regression", biases=True) == pytest.approx(linear(x, g) / 2)


@pytest.mark.parametrize("seed", range(4))
def test_a_large_bias_makes_a_linear_unit(seed: int) -> None:
    x, y = data(seed)
    wide, g = with_biases(x, slopes(np.column_stack([y, y[::-1] ** 2]), "regression"))
    best = np.linalg.svd(g.T @ x)[2][0]
    unit = np.append(best, np.linalg.norm(x, axis=1).max())[np.newaxis]
    assert responses(unit, wide, g, free=1) == pytest.approx(linear(x, g))


def test_one_restart_is_enough_and_none_is_refused() -> None:
    x, y = data(0)
    assert 0 < threshold(x, y, "regression", restarts=1) <= threshold(x, y, "regression")
    with pytest.raises(ValueError, match="restarts is 0"):
        threshold(x, y, "regression", restarts=0)
