"""How hard the data pulls one unit: slopes against finite differences, bounds against search."""

import numpy as np
import pytest

from l2scale.theory.response import ceiling, floor, responses, slopes, with_biases


def loss(task: str, outputs: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Loss of every sample, written out."""
    if task == "regression":
        return np.square(outputs - y.reshape(len(y), -1)).sum(axis=1)
    if task == "binary":
        return np.log1p(np.exp(outputs[:, 0])) - y * outputs[:, 0]
    return np.log(np.exp(outputs).sum(axis=1)) - outputs[np.arange(len(y)), y]


def targets(task: str, rng: np.random.Generator) -> np.ndarray:
    if task == "regression":
        return rng.standard_normal((30, 2))
    return rng.permutation(np.arange(30) % (3 if task == "multiclass" else 2))


@pytest.mark.parametrize("task", ["regression", "multiclass", "binary"])
def test_slopes_are_minus_the_derivative_of_the_loss_at_zero(task: str) -> None:
    y = targets(task, np.random.default_rng(0))
    g = slopes(y, task)
    for output in range(g.shape[1]):
        step = np.zeros_like(g)
        step[:, output] = 1e-6
        difference = (loss(task, step, y) - loss(task, -step, y)) / 2e-6
        assert -g[:, output] == pytest.approx(difference, abs=1e-8)


def test_a_response_is_what_the_formula_says() -> None:
    x, g = np.array([[1.0, 0.0], [-2.0, 1.0], [0.0, 3.0]]), np.array([[1.0], [5.0], [-1.0]])
    # u = (3, 4): products 3, -2, 12, of which ReLU keeps 3 and 12; divided by n = 3 and |u| = 5.
    assert responses(np.array([[3.0, 4.0]]), x, g) == pytest.approx([9 / 15])
    assert responses(np.array([[3.0, 4.0]]), x, g, leak=1.0) == pytest.approx([19 / 15])


def test_floor_and_ceiling_hold_every_response() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        x, g = rng.standard_normal((40, 3)), rng.standard_normal((40, 2))
        top = responses(rng.standard_normal((4000, 3)), x, g).max()
        assert floor(x, g) <= top * 1.02
        assert top <= ceiling(x, g)


def test_the_ceiling_is_reached_where_slopes_are_proportional_to_one_input() -> None:
    z = np.array([1.0, 2.0, 5.0])
    x, g = np.column_stack([z, 0 * z]), np.column_stack([0 * z, 3 * z])
    assert responses(np.array([[1.0, 0.0]]), x, g) == pytest.approx([30.0])  # 3 times mean z^2
    assert ceiling(x, g) == pytest.approx(30.0)
    assert floor(x, g) == pytest.approx(15.0)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_one_correlated_input_holds_the_threshold_up(share: float) -> None:
    rng = np.random.default_rng(3)
    y = np.arange(100) < 100 * share
    x = y[:, np.newaxis] + rng.standard_normal((100, 3))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    top = responses(rng.standard_normal((4000, 3)), x, slopes(y, "binary")).max() / 2
    low = max(abs(np.corrcoef(row, y)[0, 1]) for row in x.T) * np.sqrt(share * (1 - share)) / 4
    assert low <= floor(x, slopes(y, "binary")) / 2 + 1e-12
    assert low <= top
    # The answer itself as the only input: correlation 1, and the bound is attained.
    alone = ((y - y.mean()) / y.std())[:, np.newaxis]
    found = responses(np.array([[1.0], [-1.0]]), alone, slopes(y, "binary")) / 2
    assert found == pytest.approx(np.sqrt(share * (1 - share)) / 4)


def test_free_biases_centre_the_slopes() -> None:
    rng = np.random.default_rng(2)
    x, g = with_biases(rng.standard_normal((20, 3)), slopes(np.arange(20) % 3, "multiclass"))
    assert x.shape == (20, 4) and (x[:, -1] == 1).all()
    assert g.mean(axis=0) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("y", "task", "message"),
    [
        ([0, 1], "ranking", "unknown task 'ranking'"),
        ([0.5, 1], "multiclass", "classes are whole numbers"),
        ([-1, 1], "binary", "classes are whole numbers from 0"),
        ([[0, 1]], "multiclass", "in one row"),
        ([0, np.inf], "regression", "targets must be finite"),
        ([0, 2], "binary", "a binary task has classes 0 and 1, and 2"),
        ([], "regression", "targets must be finite"),
    ],
)
def test_bad_targets_are_refused(y: list[float], task: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        slopes(np.array(y), task)


def test_bad_units_are_refused() -> None:
    with pytest.raises(ValueError, match="units need 3 numbers each, not all 0"):
        responses(np.zeros((1, 3)), np.ones((4, 3)), np.ones((4, 1)))
    with pytest.raises(ValueError, match=r"inputs \(n, d\) and slopes \(n, k\)"):
        responses(np.ones((1, 3)), np.ones((4, 3)), np.ones((5, 1)))
