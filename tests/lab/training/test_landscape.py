"""Networks at any weights: the same objective as the lab trains, and a descent that goes down."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from l2scale.lab.data.datasets import load
from l2scale.lab.training.landscape import (
    ACTIVATIONS,
    Objective,
    convolutional,
    dense,
    draw_weights,
    minimise_objective,
)
from l2scale.lab.training.networks import initial_weights
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import train
from l2scale.theory.rescaling import imbalance

RUN = Run(n_train=60, hidden=(7, 5), lam=0.02, steps=0, dtype="float64", batch_size=None)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("ReLU", {}),
        ("leaky ReLU", {"activation": "leaky_relu"}),
        ("linear", {"activation": "linear"}),
        ("tanh", {"activation": "tanh"}),
        ("layer normalisation", {"norm": "layer"}),
    ],
)
@pytest.mark.parametrize("data", ["digits", "digits_parity"])
def test_costs_are_those_of_the_lab(name: str, settings: dict, data: str) -> None:
    run = replace(RUN, data=data, penalty=(0.5, 1.0, 3.0), **settings)
    split = load(data, seed=0, n_train=60)
    network = dense(name, run.hidden, split.n_classes)
    weights = [w[:, :-1].contiguous() for w in initial_weights(run, network.shapes)]
    biases = [w.new_zeros(len(w)) for w in weights]
    objective = Objective(network, split, run.lam, (0.5, 1.0, 3.0))
    (row,) = train([run])
    assert float(objective(weights, biases)) == pytest.approx(row["cost"], rel=1e-12)
    assert float(objective.loss(weights, biases, "test")) == pytest.approx(row["test_loss"])


def test_biases_count_where_they_are_penalised() -> None:
    network = dense("ReLU", (4,), 10)
    weights, biases = draw_weights(network, np.random.default_rng(0))
    split = load("digits", seed=0, n_train=20)
    free, all_of_it = (Objective(network, split, 2.0, (1.0, 3.0), p) for p in (False, True))
    more = float(all_of_it(weights, biases) - free(weights, biases))
    expected = 2.0 * sum(c * float(b.square().sum()) for c, b in zip((1, 3), biases, strict=True))
    assert more == pytest.approx(expected)


def test_descent_goes_down_towards_balance() -> None:
    split = load("digits_parity", seed=0, n_train=40)
    network = convolutional((2, 3), 1)
    weights, biases = draw_weights(network, np.random.default_rng(0))
    objective = Objective(network, split, 0.03, (1.0, 1.0, 1.0))
    none = [b * 0 for b in biases]
    found = minimise_objective(objective, weights, 300)
    again = minimise_objective(objective, weights, 300)
    assert float(objective(found, none)) < float(objective(weights, none))
    before, after = ([float(w.square().sum()) for w in ws] for ws in (weights, found))
    assert imbalance(after, (1, 1, 1)) < 0.1 * imbalance(before, (1, 1, 1))
    assert all(torch.equal(a, b) for a, b in zip(found, again, strict=True))


def test_unknown_activations_are_refused() -> None:
    assert "sine" not in ACTIVATIONS
    with pytest.raises(ValueError, match="unknown activation 'sine': choose one of linear"):
        dense("sine", (3,), 1)
