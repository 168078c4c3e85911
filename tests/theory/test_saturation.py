"""Sigmoid units from N(0, 1): moments, forces and tails, against drawn networks."""

import numpy as np
import pytest
from scipy.special import expit

from l2scale.lab.training.batches import split_of
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import train
from l2scale.theory.saturation import (
    mean_square_activation,
    mean_square_slope,
    normal_mean,
    preactivation_kurtosis,
    start_forces,
)


@pytest.mark.parametrize("s", [0.3, 1.0, 8.0])
def test_moments_are_those_of_drawn_units(s: float) -> None:
    z = s * np.random.default_rng(0).standard_normal(2_000_000)
    slope = expit(z) * expit(-z)
    assert mean_square_slope(s) == pytest.approx(np.square(slope).mean(), rel=0.01)
    assert mean_square_activation(s) == pytest.approx(np.square(expit(z)).mean(), rel=0.01)


def test_high_moments_of_a_normal_variable_are_exact() -> None:
    s = np.array([[0.5, 2.0]])
    np.testing.assert_allclose(normal_mean(lambda z: z**8, s), 105 * s**8, rtol=1e-9)


def test_limits_of_small_and_large_deviations() -> None:
    assert mean_square_slope(1e-3) == pytest.approx(1 / 16, rel=1e-5)
    assert mean_square_slope(200.0) * 200 == pytest.approx(1 / (6 * np.sqrt(2 * np.pi)), rel=1e-3)
    assert mean_square_activation(200.0) == pytest.approx(0.5, abs=5e-3)
    with pytest.raises(ValueError, match="above 0"):
        mean_square_slope(0.0)


@pytest.mark.parametrize("bias_init", [0.0, 1.0])
def test_forces_at_the_start_are_those_of_drawn_networks(bias_init: float) -> None:
    run = Run(
        data="digits_pixels", n_train=200, hidden=(200,), activation="sigmoid", outputs="sigmoid",
        init="normal", bias_init=bias_init, steps=0,
    )  # fmt: skip
    squares = np.square(split_of(run).x_train).sum(axis=1)
    rows = train([Run(**{**run.__dict__, "seed": seed}) for seed in range(20)])
    predicted = start_forces(squares, 200, 10, bias_init)
    for layer, force in enumerate(predicted, start=1):
        found = np.mean([row[f"sample_force_{layer}"] ** 2 for row in rows]) ** 0.5
        assert found == pytest.approx(force, rel=0.06)


@pytest.mark.parametrize("bias_init", [0.5, 3.0])
def test_initial_biases_add_their_variance_to_both_pre_activations(bias_init: float) -> None:
    """Three units and two classes, of a sample whose square norm is 4."""
    below = np.hypot(2.0, bias_init)
    activation = 3 * mean_square_activation(below)
    error = 2 * mean_square_activation(np.sqrt(activation + bias_init**2))
    first, second = start_forces(np.array([4.0]), 3, 2, bias_init)
    assert second == pytest.approx(np.sqrt(error * activation))
    assert first / second == pytest.approx(np.sqrt(12 * mean_square_slope(below) / activation))


def test_force_over_weight_does_not_know_the_width() -> None:
    narrow, wide = (
        np.array(start_forces(np.full(5, 15.0), width, 10)) for width in (2_000, 200_000)
    )
    np.testing.assert_allclose(wide / narrow, 10.0, rtol=0.05)


@pytest.mark.parametrize("width", [1, 4, 16])
def test_kurtosis_is_that_of_drawn_sums(width: int) -> None:
    rng = np.random.default_rng(width)
    a, v = rng.standard_normal((2, 1_000_000, width))
    z = (a * v).sum(axis=1)
    found = np.mean(z**4) / np.mean(z**2) ** 2 - 3
    assert found == pytest.approx(preactivation_kurtosis(1.0, 3.0, width), rel=0.1, abs=0.02)
    assert preactivation_kurtosis(1.0, 3.0, 1) == 6.0
    assert preactivation_kurtosis(2.0, 4.0, width) == 0.0  # activations of one size


def test_impossible_moments_are_refused() -> None:
    for arguments in ((1.0, 0.9, 3), (0.0, 1.0, 3), (1.0, 3.0, 0)):
        with pytest.raises(ValueError, match=r"no .* variables have mean square"):
            preactivation_kurtosis(*arguments)
