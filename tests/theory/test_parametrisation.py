"""Learning rates and initial weights by width: one step of the maximal update has a limit."""

import numpy as np
import pytest

from l2scale.theory.parametrisation import RULES, Factors, width_factors

INPUTS, OUTPUTS, BASE = 16, 3, 32


def first_step(rule: str, optimiser: str, width: int, depth: int) -> np.ndarray:
    """How far one step on one sample moves the outputs of a linear network, over seeds."""
    sizes = (INPUTS, *(width,) * (depth - 1), OUTPUTS)
    scale = width_factors(rule, optimiser, depth, width / BASE)
    moved = []
    for seed in range(24):
        rng = np.random.default_rng(seed)
        x, target = rng.standard_normal(INPUTS), np.ones(OUTPUTS)
        weights = [
            f * rng.standard_normal((n_out, n_in)) / np.sqrt(n_in)
            for f, n_in, n_out in zip(scale.init, sizes, sizes[1:], strict=False)
        ]
        values = [x]
        for w in weights:
            values.append(w @ values[-1])
        delta, gradients = -target, []
        for w, below in zip(reversed(weights), reversed(values[:-1]), strict=True):
            gradients.insert(0, np.outer(delta, below))
            delta = w.T @ delta
        # Adam's first step is the gradient's sign.
        steps = gradients if optimiser == "sgd" else [np.sign(g) for g in gradients]
        rate = 1e-4
        out = x
        for w, f, step in zip(weights, scale.lr, steps, strict=True):
            out = (w - rate * f * step) @ out
        moved.append(np.linalg.norm(out - values[-1]) / rate)
    return np.array(moved)


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_maximal_update_has_a_limit(optimiser: str, depth: int) -> None:
    at = {width: first_step("maximal_update", optimiser, width, depth) for width in (128, 2048)}
    assert at[2048].mean() == pytest.approx(at[128].mean(), rel=0.2)


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_a_constant_rate_does_not(optimiser: str) -> None:
    at = {width: first_step("constant", optimiser, width, 2).mean() for width in (128, 2048)}
    assert at[2048] > 3 * at[128]


def test_sgd_under_one_over_width_has_one_in_two_layers() -> None:
    at = {width: first_step("inverse_width", "sgd", width, 2).mean() for width in (128, 2048)}
    assert at[2048] == pytest.approx(at[128], rel=0.2)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("optimiser", ["sgd", "adam", "adamw"])
def test_the_base_width_is_left_alone(rule: str, optimiser: str) -> None:
    assert width_factors(rule, optimiser, 4, 1.0) == Factors((1.0,) * 4, (1.0,) * 4)


def test_the_table_of_the_paper() -> None:
    assert width_factors("maximal_update", "sgd", 4, 4.0) == Factors(
        (1, 1, 1, 0.5), (4, 1, 1, 0.25)
    )
    assert width_factors("maximal_update", "adamw", 3, 4.0) == Factors((1, 1, 0.5), (1, 0.25, 0.25))
    assert width_factors("inverse_width", "adam", 2, 8.0) == Factors((1, 1), (0.125, 0.125))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("cosine", "sgd", 2, 1.0), "unknown rule 'cosine'"),
        (("constant", "lion", 2, 1.0), "unknown optimiser 'lion'"),
        (("constant", "sgd", 1, 1.0), "depth is 1"),
        (("constant", "sgd", 2, 0.0), "m is 0.0"),
    ],
)
def test_bad_input(given: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        width_factors(*given)
