"""L-BFGS: it reaches minima that others compute, and leaves a network's neighbours alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge

from l2scale.lab.training import compiled
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.runs import Run, grid
from l2scale.lab.training.trainer import train, train_from, trained_weights

pytestmark = pytest.mark.usefixtures("trainer")

BASE = Run(optimiser="lbfgs", batch_size=None, dtype="float64", steps=500, lam=1e-2)
TASKS = {
    "multiclass": {"data": "digits"},
    "one_vs_rest": {"data": "digits", "outputs": "sigmoid"},
    "binary": {"data": "breast_cancer"},
    "regression": {"data": "teacher", "label_noise": 0.5},
}


def test_a_linear_classifier_is_scikit_learns() -> None:
    run = replace(BASE, data="breast_cancer", hidden=())
    split = split_of(run)
    strength = 1 / (2 * len(split.x_train) * run.lam)
    theirs = LogisticRegression(C=strength, tol=1e-10, max_iter=10_000)
    theirs.fit(split.x_train, split.y_train)
    (layer,) = trained_weights([run])[0]
    np.testing.assert_allclose(layer[0, :-1], theirs.coef_[0], rtol=1e-5, atol=1e-7)
    assert layer[0, -1] == pytest.approx(theirs.intercept_[0], rel=1e-5)


def test_a_linear_regression_is_ridges() -> None:
    run = replace(BASE, data="teacher", label_noise=0.5, n_train=200, hidden=())
    split = split_of(run)
    theirs = Ridge(alpha=len(split.x_train) * run.lam, tol=1e-12)
    theirs.fit(split.x_train, split.y_train[:, 0])
    (layer,) = trained_weights([run])[0]
    np.testing.assert_allclose(layer[0, :-1], theirs.coef_, rtol=1e-6, atol=1e-9)


def test_a_checkpoint_before_the_first_iteration_measures_the_start() -> None:
    run = replace(BASE, data="digits", n_train=60, hidden=(6,), steps=8)
    watched = replace(run, checkpoints=(0, 8))
    (start,) = train([replace(run, optimiser="sgd", steps=0)])
    assert train([watched])[0]["cost"] == start["cost"]
    ends = zip(trained_weights([watched])[0], trained_weights([run])[0], strict=True)
    assert all((a == b).all() for a, b in ends)


@pytest.mark.parametrize("trainer", ["plain"], indirect=True)  # no other knows tanh
def test_at_a_smooth_minimum_the_forces_cancel() -> None:
    run = replace(BASE, data="teacher", n_train=300, hidden=(6,), activation="tanh", steps=3000)
    (row,) = train([run])
    for layer in (1, 2):
        ratio = row[f"force_ratio_{layer}"]
        assert ratio == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("task", TASKS)
def test_at_a_minimum_no_layer_gains_by_growing_or_shrinking(task: str, bias: bool) -> None:
    """The cost is measured by the lab's measures, not by what went down."""
    run = replace(
        BASE, **TASKS[task], n_train=100, hidden=(5, 4), activation="linear", bias=bias,
        penalty="fan", penalise_biases=bias, lam=3e-3, steps=4000,
    )  # fmt: skip
    (end,) = trained_weights([run])
    costs = {}
    for layer in range(len(end)):
        for factor in (0.999, 1.0, 1.001):
            moved = [w * (factor if i == layer else 1) for i, w in enumerate(end)]
            tensors = [torch.tensor(w)[None] for w in moved]
            (row,) = train_from([replace(run, steps=0)], tensors)
            costs[factor] = row["cost"]
        assert costs[0.999] > costs[1.0] < costs[1.001]
        assert abs(costs[1.001] - costs[0.999]) < 1e-5 * costs[1.0]


@pytest.mark.parametrize("trainer", ["compiled"], indirect=True)
def test_costs_are_like_those_that_scipy_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = grid(replace(BASE, n_train=150, hidden=(12,)), lam=(2e-3, 2e-2), seed=range(6))
    found = np.array([row["cost"] for row in train(runs)])
    monkeypatch.setattr(compiled, "suits", lambda run, device: False)
    apart = np.log(found / [row["cost"] for row in train(runs)])
    assert np.abs(apart).max() < 0.1 and abs(apart.mean()) < 0.02


def test_a_relu_minimum_is_below_what_descent_finds() -> None:
    run = replace(BASE, n_train=200, hidden=(16,), checkpoints=(0, 250, 500))
    descent = replace(run, optimiser="sgd", lr=0.2, steps=500)
    start, half, end = (row["cost"] for row in train([run]))
    assert start > half >= end
    assert end < train([descent])[-1]["cost"]
    assert half - end < 1e-3 * end


def test_neighbours_and_their_order_do_not_matter() -> None:
    runs = grid(replace(BASE, n_train=50, hidden=(5,), steps=40), lam=(1e-2, 1e-3), seed=(0, 1))
    together = trained_weights(runs)
    for run, found in zip(reversed(runs), reversed(together), strict=True):
        for mine, alone in zip(found, trained_weights([run])[0], strict=True):
            np.testing.assert_array_equal(mine, alone)


@pytest.mark.parametrize("change", [{"dtype": "float32"}, {"batch_size": 8}])
def test_only_full_batches_in_64_bits(change: dict) -> None:
    with pytest.raises(ValueError, match="lbfgs needs batch_size None and dtype float64"):
        replace(BASE, **change)


def test_units_are_as_far_from_balance_as_their_weights_say() -> None:
    run = replace(BASE, n_train=50, hidden=(4, 3), penalty="fan", steps=5)
    (row,) = train([run])
    one, two, three = trained_weights([run])[0]
    c = [(n + m) / (n * m) for n, m in ((64, 4), (4, 3), (3, 10))]
    for layer, below, above in ((1, one, two), (2, two, three)):
        into = c[layer - 1] * np.square(below[:, :-1]).sum(axis=1)
        out = c[layer] * np.square(above[:, :-1]).sum(axis=0)
        expected = np.abs(into - out).sum() / (into + out).sum()
        assert row[f"unit_imbalance_{layer}"] == pytest.approx(expected)
