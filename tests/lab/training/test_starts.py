"""Starts that share their data, against training from a run's own initial weights."""

from dataclasses import replace

import numpy as np
import pytest

from l2scale.lab.training.runs import Run
from l2scale.lab.training.starts import minimise_from, spread_start, starting_weights
from l2scale.lab.training.trainer import train

RUN = Run(
    data="digits", n_train=60, hidden=(6,), lam=0.01, optimiser="lbfgs", batch_size=None,
    dtype="float64", steps=20, checkpoints=(10, 20), seed=3,
)  # fmt: skip
LINE = replace(RUN, data="zigzag", n_train=None, hidden=(40,))


def test_the_first_start_is_the_runs_own() -> None:
    _, rows = minimise_from(RUN, starting_weights(RUN, 0))
    assert rows == train([RUN])


def test_other_starts_differ_and_share_the_law() -> None:
    draws = [starting_weights(replace(RUN, hidden=(400,)), k) for k in range(3)]
    assert len({w[0][0, 0] for w in draws}) == 3
    for weights in draws:
        assert np.var(weights[0][:, :-1]) == pytest.approx(2 / 64, rel=0.05)
        assert (weights[0][:, -1] == 0).all()


def test_no_steps_measure_the_weights_as_they_are() -> None:
    still = replace(RUN, steps=0, checkpoints=())
    weights, (row,) = minimise_from(still, starting_weights(RUN, 1))
    assert all((a == b).all() for a, b in zip(weights, starting_weights(RUN, 1), strict=True))
    assert row["step"] == 0 and row["cost"] > 0


def test_spread_starts_bend_within_reach() -> None:
    weights = spread_start(LINE, 2, 0.5)
    places = -weights[0][:, 1] / weights[0][:, 0]
    assert np.abs(places).max() <= 0.5
    assert places.std() > 0.2
    assert (spread_start(LINE, 2, 0.5)[0] == weights[0]).all()


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="numbered from 0, and this is -1"):
        starting_weights(RUN, -1)
    with pytest.raises(ValueError, match="not 'sgd': use train"):
        minimise_from(replace(RUN, optimiser="sgd"), starting_weights(RUN, 0))
